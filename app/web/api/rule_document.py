"""A business rule as a program writes it: one shape for each action, so that nothing else is taken."""

from __future__ import annotations

from collections.abc import Collection
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, TypeAdapter

from app.catalog.item_document import ID_PATTERN, ItemIdText
from app.record.batch import whole_number
from app.values.rule import MAX_BOOST, MAX_PLACE, MAX_VALUE, Rule

FORM = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False, regex_engine="python-re")
Word = Annotated[str, StringConstraints(min_length=1, max_length=MAX_VALUE, pattern=ID_PATTERN)]
Place = Annotated[int, Field(ge=1, le=MAX_PLACE), BeforeValidator(whole_number)]


class HideDocument(BaseModel):
    """Items whose field has the value are on no list."""

    model_config = FORM
    action: Literal["hide"]
    field: Word
    value: Word


class PinDocument(BaseModel):
    """The item stands at the place, from 1, of what is recommended."""

    model_config = FORM
    action: Literal["pin"]
    value: ItemIdText
    number: Place


class BoostDocument(BaseModel):
    """Items whose field has the value are lifted by so many spreads of the scores, or put back."""

    model_config = FORM
    action: Literal["boost"]
    field: Word
    value: Word
    number: Annotated[float, Field(ge=-MAX_BOOST, le=MAX_BOOST)]


class CapDocument(BaseModel):
    """A recommended list has at most so many items of one value of the field."""

    model_config = FORM
    action: Literal["cap"]
    field: Word
    number: Place


class UnboughtDocument(BaseModel):
    """Items with which the visitor did what the kind names are on none of their lists."""

    model_config = FORM
    action: Literal["unbought"]
    value: Word


_SHAPES = (HideDocument, PinDocument, BoostDocument, CapDocument, UnboughtDocument)
RuleDocument = Annotated[
    HideDocument | PinDocument | BoostDocument | CapDocument | UnboughtDocument, Field(discriminator="action")
]


class NewRule(BaseModel):
    """A rule that is to be in force, or to be tried."""

    model_config = FORM
    rule: RuleDocument

    def read(self) -> Rule:
        """The rule. Raises RuleError."""
        return Rule(**self.rule.model_dump())


class Preview(NewRule):
    """A rule that is tried on what a history gets."""

    history: Annotated[list[ItemIdText], Field(max_length=200)] = []
    k: Annotated[int, Field(ge=1, le=100), BeforeValidator(whole_number)] = 10


def rule_schemas(kinds: Collection[str]) -> dict[str, Any]:
    """The schemas of what is written of rules, by name. kinds: of event, which a rule may name."""
    shapes = {shape.__name__: TypeAdapter(shape).json_schema() for shape in _SHAPES}
    shapes[UnboughtDocument.__name__]["properties"]["value"] = {"type": "string", "enum": list(kinds)}
    one_of = {"oneOf": [{"$ref": f"#/components/schemas/{name}"} for name in shapes]}
    found: dict[str, Any] = dict(shapes)
    for model in (NewRule, Preview):
        schema = model.model_json_schema(ref_template="#/components/schemas/{model}")
        schema.pop("$defs", None)
        schema["properties"]["rule"] = one_of
        found[model.__name__] = schema
    return found
