"""An implicit-feedback recommender that learns from every click: values and arrays in, values and arrays out.

from recommender import Interactions, ALSConfig, train

model = train(Interactions.from_rows(rows), ALSConfig(factors=64), seed=7)
model.recommend(["article-3", "article-9"], k=5)
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from recommender.als import forks  # noqa: F401  a fork is noted from here on, whatever is imported later
from recommender.interactions.collector import collector_waiting

if TYPE_CHECKING:
    from recommender.als.fold_in_state import FoldInState
    from recommender.als.reports import FitReport, UpdateReport
    from recommender.als.trainer import ALSTrainer, reblend, train
    from recommender.config import ALSConfig
    from recommender.errors import ArtifactError, NotFittedError, RecommenderError
    from recommender.interactions.checks import ItemId, UserId
    from recommender.interactions.history import History
    from recommender.interactions.log import Interactions
    from recommender.interactions.rows import Appended
    from recommender.model.answers import Contribution, Recommendation, Source
    from recommender.model.baselines import ItemToItemModel, PopularityModel, RandomModel, Recommender
    from recommender.model.candidates import Candidates
    from recommender.model.explainer import Explainer
    from recommender.model.factor_model import FactorModel
    from recommender.model.leading import Share, leading_shares
    from recommender.model.live_trend import LiveTrend
    from recommender.model.similar_users import SimilarUser, similar_users
    from recommender.model.user_features import UserFeatures
    from recommender.model.warm_up import warm_up
    from recommender.reranking.diversity import diversify
    from recommender.reranking.exploration import SlateEntry, SlatePolicy
    from recommender.reranking.interleaving import DraftEntry, draft_chances, team_draft
    from recommender.second_stage.attributes import ItemAttributes
    from recommender.second_stage.beforehand import assumed_stage
    from recommender.second_stage.exposures import Exposures
    from recommender.second_stage.learning import StageReport, StageTrainer
    from recommender.second_stage.stage import SecondStage
    from recommender.tuning.profile import LogProfile
    from recommender.tuning.report import Tuned, TuningReport
    from recommender.tuning.rules import config_for
    from recommender.tuning.tune import tune

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
    "Exposures",
    "FactorModel",
    "FitReport",
    "FoldInState",
    "History",
    "Interactions",
    "ItemAttributes",
    "ItemId",
    "ItemToItemModel",
    "LiveTrend",
    "LogProfile",
    "NotFittedError",
    "PopularityModel",
    "RandomModel",
    "Recommendation",
    "Recommender",
    "RecommenderError",
    "SecondStage",
    "Share",
    "SimilarUser",
    "SlateEntry",
    "SlatePolicy",
    "Source",
    "StageReport",
    "StageTrainer",
    "Tuned",
    "TuningReport",
    "UpdateReport",
    "UserFeatures",
    "UserId",
    "__version__",
    "assumed_stage",
    "config_for",
    "diversify",
    "draft_chances",
    "leading_shares",
    "reblend",
    "similar_users",
    "team_draft",
    "train",
    "tune",
    "warm_up",
]

_NAMES = {
    "als.fold_in_state": ("FoldInState",),
    "als.reports": ("FitReport", "UpdateReport"),
    "als.trainer": ("ALSTrainer", "reblend", "train"),
    "config": ("ALSConfig",),
    "errors": ("ArtifactError", "NotFittedError", "RecommenderError"),
    "interactions.checks": ("ItemId", "UserId"),
    "interactions.history": ("History",),
    "interactions.log": ("Interactions",),
    "interactions.rows": ("Appended",),
    "model.answers": ("Contribution", "Recommendation", "Source"),
    "model.baselines": ("ItemToItemModel", "PopularityModel", "RandomModel", "Recommender"),
    "model.candidates": ("Candidates",),
    "model.explainer": ("Explainer",),
    "model.factor_model": ("FactorModel",),
    "model.leading": ("Share", "leading_shares"),
    "model.live_trend": ("LiveTrend",),
    "model.similar_users": ("SimilarUser", "similar_users"),
    "model.user_features": ("UserFeatures",),
    "model.warm_up": ("warm_up",),
    "reranking.diversity": ("diversify",),
    "reranking.exploration": ("SlateEntry", "SlatePolicy"),
    "reranking.interleaving": ("DraftEntry", "draft_chances", "team_draft"),
    "second_stage.attributes": ("ItemAttributes",),
    "second_stage.beforehand": ("assumed_stage",),
    "second_stage.exposures": ("Exposures",),
    "second_stage.learning": ("StageReport", "StageTrainer"),
    "second_stage.stage": ("SecondStage",),
    "tuning.profile": ("LogProfile",),
    "tuning.report": ("Tuned", "TuningReport"),
    "tuning.rules": ("config_for",),
    "tuning.tune": ("tune",),
}
"""What is public of each module. It is imported when it is first asked for: who trains and recommends needs half."""
_MODULE_OF = {name: f"recommender.{module}" for module, names in _NAMES.items() for name in names}


def __getattr__(name: str) -> Any:
    """A public name, imported now and kept."""
    if name not in _MODULE_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    with collector_waiting():
        value = globals()[name] = getattr(importlib.import_module(_MODULE_OF[name]), name)
    return value


def __dir__() -> list[str]:
    """All public names, those that are not imported yet among them."""
    return sorted({*globals(), *__all__})
