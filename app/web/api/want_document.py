"""What is asked of a recommender in a body: as in an address, but lists may be longer than an address takes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, Field

from app.catalog.item_document import ItemIdText
from app.record.batch import whole_number
from app.serve.rules.recommenders import HOME
from app.values.rule import BOOST, MAX_BOOST, PIN, Rule
from app.web.api.questions import (
    CURSOR_PATTERN,
    MAX_K,
    MAX_RULES,
    Choices,
    VisitorId,
    WantQuestion,
    in_catalog,
    known_recommender,
    not_with_history,
    without_visitor,
)
from app.web.api.rule_document import FORM, Place, Word

MAX_IDS = 2_000
"""Ids of one list of a body, ten times what an address takes; the bytes of a body are bounded beside it."""

_Ids = Annotated[list[ItemIdText], Field(max_length=MAX_IDS)]


class Having(BaseModel):
    """A field and a value that items are to have; a number may be a range, ``5..20``."""

    model_config = FORM
    field: Word
    value: Word


class Boosted(Having):
    """The same, lifted by so many spreads of the scores, or put back."""

    number: Annotated[float, Field(ge=-MAX_BOOST, le=MAX_BOOST)]


class Pinned(BaseModel):
    """An item and its place, from 1."""

    model_config = FORM
    item_id: ItemIdText
    place: Place


class WantDocument(BaseModel):
    """The question. history, exclude and items may have 2,000 ids each; unknown ones are ignored."""

    model_config = FORM
    visitor_id: VisitorId = None
    k: Annotated[int, Field(ge=1, le=MAX_K), BeforeValidator(whole_number)] = 10
    type: Annotated[str, AfterValidator(in_catalog)] | None = None
    history: Annotated[_Ids, AfterValidator(without_visitor)] | None = None
    exclude: _Ids = []
    filter: Annotated[list[Having], Field(max_length=MAX_RULES)] = []
    boost: Annotated[list[Boosted], Field(max_length=MAX_RULES)] = []
    pin: Annotated[list[Pinned], Field(max_length=MAX_RULES)] = []
    cursor: Annotated[
        Annotated[str, Field(min_length=1, max_length=64, pattern=CURSOR_PATTERN)] | None,
        AfterValidator(not_with_history),
    ] = None
    recommender: Annotated[str, Field(alias="for"), AfterValidator(known_recommender)] = HOME
    items: _Ids = []

    def question(self) -> WantQuestion:
        """The same as an address asks it."""
        return WantQuestion.model_construct(
            visitor_id=self.visitor_id,
            k=self.k,
            type=self.type,
            history=None if self.history is None else tuple(self.history),
            exclude=tuple(self.exclude),
            filter=tuple((having.field, having.value) for having in self.filter),
            boost=tuple(Rule(BOOST, of.field, of.value, of.number) for of in self.boost),
            pin=tuple(Rule(PIN, "", pinned.item_id, float(pinned.place)) for pinned in self.pin),
            cursor=self.cursor,
            recommender=self.recommender,
            items=tuple(self.items),
        )


def want_schemas(choices: Choices) -> dict[str, Any]:
    """The schemas of the question, by name. choices: words that a field takes, where the catalog decides."""
    schema = WantDocument.model_json_schema(ref_template="#/components/schemas/{model}")
    nested: dict[str, Any] = schema.pop("$defs", {})
    properties = schema["properties"]
    for name, words in (("type", choices["type"]), ("for", choices["for"])):
        properties[name] = {"enum": _words(words, or_none=name == "type")}
    return {**nested, "WantDocument": schema}


def _words(words: Sequence[str], or_none: bool) -> list[str | None]:
    return [*words, None] if or_none else [*words]
