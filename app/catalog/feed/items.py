"""Items of a feed: each line becomes an item, with what cannot be taken left out and named, or is refused."""

from __future__ import annotations

import time
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import Any

from app.catalog.feed.columns import Columns, settle_columns
from app.catalog.feed.errors import FieldError, printable, shown
from app.catalog.feed.fields import (
    MAX_ATTRIBUTES,
    MAX_NAME,
    NO_CATEGORY,
    is_empty,
    is_number,
    read_address,
    read_attribute,
    read_id,
    read_picture_address,
    read_time,
    read_title,
    read_words,
    read_yes_no,
)
from app.catalog.feed.report import Report
from app.catalog.feed.rows import BadRow, FeedRow
from app.store.item_changes import TIME_NOT_SAID
from app.values.item import AttributeValue, Item

FIELDS: Mapping[str, tuple[str, ...]] = {
    "id": (
        "id",
        "item_id",
        "sku",
        "product_id",
        "article_id",
        "article",
        "isbn",
        "isbn13",
        "asin",
        "ean",
        "gtin",
        "key",
    ),
    "title": ("title", "name", "product_name", "item_name", "product", "label"),
    "url": ("url", "link", "product_url", "page", "href"),
    "image": ("image", "image_url", "image_link", "picture", "photo", "img", "thumbnail", "cover"),
    "categories": ("categories", "category", "product_type", "type", "department", "genres", "genre", "section"),
    "tags": ("tags", "keywords", "labels"),
    "added_at": ("added_at", "added_on", "created_at", "created", "date_added", "published", "published_at", "date"),
    "available": ("available", "availability", "in_stock", "stock", "active", "enabled"),
}
"""Fields of an item, and the usual names of their columns."""

SAMPLE = 2_000
"""Rows that are looked at before the first is taken: they tell which columns there are, and which of them hold
numbers."""

_NEARLY = 0.9
"""Share of the values of a column that are numbers from which on the others look like slips."""

_PATHS = (">", "/")
"""What shops write between a category and the one within it."""
_MOSTLY = 0.5
"""Share of the texts of categories that hold it from which on they look like paths."""

SavePicture = Callable[[str], str]
"""Keeps the picture in the file of this name, and returns the name that pages know it by. Raises FieldError."""


@dataclass(frozen=True, slots=True)
class ItemFeed:
    """A feed that is about to be read: its columns as settled, and its items. Read `items` to the end, once."""

    columns: Columns
    attributes: tuple[str, ...]
    items: Iterator[Item]


def read_items(
    path: Path,
    rows: Iterable[FeedRow | BadRow],
    stated: Columns,
    report: Report,
    *,
    save_picture: SavePicture,
    now: float | None = None,
) -> ItemFeed:
    """Items of the rows of a feed, in order. Positions are not theirs yet: whoever stores them gives these.

    An item needs an id that no line before had, and a title; of all else, what cannot be taken is left out. Both are in
    the report. Raises FeedError when a column is missing.
    """
    waiting = iter(rows)
    sample = list(islice(waiting, SAMPLE))
    found = list(dict.fromkeys(name for row in sample if isinstance(row, FeedRow) for name in row.values))
    columns = settle_columns(stated, found, FIELDS, ("id", "title"), path) if sample else stated
    free = tuple(name for name in found if name not in columns.used | columns.ignored)
    numbers = frozenset(
        name for name in free if name not in columns.texts and _holds_numbers(name, sample, columns.decimal, report)
    )
    _remark_on_paths(columns, sample, report)
    reader = _ItemReader(columns, numbers, report, save_picture, time.time() if now is None else now)
    return ItemFeed(columns, free, reader.read(chain(sample, waiting)))


class _ItemReader:
    """Makes items of rows, and notes what it could not take."""

    def __init__(
        self, columns: Columns, numbers: frozenset[str], report: Report, save_picture: SavePicture, now: float
    ) -> None:
        self._columns = columns
        self._numbers = numbers
        self._report = report
        self._save_picture = save_picture
        self._now = now
        self._passed_over = columns.used | columns.ignored
        self._seen: dict[str, int] = {}

    def read(self, rows: Iterable[FeedRow | BadRow]) -> Iterator[Item]:
        """The items of rows that are not refused."""
        for row in rows:
            self._report.lines += 1
            if isinstance(row, BadRow):
                self._report.refuse(row.line, "line", row.error)
                continue
            item = self._item(row)
            if item is not None:
                yield item

    def _item(self, row: FeedRow) -> Item | None:
        field = "id"
        try:
            item_id = read_id(self._value(row, "id"))
            before = self._seen.setdefault(item_id, row.line)
            if before != row.line:
                raise FieldError(item_id, f"stands on line {before} too", "give each item an id of its own")
            field = "title"
            title = read_title(self._value(row, "title"))
        except FieldError as error:
            self._report.refuse(row.line, field, error)
            return None
        categories = self._categories(row)
        image, image_url = self._picture(row)
        return Item(
            item_id=item_id,
            position=0,
            title=title,
            type=categories[0] if categories else NO_CATEGORY,
            style=categories[1] if len(categories) > 1 else "",
            palette="",
            layout="",
            tags=tuple(dict.fromkeys((*categories[2:], *self._optional(row, "tags", self._tags, ())))),
            added_at=self._optional(row, "added_at", self._time, TIME_NOT_SAID),
            seed=zlib.crc32(item_id.encode()),
            image=image,
            image_url=image_url,
            url=self._optional(row, "url", read_address, None),
            attributes=self._attributes(row),
            available=self._optional(row, "available", read_yes_no, True),
        )

    def _value(self, row: FeedRow, field: str) -> Any:
        column = self._columns.column(field)
        return None if column is None else row.values.get(column)

    def _optional(self, row: FeedRow, field: str, read: Callable[[Any], Any], instead: Any) -> Any:
        """A field that may be left out; one that cannot be taken is left out, and noted."""
        value = self._value(row, field)
        if is_empty(value):
            return instead
        try:
            return read(value)
        except FieldError as error:
            self._report.change(row.line, field, error, "it is left out")
            return instead

    def _tags(self, value: Any) -> tuple[str, ...]:
        return read_words(value, self._columns.separator_of("tags"))

    def _time(self, value: Any) -> float:
        moment = read_time(value)
        if moment > self._now + 86_400:
            raise FieldError(value, "lies ahead of now", "write when the item joined the catalog")
        return moment

    def _categories(self, row: FeedRow) -> tuple[str, ...]:
        found: list[str] = []
        for column in self._columns.columns.get("categories", ()):
            value = row.values.get(column)
            if not is_empty(value):
                try:
                    found += read_words(value, self._columns.separator_of("categories"))
                except FieldError as error:
                    self._report.change(row.line, "categories", error, "it is left out")
        return tuple(dict.fromkeys(found))

    def _picture(self, row: FeedRow) -> tuple[str | None, str | None]:
        """File and address of the picture; one of them, or neither."""
        value = self._value(row, "image")
        if is_empty(value):
            return None, None
        try:
            address = read_picture_address(value)
            return (self._save_picture(str(value).strip()), None) if address is None else (None, address)
        except FieldError as error:
            self._report.change(row.line, "image", error, "pages show a placeholder")
            return None, None

    def _attributes(self, row: FeedRow) -> tuple[tuple[str, AttributeValue], ...]:
        found: list[tuple[str, AttributeValue]] = []
        for name, value in row.values.items():
            if name in self._passed_over or is_empty(value):
                continue
            try:
                if not name.strip() or len(name) > MAX_NAME or not name.isprintable():
                    raise FieldError(name, "is no name of an attribute", f"use 1 to {MAX_NAME} printable characters")
                if len(found) == MAX_ATTRIBUTES:
                    raise FieldError(name, "is one attribute too many", f"leave some out: at most {MAX_ATTRIBUTES}")
                found.append((name, self._attribute(name, value)))
            except FieldError as error:
                self._report.change(row.line, name[:MAX_NAME], error, "it is left out")
        return tuple(found)

    def _attribute(self, name: str, value: Any) -> AttributeValue:
        decimal = self._columns.decimal
        if name in self._numbers and not is_number(value, decimal):
            fix = f"give --text {name!r} where its values are no numbers"
            raise FieldError(value, "is no number, as the first values of its column are", fix)
        return read_attribute(value, self._columns.separator_of(name), name in self._numbers, decimal)


def _remark_on_paths(columns: Columns, sample: list[FeedRow | BadRow], report: Report) -> None:
    """Say so where categories look like several in one text that nothing separates."""
    rows = [row for row in sample if isinstance(row, FeedRow)]
    said = [row.values.get(column) for row in rows for column in columns.columns.get("categories", ())]
    texts = [text for text in said if isinstance(text, str) and not is_empty(text)]
    separator = columns.separator_of("categories")
    for between in _PATHS:
        holding = [text for text in texts if between in text]
        if between != separator and holding and len(holding) >= _MOSTLY * len(texts):
            if not any(separator in text for text in texts):
                fix = f"where it is a path of categories, give --split 'categories={between}'"
                report.remark(f"categories: {shown(holding[0])} is taken as one category; {fix}")
            return


def _is_count(text: Any, decimal: str) -> bool:
    """Whether a text is a number to count with, rather than digits that name something, such as 007."""
    return is_number(text, decimal) and not (len(str(text)) > 1 and str(text)[0] == "0" and str(text)[1].isdigit())


def _holds_numbers(name: str, sample: list[FeedRow | BadRow], decimal: str, report: Report) -> bool:
    """Whether every text of a column that says something is a number: else a name such as 1984 would be one.

    A column that nearly is one of numbers is remarked on: prices that are texts cannot be compared.
    """
    said = [
        (row.line, row.values[name])
        for row in sample
        if isinstance(row, FeedRow) and not row.typed and not is_empty(row.values.get(name))
    ]
    others = [(line, text) for line, text in said if not _is_count(text, decimal)]
    if not others:
        return bool(said)
    line, text = others[0]
    nearly = _NEARLY * len(said)
    if decimal == "." and "," in text and sum(_is_count(value, ",") for _, value in said) >= nearly:
        fix = f"where they are numbers, such as {shown(text)} in line {line}, give --decimal ,"
    elif len(said) - len(others) >= nearly:
        fix = f"{shown(text)} in line {line} is no number; write digits alone or nothing there, and all are numbers"
    else:
        return False
    report.remark(f"{printable(name)}: values are taken as texts, which no range such as 5..20 finds; {fix}")
    return False
