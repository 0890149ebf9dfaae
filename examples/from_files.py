"""Clicks from files: a CSV and a Parquet file become logs, tuned and trained.

    python examples/from_files.py [clicks.csv | clicks.parquet] [user column] [item column] [time column]

Without a file it writes made-up clicks of both kinds into a temporary folder and reads those. Needs pandas and pyarrow.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet

from recommender import Interactions, train, tune


def log_of(
    path: Path, user: str = "user_id", item: str = "item_id", timestamp: str | None = "timestamp"
) -> Interactions:
    """The log of a file by the names of its columns."""
    if path.suffix == ".parquet":
        return Interactions.from_frame(pyarrow.parquet.read_table(path), user, item, timestamp=timestamp)
    return Interactions.from_frame(pd.read_csv(path), user, item, timestamp=timestamp)


def made_up_clicks(readers: int = 200, clicks: int = 15, seed: int = 7) -> pd.DataFrame:
    """Readers who mostly stay with one of three subjects."""
    rng = np.random.default_rng(seed)
    user = np.repeat(np.arange(readers), clicks)
    subject = np.where(rng.random(len(user)) < 0.9, user % 3, rng.integers(3, size=len(user)))
    item = 3 * rng.integers(30, size=len(user)) + subject
    at = 1_700_000_000.0 + rng.random(len(user)) * 86_400 * 30
    return pd.DataFrame({"user_id": user, "item_id": item, "timestamp": at})


def show(path: Path, *columns: str, seconds: float = 20.0) -> None:
    """Load, tune, train, recommend."""
    log = log_of(path, *columns)
    tuned = tune(log, seconds)
    model = train(log, tuned.config)
    first = model.item_ids[0]
    print(f"{path.name}: {log!r}")
    print(tuned.report)
    print(f"after {first}: {[hit.item_id for hit in model.recommend([first], k=5)]}")


def main() -> None:
    """A file that was named, or two of our own."""
    if len(sys.argv) > 1:
        show(Path(sys.argv[1]), *sys.argv[2:5])
        return
    with tempfile.TemporaryDirectory() as folder:
        clicks = made_up_clicks()
        clicks.to_csv(Path(folder) / "clicks.csv", index=False)
        clicks.to_parquet(Path(folder) / "clicks.parquet")
        for name in ("clicks.csv", "clicks.parquet"):
            show(Path(folder) / name, seconds=2.0)


if __name__ == "__main__":
    main()
