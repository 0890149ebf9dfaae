"""The board: every section measured in one round, none able to take the others down, kept fresh at a bounded cost."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from app.measure.dashboard.board import KEEP_PER_COST, SECTIONS, Board, Round, Section, take_board
from app.measure.dashboard.refresher import BoardRefresher
from app.measure.experiment.guardrails import GuardrailReading
from app.measure.risks.integrity import MIN_PAGES, P99_LATENCY, Latency
from app.models.registry import Registry
from app.settings import Settings
from app.store import Store, Writer
from app.store.measures.risk_readings import StoredReading, insert_readings
from tests.app.measure.traffic import Traffic


@pytest.fixture
def taken(store: Store, settings: Settings, now: float) -> Round:
    """A round over a database with items and nothing else."""
    return Round(store, Registry(settings), settings, now)


def test_every_section_is_measured_on_a_fresh_database(taken: Round) -> None:
    board = take_board(taken)
    assert [name for name, _ in SECTIONS] == list(board.sections)
    assert {name: board.problem(name) for name in board.sections} == dict.fromkeys(board.sections)
    assert board.taken_at == taken.now


def test_a_section_that_fails_says_so_and_the_others_stand(taken: Round) -> None:
    def broken(_: Round) -> Any:
        raise ValueError("no such table: wheels")

    board = take_board(taken, [("broken", broken), ("sound", lambda round: round.now)])
    assert board.value("broken") is None
    assert board.problem("broken") == "ValueError: no such table: wheels"
    assert board.value("sound") == taken.now
    assert board.problem("sound") is None


def test_a_section_that_nobody_measures_has_neither_value_nor_problem(taken: Round) -> None:
    board = take_board(taken, [])
    assert board.value("wheels") is None
    assert board.problem("wheels") is None


def _board(taken_at: float) -> Board:
    return Board(taken_at=taken_at, cost_s=0.0, sections={})


def test_without_an_interval_every_look_takes_the_figures_anew() -> None:
    times = iter([1.0, 2.0])
    refresher = BoardRefresher(lambda before: _board(next(times)), interval_s=0)
    assert [refresher.current().taken_at, refresher.current().taken_at] == [1.0, 2.0]


def test_looks_between_two_rounds_cost_nothing() -> None:
    times = iter([1.0, 2.0, 3.0])
    before: list[float | None] = []

    def take(kept: Board | None) -> Board:
        before.append(None if kept is None else kept.taken_at)
        return _board(next(times))

    refresher = BoardRefresher(take, interval_s=3_600)
    assert [refresher.current().taken_at for _ in range(3)] == [1.0, 1.0, 1.0]
    assert refresher.refresh().taken_at == 2.0
    assert refresher.current().taken_at == 2.0
    refresher.refresh_what_changed()
    assert refresher.current().taken_at == 3.0
    assert before == [None, None, 2.0]


def test_a_dear_section_is_kept_for_some_rounds_and_a_cheap_one_is_not(taken: Round) -> None:
    old = {"dear": Section("old", None, 2_000.0, taken.now), "cheap": Section("old", None, 1.0, taken.now)}
    sections = [(name, lambda round: "new") for name in old]
    soon = replace(taken, now=taken.now + 10)
    board = take_board(soon, sections, Board(taken.now, 2.0, old))
    assert [board.value("dear"), board.value("cheap")] == ["old", "new"]
    assert board.sections["dear"].taken_at == taken.now
    later = replace(taken, now=taken.now + 2 * KEEP_PER_COST)
    assert take_board(later, sections, board).value("dear") == "new"
    assert take_board(soon, sections).value("dear") == "new", "a change by hand takes everything anew"


def test_a_failed_section_is_tried_again_at_once(taken: Round) -> None:
    old = {"dear": Section(None, "ValueError: no", 2_000.0, taken.now)}
    board = take_board(replace(taken, now=taken.now + 1), [("dear", lambda round: "new")], Board(taken.now, 2.0, old))
    assert board.value("dear") == "new"


def test_the_latency_guardrail_has_the_sites_own_reading_or_else_the_stored_one(taken: Round, writer: Writer) -> None:
    traffic = Traffic(writer, taken.now)
    traffic.visitor("somebody", "control")
    traffic.page("somebody", [1, 2, 3], [])

    def guardrail(round: Round) -> GuardrailReading:
        (experiment,) = take_board(round).value("experiments")
        found: GuardrailReading = next(rail for rail in experiment.guardrails if rail.guardrail.measure == P99_LATENCY)
        return found

    assert guardrail(taken).state == "unknown"
    writer.run(lambda db: insert_readings(db, [StoredReading(taken.now, P99_LATENCY, 90.0, 200.0, "ok", "")]))
    assert (guardrail(taken).value, guardrail(taken).state) == (90.0, "ok")
    assert guardrail(replace(taken, latency=lambda: Latency(320.0, 500))).state == "broken"
    too_few = replace(taken, latency=lambda: Latency(320.0, MIN_PAGES - 1))
    assert guardrail(too_few).value == 90.0, "a handful of pages is no reading"
