"""Which column of a feed holds which field: as stated, else by the names that shops give their columns."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from app.catalog.feed.errors import FeedError
from app.catalog.feed.fields import DECIMALS

Names = Mapping[str, Sequence[str]]
"""Usual names of the column of each field, the surest first."""


@dataclass(frozen=True, slots=True)
class Columns:
    """columns: of each field, the one column or several that hold it. ignored: columns to pass over. texts: columns
    whose values are texts although they look like numbers. separator: what stands between the parts of a list in one
    text, and separators: of one field or column alone. decimal: what stands before the part of a number below one.
    kinds: what was done, by the word of the feed.
    """

    columns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    ignored: frozenset[str] = frozenset()
    texts: frozenset[str] = frozenset()
    separator: str = "|"
    separators: Mapping[str, str] = field(default_factory=dict)
    decimal: str = "."
    kinds: Mapping[str, str] = field(default_factory=dict)

    @property
    def used(self) -> frozenset[str]:
        """Columns that hold a field."""
        return frozenset(column for columns in self.columns.values() for column in columns)

    def column(self, name: str) -> str | None:
        """The column of a field, or None."""
        return next(iter(self.columns.get(name, ())), None)

    def separator_of(self, name: str) -> str:
        """What stands between the parts of a list of one field or column."""
        return self.separators.get(name, self.separator)

    def sentence(self) -> str:
        """Which field is read from which column, in words."""
        return ", ".join(f"{name} from {' and '.join(map(repr, columns))}" for name, columns in self.columns.items())


def stated_columns(path: Path | None, flags: Sequence[str], known: Collection[str], **others: Any) -> Columns:
    """What a mapping file and flags such as ``title=name`` state; a flag wins over the file.

    The file is TOML: a table `fields` of columns by field, a text or a list of texts, a table `kinds` of what the
    feed calls them, a table `separators` by field or column, and beside these `ignore`, `text`, `separator` and
    `decimal`. others: the same by flags, each empty where not given; split: of `separators`, such as ``categories=/``.
    Raises FeedError, naming what is wrong.
    """
    stated = _read(path) if path is not None else {}
    unknown = sorted(set(stated) - {"fields", "kinds", "separators", "ignore", "text", "separator", "decimal"})
    if unknown:
        may = "it may hold fields, kinds, separators, ignore, text, separator and decimal"
        raise FeedError(f"{path}: {unknown[0]!r} is not known; {may}")
    separators = stated.get("separators", {})
    if not isinstance(separators, dict) or not all(isinstance(one, str) and one for one in separators.values()):
        raise FeedError(f'{path}: separators = {separators!r} must be a table of texts by field: categories = "/"')
    kinds = stated.get("kinds", {})
    if not isinstance(kinds, dict) or not all(isinstance(kind, str) for kind in kinds.values()):
        raise FeedError(f'{path}: kinds = {kinds!r} must be a table of kinds by word: Sale = "purchase"')
    decimal = others.get("decimal") or stated.get("decimal", ".")
    if decimal not in DECIMALS:
        raise FeedError(f"decimal = {decimal!r} must be one of {' and '.join(map(repr, DECIMALS))}")
    fields: dict[str, tuple[str, ...]] = {}
    for name, columns in dict(stated.get("fields", {})).items():
        given = [columns] if isinstance(columns, str) else columns
        if not isinstance(given, list) or not given or not all(isinstance(column, str) for column in given):
            raise FeedError(f"{path}: fields.{name} = {columns!r} must be the name of a column, or a list of names")
        fields[name] = tuple(given)
    flagged: dict[str, tuple[str, ...]] = {}
    for flag in flags:
        name, equals, column = flag.partition("=")
        if not equals or not column:
            raise FeedError(f"--map {flag!r} must be FIELD=COLUMN, such as title=name")
        flagged[name] = (*flagged.get(name, ()), column)
    fields |= flagged
    for flag in others.get("split", ()):
        name, equals, between = flag.partition("=")
        if not name or not between:
            raise FeedError(f"--split {flag!r} must be FIELD=TEXT, such as categories=/")
        separators = separators | {name: between}
    wrong = next((name for name in fields if name not in known), None)
    if wrong is not None:
        raise FeedError(f"{wrong!r} is no field; known are {', '.join(known)}")
    return Columns(
        fields,
        frozenset(others.get("ignore") or stated.get("ignore", ())),
        frozenset(others.get("text") or stated.get("text", ())),
        str(others.get("separator") or stated.get("separator", "|")),
        separators,
        decimal,
        kinds,
    )


def settle_columns(
    stated: Columns, found: Sequence[str], usual: Names, required: Collection[str], path: Path
) -> Columns:
    """`stated`, and for fields of which it says nothing the column with a usual name.

    found: the columns of the feed. Raises FeedError for a column that there is not, and for a required field without
    one.
    """
    for column in (*stated.used, *stated.ignored, *stated.texts):
        if column not in found:
            raise FeedError(f"{path} has no column {column!r}; its columns are {', '.join(map(repr, found[:40]))}")
    strange = next((name for name in stated.separators if name not in usual and name not in found), None)
    if strange is not None:
        raise FeedError(f"a separator is given for {strange!r}, which is no field and no column of {path}")
    by_name = {column.strip().lower().replace(" ", "_").replace("-", "_"): column for column in reversed(found)}
    free = set(found) - stated.used - stated.ignored
    columns = dict(stated.columns)
    for name, names in usual.items():
        if name not in columns:
            match = next((by_name[usual_name] for usual_name in names if by_name.get(usual_name) in free), None)
            if match is not None:
                columns[name] = (match,)
                free.discard(match)
    missing = next((name for name in required if name not in columns), None)
    if missing is not None:
        raise FeedError(
            f"{path} has no column that is surely the {missing}; its columns are {', '.join(map(repr, found[:40]))}: "
            f"say which with --map {missing}=COLUMN"
        )
    return replace(stated, columns=columns)


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError) as error:
        raise FeedError(f"mapping {path} cannot be read: {error}") from error
    except tomllib.TOMLDecodeError as error:
        raise FeedError(f"mapping {path} is not TOML: {error}") from error
