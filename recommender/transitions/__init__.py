"""Transitions: what usually comes next, counted from a log and added to the scores of a model."""
