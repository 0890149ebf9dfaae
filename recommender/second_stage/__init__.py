"""A second stage: the best few hundred by factors and rates, in an order learned from what was shown and taken."""
