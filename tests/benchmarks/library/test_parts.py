"""Parts of the library's benchmarks on little data: answers are checked before they are timed, so they must run."""

from __future__ import annotations

import pytest

from benchmarks.library.catalogs import transitions_row
from benchmarks.library.datasets import VARIABLE
from benchmarks.library.generated import generate
from benchmarks.library.update_costs import events_of
from recommender.als.blas import one_blas_thread


def test_the_call_with_transitions_is_answered_as_a_full_sort_answers_it() -> None:
    with one_blas_thread():
        found = transitions_row("2,400 items", generate(2_400, 8, 3, skewed=True), "", users=3, rounds=1)
    assert found["us"] > 0


def test_events_that_are_missing_are_generated_and_clicked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    data, events = events_of(51_000)
    times = [event[3] for event in events]
    assert (data, len(events), times) == ("generated", 51_000, sorted(times))
    assert len({event[:2] for event in events}) == 51_000
