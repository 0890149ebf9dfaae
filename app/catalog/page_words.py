"""The words of pages: what an item is called, and what is done with one. Groceries are no films."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path

from app.catalog.catalog import Catalog

_BUNDLED = Path(__file__).with_suffix(".toml")
_ICONS = ("pen", "play", "heart", "save")
_LONGEST = 60


class WordsError(ValueError):
    """A file of words cannot be read; the message names the word and the fix."""


@dataclass(frozen=True, slots=True)
class PageWords:
    """item, items: one and several of them; search: what one searches, `items` where nothing else is said.

    use, used: the button that records a use, before and after; use_icon: its picture.
    """

    item: str
    items: str
    use: str
    used: str
    use_icon: str
    search: str = ""

    @property
    def searched(self) -> str:
        """What one searches."""
        return self.search or self.items


def page_words(catalog: Catalog, file: Path | None) -> PageWords:
    """The words of a site: those of `file`, else those of the bundled catalog that this is, else plain ones.

    Raises WordsError for a file that cannot be read.
    """
    if file is not None:
        return _load(file, file.stat().st_mtime_ns if file.is_file() else 0)
    first = catalog.items[0] if catalog.items else None
    if first is None or not first.layout:
        return bundled_words()["items"]
    return bundled_words()["films" if first.year is not None else "templates"]


@cache
def bundled_words() -> Mapping[str, PageWords]:
    """The words that come along, by name."""
    return {name: PageWords(**words) for name, words in tomllib.loads(_BUNDLED.read_text(encoding="utf-8")).items()}


@cache
def _load(file: Path, changed_ns: int) -> PageWords:
    try:
        stated = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise WordsError(f"{file} cannot be read as TOML: {error}; correct it, or unset FLYWHEEL_WORDS") from error
    known = [field.name for field in fields(PageWords)]
    for name, word in stated.items():
        if name not in known:
            raise WordsError(f"{file}: {name!r} is no word of pages; known are {', '.join(known)}")
        if not isinstance(word, str) or len(word) > _LONGEST or not word.strip():
            raise WordsError(f"{file}: {name} = {word!r} must be a text of at most {_LONGEST} characters")
    if stated.get("use_icon", "pen") not in _ICONS:
        raise WordsError(f"{file}: use_icon = {stated['use_icon']!r} must be one of {', '.join(_ICONS)}")
    plain = bundled_words()["items"]
    return PageWords(**{name: stated.get(name, getattr(plain, name)) for name in known})
