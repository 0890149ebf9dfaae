"""Business rules over HTTP: which are in force, what one would change, make one, end one."""

from __future__ import annotations

import time
from functools import partial
from typing import Any

from flask import Response, jsonify

from app.keys import CATALOG
from app.serve.rules.checks import problem_of
from app.store import StoreError
from app.store.rules import RuleRow, add_rule, end_rule, read_rules
from app.values.rule import UNBOUGHT, Rule
from app.web.access import check_scope, request_key
from app.web.api.arguments import asked
from app.web.api.blueprint import bp
from app.web.api.body import read_body
from app.web.api.questions import Question
from app.web.api.rule_document import NewRule, Preview
from app.web.problems import refuse
from app.web.visiting import flywheel, settings

_WHAT = "Rules are read and made"


@bp.get("/v1/rules")
def list_rules() -> Response:
    """The rules in force, the oldest first."""
    check_scope(CATALOG, _WHAT)
    asked(Question)
    return jsonify(rules=[_row(row) for row in read_rules(flywheel().store.reader())])


@bp.post("/v1/rules")
def make_rule() -> tuple[Response, int]:
    """Let a rule be in force; pages follow it when the answer comes."""
    check_scope(CATALOG, _WHAT)
    asked(Question)
    rule = _checked(read_body(NewRule).read())
    number = flywheel().writer.run(partial(add_rule, rule=rule, by=_by(), at=time.time()))
    flywheel().serve.rules.refresh()
    [row] = read_rules(flywheel().store.reader(), [number])
    return jsonify(_row(row)), 201


@bp.post("/v1/rules/preview")
def preview_rule() -> Response:
    """What a rule would change of what a history gets; nothing is made."""
    check_scope(CATALOG, _WHAT)
    asked(Question)
    ask = read_body(Preview)
    found = flywheel().serve.preview(_checked(ask.read()), ask.history, ask.k)
    return jsonify(before=found.before, after=found.after, hidden=found.hidden)


@bp.delete("/v1/rules/<int:rule_id>")
def finish_rule(rule_id: int) -> tuple[str, int]:
    """End a rule; its row stays, because slates name it."""
    check_scope(CATALOG, _WHAT)
    asked(Question)
    if rule_id >= 2**63:
        refuse(404, f"There is no rule {rule_id} in force.")
    try:
        flywheel().writer.run(partial(end_rule, rule_id=rule_id, by=_by(), at=time.time()))
    except StoreError as error:
        if type(error) is not StoreError:  # the database cannot take it now
            raise
        refuse(404, f"There is no rule {rule_id} in force.")
    flywheel().serve.rules.refresh()
    return "", 204


def _checked(rule: Rule) -> Rule:
    problem = problem_of(rule, settings().kinds(), flywheel().catalog)
    if problem is not None:
        name, value, detail = problem
        # What kinds there are, the use case says; what items and fields there are differs by the hour.
        refuse(
            422 if rule.action == UNBOUGHT else 409,
            f"{name} {detail}",
            [{"pointer": f"/rule/{name}", "detail": detail, "value": value[:80]}],
        )
    return rule


def _by() -> str:
    key = request_key()
    return "the admin" if key is None else f"key {key.name}"


def _row(row: RuleRow) -> dict[str, Any]:
    rule = row.rule
    return {
        "rule_id": rule.rule_id,
        "action": rule.action,
        "field": rule.field,
        "value": rule.value,
        "number": rule.number,
        "words": rule.words,
        "made_at": row.made_at,
        "made_by": row.made_by,
    }
