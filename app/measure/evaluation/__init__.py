"""Judging models: holdout visitors, the gate, baselines, the portfolio and the rule of a trial."""
