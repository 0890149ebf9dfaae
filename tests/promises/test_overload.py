"""Three times the events that the site can take: it says so, keeps what it acknowledged, and pages stay quick."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.promises.overload import Overload, flood_site

pytestmark = pytest.mark.whole

_MOST_GROWTH_MIB = 100.0


def _is_polite(found: Overload) -> None:
    assert found.account is not None
    assert found.account.is_right, found.account
    assert found.flood.statuses[202] > 0
    assert set(found.flood.statuses) <= {202, 429, 503}, found.flood.statuses
    assert found.flood.impolite == 0, "every refusal says when to come back"
    assert found.flood.statuses[503] + found.flood.statuses[429] > 0, "what cannot be taken is refused"
    assert set(found.pages.statuses) == {200}
    before, most = found.memory_mib
    assert most - before < _MOST_GROWTH_MIB


def test_a_flood_of_events_is_refused_politely_and_pages_are_served(tmp_path: Path) -> None:
    _is_polite(flood_site(tmp_path, 2.0, measure_s=1.0, waiting_requests=4))


@pytest.mark.alone
@pytest.mark.slow
def test_a_minute_of_three_times_the_capacity_leaves_pages_quick(tmp_path: Path) -> None:
    found = flood_site(tmp_path, 60.0)
    _is_polite(found)
    assert found.pages.percentile(99) < 2 * found.normal.percentile(99)
