"""The table of targets says what was measured, and nothing that was not."""

from __future__ import annotations

import json
from dataclasses import asdict
from importlib.util import find_spec
from pathlib import Path

import pytest

from benchmarks.library.core_request_targets import REQUEST_LINES, STARTUP_LINES
from benchmarks.library.core_table import (
    BEGIN,
    END,
    KEPT,
    as_markdown,
    document_table,
    judge,
    kept_days,
    newest_lines,
    put_between_markers,
)
from benchmarks.library.core_targets import LINES as OTHER_LINES

LINES = (*OTHER_LINES, *STARTUP_LINES, *REQUEST_LINES)


def test_without_results_every_line_says_not_measured() -> None:
    assert {judge(line, {}).verdict for line in LINES} == {"not measured"}


def test_no_two_lines_say_the_same() -> None:
    assert len({(line.case, line.target) for line in LINES}) == len(LINES)


def test_every_command_that_makes_a_figure_exists() -> None:
    modules = {line.command.split()[2] for line in LINES}
    assert {name for name in modules if find_spec(name) is None} == set()


@pytest.mark.parametrize(("append_us", "verdict"), [(17.4, "met"), (40.1, "missed")])
def test_a_figure_is_held_against_its_target(append_us: float, verdict: str) -> None:
    line = next(line for line in LINES if line.case == "one more click on a kept state")
    judged = judge(line, {"update_costs": {"append_us": append_us}})
    assert (judged.measured, judged.verdict) == (f"{append_us} us", verdict)


def test_a_warm_refit_is_held_against_the_cheapest_that_is_good_enough() -> None:
    refits = {
        "2": {"ndcg_over_full_fit": 0.98, "seconds_over_full_fit": 0.2},
        "3": {"ndcg_over_full_fit": 0.995, "seconds_over_full_fit": 0.35},
        "5": {"ndcg_over_full_fit": 1.0, "seconds_over_full_fit": 0.5},
    }
    line = next(line for line in LINES if line.case == "warm refit")
    judged = judge(line, {"incremental": {"checkpoints": [{"refits": refits}]}})
    assert (judged.measured, judged.verdict) == ("35% of the time at worst", "met")


def test_the_table_names_the_machine_of_each_result() -> None:
    machine = {"processor": "P", "cores": 2, "python": "3.11", "versions": {"numpy": "2"}}
    results = {"update_costs": {"machine": machine, "append_us": 50}}
    table = as_markdown([judge(line, results) for line in LINES], results)
    assert "P (2 cores), Python 3.11, numpy 2: update_costs." in table
    assert "| 50 us |  | **missed** |" in table


def test_only_what_stands_between_the_markers_is_replaced() -> None:
    document = f"before\n{BEGIN}\nold\n{END}\nafter\n"
    assert put_between_markers(document, "new\n") == f"before\n{BEGIN}\n\nnew\n\n{END}\nafter\n"
    with pytest.raises(ValueError, match="once each"):
        put_between_markers("no markers", "new")


@pytest.mark.parametrize(("ratio", "verdict"), [(1.9, "met"), (1.2, "missed"), (3.05, "reported")])
def test_two_threads_beside_one_that_was_held_up_are_not_judged(ratio: float, verdict: str) -> None:
    line = next(line for line in LINES if line.case == "batch of 1,000, two threads")
    case = "100,000 items, batch of 1000, two threads"
    row = {"case": case, "us": 4.4, "peers_us": {"one thread": 13.4}, "ratios": {"one thread": ratio}}
    assert judge(line, {"catalogs": {"rows": [row]}}).verdict == verdict


def test_the_document_has_the_table_of_the_days_that_were_kept() -> None:
    document = (KEPT.parent.parent / "performance.md").read_text(encoding="utf-8")
    wanted = put_between_markers(document, document_table(kept_days(KEPT)))
    assert document == wanted, "run: python -m benchmarks.library.core_table --write docs/performance.md"


def test_of_each_case_the_newest_line_counts_and_a_full_run_before_a_quick_one_of_its_day(tmp_path: Path) -> None:
    def keep_day(name: str, measured: dict[str, str]) -> None:
        lines = [asdict(judge(line, {})) for line in LINES]
        for line in lines:
            if line["case"] in measured:
                line |= {"measured": measured[line["case"]], "verdict": "met"}
        (tmp_path / f"{name}.json").write_text(json.dumps({"at": f"{name[:10]}T10:00:00+00:00", "lines": lines}))

    first, second, third, fourth = (line.case for line in LINES[:4])
    keep_day("2030-01-01", {first: "old", second: "once", third: "old"})
    keep_day("2030-01-02-quick", {first: "hasty", third: "hasty"})
    keep_day("2030-01-02", {first: "new"})
    found = {case: (day, line.measured) for case, (day, line) in newest_lines(kept_days(tmp_path)).items()}
    assert found == {
        first: ("2030-01-02", "new"),
        second: ("2030-01-01", "once"),
        third: ("2030-01-02-quick", "hasty"),
    }
    assert fourth not in found
