"""The comparison of one site's figures by two versions finds what differs, and for whom there is a reason."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import asdict
from pathlib import Path

import pytest

from app import create_app
from app.settings import Settings, load_settings
from benchmarks.promises.upgrade import Figures, compare, read_figures, reasons, table


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    var: Path = tmp_path_factory.mktemp("site")
    settings = load_settings({}, overrides={"var": var, "secret_key": "x", "holdout_share": 0.3})
    seeded = create_app(settings).test_cli_runner().invoke(args=["seed", "--visitors", "60", "--draw", "0"])
    assert seeded.exit_code == 0, seeded.output
    return settings


def test_figures_of_a_site_equal_themselves_and_are_not_empty(site: Settings) -> None:
    figures = read_figures(site)
    found = {row.reader: row for row in compare(figures, read_figures(site), {})}
    assert all(row.differing == 0 and row.before == row.now for row in found.values())
    assert all(getattr(figures, name) for name in found if name != "lineage"), "a seed has no slate of a model"
    assert sum(figures.events.values()) > 1000


def test_what_differs_is_counted_and_explained_by_visitor(site: Settings) -> None:
    now = read_figures(site)
    before = deepcopy(asdict(now))
    known, unknown = list(now.histories)[:2]
    before["histories"][known][0][1] += 1.0
    del before["histories"][unknown]
    row = next(row for row in compare(Figures(**before), now, {"excluded": {known}}) if row.reader == "histories")
    assert (row.differing, row.of) == (2, len(now.histories))
    assert row.why == "1 excluded, 1 for no known reason"
    assert f"| 2 of {row.of} | 1 excluded, 1 for no known reason |" in table([row])


def test_seeded_visitors_are_trusted_and_nobody_is_excluded(site: Settings) -> None:
    found = reasons(site)
    assert not found["excluded"]
    assert not found["at their first visit"]
