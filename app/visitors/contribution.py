"""What a visitor's interactions say to others: the rows that train models, and the say in what is popular.

A visitor's own pages follow everything they do at once. What others get to see follows it only as far as these rules
let it, so that making visitors is not a way to make an item popular; docs/interactions.md has them with their reasons.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import NamedTuple

from app.settings import Settings
from app.store import Store
from app.store.exposures import ExposureRow
from app.store.interactions import (
    BY_FIRST_MODEL,
    BY_MODEL,
    interactions_of,
    last_interaction,
    placed_entries,
    visitors_since,
)
from app.values.interaction import TRUSTED_ORIGINS, Interaction
from app.values.rule import PINNED
from app.visitors.history import Choice, RunningHistory


class TrainingRow(NamedTuple):
    """One row of the library's log. timestamp: Unix seconds by the server's clock."""

    visitor_id: str
    item_id: str
    weight: float
    timestamp: float


@dataclass(frozen=True, slots=True)
class ContributionRules:
    """How far a visitor's say reaches.

    kind_weights: what one event of a kind is worth. trust_after_s: a visitor who acts again so many seconds after they
    were first seen is trusted from then on, with all that they did before. first_visit_weight: most that one item of
    a visitor who is not trusted trains by. popularity_weight: most that one visitor adds to what is popular of an item;
    steered_weight: the same of an item that the site never put before them, found by a search, a list or a link.
    placed_weight: what is done with an entry that a model had chosen trains by this share.
    """

    kind_weights: Mapping[str, float]
    trust_after_s: float = 0.0
    first_visit_weight: float = float("inf")
    popularity_weight: float = float("inf")
    steered_weight: float = float("inf")
    placed_weight: float = 1.0

    def trusts(self, row: Interaction | ExposureRow) -> bool:
        """Whether this row shows that its visitor is to be trusted."""
        return row.age_s >= self.trust_after_s or row.origin in TRUSTED_ORIGINS


def contribution_rules(settings: Settings) -> ContributionRules:
    """The rules as the settings have them."""
    return ContributionRules(
        kind_weights=settings.kind_weights(),
        trust_after_s=settings.trust_after_s,
        first_visit_weight=settings.first_visit_weight,
        popularity_weight=settings.popularity_weight,
        steered_weight=settings.steered_weight,
        placed_weight=settings.placed_weight,
    )


def training_rows(
    rows: Iterable[Interaction], rules: ContributionRules, placed: Mapping[int, str] = MappingProxyType({})
) -> dict[int, TrainingRow]:
    """What trains of these rows (of any visitors, oldest first) by the seq that gives its place, oldest first.

    Each row that raises is one. When something of a pair is taken back, what is left of it becomes one row, at the
    place of the last row that had raised the pair: sums and order are those of the visitor's history. Of visitors who
    are not trusted only what they chose from a slate trains, up to `first_visit_weight` an item. placed: by number
    of a row, what had put the entry there that it answered. A model's choice weighs `placed_weight` of what others do,
    lest a model learn its own echo; what a business rule had pinned says nothing.
    """
    by_visitor: dict[str, list[Interaction]] = {}
    for row in rows:
        by_visitor.setdefault(row.visitor_id, []).append(row)
    return dict(sorted(entry for of_one in by_visitor.values() for entry in _of_visitor(of_one, rules, placed)))


def recent_training_rows(store: Store, rules: ContributionRules, newest: int) -> dict[int, TrainingRow]:
    """What trains of the visitors who made the newest `newest` interactions: neighbours while no model is published.

    They come with all their rows, so that sums are right. Neither holdout visitors nor excluded ones are among them.
    """
    conn = store.reader()
    visitors = visitors_since(conn, max(0, last_interaction(conn) - newest))
    rows = [row for of_one in interactions_of(conn, visitors).values() for row in of_one if not row.holdout]
    return training_rows(rows, rules, placed_entries(conn, visitors))


def popular_choices(rows: Sequence[Interaction], rules: ContributionRules) -> dict[str, Choice]:
    """What the rows of one visitor add to what is popular, by item: nothing until the visitor is trusted.

    What the site put before the visitor counts for more than what they went for by themselves: that can be aimed.
    """
    if not any(rules.trusts(row) for row in rows):
        return {}
    running = RunningHistory(rules.kind_weights)
    for row in rows:
        running.add(row)
    put_before = {row.item_id for row in rows if row.served or row.origin in TRUSTED_ORIGINS}
    steered = min(rules.steered_weight, rules.popularity_weight)
    return {
        item_id: Choice(min(choice.weight, rules.popularity_weight if item_id in put_before else steered), choice.at)
        for item_id, choice in running.choices().items()
    }


class _Steps:
    """The training rows of one pair in the making: what stands by kind, and the steps that led there."""

    __slots__ = ("by_kind", "counted", "raised", "said", "steps")

    def __init__(self) -> None:
        self.said: dict[str, float] = {}  # what stands of a kind, held back or not, in events
        self.counted: dict[str, float] = {}  # and what of it counts, by what had put the entry there
        self.by_kind: dict[str, float] = {}
        self.raised: tuple[int, float] = (0, 0.0)
        self.steps: list[tuple[int, float, float]] = []  # seq, at, weight

    def note(self, row: Interaction, share: float) -> float:
        """The part of what this row raises that counts; share: of what its event says.

        What a dislike kept back and gives back counts as it had counted before, whatever gave it back.
        """
        if row.weight > 0 and row.held < 0:
            said = self.said.get(row.kind, row.weight)
            return self.counted.get(row.kind, said) / said
        change = row.weight + row.held
        if change < 0:
            self.said.pop(row.kind, None)
            self.counted.pop(row.kind, None)
        elif change > 0:
            self.said[row.kind] = self.said.get(row.kind, 0.0) + change
            self.counted[row.kind] = self.counted.get(row.kind, 0.0) + change * share
        return share

    def add(self, row: Interaction, weight: float) -> None:
        if weight > 0:
            self.by_kind[row.kind] = self.by_kind.get(row.kind, 0.0) + weight
            self.raised = (row.seq, row.at)
            self.steps.append((row.seq, row.at, weight))
        elif self.by_kind.pop(row.kind, 0.0):  # what is taken back is all of its kind
            left = sum(self.by_kind.values())
            self.steps = [(*self.raised, left)] if left > 0 else []


def _of_visitor(
    rows: Sequence[Interaction], rules: ContributionRules, placed: Mapping[int, str]
) -> list[tuple[int, TrainingRow]]:
    trusted = any(map(rules.trusts, rows))
    shares = {BY_MODEL: rules.placed_weight, BY_FIRST_MODEL: rules.placed_weight, PINNED: 0.0}
    pairs: dict[str, _Steps] = {}
    for row in rows:
        steps = pairs.setdefault(row.item_id, _Steps())
        share = steps.note(row, shares.get(placed.get(row.seq, ""), 1.0))
        worth = rules.kind_weights.get(row.kind, 0.0) * row.weight
        if worth > 0:
            worth *= share
        if not worth or (worth > 0 and not trusted and not row.served):
            continue
        if worth > 0 and not trusted:
            worth = min(worth, rules.first_visit_weight - sum(steps.by_kind.values()))
            if worth <= 0:
                continue
        steps.add(row, worth)
    return [
        (seq, TrainingRow(rows[0].visitor_id, item_id, weight, at))
        for item_id, steps in pairs.items()
        for seq, at, weight in steps.steps
    ]
