"""Who answers for what: use case, sign-off, hypotheses, data quality, lineage."""
