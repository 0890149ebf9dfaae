"""What the API may be asked: one model of query parameters an address. Views read by it, and OpenAPI describes it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationInfo, WithJsonSchema
from pydantic_core import PydanticCustomError

from app.serve.rules.recommenders import HOME, Recommender
from app.serve.rules.want import Want
from app.values.rule import BOOST, PIN, Rule

MAX_K = 100
MAX_HISTORY = 200
MAX_SEARCH = 200
MAX_PAGE = 10_000
MAX_PER_PAGE = 100
MAX_RULES = 20
"""Filters, boosts or pins of one question."""

CURSOR_PATTERN = r"^[A-Za-z0-9_-]+$"
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f]")

Choices = Mapping[str, Sequence[str]]
"""Words that a parameter of this name takes, where the catalog decides; given as the context of a validation."""


def _decimal(text: str) -> int:
    # int() also takes "1_0", " 1" and digits of other scripts; a parameter is plain decimal.
    plain = text.removeprefix("-")
    if plain.isascii() and plain.isdigit() and len(plain) <= 12:
        return int(text)
    raise PydanticCustomError("no_whole_number", "must be a whole number")


def status_of(kinds: Iterable[str]) -> int:
    """The status of an answer that names what was wrong, by the kinds of errors found.

    404 for words that the catalog does not have: it may have had them when its description was read. 409 for what
    excludes each other. 400 for anything else, and for a mixture.
    """
    one, *others = set(kinds) or {""}
    return 400 if others else {"not_in_catalog": 404, "clash": 409}.get(one, 400)


def in_catalog(word: str, info: ValidationInfo[Choices]) -> str:
    """The word, of those that the catalog has for a parameter of this name."""
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


def without_visitor(ids: Sequence[str], info: ValidationInfo) -> Sequence[str]:
    """A history, which is given in place of a visitor."""
    if info.data.get("visitor_id") is not None:
        raise PydanticCustomError("clash", "cannot be given together with visitor_id; leave one out")
    return ids


def known_recommender(name: str, info: ValidationInfo[Choices]) -> str:
    """The name, of the recommenders that there are."""
    allowed = info.context["for"]
    if name not in allowed:
        raise PydanticCustomError("not_known", "must be one of {allowed}", {"allowed": ", ".join(allowed)})
    return name


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
_Word = Annotated[str, AfterValidator(in_catalog)]
_Type = Annotated[_Word | None, Field(description="Only items of this type.")]
VisitorId = Annotated[
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
    AfterValidator(without_visitor),
    WithJsonSchema({"type": "string"}),
]


_Ids = Annotated[tuple[str, ...], BeforeValidator(_split), WithJsonSchema({"type": "string"})]


def not_with_history(cursor: str | None, info: ValidationInfo) -> str | None:
    """A cursor, which goes on with a visitor's answer."""
    if cursor is not None and info.data.get("history") is not None:
        raise PydanticCustomError("clash", "cannot be given together with history; leave one out")
    return cursor


_WORD = r"[^,:\x00-\x1f\x7f-\x9f]{1,50}"
_TEXT = r"[^,\x00-\x1f\x7f-\x9f]{1,100}"
_ONE_FILTER = rf"{_WORD}:{_TEXT}"
_ONE_BOOST = rf"{_WORD}:{_WORD}:-?[0-9](?:\.[0-9]{{1,3}})?"
_ONE_PIN = rf"{_TEXT}:[1-9][0-9]?"


def _several(one: str) -> str:
    """The pattern of some of these, separated by commas."""
    return rf"^{one}(?:,{one}){{0,{MAX_RULES - 1}}}$"


def _parts(text: str, one: str, form: str) -> list[str]:
    if not re.fullmatch(_several(one), text):
        most = {"form": form, "most": MAX_RULES}
        raise PydanticCustomError("not_of_form", "must be {form}, at most {most} separated by commas", most)
    return text.split(",")


def _filters(text: str) -> tuple[tuple[str, str], ...]:
    parts = [part.partition(":") for part in _parts(text, _ONE_FILTER, "field:value, such as brand:Acme")]
    return tuple((field, value) for field, _, value in parts)


def _boosts(text: str) -> tuple[Rule, ...]:
    parts = [part.split(":") for part in _parts(text, _ONE_BOOST, "field:value:number, such as category:Wine:1.5")]
    return tuple(Rule(BOOST, field, value, float(number)) for field, value, number in parts)


def _pins(text: str) -> tuple[Rule, ...]:
    parts = [part.rpartition(":") for part in _parts(text, _ONE_PIN, "id:place, such as sku-1:2")]
    return tuple(Rule(PIN, "", item_id, float(place)) for item_id, _, place in parts)


def _text(one: str) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", "pattern": _several(one)})


_Filters = Annotated[tuple[tuple[str, str], ...], BeforeValidator(_filters), _text(_ONE_FILTER)]
_Boosts = Annotated[tuple[Rule, ...], BeforeValidator(_boosts), _text(_ONE_BOOST)]
_Pins = Annotated[tuple[Rule, ...], BeforeValidator(_pins), _text(_ONE_PIN)]
_Cursor = Annotated[
    Annotated[str, Field(min_length=1, max_length=64, pattern=CURSOR_PATTERN)] | None,
    AfterValidator(not_with_history),
]


class Question(BaseModel):
    """No parameters at all; what others have is added. A parameter that is not known is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class VisitorQuestion(Question):
    """For which visitor."""

    visitor_id: VisitorId = None


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


class WantQuestion(RecommendationsQuestion):
    """The same of some items, without others, with pins and boosts of its own, and what comes after an answer."""

    exclude: Annotated[
        _Ids | None, Field(description=f"At most {MAX_HISTORY} item ids separated by commas that are not wanted.")
    ] = None
    filter: Annotated[
        _Filters | None,
        Field(
            description="Only items with these values: field:value, several separated by commas. Fields are category, "
            "type, style, tag, palette, item_id and attributes of the catalog; a number may be a range, price:5..20."
        ),
    ] = None
    boost: Annotated[
        _Boosts | None,
        Field(description="field:value:number lifts items by so many spreads of the scores; below 0 puts them back."),
    ] = None
    pin: Annotated[_Pins | None, Field(description="id:place puts items to places, from 1; their propensity is 1.")] = (
        None
    )
    cursor: Annotated[
        _Cursor,
        Field(description="The cursor of an answer: what was shown under it does not come again. Not with history."),
    ] = None

    recommender: Annotated[
        Annotated[str, AfterValidator(known_recommender)],
        Field(alias="for", description="Name of the recommender: what it ranks by, and its rules."),
    ] = HOME
    items: Annotated[
        _Ids | None,
        Field(description="Ids separated by commas that a recommender for items ranks by, such as those of a cart."),
    ] = None

    def want(self, recommender: Recommender) -> Want:
        """What is wanted beside visitor and number, of a recommender."""
        return Want(
            self.type,
            (*(self.filter or ()), *recommender.filters),
            frozenset(self.exclude or ()),
            (*(self.pin or ()), *(self.boost or ()), *recommender.rules),
            self.cursor,
            recommender.name,
            (self.items or ()) if recommender.by_items else (),
        )


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
