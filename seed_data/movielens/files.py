"""Lines of a text file and rows of a CSV file, with their numbers, whatever the bytes; on disk, gzipped or in a zip."""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from importlib.resources.abc import Traversable
from typing import IO

from seed_data.movielens.errors import MovieLensError, bad_row

MAX_BYTES = 4_000_000_000
"""Largest unpacked file: four times the largest MovieLens. What unpacks to more is no catalog."""

_LATIN_1 = "or-latin-1"
codecs.register_error(_LATIN_1, lambda error: _as_latin_1(error))
_UNREADABLE = (OSError, EOFError, zlib.error, zipfile.BadZipFile, NotImplementedError, RuntimeError)
"""What a damaged archive raises; the last two stand for a compression or an encryption that is not known here."""


def existing(path: Traversable) -> Traversable:
    """The path. Raises MovieLensError when there is no file."""
    if not path.is_file():
        raise MovieLensError(f"{path} is missing; copy the whole folder")
    return path


def lines(path: Traversable, encoding: str) -> Iterator[tuple[int, str]]:
    """Lines that are not blank, read one after the other.

    Text that is UTF-8, with or without a mark, is read as that; where a line is not, all others are read by `encoding`.
    """
    with _opened(path) as file:
        for number, raw in enumerate(file, 1):
            if number == 1:
                raw = raw.removeprefix(b"\xef\xbb\xbf")
            try:
                line = raw.decode("utf-8")
            except UnicodeDecodeError as error:
                line = _decoded(path, number, raw, encoding, error)
            line = line.rstrip("\r\n")
            if line.strip():
                yield number, line


def csv_rows(path: Traversable, columns: Iterable[str]) -> Iterator[tuple[int, dict[str, str]]]:
    """Rows of a CSV file by column. Raises MovieLensError for a missing column and a row that does not fit.

    Text that is not UTF-8 is read as Latin-1, which old spreadsheets write.
    """
    reader = None
    try:
        with _opened(path) as packed:
            file = io.TextIOWrapper(packed, encoding="utf-8-sig", errors=_LATIN_1, newline="")
            # strict: else a quote that is never closed takes the lines that follow into one field.
            reader = csv.reader(file, strict=True)
            header = next(reader, [])
            for column in columns:
                if header.count(column) != 1:
                    raise MovieLensError(
                        f"{path} has no column {column!r}, or has it twice; its header is {header[:20]}; "
                        f"write a first line with {', '.join(columns)}"
                    )
            for cells in reader:
                if not cells:
                    continue
                if len(cells) != len(header):
                    complaint = f"it does not have the {len(header)} columns of the header but {len(cells)}"
                    fix = "put fields that hold a comma into quotes"
                    raise bad_row(path, reader.line_num, complaint, fix)
                yield reader.line_num, dict(zip(header, cells, strict=True))
    except csv.Error as error:
        line = 1 if reader is None else reader.line_num
        fix = 'close every quote, and double the quotes inside ("")'
        raise bad_row(path, line, f"the quotes of a field do not fit ({error})", fix) from error


@contextmanager
def _opened(path: Traversable) -> Iterator[IO[bytes]]:
    """The bytes of a file, unpacked where its name ends so. Raises MovieLensError for one that cannot be read."""
    kind = "gzip file" if path.name.endswith(".gz") else "file"
    try:
        with path.open("rb") as raw:
            if kind == "gzip file":
                with gzip.open(raw, "rb") as unpacked:
                    yield io.BufferedReader(_Bounded(path, unpacked))
            else:
                yield io.BufferedReader(_Bounded(path, raw))
    except _UNREADABLE as error:
        reason = getattr(error, "strerror", None) or str(error)
        fix = "pack it again with gzip" if kind == "gzip file" else "see who owns it, or copy it again"
        raise MovieLensError(f"{path} is not a readable {kind}: {reason}; {fix}") from error


def _as_latin_1(error: UnicodeError) -> tuple[str, int]:
    """A byte that is no UTF-8, read as Latin-1."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.object[error.start : error.end].decode("latin-1"), error.end


def _decoded(path: Traversable, number: int, raw: bytes, encoding: str, error: UnicodeDecodeError) -> str:
    try:
        return raw.decode(encoding)
    except UnicodeDecodeError:
        complaint = f"byte {raw[error.start]:#04x} is no {encoding} text"
        raise bad_row(path, number, complaint, "save it as UTF-8") from error


class _Bounded(io.RawIOBase):
    """Reads an unpacked file up to MAX_BYTES."""

    def __init__(self, path: Traversable, file: IO[bytes] | gzip.GzipFile) -> None:
        self._path, self._file, self._left = path, file, MAX_BYTES

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        read = self._file.read(len(buffer))
        buffer[: len(read)] = read
        self._left -= len(read)
        if self._left < 0:
            raise MovieLensError(f"{self._path} unpacks to more than {MAX_BYTES:,} bytes; it is no catalog")
        return len(read)
