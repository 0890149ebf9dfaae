"""A folder for what is worked out on the way: tables as Parquet files, which Spark and this process both read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any


class WorkFolder:
    """Tables of one training. On a cluster the folder must be one that every worker sees under the same path."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def keep(self, spark: Any, name: str, frame: Any) -> None:
        """Work a frame out, once, and make it the view `name`."""
        path = str(self.folder / name)
        frame.write.parquet(path)
        spark.read.parquet(path).createOrReplaceTempView(name)

    def give(self, spark: Any, name: str, columns: Mapping[str, Iterable[Any]]) -> None:
        """Make columns of this process the view `name`."""
        import pyarrow
        from pyarrow.parquet import write_table

        path = self.folder / f"{name}.parquet"
        write_table(pyarrow.table({column: list(values) for column, values in columns.items()}), path)
        spark.read.parquet(str(path)).createOrReplaceTempView(name)

    def column(self, frame: Any, name: str) -> list[Any]:
        """One column of a frame, in its order; for what fits into this process."""
        found: list[Any] = [row[0] for row in frame.select(name).toLocalIterator()]
        return found

    def arrays(self, name: str) -> Any:
        """A kept table as an Arrow table."""
        from pyarrow.parquet import read_table

        return read_table(self.folder / name)
