"""Business rules: what a shop decides about its lists, whatever a model says."""

from __future__ import annotations

import math
from dataclasses import dataclass

HIDE, PIN, BOOST, CAP, UNBOUGHT = ACTIONS = ("hide", "pin", "boost", "cap", "unbought")
PINNED = "pinned"
"""Source of an entry that a rule put in its place."""
MAX_PLACE = 100
MAX_BOOST = 10.0
MAX_VALUE = 200


class RuleError(ValueError):
    """A rule is stated wrongly; the message names it and the fix."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule. rule_id: 0 for one that a single question brings along.

    hide: items whose `field` has `value` are on no list. pin: the item `value` stands at place `number` (from 1) of
    what is recommended. boost: items whose `field` has `value` are lifted by `number` spreads of the scores, or put
    back by a negative number. cap: a recommended list has at most `number` items of one value of `field`. unbought:
    items with which the visitor did what the kind `value` names are on none of their lists. Raises RuleError.
    """

    action: str
    field: str = ""
    value: str = ""
    number: float = 0.0
    rule_id: int = 0

    def __post_init__(self) -> None:
        if self.action not in ACTIONS:
            raise RuleError(f"action = {self.action!r} must be one of {', '.join(ACTIONS)}")
        needs = {HIDE: "field and value", PIN: "value", BOOST: "field and value", CAP: "field", UNBOUGHT: "value"}
        for name in ("field", "value"):
            text: str = getattr(self, name)
            needed = name in needs[self.action]
            if needed != bool(text):
                raise RuleError(f"a rule to {self.action} needs {needs[self.action]}; {name} is {text!r}")
            if len(text) > MAX_VALUE:
                raise RuleError(f"{name} has {len(text)} characters; give at most {MAX_VALUE}")
        whole = float(self.number).is_integer()
        if self.action in (PIN, CAP) and not (whole and 1 <= self.number <= MAX_PLACE):
            what = "place" if self.action == PIN else "most items of a value"
            raise RuleError(f"number = {self.number!r} must be the {what}: a whole number from 1 to {MAX_PLACE}")
        if self.action == BOOST and not (math.isfinite(self.number) and abs(self.number) <= MAX_BOOST):
            raise RuleError(f"number = {self.number!r} must be from -{MAX_BOOST:g} to {MAX_BOOST:g}")
        if self.action in (HIDE, UNBOUGHT) and self.number:
            raise RuleError(f"number = {self.number!r} means nothing to {self.action}; leave it out")

    @property
    def words(self) -> str:
        """The rule as a sentence."""
        number = f"{self.number:g}"
        return {
            HIDE: f"hide what has {self.field} {self.value}",
            PIN: f"pin {self.value} to place {number}",
            BOOST: f"boost what has {self.field} {self.value} by {number}",
            CAP: f"at most {number} of one {self.field}",
            UNBOUGHT: f"leave out what has a {self.value} of the visitor",
        }[self.action]
