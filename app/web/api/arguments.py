"""Query parameters of a request, read by the model of its address; every wrong one is named with value and fix."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from types import MappingProxyType
from typing import Any, TypeVar, cast

from flask import request
from pydantic import ValidationError
from pydantic_core import ErrorDetails
from werkzeug.datastructures import MultiDict

from app.web.api.questions import Choices, Question, parameter_schemas, status_of
from app.web.problems import refuse

_SHOWN = 200
_KEPT, _LONGEST_KEPT = 1_000, 64
"""Questions that are kept, and the bytes that one has at most."""
_Asked = TypeVar("_Asked", bound=Question)


def asked(question: type[_Asked], choices: Choices = MappingProxyType({})) -> _Asked:
    """What the request asks. choices: words of the catalog that its parameters take.

    Answers 400 when anything is wrong, unknown or given twice, with all of it, 404 for a word that the catalog does not
    have, and 409 when two exclude each other.
    """
    text = request.query_string
    if len(text) > _LONGEST_KEPT or b"visitor_id" in text:
        return _read(question, choices)
    return cast(_Asked, _kept(question, text, tuple(choices.items())))


@lru_cache(_KEPT)
def _kept(question: type[Question], text: bytes, choices: tuple[tuple[str, Sequence[str]], ...]) -> Question:
    """What a short question of nobody in particular asks: most callers ask the same again. A refusal is not kept."""
    return _read(question, dict(choices))


def _read(question: type[_Asked], choices: Choices) -> _Asked:
    given = request.args
    known = parameter_schemas(question)
    twice = [name for name in given if name in known and len(given.getlist(name)) > 1]
    wrong: list[ErrorDetails] = []
    try:
        found = question.model_validate({name: given[name] for name in given if name not in twice}, context=choices)
    except ValidationError as error:
        wrong = error.errors(include_url=False)
    if wrong or twice:
        errors = [_error(given, str(one["loc"][0]), _detail(question, one, given)) for one in wrong]
        errors += [_error(given, name, "must be given once") for name in twice]
        status = 400 if twice else status_of(one["type"] for one in wrong)
        first = errors[0]
        refuse(status, f"{first['parameter']} = {first['value']!r} {first['detail']}", errors)
    return found


def _error(given: MultiDict[str, str], name: str, detail: str) -> dict[str, Any]:
    return {"parameter": name[:_SHOWN], "detail": detail, "value": ", ".join(given.getlist(name))[:_SHOWN]}


def _detail(question: type[Question], error: ErrorDetails, given: MultiDict[str, str]) -> str:
    """What is wrong, with the fix, in the words of somebody who writes an address by hand."""
    name, known = str(error["loc"][0]), parameter_schemas(question)
    if error["type"] == "extra_forbidden":
        return f"is not a parameter here; known are: {', '.join(known) or 'none'}"
    if error["type"] in {"no_whole_number", "greater_than_equal", "less_than_equal"}:
        return f"must be a whole number from {known[name]['minimum']} to {known[name]['maximum']}"
    if error["type"] == "string_too_long":
        return f"must be at most {known[name]['maxLength']} characters, not {len(given[name])}"
    return error["msg"]
