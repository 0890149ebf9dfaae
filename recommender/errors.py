"""Errors of the recommender. Bad arguments raise plain `ValueError`; these are for what is wrong with data or disk."""

from __future__ import annotations


class RecommenderError(Exception):
    """Base of this package's own errors."""


class ArtifactError(RecommenderError):
    """A saved model is missing, damaged, or was written by something else; nothing of it was loaded."""


class NotFittedError(RecommenderError):
    """A trainer was asked for something that needs a first `fit`."""
