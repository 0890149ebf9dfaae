"""What the site needs goes away and comes back: pages are answered, events refused or stored, and no hand is needed."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

from benchmarks.promises.outages import Outages, break_one_after_another
from benchmarks.promises.trainer_outages import FAULTS, fail_under_trainer

pytestmark = pytest.mark.whole

needs_disk = pytest.mark.skipif(
    not sys.platform.startswith("linux") or shutil.which("cc") is None, reason="the disk that fails needs Linux and cc"
)


def _recovers(found: Outages) -> None:
    assert [(outage.name, outage.problems) for outage in found.outages if outage.problems] == []
    assert all(set(outage.pages) == {200} for outage in found.outages)
    assert sum(outage.impolite for outage in found.outages) == 0, "every refusal says when to come back"
    assert found.account is not None
    assert found.account.is_right, found.account


@needs_disk
def test_pages_are_answered_and_events_kept_or_refused_whatever_goes_away(tmp_path: Path) -> None:
    found = break_one_after_another(tmp_path)
    _recovers(found)
    assert {"disk full", "disk read-only", "clock a day behind", "registry corrupt"} <= {o.name for o in found.outages}


@pytest.mark.alone
@pytest.mark.slow
@needs_disk
def test_ten_rounds_of_every_outage_are_survived(tmp_path: Path) -> None:
    _recovers(break_one_after_another(tmp_path, rounds=10, seed=11))


@pytest.mark.alone
@pytest.mark.slow
@needs_disk
def test_a_trainer_whose_disk_fails_leaves_the_published_model_whole_and_publishes_again(tmp_path: Path) -> None:
    found = fail_under_trainer(tmp_path, 5.0)
    assert (found.damaged, found.fixed) == ([], [])
    assert len(found.versions) == 1 + len(FAULTS)
    assert found.loads > 0
    assert found.refused_writes > 0
