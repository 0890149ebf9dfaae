"""The experiment: sums by arm, comparisons, guardrails and the verdict."""
