"""The page of business rules: those in force, what a new one would change of a home page, switching them on and off."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.serve.rules.changes import RowChange, row_changes
from app.serve.rules.checks import check_rule
from app.store import StoreError
from app.store.rules import add_rule, end_rule, read_rules, remove_rule, restore_rule, switched_off
from app.values.rule import ACTIONS, MAX_VALUE, Rule, RuleError
from app.values.visitor import Visitor
from app.visitors import new_visitor
from app.web.dashboard.admin import BY
from app.web.dashboard.login import is_admin, require_admin
from app.web.presses import is_repeated
from app.web.visiting import flywheel, known_visitor, settings

ACTION_WORDS = {
    "hide": "Hide what has a value",
    "pin": "Pin an item to a place",
    "boost": "Boost what has a value",
    "cap": "At most so many of one value",
    "unbought": "Leave out what was bought",
}
_FIELDS = ("category", "type", "style", "tag", "palette", "item_id")
"""Fields that every item may have; a catalog adds attributes of its own."""
_LOOKED_AT = 2_000
"""Items whose attributes are looked at for the names of fields."""
_MOST_ENDED = 50
_STATED = ("action", "field", "value", "number")

bp = Blueprint("rules", __name__, url_prefix="/flywheel/rules")


@bp.before_request
def admin_only() -> ResponseReturnValue | None:
    """Everybody may look; a form of nobody else, and one that is sent again, does nothing."""
    if request.method == "POST":
        require_admin()
        if is_repeated(request.path):
            return _back()
    return None


@dataclass(frozen=True, slots=True)
class HomeChange:
    """What a rule changes of a home page. hidden: how many items it takes off every list."""

    rule: Rule
    rows: list[RowChange]
    hidden: int


@bp.get("")
def show() -> str:
    """The rules, and for the admin what the stated one would change."""
    stated = {name: request.args.get(name, "")[: MAX_VALUE + 1] for name in _STATED}
    found: HomeChange | None = None
    problem = None
    if stated["action"] and is_admin():
        try:
            found = _preview(_rule(stated), request.args.get("whose") == "mine")
        except RuleError as error:
            problem = str(error)
    reader = flywheel().store.reader()
    return render_template(
        "flywheel_rules.html",
        rules=read_rules(reader),
        ended=switched_off(reader, _MOST_ENDED),
        stated=stated,
        mine=request.args.get("whose") == "mine",
        has_visits=known_visitor() is not None,
        preview=found,
        problem=problem,
        actions=ACTION_WORDS,
        fields=_field_names() if is_admin() else [],
        kinds=list(settings().kinds()),
    )


@bp.post("")
def make() -> ResponseReturnValue:
    """Put a rule in force."""
    stated = {name: request.form.get(name, "")[: MAX_VALUE + 1] for name in _STATED}
    try:
        rule = _rule(stated)
    except RuleError:
        # The page says what is wrong, with what was written.
        return redirect(f"{url_for('rules.show')}?{urlencode(stated)}#preview", 303)
    return _change(partial(add_rule, rule=rule), f"In force: {rule.words}.")


@bp.post("/<int(max=9223372036854775807):rule_id>/<any(off, on, remove):what>")
def change(rule_id: int, what: str) -> ResponseReturnValue:
    """Switch a rule off, or on again, or take it off the list."""
    act: Callable[..., Any] = {"off": end_rule, "on": restore_rule, "remove": remove_rule}[what]
    done = {"off": "is switched off", "on": "is in force again", "remove": "is off the list"}[what]
    return _change(partial(act, rule_id=rule_id), f"Rule {rule_id} {done}.")


def _change(task: Callable[..., Any], done: str) -> ResponseReturnValue:
    try:
        flywheel().writer.run(lambda db: task(db, by=BY, at=time.time()))
        flywheel().serve.rules.refresh()
        flash(done, "good")
    except StoreError as error:
        flash(f"Nothing was changed: {error}.", "bad")
    return _back()


def _back() -> ResponseReturnValue:
    return redirect(url_for("rules.show"), 303)


def _rule(stated: dict[str, str]) -> Rule:
    """The rule that a form states. Raises RuleError."""
    action, field, value, number = (" ".join(stated[name].split()) for name in _STATED)
    if action not in ACTIONS:
        raise RuleError(f"action = {action!r} must be one of {', '.join(ACTIONS)}")
    try:
        rule = Rule(action, field, value, float(number or 0))
    except ValueError as error:
        if isinstance(error, RuleError):
            raise
        raise RuleError(f"number = {number!r} must be a number") from None
    return check_rule(rule, settings().kinds(), flywheel().catalog)


def _preview(rule: Rule, mine: bool) -> HomeChange:
    before, after, hidden = flywheel().serve.preview_home(_whose(mine), time.time(), rule)
    return HomeChange(rule, row_changes(before, after), hidden)


def _whose(mine: bool) -> Visitor:
    """Whose home page: of whoever is looking, or of a newcomer whose pages learn."""
    own = known_visitor() if mine else None
    if own is not None:
        return own
    newcomer = new_visitor(settings(), "real", now=time.time(), visitor_id="a-newcomer-of-a-preview")
    return replace(newcomer, arm="treatment", holdout=False)


def _field_names() -> list[str]:
    named = {name for item in flywheel().catalog.items[:_LOOKED_AT] for name, _ in item.attributes}
    return [*_FIELDS, *sorted(named)]
