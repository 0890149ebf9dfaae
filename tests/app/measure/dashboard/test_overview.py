"""The first numbers on a small database made by hand."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import pytest

from app.measure.dashboard.overview import overview
from app.measure.governance.usecase import load_use_case
from app.models.registry_rows import ModelVersion
from app.store import Store, Writer
from app.store.measures.baselines import BaselineRow, insert_baselines
from app.values.interval import Interval
from tests.app.measure.traffic import Traffic


@dataclass(frozen=True)
class Versions:
    """A registry in memory: versions, newest first."""

    rows: tuple[ModelVersion, ...] = ()

    def versions(self, limit: int | None = None) -> list[ModelVersion]:
        return list(self.rows[:limit])

    def champion(self) -> ModelVersion | None:
        return next((row for row in self.rows if row.state == "champion"), None)


def version(number: int, state: str, created_at: float, **changes: Any) -> ModelVersion:
    empty: dict[str, Any] = {}
    row = ModelVersion(
        number, created_at, "fit", state, None, 3, 3, 2, 5, empty, "", "", empty, empty, "Passed.", str(number), ""
    )
    return replace(row, **changes)


@pytest.fixture
def traffic(writer: Writer, now: float) -> Traffic:
    traffic = Traffic(writer, now)
    traffic.visitor("a", "control")
    traffic.visitor("b", "treatment", holdout=True)
    traffic.visitor("c", "treatment", arm_source="chosen")
    traffic.visitor("r", "control", origin="simulated")
    traffic.page("a", [1, 2], [1])
    traffic.page("r", [1, 2], [], origin="simulated")
    traffic.event("b", 3, "like", days=1)
    return traffic


@pytest.mark.usefixtures("traffic")
def test_events_and_visitors_are_counted_by_kind_origin_day_and_arm(store: Store, now: float) -> None:
    found = overview(store, Versions(), now=now)
    assert (found.events_total, found.last_seq) == (6, 6)
    assert {count.name: count.count for count in found.events_by_kind} == {"view": 4, "click": 1, "like": 1}
    assert {count.name: count.count for count in found.events_by_origin} == {"real": 4, "simulated": 2}
    assert [(row.day, row.origin, row.kind, row.events) for row in found.events_by_day] == [
        ("2023-11-15", "real", "like", 1),
        ("2023-11-14", "real", "click", 1),
        ("2023-11-14", "real", "view", 2),
        ("2023-11-14", "simulated", "view", 2),
    ]
    assert [(row.origin, row.arm, row.arm_source, row.visitors, row.holdout) for row in found.visitors_per_arm] == [
        ("real", "control", "assigned", 1, 0),
        ("real", "treatment", "assigned", 1, 1),
        ("real", "treatment", "chosen", 1, 0),
        ("simulated", "control", "assigned", 1, 0),
    ]


@pytest.mark.usefixtures("traffic")
def test_other_origins_can_be_left_out(store: Store, now: float) -> None:
    real = overview(store, Versions(), ["real"], now=now)
    assert real.events_total == 4
    assert {row.origin for row in real.visitors_per_arm} == {"real"}
    with pytest.raises(ValueError, match="name one or more of real, simulated, seed, imported"):
        overview(store, Versions(), ["people"])


@pytest.mark.usefixtures("traffic")
def test_model_versions_come_newest_first_with_age_lag_and_figures(store: Store, now: float) -> None:
    metrics = {
        "candidate": {"mean": 0.2, "low": 0.1, "high": 0.3},
        "champion": None,
        "popularity": {"mean": 0.1, "low": 0.05, "high": 0.15},
        "cases": 40,
        "visitors": 8,
    }
    rows = (
        version(3, "refused", now - 10),
        version(2, "champion", now - 60, metrics=metrics),
        version(1, "retired", now - 90, artifact=""),
    )
    found = overview(store, Versions(rows), now=now)
    assert [(row.model.version, row.age_s, row.can_promote) for row in found.models] == [
        (3, 10, True),
        (2, 60, False),
        (1, 90, False),
    ]
    assert found.champion == found.models[1]
    assert found.champion.quality == Interval(0.2, 0.1, 0.3)
    assert found.champion.champion_quality is None
    assert (found.champion.cases, found.champion.visitors) == (40, 8)
    assert found.models[0].quality is None
    assert (found.event_lag, found.fallback) == (0, None), "a visitor who judges models has liked something since"
    early = replace(rows[1], watermark=0)
    assert overview(store, Versions((early,)), now=now).event_lag == 1


@pytest.mark.usefixtures("traffic")
def test_without_a_model_it_says_what_serves(store: Store, now: float) -> None:
    found = overview(store, Versions((version(1, "refused", now),)), now=now)
    assert found.champion is None
    assert found.event_lag is None
    assert found.fallback == "No model is published; the site ranks without one."


def test_the_baseline_is_shown_or_missed(store: Store, writer: Writer, now: float) -> None:
    missing = overview(store, Versions(), now=now)
    assert missing.baselines == ()
    assert missing.baseline_problem is not None
    assert "flask baseline" in missing.baseline_problem

    row = BaselineRow(now, "old", "rank gain", "popularity", 0.05, 0.04, 0.06, 100, 10, 5, 50, "seed")
    writer.run(lambda db: insert_baselines(db, [row, replace(row, model="random", value=0.01)]))
    stale = overview(store, Versions(), now=now)
    assert [found.model for found in stale.baselines] == ["popularity", "random"]
    assert stale.baseline_problem is not None
    assert "has changed" in stale.baseline_problem

    newer = [
        replace(row, usecase_hash=load_use_case().content_hash, model=model, value=0.06)
        for model in ("popularity", "random")
    ]
    writer.run(lambda db: insert_baselines(db, newer))
    fresh = overview(store, Versions(), now=now)
    assert list(fresh.baselines) == newer
    assert fresh.baseline_problem is None
