"""One shelf that champion and challenger fill together, while the challenger is on trial."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from app.catalog import Catalog
from app.serve.model_holder import ModelHolder, ServedModel
from app.serve.rankers import LearnedRanker, Ranked, Ranker
from app.serve.wishes import wished
from app.settings import Settings
from app.values.visitor import Visitor
from app.visitors.assignment import bucket
from recommender import DraftEntry, FactorModel, draft_chances, team_draft
from recommender.reranking.bounds import RowBounds
from recommender.reranking.interleaving import LONGEST_INTERLEAVED

_DEPTH = 3  # times a shelf's size: where a type has its share already, a side goes on to another further down


@dataclass(frozen=True, slots=True)
class TrialChallenger:
    """The challenger of a page: its version, and how it ranks."""

    version: int
    ranker: Ranker
    model: FactorModel


@dataclass(frozen=True, slots=True)
class Draft:
    """Who drafted which item of a shelf, and the chance that it would stand where it does; without exploration."""

    version: int
    entries: Mapping[str, DraftEntry]

    def place(self, item_id: str, source: str) -> tuple[str, float]:
        """Team and chance of an entry: what was drawn by chance belongs to neither side, and has no chance to add."""
        if source == "explore":
            return "explore", 1.0
        return self.entries[item_id].team, self.entries[item_id].propensity

    def is_challengers(self, item_id: str) -> bool:
        """Whether the challenger put the item there."""
        return item_id in self.entries and self.entries[item_id].team == "challenger"


@dataclass(frozen=True, slots=True)
class Interleaved:
    """A drafted ranking, and the pool that exploration may draw from."""

    ranked: list[Ranked]
    draft: Draft
    pool: list[str]


def takes_part(visitor_id: str, challenger_version: int, share: float) -> bool:
    """Whether a visitor belongs to the share that a trial asks; sticky, and drawn anew for each challenger."""
    return bucket(f"trial-{challenger_version}", visitor_id) < share


def trial_challenger(
    settings: Settings,
    catalog: Catalog,
    models: ModelHolder,
    visitor: Visitor,
    served: ServedModel | None,
    baseline: Ranker,
    wishes: Mapping[str, int],
    boosted: Callable[[Ranker], Ranker],
) -> TrialChallenger | None:
    """The challenger, where there is one beside the champion and the visitor takes part in its trial."""
    challenger = models.challenger
    if served is None or challenger is None or challenger.version == served.version:
        return None
    if settings.shelf_size > LONGEST_INTERLEAVED:
        return None
    if not takes_part(visitor.visitor_id, challenger.version, settings.trial_share):
        return None
    ranker = boosted(LearnedRanker(challenger.model, "als", catalog, baseline))
    return TrialChallenger(challenger.version, wished(ranker, wishes, catalog), challenger.model)


def interleave(
    champion: Sequence[Ranked],
    challenger: Sequence[Ranked],
    k: int,
    version: int,
    rng: np.random.Generator,
    pool: Sequence[str] = (),
    bounds: RowBounds | None = None,
) -> Interleaved:
    """Draft `k` items from both rankings. pool: what exploration may draw from, as far as it could not be drafted.

    bounds: what keeps one type from filling the shelf, where both rows keep it. The pool leaves out whatever could have
    been drafted, not only what was: its size then does not depend on the coins, and the chance of an entry is exactly
    the chance of the draft times that of the exploration policy.
    """
    depth = k if bounds is None else _DEPTH * k
    rankings = [choice.item_id for choice in champion[:depth]], [choice.item_id for choice in challenger[:depth]]
    drafted = team_draft(*rankings, k, rng, bounds)
    possible = {item_id for place in draft_chances(*rankings, k, bounds) for item_id in place}
    by_team = {
        "champion": {choice.item_id: choice for choice in champion[:depth]},
        "challenger": {choice.item_id: choice for choice in challenger[:depth]},
    }
    by_team["both"] = by_team["champion"]
    ranked = [by_team[entry.team][str(entry.item_id)] for entry in drafted]
    draft = Draft(version, {str(entry.item_id): entry for entry in drafted})
    return Interleaved(ranked, draft, [item_id for item_id in pool if item_id not in possible])
