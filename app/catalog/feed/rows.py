"""Rows of a feed: CSV, JSON lines or Parquet, packed with gzip or not, each with the number of its line."""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import json
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, TextIO, cast

from app.catalog.feed.errors import FeedError, FieldError

MAX_BYTES = 20_000_000_000
"""Largest unpacked feed: a small file that unpacks to more is no catalog."""

Progress = Callable[[float], None]
"""Is told which share of the file was read."""

_DELIMITERS = ",;\t|"
_FORMATS = {".csv": "csv", ".tsv": "csv", ".txt": "csv", ".jsonl": "json", ".ndjson": "json", ".json": "json"}
_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


@dataclass(frozen=True, slots=True)
class FeedRow:
    """One line that can be read: values by column. typed: they have types of their own; in CSV all are texts."""

    line: int
    values: Mapping[str, Any]
    typed: bool = True


@dataclass(frozen=True, slots=True)
class BadRow:
    """One line that cannot be read, and why."""

    line: int
    error: FieldError


def read_rows(
    path: Path, *, encoding: str | None = None, delimiter: str | None = None, on_progress: Progress | None = None
) -> Iterator[FeedRow | BadRow]:
    """The rows of the file at `path`, in order; its suffix says what it is, and ``.gz`` after it that it is packed.

    encoding: of a text without a byte-order mark; UTF-8 if not given. delimiter: of CSV; the most frequent of comma,
    semicolon, tab and bar in the first line if not given. Lines are counted from 1, rows of Parquet too. Raises
    FeedError for a file that is missing, of another kind or encoding, and for quotes that do not fit.
    """
    suffixes = [suffix.lower() for suffix in path.suffixes]
    packed = bool(suffixes) and suffixes[-1] == ".gz"
    kind = ([suffix for suffix in suffixes if suffix != ".gz"] or [""])[-1]
    if not path.is_file():
        raise FeedError(f"{path} is no file; give the path of a CSV, JSONL or Parquet file")
    if kind == ".parquet":
        yield from _parquet_rows(path, on_progress)
        return
    if kind not in _FORMATS:
        raise FeedError(
            f"{path} ends in {kind or 'nothing'!r}; rename it to .csv, .tsv, .jsonl, .json or .parquet (.gz)"
        )
    with path.open("rb") as raw:
        size = max(1, path.stat().st_size)
        source = cast(BinaryIO, gzip.GzipFile(fileobj=raw)) if packed else raw
        bounded = io.BufferedReader(_Bounded(path, source))
        text = _Lines(bounded, _encoding(path, packed, encoding), newline="")
        rows = _csv_rows(path, text, delimiter) if _FORMATS[kind] == "csv" else _json_rows(path, text)
        try:
            for row in rows:
                if on_progress is not None and not row.line % 1000:
                    on_progress(min(1.0, raw.tell() / size))
                yield row
        except UnicodeDecodeError as error:
            byte = error.object[error.start]
            raise FeedError(
                f"{path}, line {text.line_of(error)}: byte {byte:#04x} is no {error.encoding} text; "
                "save the file as UTF-8 or give --encoding, such as cp1252"
            ) from error
        except (OSError, EOFError, zlib.error) as error:
            raise FeedError(f"{path} cannot be read: {error}; pack or copy it again") from error


def _encoding(path: Path, packed: bool, stated: str | None) -> str:
    with gzip.open(path, "rb") if packed else path.open("rb") as file:
        try:
            start = file.read(4)
        except (OSError, EOFError, zlib.error) as error:
            raise FeedError(f"{path} is no whole gzip file: {error}; pack it again") from error
    marked = next((name for mark, name in _MARKS if start.startswith(mark)), None)
    try:
        return marked or codecs.lookup(stated or "utf-8").name
    except LookupError as error:
        raise FeedError(f"--encoding {stated!r} is not known; give one such as utf-8, cp1252 or latin-1") from error


def _csv_rows(path: Path, text: TextIO, delimiter: str | None) -> Iterator[FeedRow | BadRow]:
    first = text.readline()
    if not first.strip():
        raise FeedError(f"{path} has no header; write a first line with the names of the columns")
    cut = delimiter or max(_DELIMITERS, key=first.count)
    # strict: else a quote that is never closed takes the lines that follow into one field.
    reader = csv.reader(_chained(first, text), delimiter=cut, strict=True)
    try:
        header = [name.strip() for name in next(reader)]
        twice = next((name for name in header if header.count(name) > 1), None)
        if twice is not None:
            raise FeedError(f"{path} has the column {twice!r} twice; give each column a name of its own")
        line = reader.line_num
        for cells in reader:
            line, began = reader.line_num, line + 1
            if not any(cell.strip() for cell in cells):
                continue
            if len(cells) != len(header):
                error = FieldError(
                    f"{len(cells)} fields", f"are not the {len(header)} of the header",
                    f"put fields that hold {cut!r} into quotes",
                )  # fmt: skip
                yield BadRow(began, error)
            else:
                yield FeedRow(began, dict(zip(header, cells, strict=True)), typed=False)
    except csv.Error as error:
        fix = 'close every quote, and double the quotes inside ("")'
        raise FeedError(f"{path}, line {reader.line_num}: the quotes of a field do not fit ({error}); {fix}") from error


def _chained(first: str, text: TextIO) -> Iterator[str]:
    yield first
    yield from text


def _json_rows(path: Path, text: TextIO) -> Iterator[FeedRow | BadRow]:
    first = text.readline()
    if first.lstrip().startswith("["):
        rest = "".join(text)
        try:
            whole = json.loads(first + rest, parse_constant=_no_number)
        except (ValueError, RecursionError) as error:
            raise FeedError(f"{path} is not JSON: {error}; write one object a line (JSONL)") from error
        for place, found in enumerate(whole, start=1):
            yield _object_row(place, found)
        return
    for line, said in enumerate(_chained(first, text), start=1):
        if not said.strip():
            continue
        try:
            found = json.loads(said, parse_constant=_no_number)
        except (ValueError, RecursionError) as error:
            yield BadRow(line, FieldError(said.strip(), f"is not JSON ({error})", "write one object a line"))
            continue
        yield _object_row(line, found)


def _object_row(line: int, found: Any) -> FeedRow | BadRow:
    if isinstance(found, dict):
        return FeedRow(line, found)
    return BadRow(line, FieldError(found, "is no object", 'write {"id": …, "title": …}'))


def _no_number(text: str) -> None:
    raise ValueError(f"{text} is no number of JSON")


def _parquet_rows(path: Path, on_progress: Progress | None) -> Iterator[FeedRow | BadRow]:
    try:
        from pyarrow import ArrowException
        from pyarrow.parquet import ParquetFile
    except ImportError as error:
        raise FeedError(f"{path} is Parquet, which needs pyarrow; run `pip install pyarrow`, or export CSV") from error
    try:
        with ParquetFile(path) as file:
            rows, line = max(1, file.metadata.num_rows), 0
            for batch in file.iter_batches(batch_size=2_000):
                for values in batch.to_pylist():
                    line += 1
                    yield FeedRow(line, values)
                if on_progress is not None:
                    on_progress(line / rows)
    except (ArrowException, OSError) as error:
        raise FeedError(f"{path} is no whole Parquet file: {error}; export it again") from error


class _Lines(io.TextIOWrapper):
    """A text that is read line by line and knows how many of them were."""

    _lines = 0

    def readline(self, size: int = -1, /) -> str:  # type: ignore[override]
        line = super().readline(size)
        self._lines += 1
        return line

    def line_of(self, error: UnicodeDecodeError) -> int:
        """The line, from 1, of bytes that are none of this encoding. Some bytes are decoded at a time, and what was
        decoded before them and not read is the beginning of one line.
        """
        before = error.object[: error.start].decode(error.encoding, "replace")
        return self._lines + len(io.StringIO(f"{before}.", newline="").readlines())


class _Bounded(io.RawIOBase):
    """Reads an unpacked file up to MAX_BYTES."""

    def __init__(self, path: Path, file: BinaryIO) -> None:
        self._path, self._file, self._left = path, file, MAX_BYTES

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        data = self._file.read(len(buffer))
        buffer[: len(data)] = data
        self._left -= len(data)
        if self._left < 0:
            raise FeedError(f"{self._path} unpacks to more than {MAX_BYTES:,} bytes; it is no catalog")
        return len(data)
