"""Named recommenders of one small file: what each ranks by, and the rules that it has beside those of the shop."""

from __future__ import annotations

import re
import time
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from app.serve.rules.want import Filter
from app.values.rule import Rule, RuleError

HOME = "home"
"""The recommender of a question that names none; every file has it."""
_BUNDLED = Path(__file__).parents[2] / "recommenders.toml"
_KEYS = ("name", "words", "from", "filter", "rules")
_SOURCES = ("visitor", "items")
_NAME = re.compile(r"[a-z][a-z0-9-]{0,39}")


class RecommenderError(ValueError):
    """A recommender is stated wrongly; the message names file, recommender and fix."""


@dataclass(frozen=True, slots=True)
class Recommender:
    """One recommender. by_items: it ranks by the items of the question rather than by the visitor's history."""

    name: str
    words: str
    by_items: bool
    filters: tuple[Filter, ...] = ()
    rules: tuple[Rule, ...] = ()


def load_recommenders(file: Path | None) -> Mapping[str, Recommender]:
    """The recommenders of a file, or those that come along, by name; read anew within a second of a change of the file.

    Raises RecommenderError.
    """
    return _looked_at(file or _BUNDLED, int(time.monotonic()))


@lru_cache(maxsize=8)
def _looked_at(path: Path, second: int) -> Mapping[str, Recommender]:
    """The recommenders as the file is in a `second` of the clock: each request asks twice, and asking the disk costs as
    much as ranking.
    """
    try:
        state = path.stat()
    except OSError as error:
        raise RecommenderError(f"{path} cannot be read: {error.strerror}; correct FLYWHEEL_RECOMMENDERS") from error
    return _load(path, state.st_mtime_ns, state.st_ino)


@lru_cache(maxsize=8)
def _load(path: Path, changed_ns: int, inode: int) -> Mapping[str, Recommender]:
    try:
        rows = tomllib.loads(path.read_text(encoding="utf-8")).get("recommenders", [])
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise RecommenderError(f"{path} cannot be read as TOML: {error}; correct it") from error
    found: dict[str, Recommender] = {}
    for row in rows:
        recommender = _recommender(path, row)
        if recommender.name in found:
            raise RecommenderError(f"{path}: recommender {recommender.name!r} is stated twice; leave one out")
        found[recommender.name] = recommender
    if HOME not in found:
        raise RecommenderError(f"{path} has no recommender {HOME!r}; state it, as questions without a name mean it")
    return MappingProxyType(found)


def _recommender(path: Path, row: Mapping[str, Any]) -> Recommender:
    name = row.get("name")
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise RecommenderError(f"{path}: name = {name!r} must be small letters, digits and -, at most 40")
    unknown = sorted(set(row) - set(_KEYS))
    if unknown:
        raise RecommenderError(f"{path}: {unknown[0]!r} of {name!r} is not known; it may have {', '.join(_KEYS)}")
    if row.get("from") not in _SOURCES:
        raise RecommenderError(f"{path}: from = {row.get('from')!r} of {name!r} must be one of {', '.join(_SOURCES)}")
    filters = row.get("filter", {})
    if not isinstance(filters, dict) or not all(isinstance(value, str) and value for value in filters.values()):
        raise RecommenderError(f'{path}: filter of {name!r} must be a table such as {{ brand = "Acme" }}')
    try:
        rules = tuple(Rule(**stated) for stated in row.get("rules", ()))
    except (RuleError, TypeError) as error:
        raise RecommenderError(f"{path}: a rule of {name!r} is wrong: {error}") from error
    return Recommender(name, str(row.get("words", "")), row["from"] == "items", tuple(filters.items()), rules)
