"""An item as a program writes it in JSON: its shape, and the item that it becomes."""

from __future__ import annotations

import zlib
from dataclasses import replace
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, TypeAdapter, WithJsonSchema

from app.catalog.feed.fields import (
    LATEST_TIME,
    MAX_ADDRESS,
    MAX_ATTRIBUTES,
    MAX_ID,
    MAX_NAME,
    MAX_TEXT,
    MAX_TITLE,
    MAX_WORD,
    MAX_WORDS,
    NO_CATEGORY,
)
from app.store.item_changes import TIME_NOT_SAID
from app.values.item import AttributeValue, Item

MAX_ITEMS = 1_000
"""Most items of one bulk write."""

_FORM = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False, regex_engine="python-re")

_CLEAN = r"[^\x00-\x1f\x7f-\x9f]"
_SEEN = r"[^\s\x00-\x1f\x7f-\x9f]"
# Python's engine: these look ahead, so that . and .. are out, which browsers take for folders.
ID_PATTERN = rf"^(?!\.\.?$){_CLEAN}*{_SEEN}{_CLEAN}*$"
_TITLE_PATTERN = rf"^{_CLEAN}*{_SEEN}{_CLEAN}*$"
_TEXT_PATTERN = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]*$"
_HOST = r"[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?(?::[0-9]{1,5})?"
_REST = r"(?:[/?#][!#-;=?-\[\]_a-z~]*)?"

ItemIdText = Annotated[str, StringConstraints(min_length=1, max_length=MAX_ID, pattern=ID_PATTERN)]
_Title = Annotated[str, StringConstraints(min_length=1, max_length=MAX_TITLE, pattern=_TITLE_PATTERN)]
_Word = Annotated[str, StringConstraints(min_length=1, max_length=MAX_WORD, pattern=ID_PATTERN)]
_Words = Annotated[list[_Word], Field(max_length=MAX_WORDS)]
_Link = Annotated[str, StringConstraints(max_length=MAX_ADDRESS, pattern=rf"^https?://{_HOST}{_REST}$")]
_Picture = Annotated[str, StringConstraints(max_length=MAX_ADDRESS, pattern=rf"^https://{_HOST}{_REST}$")]
_Time = Annotated[float, Field(ge=0, le=LATEST_TIME, description="Unix seconds; one ahead of now counts as now.")]
_Name = Annotated[str, StringConstraints(min_length=1, max_length=MAX_NAME, pattern=_TITLE_PATTERN)]
_Text = Annotated[str, StringConstraints(max_length=MAX_TEXT, pattern=_TEXT_PATTERN)]
_Value = _Text | float | _Words | None
_Attributes = Annotated[
    dict[_Name, _Value],
    Field(max_length=MAX_ATTRIBUTES),
    # pydantic's own schema lets names pass that its pattern does not.
    WithJsonSchema(
        {
            "type": "object",
            "propertyNames": TypeAdapter(_Name, config=_FORM).json_schema(),
            "additionalProperties": TypeAdapter(_Value, config=_FORM).json_schema(),
            "maxProperties": MAX_ATTRIBUTES,
        }
    ),
]


class ItemChange(BaseModel):
    """What is to be different of an item (RFC 7396): null takes a value away, what is left out stays.

    categories: the first is the item's type, the second its style. link: the item's page at its shop. image: address of
    its picture. available: whether it is on a list. attributes: free ones; each is changed or taken away by itself.
    """

    model_config = _FORM

    title: _Title | None = None
    categories: _Words | None = None
    tags: _Words | None = None
    link: _Link | None = None
    image: _Picture | None = None
    added_at: _Time | None = None
    available: bool | None = None
    attributes: _Attributes | None = None


class ItemDocument(ItemChange):
    """A whole item; what is left out is not known of it."""

    title: _Title


class NamedItemDocument(ItemDocument):
    """A whole item with its id."""

    item_id: ItemIdText


class ItemId(BaseModel):
    """The id of an item."""

    item_id: ItemIdText

    model_config = _FORM


class ItemBatch(BaseModel):
    """Whole items that are written together: all of them, or none."""

    model_config = _FORM

    items: Annotated[list[NamedItemDocument], Field(min_length=1, max_length=MAX_ITEMS)]


def item_of(document: ItemDocument, item_id: str, now: float) -> Item:
    """The item that a whole document describes; who stores it gives it its place. now: Unix seconds."""
    bare = Item(
        item_id=item_id,
        position=0,
        title="",
        type=NO_CATEGORY,
        style="",
        palette="",
        layout="",
        tags=(),
        added_at=TIME_NOT_SAID,
        seed=zlib.crc32(item_id.encode()),
    )
    return changed_item(bare, document, now)


def changed_item(item: Item, change: ItemChange, now: float) -> Item:
    """`item` after a change. now: Unix seconds."""
    said = change.model_fields_set
    found: dict[str, Any] = {}
    if change.title is not None:
        found["title"] = " ".join(change.title.split())
    if "categories" in said or "tags" in said:
        categories = _words(change.categories)
        if "categories" in said:
            found["type"] = categories[0] if categories else NO_CATEGORY
            found["style"] = categories[1] if len(categories) > 1 else ""
        tags = _words(change.tags) if "tags" in said else item.tags
        found["tags"] = tuple(dict.fromkeys((*categories[2:], *tags)))
    if "link" in said:
        found["url"] = change.link
    if "image" in said:
        found |= {"image_url": change.image, "image": None, "image_width": None, "image_height": None}
    if change.added_at is not None:
        found["added_at"] = min(change.added_at, now)
    if "available" in said:
        found["available"] = change.available is not False
    if "attributes" in said:
        found["attributes"] = _merged(item, change)
    return replace(item, **found)


def _merged(item: Item, change: ItemChange) -> tuple[tuple[str, AttributeValue], ...]:
    merged: dict[str, AttributeValue] = {} if change.attributes is None else dict(item.attributes)
    for name, value in (change.attributes or {}).items():
        if value is None:
            merged.pop(name, None)
        else:
            merged[name] = _words(value) if isinstance(value, list) else value
    return tuple(merged.items())


def _words(words: list[str] | None) -> tuple[str, ...]:
    return tuple(dict.fromkeys(" ".join(word.split()) for word in words or ()))
