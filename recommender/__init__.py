"""An implicit-feedback recommender that learns from every click: values and arrays in, values and arrays out.

from recommender import Interactions, ALSConfig, train

model = train(Interactions.from_rows(rows), ALSConfig(factors=64), seed=7)
model.recommend(["article-3", "article-9"], k=5)
"""

from recommender.als import ALSTrainer, reblend, train
from recommender.baselines import ItemToItemModel, PopularityModel, RandomModel, Recommender
from recommender.checks import ItemId, UserId
from recommender.config import ALSConfig
from recommender.errors import ArtifactError, NotFittedError, RecommenderError
from recommender.explaining import Explainer
from recommender.exploration import SlateEntry, SlatePolicy
from recommender.fold_in_state import FoldInState
from recommender.history import Candidates, Contribution, History, Recommendation
from recommender.interactions import Interactions
from recommender.interleaving import DraftEntry, draft_chances, team_draft
from recommender.model import FactorModel
from recommender.reports import FitReport, UpdateReport
from recommender.rows import Appended
from recommender.warm_up import warm_up

__version__ = "0.2.0"

__all__ = [
    "ALSConfig",
    "ALSTrainer",
    "Appended",
    "ArtifactError",
    "Candidates",
    "Contribution",
    "DraftEntry",
    "Explainer",
    "FactorModel",
    "FitReport",
    "FoldInState",
    "History",
    "Interactions",
    "ItemId",
    "ItemToItemModel",
    "NotFittedError",
    "PopularityModel",
    "RandomModel",
    "Recommendation",
    "Recommender",
    "RecommenderError",
    "SlateEntry",
    "SlatePolicy",
    "UpdateReport",
    "UserId",
    "__version__",
    "draft_chances",
    "reblend",
    "team_draft",
    "train",
    "warm_up",
]
