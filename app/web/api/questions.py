"""What the API may be asked: one model of query parameters an address. Views read by it, and OpenAPI describes it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationInfo, WithJsonSchema
from pydantic_core import PydanticCustomError

MAX_K = 100
MAX_HISTORY = 200
MAX_SEARCH = 200
MAX_PAGE = 10_000
MAX_PER_PAGE = 100

_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f]")

Choices = Mapping[str, Sequence[str]]
"""Words that a parameter of this name takes, where the catalog decides; given as the context of a validation."""


def _decimal(text: str) -> int:
    # int() also takes "1_0", " 1" and digits of other scripts; a parameter is plain decimal.
    plain = text.removeprefix("-")
    if plain.isascii() and plain.isdigit() and len(plain) <= 12:
        return int(text)
    raise PydanticCustomError("no_whole_number", "must be a whole number")


def _in_catalog(word: str, info: ValidationInfo[Choices]) -> str:
    allowed = info.context[str(info.field_name)]
    if word not in allowed:
        raise PydanticCustomError("not_in_catalog", "must be one of {allowed}", {"allowed": ", ".join(allowed)})
    return word


def _split(text: str) -> tuple[str, ...]:
    ids = tuple(part.strip() for part in text.split(",") if part.strip())
    if len(ids) > MAX_HISTORY:
        raise PydanticCustomError(
            "too_many_ids",
            "must be at most {most} ids separated by commas, not {count}",
            {"most": MAX_HISTORY, "count": len(ids)},
        )
    return ids


def _without_visitor(ids: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
    if info.data.get("visitor_id") is not None:
        raise PydanticCustomError("clash", "cannot be given together with visitor_id; leave one out")
    return ids


def _without_controls(text: str | None) -> str | None:
    if text is not None and _CONTROLS.search(text):
        raise PydanticCustomError("control_characters", "must be without control characters")
    return text


def _blank_is_none(text: str | None) -> str | None:
    return (text or "").strip() or None


_K = Annotated[int, Field(ge=1, le=MAX_K, description="How many items."), BeforeValidator(_decimal)]
_Page = Annotated[int, Field(ge=1, le=MAX_PAGE, description="Page, from 1."), BeforeValidator(_decimal)]
_PerPage = Annotated[int, Field(ge=1, le=MAX_PER_PAGE, description="Items on a page."), BeforeValidator(_decimal)]
_Text = Annotated[str, Field(max_length=MAX_SEARCH)]
_Word = Annotated[str, AfterValidator(_in_catalog)]
_Type = Annotated[_Word | None, Field(description="Only items of this type.")]
_VisitorId = Annotated[
    _Text | None,
    AfterValidator(_blank_is_none),
    AfterValidator(_without_controls),
    Field(
        description="The visitor; without it, the one of the cookie. Another visitor than the cookie's needs a key.",
        json_schema_extra={"pattern": r"^[^\u0000-\u001f\u007f-\u009f]*$"},
    ),
]
_History = Annotated[
    tuple[str, ...],
    BeforeValidator(_split),
    AfterValidator(_without_visitor),
    WithJsonSchema({"type": "string"}),
]


class Question(BaseModel):
    """No parameters at all; what others have is added. A parameter that is not known is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class VisitorQuestion(Question):
    """For which visitor."""

    visitor_id: _VisitorId = None


class SimilarQuestion(VisitorQuestion):
    """How many items for which visitor."""

    k: _K = 10


class RecommendationsQuestion(SimilarQuestion):
    """The same of one type, or for a history in place of a visitor."""

    type: _Type = None
    history: Annotated[
        _History | None,
        Field(
            description=f"At most {MAX_HISTORY} item ids separated by commas, oldest first; unknown ids are ignored. "
            "Not together with visitor_id."
        ),
    ] = None


class ItemsQuestion(Question):
    """Which items of the catalog, and which page of them."""

    type: _Type = None
    style: Annotated[_Word | None, Field(description="Only items of this style.")] = None
    q: Annotated[_Text | None, AfterValidator(_blank_is_none), Field(description="Words that all must occur.")] = None
    page: _Page = 1
    per_page: _PerPage = 24


@cache
def parameter_schemas(question: type[Question]) -> Mapping[str, Mapping[str, Any]]:
    """The JSON Schema of each parameter by its name, with its description; a parameter that may be left out has no
    null, because a query cannot say it.
    """
    found = {}
    for name, schema in question.model_json_schema().get("properties", {}).items():
        plain = {key: value for key, value in schema.items() if key not in {"title", "anyOf"} and value is not None}
        plain |= next((kind for kind in schema.get("anyOf", ()) if kind != {"type": "null"}), {})
        found[name] = plain
    return found


def described_parameters(question: type[Question], choices: Choices) -> list[dict[str, Any]]:
    """The parameters as OpenAPI has them, in the order of the model."""
    described = []
    for name, schema in parameter_schemas(question).items():
        plain = {key: value for key, value in schema.items() if key != "description"}
        if name in choices:
            plain["enum"] = list(choices[name])
        words = {"description": schema["description"]}
        described.append({"name": name, "in": "query", "required": False, "schema": plain} | words)
    return described
