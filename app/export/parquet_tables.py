"""The tables of an export: their columns, and one file of each written whole or not at all."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import IO, Any

from app.catalog.attributes import item_attributes
from app.export.manifest import ExportedFile, ExportError
from app.files import make_private_folder, replacing_file
from app.store.exported import INTERACTION_COLUMNS, VISITOR_COLUMNS
from app.values.item import Item

ROWS_AT_ONCE = 50_000
"""Rows that are held in memory, and a row group of a file: some 40 MB as Python values."""

ITEM_COLUMNS = (
    "item_id", "position", "title", "type", "style", "palette", "layout", "tags", "added_at", "year", "available",
    "url", "image_url", "attributes", "described",
)  # fmt: skip
"""attributes: what else the item's source says, as JSON. described: what training knows it by, see `item_attributes`.
"""

TABLES = {"interactions": INTERACTION_COLUMNS, "items": ITEM_COLUMNS, "visitors": VISITOR_COLUMNS}

_WHOLE = {"seq", "event_seq", "position", "year"}
_NUMBERS = {"weight", "held", "at", "age_s", "propensity", "added_at", "created_at"}
_FLAGS = {"holdout", "served", "available"}
_LISTS = {"tags", "described"}


def need_pyarrow() -> None:
    """Raise ExportError where pyarrow is not installed."""
    try:
        import pyarrow.parquet  # noqa: F401
    except ImportError as error:
        raise ExportError("an export is Parquet, which needs pyarrow; run `pip install pyarrow`") from error


def item_rows(items: Sequence[Item]) -> Iterator[tuple[Any, ...]]:
    """Rows of `ITEM_COLUMNS`."""
    described = item_attributes(items)
    for item in items:
        attributes = json.dumps(dict(item.attributes), ensure_ascii=False)
        looks = item.type, item.style, item.palette, item.layout, list(item.tags)
        links = item.url, item.image_url
        about = item.added_at, item.year, item.available, *links, attributes, described[item.item_id]
        yield (item.item_id, item.position, item.title, *looks, *about)


def write_table(
    path: Path,
    table: str,
    rows: Iterable[tuple[Any, ...]],
    on_rows: Callable[[int], None],
    *,
    unless: str | None = None,
) -> ExportedFile:
    """Write rows of one of `TABLES` to the file `path`, beside its place, durable, and put there by one rename.

    on_rows: told how many rows were written, every `ROWS_AT_ONCE`. unless: SHA-256 of a file that is there already; one
    of the same content leaves it alone. The fingerprint is left to the caller. Raises OSError.
    """
    import pyarrow
    from pyarrow.parquet import ParquetWriter

    schema = _schema(table)
    make_private_folder(path.parent)
    waiting, count = iter(rows), 0
    try:
        with replacing_file(path) as file:
            summed = _Summed(file)
            with ParquetWriter(pyarrow.PythonFile(summed, mode="w"), schema, compression="zstd") as writer:
                while part := list(islice(waiting, ROWS_AT_ONCE)):
                    columns = [
                        _array(column, field) for column, field in zip(zip(*part, strict=True), schema, strict=True)
                    ]
                    writer.write_table(pyarrow.Table.from_arrays(columns, schema=schema))
                    count += len(part)
                    on_rows(len(part))
            done = ExportedFile(count, summed.bytes, summed.hexdigest())
            if done.sha256 == unless:
                raise _SameError
    except _SameError:
        pass
    return done


class _SameError(Exception):
    """The file that is there has the same content."""


class _Summed:
    """A file to write to that keeps the checksum and the number of its bytes."""

    closed = False

    def __init__(self, file: IO[bytes]) -> None:
        self._file, self._sum, self.bytes = file, hashlib.sha256(), 0

    def write(self, data: Any) -> int:
        content = bytes(data)
        self._sum.update(content)
        self.bytes += len(content)
        return self._file.write(content)

    def flush(self) -> None:
        self._file.flush()

    def close(self) -> None:
        """The file behind it is closed by whoever opened it."""

    def hexdigest(self) -> str:
        return self._sum.hexdigest()


def _schema(table: str) -> Any:
    import pyarrow

    kinds = {
        **dict.fromkeys(_WHOLE, pyarrow.int64()),
        **dict.fromkeys(_NUMBERS, pyarrow.float64()),
        **dict.fromkeys(_FLAGS, pyarrow.bool_()),
        **dict.fromkeys(_LISTS, pyarrow.list_(pyarrow.string())),
    }
    return pyarrow.schema([(name, kinds.get(name, pyarrow.string())) for name in TABLES[table]])


def _array(values: Sequence[Any], field: Any) -> Any:
    import pyarrow

    if field.name in _FLAGS:
        values = list(map(bool, values))  # the database keeps 0 and 1
    return pyarrow.array(values, type=field.type)
