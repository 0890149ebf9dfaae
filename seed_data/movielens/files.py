"""Lines of a text file and rows of a gzipped CSV file, with their numbers, whatever the bytes."""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path

from seed_data.movielens.errors import MovieLensError, bad_row

MAX_BYTES = 4_000_000_000
"""Largest unpacked file: ten times the largest MovieLens. What unpacks to more is no catalog."""


def existing(path: Path) -> Path:
    """The path. Raises MovieLensError when there is no file."""
    if not path.is_file():
        raise MovieLensError(f"{path} is missing; copy the whole folder")
    return path


def lines(path: Path, encoding: str) -> Iterator[tuple[int, str]]:
    """Lines that are not blank. A file that begins with the mark of UTF-8 is read as UTF-8, not by `encoding`."""
    try:
        raw = path.read_bytes()
        encoding = "utf-8-sig" if raw.startswith(codecs.BOM_UTF8) else encoding
        text = raw.decode(encoding)
    except OSError as error:
        raise MovieLensError(f"{path} cannot be read: {error.strerror}; see who owns it") from error
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise bad_row(path, line, f"byte {raw[error.start]:#04x} is no {encoding} text", "save it as UTF-8") from error
    # Not splitlines: it also breaks at characters, such as U+0085, that stand in a title of damaged text.
    yield from ((number, line.rstrip("\r")) for number, line in enumerate(text.split("\n"), 1) if line.strip())


def csv_rows(path: Path, columns: Iterable[str]) -> Iterator[tuple[int, dict[str, str]]]:
    """Rows of a CSV file by column. Raises MovieLensError for a missing column and a row that does not fit."""
    reader = None
    try:
        with gzip.open(path, "rb") as packed:
            file = io.TextIOWrapper(_Bounded(path, packed), encoding="utf-8-sig", newline="")  # type: ignore[type-var]
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
    except UnicodeDecodeError as error:
        line = 1 if reader is None else reader.line_num
        raise bad_row(path, line, "it or the next lines are no UTF-8 text", "save the file as UTF-8") from error
    except (OSError, EOFError, zlib.error) as error:
        raise MovieLensError(f"{path} is not a readable gzip file: {error}; pack it again with gzip") from error


class _Bounded(io.RawIOBase):
    """Reads an unpacked file up to MAX_BYTES."""

    def __init__(self, path: Path, file: io.BufferedIOBase) -> None:
        self._path, self._file, self._left = path, file, MAX_BYTES

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        found = self._file.readinto(buffer)
        self._left -= found
        if self._left < 0:
            raise MovieLensError(f"{self._path} unpacks to more than {MAX_BYTES:,} bytes; it is no catalog")
        return found
