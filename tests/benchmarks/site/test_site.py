"""The measuring tools of the load benchmark: what they say must follow from what they were given."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.simulated import KEY_VARIABLE
from benchmarks.site import parts
from benchmarks.site.catalogs import grown_catalog
from benchmarks.site.load.arrivals import Arrivals, LatencyLog
from benchmarks.site.load.browsing import Answer, Browser, Request, arm_of, for_you_row, learned_items
from benchmarks.site.load.orders import Order, Run
from benchmarks.site.plan import fit_rest, make_plan
from benchmarks.site.quality import gini, judges, measure_quality
from benchmarks.site.report.compare import compare
from seed_data.population import Population
from seed_data.templates import load_templates

PAGE = """
<input name="csrf_token" value="t">
<section class="shelf" data-shelf="for-you"><ul>
<li class="card" data-item="a" data-source="als"><a href="/item/a?slate=s1&amp;pos=1"></a></li>
<li class="card" data-item="b" data-source="explore"><a href="/item/b?slate=s1&amp;pos=2"></a></li>
</ul></section>
"""


def test_the_command_finds_everything_that_it_measures_with() -> None:
    said = subprocess.run(
        [sys.executable, "-m", "benchmarks.site", "--help"], check=False, capture_output=True, text=True
    )
    assert said.returncode == 0, said.stderr
    assert "--quick" in said.stdout


@given(rate=st.floats(0.5, 500.0), seconds=st.floats(0.1, 20.0))
def test_arrivals_keep_one_pace_whatever_happens_between(rate: float, seconds: float) -> None:
    arrivals = Arrivals(rate, seconds, start=10.0)
    times = list(iter(arrivals.take, None))
    assert len(times) == arrivals.count == max(1, round(rate * seconds))
    assert times[0] == 10.0
    assert np.allclose(np.diff(times), 1 / rate)


def test_a_stall_counts_for_everybody_who_waited_not_once() -> None:
    log = LatencyLog()
    for number in range(100):
        # Due every 10 ms, all sent when a stall of one second ended, each answered within 1 ms.
        log.add("GET /", since_intended_s=1.0 - number * 0.01 + 0.001, since_sent_s=0.001, problem=None)
    summary = log.summary("GET /")
    assert summary is not None
    assert summary.sent_p99 == pytest.approx(1.0)
    assert summary.p50 == pytest.approx(506.0, abs=1.0)
    assert summary.p99 > 980


def test_a_wrong_content_is_a_failure_though_the_status_is_fine() -> None:
    request = Request("GET /", "GET", "/", proof="for-you")
    assert Answer(200, "an empty page").problem(request) == "the answer lacks 'for-you'"
    assert "503" in (Answer(503, "for-you").problem(request) or "")
    assert Answer(200, "... for-you ...").problem(request) is None


def test_a_browser_keeps_its_cookie_reports_what_it_saw_and_leaves_after_a_wrong_answer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(KEY_VARIABLE, "of the site")
    items = load_templates()
    page = PAGE.replace('"a"', f'"{items[0].item_id}"').replace("/item/a", f"/item/{items[0].item_id}")
    page = page.replace('"b"', f'"{items[1].item_id}"').replace("/item/b", f"/item/{items[1].item_id}")
    browser = Browser(Population(items).visitor(3), seed=7, day=14.0)
    assert browser.request is not None
    assert browser.request.path == "/"
    browser.answered(Answer(200, page, ("visitor=me; Path=/; HttpOnly",)))
    assert browser.headers()["Cookie"] == "visitor=me"
    assert browser.headers()["Authorization"] == "Bearer of the site"
    assert browser.seen.impressions > 0
    beacon = browser.request
    assert beacon is not None
    assert beacon.body is not None
    assert {event["slate_id"] for event in json.loads(beacon.body)["events"]} == {"s1"}
    browser.answered(Answer(500, ""))
    assert browser.request is None


def test_the_row_and_the_arm_are_read_from_the_page() -> None:
    assert for_you_row(PAGE) == [("a", "als"), ("b", "explore")]
    for source in ("als", "first-factors", "item-to-item"):
        assert learned_items(PAGE.replace('"als"', f'"{source}"')) == ["a"]
    assert arm_of(PAGE) == "treatment"
    assert arm_of("… You are in the control group: …") == "control"


def test_an_oracle_captures_everything_and_popularity_nothing() -> None:
    population = Population(load_templates())
    panel = judges(population, 20)
    popular = [item.item_id for item in population.items]
    found = measure_quality(None, popular, population, panel)
    assert found.captured.value == 0.0
    assert found.oracle.value > found.popular.value
    assert 0 < found.ndcg.value < 1
    assert [judge.history for judge in judges(population, 20)] == [judge.history for judge in panel]


def test_gini_is_zero_for_even_exposure_and_nearly_one_for_one_item() -> None:
    assert gini(np.ones(50)) == pytest.approx(0.0)
    assert gini(np.array([0] * 99 + [7])) == pytest.approx(0.99)


def test_a_grown_catalog_has_new_ids_and_keeps_the_first_items() -> None:
    grown = grown_catalog(3)
    originals = load_templates()
    assert grown[: len(originals)] == originals
    assert len({item.item_id for item in grown}) == 3 * len(originals)
    assert [item.position for item in grown] == list(range(len(grown)))
    assert grown == grown_catalog(3)


@given(elapsed=st.floats(0, 1_500))
def test_the_rest_of_a_run_never_plans_more_time_than_is_left(elapsed: float) -> None:
    plan, _ = make_plan(quick=False)
    parts = ["growth", "same seed again", "capacity", "catalogs", "replay", "core"]
    fitted, said = fit_rest(plan, "replay", parts, elapsed)
    if fitted is None:
        assert said is not None
        assert "left out" in said
    elif said is not None:
        assert fitted.replay_s + fitted.core_s <= plan.limit_s - elapsed


def test_the_library_beside_its_peers_is_a_part_that_runs(tmp_path: Path) -> None:
    """In no time nothing is measured, and the report keeps what was left out."""
    plan, _ = make_plan(quick=True)
    found = parts.core(replace(plan, core_s=6.0), 7, tmp_path, lambda said: None)
    assert any(line.startswith("startup: not measured") for line in found["said"])
    assert not any("| not measured |" in line for line in found["said"])


def test_a_run_that_fell_short_says_so() -> None:
    order = Order("browse", "http://127.0.0.1:1", 1.0, rate=100.0)
    run = Run(vars_of(order), 1.0, 100.0, 80.0, 2, [], None, None, generator_core=0.95)
    marks = run.marks()
    assert len(marks) == 3
    assert "80 of 100" in marks[0]
    assert "95%" in marks[1]


def vars_of(order: Order) -> dict[str, object]:
    return {name: getattr(order, name) for name in order.__dataclass_fields__}


def test_comparing_tells_changes_from_noise() -> None:
    def run(rate: float, noop: float) -> dict[str, object]:
        return {
            "commit": "abc",
            "started_at": "now",
            "seed": 7,
            "plan": {},
            "machine": {"processor": "p"},
            "capacity": {"highest_rate": rate, "routes": {"noop": {"reached": noop}}, "ratios": {}},
        }

    lines = compare(run(100.0, 1000.0), run(50.0, 1050.0))
    assert any("worse" in line and "highest rate" in line for line in lines)
    assert not any("noop" in line for line in lines)
    assert "1 of 2" in lines[-1]
