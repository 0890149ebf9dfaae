"""Kinds of event: what visitors may do with an item, what it says about taste, and whether it carries a value."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

MAX_WEIGHT = 1_000.0
_WITHOUT_TASTE = ("view", "dislike")
_NAME = re.compile(r"[a-z][a-z0-9-]{0,39}")


class KindError(ValueError):
    """A kind is stated wrongly; the message names it and the fix."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of event.

    meaning: in words. weight: what one event says about taste; 0 for a kind that says nothing good. value: what its
    events carry beside the item, such as ``price in EUR``; empty for none. positive_from: least value with which an
    event says anything about taste, such as half of a film; None for whatever is not below 0. Raises KindError for
    values outside these.
    """

    name: str
    meaning: str = ""
    weight: float = 0.0
    value: str = ""
    positive_from: float | None = None

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            raise KindError(f"kind {self.name!r} must be named by small letters, digits and -, at most 40")
        if not 0 <= self.weight <= MAX_WEIGHT:
            raise KindError(f"kind {self.name!r} has weight = {self.weight!r}; give a number from 0 to {MAX_WEIGHT:g}")
        if self.positive_from is not None and not self.value:
            raise KindError(f"kind {self.name!r} has positive_from without a value; say what its value is")
        if self.name in _WITHOUT_TASTE and self.weight:
            raise KindError(f"kind {self.name!r} has weight = {self.weight!r}; leave it out, it says nothing good")

    def strength(self, value: float | None) -> float | None:
        """How many events of its kind one with this value counts as: None for one, 0 for one without say."""
        if self.name in _WITHOUT_TASTE:
            return None
        if not self.weight or (self.positive_from is not None and (value is None or value < self.positive_from)):
            return 0.0
        if self.positive_from is None and value is not None and value < 0:
            return 0.0  # money that is given back is no second purchase
        return None


BUILT_IN: Mapping[str, Kind] = MappingProxyType(
    {
        kind.name: kind
        for kind in (
            Kind("view", "The item was on screen"),
            Kind("click", "The visitor opened the item", 1.0),
            Kind("like", "The visitor likes the item", 3.0),
            Kind("dislike", "The visitor does not want to see the item"),
            Kind("save", "The visitor kept the item for later", 2.0),
            Kind("use", "The visitor used the item", 4.0),
        )
    }
)
"""What pages of this site record by themselves, by name. A use case may give these other words and weights."""

Kinds = Mapping[str, Kind]
"""All kinds that may be recorded, by name; the built-in ones first."""


def kinds_of(rows: Iterable[Mapping[str, Any]]) -> Kinds:
    """The kinds that a use case states, and the built-in ones that it does not. Raises KindError for a wrong one."""
    stated: dict[str, Kind] = {}
    for row in rows:
        try:
            kind = Kind(**row)
        except TypeError as error:
            raise KindError(
                f"kind {row.get('name')!r}: {error}; it may have name, meaning, weight, value, positive_from"
            ) from None
        if kind.name in stated:
            raise KindError(f"kind {kind.name!r} is stated twice; leave one out")
        stated[kind.name] = kind
    return MappingProxyType({**BUILT_IN, **stated})


def load_kinds(path: Path) -> Kinds:
    """The kinds of the use case at `path`, read anew when the file has changed; the built-in ones where it cannot be
    read, which whoever reads the whole use case says.
    """
    try:
        state = path.stat()
        return _load(path, state.st_mtime_ns, state.st_ino)
    except (OSError, ValueError):
        return BUILT_IN


@lru_cache(maxsize=8)
def _load(path: Path, changed_ns: int, inode: int) -> Kinds:
    return kinds_of(tomllib.loads(path.read_text(encoding="utf-8")).get("kinds", ()))
