"""One command for all benchmarks: what cannot run is a line, and the judged lines can be kept for a day."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks.deadline import Deadline
from benchmarks.library import core
from benchmarks.library.core import FULL, QUICK, Step, absent, kept, run_steps
from benchmarks.library.datasets import VARIABLE
from benchmarks.library.generated import generated_events


def test_what_needs_no_data_set_is_all_that_a_quick_run_does_and_fits_its_time() -> None:
    assert not [step for step in QUICK if step.needs]
    assert sum(step.seconds for step in QUICK) <= 115
    assert sum(step.seconds for step in FULL) <= 15 * 60


@pytest.mark.parametrize("folder", ["", "/no/such/folder"])
def test_a_missing_data_set_is_a_line_and_not_a_traceback(
    folder: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(VARIABLE, folder)
    lines = run_steps((Step("scoring", (), 1, core.GOWALLA), Step("catalogs", (), 900)), 60, tmp_path)
    assert lines[0].startswith("scoring: not measured: ")
    assert VARIABLE in lines[0]
    assert lines[1] == "catalogs: not measured: 60 s were left of 60, it takes about 900"
    assert "Traceback" not in capfd.readouterr().err


def test_a_data_set_that_the_folder_lacks_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    step = Step("newcomers", (), 1, core.ML_100K)
    assert absent(step) == f"{tmp_path / core.ML_100K} is not there"
    (tmp_path / "ml-100k").mkdir()
    (tmp_path / core.ML_100K).touch()
    assert absent(step) == ""


def test_the_judged_lines_are_kept_by_their_day(tmp_path: Path) -> None:
    lines = {"machine": {"cores": 2}, "lines": [{"case": "fold-in", "verdict": "met"}]}
    (tmp_path / "core_table.json").write_text(json.dumps(lines))
    path = kept(tmp_path / "core", tmp_path, ["scoring: not measured: no folder"], 99.6)
    content = json.loads(path.read_text())
    assert content["lines"] == lines["lines"]
    assert content["not_measured"] == ["scoring: not measured: no folder"]
    assert content["at"].startswith(path.stem)
    assert kept(tmp_path / "core", tmp_path, [], 9.0, quick=True).stem == f"{path.stem}-quick"


def test_generated_events_are_in_order_of_time_and_no_user_takes_an_item_twice() -> None:
    events = generated_events(2000, users=100, items=300)
    assert events == generated_events(2000, users=100, items=300)
    assert len({(user, item) for user, item, _, _ in events}) == len(events) == 2000
    assert [event[3] for event in events] == sorted(event[3] for event in events)


def test_a_bounded_step_is_told_its_share_of_the_time_that_is_left(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    told: list[tuple[str, ...]] = []

    def run(step: Step, folder: Path, left_s: float) -> str:
        told.append(step.arguments)
        return ""

    monkeypatch.setattr(core, "run", run)
    steps = (Step("request_costs", ("--users", "3"), 30, bounded=True), Step("catalogs", (), 30, bounded=True))
    assert run_steps(steps, 100, tmp_path) == []
    assert told == [("--users", "3", "--seconds", "35"), ("--seconds", "70")]


def test_past_its_deadline_a_benchmark_begins_no_case_and_names_it() -> None:
    assert Deadline().leaves_time_for("anything")
    late = Deadline(0.0)
    assert not late.leaves_time_for("similar")
    assert late.missing == ["similar: not measured: its 0 s were over"]


def test_an_interrupted_benchmark_keeps_what_it_has_measured() -> None:
    deadline, rows = Deadline(), []
    with deadline.interruptible():
        rows.append("similar")
        raise KeyboardInterrupt
    assert rows == ["similar"]
    assert deadline.missing == ["what came after: not measured: it was interrupted"]


def test_a_step_that_takes_too_long_is_ended_and_said_to_be(tmp_path: Path) -> None:
    step = Step("update_costs", ("--rows", "100000000"), 1)
    assert core.run(step, tmp_path, 0.1) == "it was ended when its time was up"
    assert not list(tmp_path.iterdir())
