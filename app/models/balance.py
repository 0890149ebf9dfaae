"""How the first row is balanced: its rules from the settings, and from the data how much visitors differ in taste."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from app.settings import Settings
from app.store import Store
from app.store.choices import recent_choices
from recommender.reranking.balanced_row import BalancedRow, RowRules
from recommender.reranking.shares import fit_strength
from recommender.reranking.traits import ItemTraits

CANDIDATES = 300
"""So many of a model's best are balanced: of what an oracle would pick they hold four fifths."""

PRIOR_STRENGTHS = {"type": 1.5, "style": 10.0, "palette": 50.0}
"""Strengths before anything is known: between what a seeded site says (1.5, 28, 160) and one of 1.1 million events,
whose visitors were shown what the model took for their taste (1.3, 3.7, 14)."""

AFFINITY_PARTS = {"type": 1.0, "style": 1.0, "palette": 0.0}
"""Of the affinity, what each attribute has. Nobody opens a card for its colours: what seems a taste for them is mostly
what was shown, and a second stage knows better."""

SEVERAL_PART = 2.5
"""The same of an attribute of which items have several values, such as genres: a film of the genre that a visitor turns
to has others beside it, which they turn to less."""

MAX_VISITORS = 5_000
"""Visitors that strengths are learned from; more would not change them, and take longer."""


def row_rules(settings: Settings) -> RowRules:
    """The rules as the settings have them."""
    return RowRules(
        affinity=settings.row_affinity,
        calibration=settings.row_calibration,
        rejection=settings.row_rejection,
        most_passes=settings.row_passes,
        largest_share=settings.row_largest_share,
    )


def balanced_row(traits: ItemTraits, strengths: Sequence[float], settings: Settings) -> BalancedRow:
    """The row of a site whose visitors differ so much in each attribute."""
    parts = [SEVERAL_PART if trait.has_several else AFFINITY_PARTS[trait.name] for trait in traits.traits]
    return BalancedRow(traits, strengths, row_rules(settings), parts)


def prior_row(traits: ItemTraits, settings: Settings) -> BalancedRow:
    """The row before anything is learned of the visitors of this site."""
    return balanced_row(traits, [PRIOR_STRENGTHS[trait.name] for trait in traits.traits], settings)


def learned_row(traits: ItemTraits, settings: Settings, store: Store) -> BalancedRow:
    """The row with the strengths that the newest choices on record speak for."""
    return balanced_row(traits, learn_strengths(traits, recent_choices(store.reader())), settings)


def learn_strengths(traits: ItemTraits, choices: Sequence[tuple[str, str]]) -> list[float]:
    """The strength of each attribute from pairs of visitor and item; see `recommender.reranking.shares`."""
    by_visitor: dict[str, list[int]] = {}
    for visitor_id, item_id in choices:
        row = traits.row_of.get(item_id)
        if row is not None and (visitor_id in by_visitor or len(by_visitor) < MAX_VISITORS):
            by_visitor.setdefault(visitor_id, []).append(row)
    histories = [np.array(rows, dtype=np.int64) for rows in by_visitor.values() if len(rows) > 1]
    strengths = []
    for trait in traits.traits:
        counts = np.array([trait.counts(rows, np.ones(len(rows))) for rows in histories])
        counts = counts.reshape(len(histories), len(trait.values))
        strengths.append(fit_strength(counts, trait.base, PRIOR_STRENGTHS[trait.name]))
    return strengths
