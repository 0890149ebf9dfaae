"""What other processes use while something is measured."""

from __future__ import annotations

from benchmarks import quiet


def test_work_of_this_process_is_not_that_of_others() -> None:
    result, others = quiet.others_meanwhile(lambda: sum(range(200_000)))
    assert result == sum(range(200_000))
    assert others >= 0.0


def test_seconds_of_the_machine_never_go_back() -> None:
    first = quiet.busy_seconds()
    assert 0.0 < first <= quiet.busy_seconds()
