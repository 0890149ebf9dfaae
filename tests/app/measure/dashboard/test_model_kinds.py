"""What kind of model serves, and where along the events that changed."""

from __future__ import annotations

from dataclasses import replace

from app.measure.dashboard.model_kinds import (
    DESCRIBED_FACTORS,
    FACTORS,
    TWO_STAGES,
    UNKNOWN,
    kind_changes,
    kind_of,
    serving_order,
)
from app.models.registry_rows import ModelVersion
from tests.app.measure.dashboard.test_growth import version

PLAIN = {"factors": 2, "attribute_weight": 0.0}
DESCRIBED = {"factors": 32, "attribute_weight": 1.0}


def made(number: int, config: dict[str, float], published_at: float | None, *, staged: bool = False) -> ModelVersion:
    metrics = {"second_stage": {"weights": {"score": 1.0}}} if staged else {}
    return replace(version(number, None), config=config, metrics=metrics, published_at=published_at)


def test_a_version_says_what_kind_of_model_it_is() -> None:
    assert kind_of(made(1, PLAIN, 1.0)) == FACTORS
    assert kind_of(made(1, DESCRIBED, 1.0)) == DESCRIBED_FACTORS
    assert kind_of(made(1, DESCRIBED, 1.0, staged=True)) == TWO_STAGES
    assert kind_of(made(1, {}, 1.0)) == UNKNOWN, "its row was lost"


def test_a_change_stands_where_the_kind_that_serves_changed() -> None:
    versions = [
        made(1, PLAIN, None),
        made(2, PLAIN, 1.0),
        made(3, PLAIN, 2.0),
        made(4, DESCRIBED, 3.0),
        made(5, DESCRIBED, None, staged=True),
        made(6, DESCRIBED, 4.0, staged=True),
        made(7, DESCRIBED, 5.0, staged=True),
    ]
    found = [
        (change.number, change.version, change.events, change.before, change.after)
        for change in kind_changes(serving_order(versions))
    ]
    assert found == [
        (1, 2, 2_000, "popularity", FACTORS),
        (2, 4, 4_000, FACTORS, DESCRIBED_FACTORS),
        (3, 6, 6_000, DESCRIBED_FACTORS, TWO_STAGES),
    ]


def test_a_challenger_changes_the_kind_when_it_wins_and_not_when_it_is_made() -> None:
    """Version 2 is made early, and goes on trial while version 3 follows the champion."""
    versions = [made(1, PLAIN, 1.0), made(2, DESCRIBED, 3.0, staged=True), made(3, PLAIN, 2.0)]
    assert [(change.version, change.events) for change in kind_changes(serving_order(versions))] == [
        (1, 1_000),
        (2, 3_000),
    ]


def test_without_a_published_version_nothing_changed() -> None:
    assert kind_changes(serving_order([made(1, PLAIN, None)])) == ()
