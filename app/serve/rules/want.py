"""What one question wants beside its visitor: which items, which not, and rules of its own."""

from __future__ import annotations

from dataclasses import dataclass

from app.values.rule import Rule

Filter = tuple[str, str]
"""A field and a value that items are to have; see `app.catalog.conditions`."""


@dataclass(frozen=True, slots=True)
class Want:
    """type, filters: only items that have all of these. exclude: none of these ids. rules: boosts and pins of this
    question. after: the cursor of an answer, whose items and those after it are not to come again. name: of the
    recommender. items: what is ranked by in place of the visitor's history, such as a cart.
    """

    type: str | None = None
    filters: tuple[Filter, ...] = ()
    exclude: frozenset[str] = frozenset()
    rules: tuple[Rule, ...] = ()
    after: str | None = None
    name: str = "home"
    items: tuple[str, ...] = ()

    @property
    def types(self) -> tuple[str, ...]:
        """The types, or genres, that the question is about: a row of these alone is what was asked for."""
        named = [value for field, value in self.filters if field in ("type", "tag")]
        return tuple(named if self.type is None else [self.type, *named])


ANYTHING = Want()


@dataclass(frozen=True, slots=True)
class RulePreview:
    """Item ids as they are recommended before and after a rule. hidden: how many items it takes off every list."""

    before: tuple[str, ...]
    after: tuple[str, ...]
    hidden: int
