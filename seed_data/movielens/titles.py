"""Titles as they are spoken, years that stand in them, and genres as slugs."""

from __future__ import annotations

import re
import unicodedata

from seed_data.movielens.fields import is_year

_ARTICLE = re.compile(r"^(?P<rest>.+), (?P<article>The|A|An|Les|Le|La|Los|Las|El|Il|L'|Das|Der|Die|Det|Den|O|Un|Une)$")
_TITLE_YEAR = re.compile(r"^(?P<title>.*?)\s*\((?P<year>[0-9]{4})\)\s*$")


def split_year(title: str, year: int | None) -> tuple[str, int | None]:
    """The title without the year in brackets at its end, and that year; `year` where there is none."""
    match = _TITLE_YEAR.match(title)
    if match is None or not match["title"] or not is_year(int(match["year"])):
        return title, year
    return match["title"], int(match["year"])


def natural_title(title: str) -> str:
    """`title` as it is spoken: ``Hate (Haine, La)`` is Hate (La Haine), ``Piano, The`` is The Piano."""
    main, bracket, rest = title.strip().partition(" (")
    if not bracket or not rest.endswith(")"):
        return _article_first(title.strip())
    return f"{_article_first(main)} ({_article_first(rest[:-1].strip())})"


def _article_first(title: str) -> str:
    match = _ARTICLE.match(title)
    if match is None:
        return title
    article = match["article"]
    return f"{article}{'' if article.endswith(chr(39)) else ' '}{match['rest'].strip()}"


def genre_slug(genre: str) -> str:
    """``Children's`` is childrens, ``Sci-Fi`` sci-fi, ``(no genres listed)`` no-genres-listed; may be empty."""
    plain = unicodedata.normalize("NFKD", genre.lower().replace("'", ""))
    return re.sub(r"[^a-z0-9]+", "-", "".join(c for c in plain if not unicodedata.combining(c))).strip("-")
