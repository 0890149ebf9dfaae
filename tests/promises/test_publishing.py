"""One trainer publishes, and each answer is the old model's or the new one's."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from benchmarks.promises.rollbacks import Rollbacks, change_models_under_requests
from benchmarks.promises.trainers import Trainers, start_two_and_kill

pytestmark = [
    pytest.mark.whole,
    pytest.mark.skipif(sys.platform == "win32", reason="locks between processes are POSIX locks here"),
]


def _one_works(found: Trainers, rounds: int) -> None:
    assert found.started == rounds
    assert len(found.refused) == rounds
    assert all("a trainer is running already (process PID" in said for said in found.refused)
    assert found.takeovers == rounds - 1


def test_of_two_trainers_one_works_and_the_next_takes_over_when_it_is_killed(tmp_path: Path) -> None:
    _one_works(start_two_and_kill(tmp_path, 2), 2)


@pytest.mark.alone
@pytest.mark.slow
def test_ten_times_two_trainers_are_one(tmp_path: Path) -> None:
    _one_works(start_two_and_kill(tmp_path, 10), 10)


def _old_or_new(found: Rollbacks, requests: int) -> None:
    assert (found.errors, found.problems) == (0, [])
    assert found.mixed == 0, "what an answer recommends is of the version that it names"
    assert sum(found.answered.values()) == requests
    assert len(found.answered) > 1, "models changed meanwhile"


def test_every_answer_is_of_the_version_it_names_while_models_change(tmp_path: Path) -> None:
    _old_or_new(change_models_under_requests(tmp_path, 500), 500)


@pytest.mark.alone
@pytest.mark.slow
def test_ten_thousand_answers_are_of_the_versions_they_name_while_models_change(tmp_path: Path) -> None:
    _old_or_new(change_models_under_requests(tmp_path, 10_000), 10_000)
