"""The one fold: what an event changes between its visitor and its item, given what stands there already.

The law, with its reasons, is docs/interactions.md. Nothing else in the application decides what an undo takes back or
what a dislike hides: every reader adds up the changes that are decided here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import floor
from types import MappingProxyType
from typing import NamedTuple

from app.values.interaction import POSITIVE_KINDS

CLICKS = 2.0
"""What the clicks of one visitor on one item come to at most: each further one adds half of what is missing."""

ONCE = ("like", "save", "use")
"""Kinds of which a second event changes nothing."""

GRAIN = 2.0**-10
"""Weights are whole multiples of this: sums are exact in every order, and a pair's clicks stop adding rows."""

MAX_STRENGTH = 10.0
"""A source may say of an event how strong it is, such as a rating; more than this counts as this."""


class Standing(NamedTuple):
    """What of one kind stands: weight that counts, weight that a dislike holds back, and whether a slate brought it."""

    weight: float = 0.0
    held: float = 0.0
    served: bool = False

    @property
    def amount(self) -> float:
        """What the visitor has said and not taken back, held back or not."""
        return self.weight + self.held


class Change(NamedTuple):
    """One signed row in the making; see `Interaction`."""

    kind: str
    weight: float
    held: float = 0.0
    served: bool = False


Pair = Mapping[str, Standing]
"""What stands between a visitor and an item, by kind; a kind that was never met is left out."""

UNTOUCHED: Pair = MappingProxyType({})
_NOTHING = Standing()


def fold(pair: Pair, kind: str, *, undo: bool = False, strength: float = 1.0, served: bool = False) -> list[Change]:
    """What an event changes, in order; nothing for an event without effect, such as a second like.

    A click, and whatever a use case adds to the site's own kinds, adds half of what is missing to CLICKS; a like,
    save or use stands once. undo takes away all that stands of
    the kind. A dislike takes away what stands, holds it back and hides the item; its undo, and a like, give that back.
    strength: how many events of its kind the event counts as; one without strength changes nothing.
    """
    if kind == "dislike":
        return _shown_again(pair) if undo else _hidden(pair)
    if kind == "view" or not strength > 0:
        return []
    stands = standing_of_kind(pair, kind)
    if undo:
        return [Change(kind, -stands.weight, -stands.held, stands.served)] if stands.amount else []
    changes = _shown_again(pair) if kind == "like" else []
    added = _added(kind, stands.amount, min(strength, MAX_STRENGTH))
    if added:
        holds_back = is_hidden(pair) and kind != "like"
        changes.append(Change(kind, 0.0, added, served) if holds_back else Change(kind, added, 0.0, served))
    return changes


def applied(pair: Pair, changes: Sequence[Change]) -> Pair:
    """What stands after `changes`."""
    after = dict(pair)
    for change in changes:
        before = after.get(change.kind, _NOTHING)
        after[change.kind] = Standing(
            before.weight + change.weight, before.held + change.held, before.served or change.served
        )
    return after


def standing_of_kind(pair: Pair, kind: str) -> Standing:
    """What of one kind stands."""
    return pair.get(kind, _NOTHING)


def is_hidden(pair: Pair) -> bool:
    """Whether a dislike stands."""
    return pair.get("dislike", _NOTHING).weight > 0


def _added(kind: str, amount: float, strength: float) -> float:
    added = strength - amount if kind in ONCE else strength * (CLICKS - amount) / 2
    return max(0.0, floor(added / GRAIN) * GRAIN)


def _positive(pair: Pair) -> list[str]:
    """The kinds of a pair that say something good, the site's own first."""
    own = [kind for kind in POSITIVE_KINDS if kind in pair]
    return own + [kind for kind in pair if kind not in POSITIVE_KINDS and kind != "dislike"]


def _hidden(pair: Pair) -> list[Change]:
    if is_hidden(pair):
        return []
    standing = ((kind, pair[kind]) for kind in _positive(pair))
    taken = [
        Change(kind, -stands.weight, stands.weight, stands.served) for kind, stands in standing if stands.weight > 0
    ]
    return [*taken, Change("dislike", 1.0)]


def _shown_again(pair: Pair) -> list[Change]:
    if not is_hidden(pair):
        return []
    standing = ((kind, pair[kind]) for kind in _positive(pair))
    given_back = [
        Change(kind, stands.held, -stands.held, stands.served) for kind, stands in standing if stands.held > 0
    ]
    return [Change("dislike", -1.0), *given_back]
