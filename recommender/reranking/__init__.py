"""Ranked lists put in another order: exploration with known propensities, interleaving of two lists, diversity."""
