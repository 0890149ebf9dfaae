"""Whether a rule that is well stated can do anything on this site."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

from app.catalog import Catalog
from app.catalog.conditions import values_of
from app.values.rule import PIN, UNBOUGHT, Rule, RuleError

_OWN_FIELDS = ("item_id", "type", "style", "category", "tag", "palette")


class Problem(NamedTuple):
    """What is wrong with a rule. name: of the part; detail: what it must be."""

    name: str
    value: str
    detail: str


def problem_of(rule: Rule, kinds: Collection[str], catalog: Catalog) -> Problem | None:
    """Why a rule would do nothing: a kind of event, an item or a field that there is none of; None where it would.

    kinds: those of the use case. Looks at every item for a field, so it is asked when a rule is made, not on pages.
    """
    if rule.action == UNBOUGHT:
        return (
            None
            if rule.value in kinds
            else Problem("value", rule.value, f"must be a kind of event: {', '.join(kinds)}")
        )
    if rule.action == PIN or rule.field == "item_id":
        known = rule.value in catalog or not rule.value
        return None if known else Problem("value", rule.value, "is the id of no item; GET /api/v1/items lists them")
    if any(values_of(item, rule.field) for item in catalog.items):
        return None
    attributes = sorted({name for item in catalog.items for name, _ in item.attributes})
    return Problem(
        "field", rule.field, f"is a field that no item has; give one of {', '.join((*_OWN_FIELDS, *attributes))}"
    )


def check_rule(rule: Rule, kinds: Collection[str], catalog: Catalog) -> Rule:
    """The rule. Raises RuleError where it would do nothing."""
    problem = problem_of(rule, kinds, catalog)
    if problem is not None:
        raise RuleError(f"{problem.name} = {problem.value[:80]!r} {problem.detail}")
    return rule
