"""What was answered 202 is stored, once: after kills, after power cuts, and however often it is sent."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

import pytest

from benchmarks.promises.accounts import Account
from benchmarks.promises.kills import Kills, kill_again_and_again
from benchmarks.promises.power_cuts import CARELESS, PowerCuts, cut_again_and_again
from benchmarks.promises.repeats import COPIES, Repeats, send_ten_times

pytestmark = [
    pytest.mark.whole,
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the kills and the disk are Linux's own"),
]
needs_compiler = pytest.mark.skipif(shutil.which("cc") is None, reason="the disk that forgets is compiled with cc")


Found = TypeVar("Found")


def _two_sites(run: Callable[[int], Found]) -> list[Found]:
    """What became of two sites beside each other, each in a folder and with chances of its own."""
    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(run, (11, 12)))


def _is_kept(account: Account | None, unsound: str) -> None:
    assert unsound == ""
    assert account is not None
    assert account.is_right, account
    assert account.stored == account.acknowledged > 0, "every batch was sent until it was acknowledged"


def _survives_kills(found: Kills, cycles: int) -> None:
    _is_kept(found.account, found.unsound)
    assert sum(found.cycles.values()) == cycles
    assert found.problems == []


def test_a_killed_site_keeps_what_it_acknowledged_once(tmp_path: Path) -> None:
    found = kill_again_and_again(tmp_path, 3)
    _survives_kills(found, 3)
    assert set(found.cycles) == {"worker", "arbiter", "both"}


@pytest.mark.alone
@pytest.mark.slow
def test_a_site_killed_200_times_keeps_what_it_acknowledged_once(tmp_path: Path) -> None:
    for found in _two_sites(lambda seed: kill_again_and_again(tmp_path / str(seed), 100, seed=seed)):
        _survives_kills(found, 100)


def _survives_power_cuts(found: PowerCuts, cuts: int) -> None:
    _is_kept(found.account, found.unsound)
    assert found.cuts == cuts
    assert found.syncs > cuts, "the site asked the disk to keep things"


@needs_compiler
def test_a_power_cut_takes_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    _survives_power_cuts(cut_again_and_again(tmp_path, 2), 2)


@needs_compiler
def test_a_site_that_does_not_sync_loses_to_the_same_power_cut(tmp_path: Path) -> None:
    found = cut_again_and_again(tmp_path, 1, command=CARELESS)
    assert found.account is not None
    assert found.account.lost > 0, "the cuts take what was not synced, so that the other tests can fail"


@pytest.mark.alone
@pytest.mark.slow
@needs_compiler
def test_fifty_power_cuts_take_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    both = _two_sites(lambda seed: cut_again_and_again(tmp_path / str(seed), 25, seed=seed))
    for found in both:
        _survives_power_cuts(found, 25)
    assert sum(found.forgotten_writes for found in both) > 0, "some cuts came between a write and its sync"


def _is_the_same_table(found: Repeats, batches: int) -> None:
    assert found.difference == "''"
    assert found.same
    assert found.sent == COPIES * batches
    assert found.receipts == found.stored, "each event is called stored in one answer"


def test_batches_sent_ten_times_in_any_order_over_a_restart_leave_the_same_table(tmp_path: Path) -> None:
    found = send_ten_times(tmp_path, 12, restarts=1)
    _is_the_same_table(found, 12)
    assert found.restarts == 1


@pytest.mark.alone
@pytest.mark.slow
def test_200_batches_sent_ten_times_over_eight_restarts_leave_the_same_table(tmp_path: Path) -> None:
    _is_the_same_table(send_ten_times(tmp_path, 200, restarts=8, seed=11), 200)
