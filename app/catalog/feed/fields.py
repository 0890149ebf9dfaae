"""One field of an item or of something that was done: an id, a title, an address, words, a time, an attribute."""

from __future__ import annotations

import math
import re
import unicodedata
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

from app.catalog.feed.errors import FieldError
from app.values.item import AttributeValue

MAX_ID = 200
MAX_TITLE = 300
MAX_WORD = 100
MAX_WORDS = 100
MAX_ADDRESS = 2_000
MAX_TEXT = 2_000
MAX_NAME = 60
MAX_ATTRIBUTES = 60
NO_CATEGORY = "other"
"""Type of an item of which no category is said."""

LATEST_TIME = 4_102_444_800.0
"""The year 2100 in Unix seconds; what is larger is no time in seconds."""
_MILLISECONDS_FROM = 1e11
# float() also takes "nan", "infinity", "1_000" and digits of other scripts, none of which a feed means.
_NUMBER = re.compile(r"[+-]?(?:[0-9]{1,20}(?:\.[0-9]{0,20})?|\.[0-9]{1,20})(?:[eE][+-]?[0-9]{1,2})?")
# Points of a number with a decimal comma stand between thousands, or it was written by another rule.
_COMMA_NUMBER = re.compile(r"[+-]?(?:[0-9]{1,20}|[0-9]{1,3}(?:\.[0-9]{3}){1,6})(?:,[0-9]{0,20})?")
_DOTTED_DAY = re.compile(r"([0-9]{1,2})\.([0-9]{1,2})\.([0-9]{4})(?:[ T,]+(.+))?")
DECIMALS = (".", ",")
_YES = frozenset(
    {"1", "yes", "y", "true", "t", "on", "in stock", "in_stock", "instock", "available"}
    | {"ja", "j", "oui", "sí", "si", "sì", "sim", "tak"}
)
_NO = frozenset(
    {"0", "no", "n", "false", "f", "off", "out of stock", "out_of_stock", "outofstock", "sold out", "unavailable"}
    | {"nein", "non", "não", "nie", "nee"}
)


def is_empty(value: Any) -> bool:
    """Whether a field says nothing: null, blank or an empty list."""
    return value is None or (isinstance(value, str) and not value.strip()) or value == []


def read_id(value: Any) -> str:
    """An id: any text of up to 200 characters but the two that browsers take for folders. Of a number, its digits."""
    text = _plain(value).strip()
    if not text:
        raise FieldError(value, "is empty", "give every line its id")
    if text in {".", ".."}:
        raise FieldError(text, "cannot be part of an address", "give another id: browsers take . and .. for folders")
    if len(text) > MAX_ID or not _printable(text):
        raise FieldError(text, "is no id", f"use at most {MAX_ID} printable characters")
    return text


def read_title(value: Any) -> str:
    """A title: its words with one space between."""
    text = " ".join(_plain(value).split())
    if not text:
        raise FieldError(value, "is empty", "give every item its title")
    if len(text) > MAX_TITLE or not _printable(text):
        raise FieldError(text, "is no title", f"use at most {MAX_TITLE} printable characters")
    return text


def read_address(value: Any) -> str:
    """The address of a page: http or https with a host, or a path of this host."""
    text = _plain(value).strip()
    parts = _split(text)
    whole = parts is not None and parts.scheme in {"http", "https"} and bool(parts.hostname)
    if not _addressed(text) or not (whole or (text.startswith("/") and not text.startswith("//"))):
        raise FieldError(text, "is no address", "write one that begins with https://")
    return text


def read_picture_address(value: Any) -> str | None:
    """The address of a picture that another host keeps; None where the value names a file. Only https can be shown."""
    text = _plain(value).strip()
    if "://" not in text and not text.startswith("//"):
        return None
    parts = _split(text)
    if not _addressed(text) or parts is None or parts.scheme != "https" or not parts.hostname or "@" in parts.netloc:
        raise FieldError(text, "is no https address", "write one that begins with https://, or the name of a file")
    return text


def read_words(value: Any, separator: str) -> tuple[str, ...]:
    """Words or categories: a list, or a text with the separator between; each once, in order."""
    if isinstance(value, list | tuple | set):
        parts = [_plain(part) for part in value if not is_empty(part)]
    else:
        parts = _plain(value).split(separator)
    words = tuple(dict.fromkeys(" ".join(part.split()) for part in parts if part.strip()))
    wrong = next((word for word in words if len(word) > MAX_WORD or not _printable(word)), None)
    if wrong is not None:
        raise FieldError(wrong, "is no word of a list", f"use at most {MAX_WORD} printable characters for each")
    if len(words) > MAX_WORDS:
        raise FieldError(f"{len(words)} words", "are too many", f"use at most {MAX_WORDS}")
    dots = next((word for word in words if word in {".", ".."}), None)
    if dots is not None:
        raise FieldError(dots, "cannot be part of an address", "leave it out")
    return words


def read_time(value: Any) -> float:
    """A time in Unix seconds: of Unix seconds or milliseconds, or of an ISO date or time, which is UTC where no zone is
    said. A date may be written 24.12.2026, which everybody who writes points means day first.
    """
    if isinstance(value, datetime):
        moment = value if value.tzinfo else value.replace(tzinfo=UTC)
        return moment.timestamp()
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day, tzinfo=UTC).timestamp()
    number = _number(value)
    if number is None and isinstance(value, str):
        try:
            found = datetime.fromisoformat(_iso_order(value.strip()))
            return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()
        except (ValueError, OverflowError):
            number = None
    elif number is not None and number >= _MILLISECONDS_FROM:
        number /= 1000
    if number is None or not 0 <= number <= LATEST_TIME:
        fix = "write Unix seconds, an ISO time such as 2026-03-01T12:00:00Z, or 01.03.2026 12:00"
        raise FieldError(value, "tells no time", fix)
    return number


def read_yes_no(value: Any) -> bool:
    """Whether an item is available."""
    if isinstance(value, bool):
        return value
    text = _plain(value).strip().lower()
    if text in _YES or text in _NO:
        return text in _YES
    number = _number(text)
    if number is not None and number >= 0:  # a number of pieces in stock
        return number > 0
    raise FieldError(value, "says neither yes nor no", "write yes or no, 1 or 0, or in stock or out of stock")


def read_number(value: Any, decimal: str = ".") -> float:
    """A number that can be counted with. decimal: what stands before the part below one in a text, of DECIMALS."""
    number = _number(value, decimal)
    if number is None:
        fix = f"write digits such as 12{decimal}5, and no sign of a currency"
        if decimal == "." and _number(value, ",") is not None:
            fix += "; where all numbers of the file are like this, give --decimal ,"
        raise FieldError(value, "is no number", fix)
    return number


def read_attribute(value: Any, separator: str, number: bool, decimal: str = ".") -> AttributeValue:
    """A free attribute: a number, a text or a list of texts. number: a text that is a number counts as one."""
    if isinstance(value, list | tuple | set):
        return read_words(list(value), separator)
    if isinstance(value, dict):
        raise FieldError(value, "is an object", "give each of its values a field of its own")
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime | date):
        return value.isoformat()
    counted = _number(value, decimal) if number or not isinstance(value, str) else None
    if counted is not None:
        return counted
    text = _plain(value).strip()
    if separator in text:
        return read_words(text, separator)
    if len(text) > MAX_TEXT or not _printable(text, "\n\r\t"):
        raise FieldError(text, "is no text", f"use at most {MAX_TEXT} characters that can be printed")
    return text


def is_number(value: Any, decimal: str = ".") -> bool:
    """Whether a value can be counted with. decimal: what stands before the part below one in a text."""
    return _number(value, decimal) is not None


def _iso_order(text: str) -> str:
    """A text that begins with a date such as 24.12.2026 with the year first; any other as it is."""
    dotted = _DOTTED_DAY.fullmatch(text)
    if dotted is None:
        return text
    day, month, year, clock = dotted.groups()
    # ISO wants two digits of an hour, and tills leave the nought out.
    clock = f"T{clock.rjust(len(clock) + 1, '0') if clock[1:2] == ':' else clock}" if clock else ""
    return f"{year}-{month:0>2}-{day:0>2}{clock}"


def _number(value: Any, decimal: str = ".") -> float | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float | Decimal):
        try:
            number = float(value)
        except OverflowError:
            return None
        return number if math.isfinite(number) else None
    if isinstance(value, str):
        text = value.strip()
        if decimal == ",":
            return float(text.replace(".", "").replace(",", ".")) if _COMMA_NUMBER.fullmatch(text) else None
        return float(text) if _NUMBER.fullmatch(text) else None
    return None


def _plain(value: Any) -> str:
    """A value as text. Raises FieldError for what has none, such as an object."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise FieldError(value, f"is of kind {type(value).__name__}", "write a text")
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _printable(text: str, besides: str = "") -> bool:
    """Whether a text has neither control characters nor halves of characters."""
    return all(unicodedata.category(sign) not in {"Cc", "Cs"} or sign in besides for sign in text)


def _addressed(text: str) -> bool:
    return bool(text) and len(text) <= MAX_ADDRESS and text.isprintable() and not set(text) & set(' "<>\\^`{|}')


def _split(text: str) -> Any:
    try:
        return urlsplit(text)
    except ValueError:
        return None
