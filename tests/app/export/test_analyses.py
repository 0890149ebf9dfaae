"""The example asks an export with DuckDB, and its answers are those of the database."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.export import export_parquet
from app.settings import Settings
from app.store import Store, Writer
from app.store.items import all_items
from tests.app.learn.traffic import Traffic
from tests.test_examples import run

pytest.importorskip("duckdb", reason="the example needs duckdb, which requirements/dev.txt pins")
pytest.importorskip("pyarrow", reason="an export is Parquet")


def test_the_example_answers_every_question(
    settings: Settings, store: Store, writer: Writer, now: float, tmp_path: Path
) -> None:
    traffic = Traffic(writer, now)
    traffic.crowd("visitor", 50)
    traffic.crowd("judge", 5, holdout=True)
    export_parquet(settings, store, tmp_path / "export", now=now, span=40)
    lines = run("analyses.py", str(tmp_path / "export")).stdout.splitlines()
    place = lines.index("who did how much, by arm")
    assert lines[place + 2] == "  treatment, 50, 100, 2.0"
    titles = {item.title for item in all_items(store.reader())}
    place = lines.index("what stands on most items")
    answers = [line.strip().split(", ") for line in lines[place + 2 : place + 7]]
    assert all(title in titles and visitors == "3" and stands == "3.0" for title, visitors, stands in answers)
    assert lines[lines.index("by day") + 2] == "  2023-11-14, 110"
