"""A new connection is for the process that holds fewest."""

from __future__ import annotations

import os

from app.server.even_share import STALE_S, EvenShare


class Clock:
    """Seconds that pass when told to."""

    now = 1_000.0

    def __call__(self) -> float:
        return self.now


def test_each_process_knows_the_fewest_of_the_others() -> None:
    share = EvenShare(3, Clock())
    assert share.fewest_of_others(1) is None
    share.tell(1, 5)
    assert share.fewest_of_others(1) is None, "of the others"
    share.tell(2, 7)
    share.tell(3, 4)
    assert [share.fewest_of_others(number) for number in (1, 2, 3)] == [4, 4, 5]
    share.tell(3, 0)
    assert share.fewest_of_others(1) == 0


def test_who_has_not_told_for_long_is_not_there() -> None:
    clock = Clock()
    share = EvenShare(2, clock)
    share.tell(1, 0)
    share.tell(2, 9)
    clock.now += STALE_S + 0.1
    share.tell(2, 9)
    assert share.fewest_of_others(2) is None
    share.tell(17, 3)  # in the place of 1
    assert share.fewest_of_others(2) == 3


def test_what_a_forked_process_tells_is_known_here() -> None:
    share = EvenShare(2)
    pid = os.fork()
    if pid == 0:
        share.tell(2, 6)
        os._exit(0)
    assert os.waitpid(pid, 0)[1] == 0
    assert share.fewest_of_others(1) == 6
