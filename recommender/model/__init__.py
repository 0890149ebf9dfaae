"""The model that applications hold: what it answers, how it explains, and how it is saved."""

from recommender.model.factor_model import FactorModel

__all__ = ["FactorModel"]
