"""Key risk indicators: each a figure, thresholds, an owner and a trend."""
