"""The learnable ceiling, and the sentences that the figures of a run decide."""

from __future__ import annotations

import math
from typing import Any

import pytest

from benchmarks.site.ceiling import ceiling_rows
from benchmarks.site.quality import judges, measure_quality
from benchmarks.site.report.findings import lift_sentence, missing_visitors, quality_sentence
from seed_data.population import Population
from seed_data.templates import load_templates


def test_the_ceiling_lies_between_what_is_popular_and_an_oracle_and_shows_nothing_twice() -> None:
    population = Population(load_templates()[:240])
    panel = judges(population, 60)
    rows = ceiling_rows(population, panel, tastes=2_000)
    everybody = population.expected_interest_of(range(500), day=14.0).mean(axis=0)
    popular = [population.items[row].item_id for row in (-everybody).argsort().tolist()]
    found = measure_quality(None, popular, population, panel, rows)
    assert found.learnable is not None
    assert found.popular.high < found.learnable.low < found.learnable.high < found.oracle.low
    assert found.captured_of_learnable is not None
    assert found.captured_of_learnable.value == 0.0
    for judge, shown in zip(panel, rows, strict=True):
        assert len(set(shown)) == 10
        assert not {population.items[row].item_id for row in shown} & set(judge.history)


def test_the_interest_that_is_expected_is_the_mean_over_whims() -> None:
    population = Population(load_templates()[:600])
    visitors = [population.visitor(number) for number in range(40)]
    true = sum(visitor.affinity(None, 14.0).mean() for visitor in visitors)
    expected = population.expected_interest_of(range(40), day=14.0).mean(axis=1).sum()
    assert expected == pytest.approx(true, rel=0.02)


def stage(events: int, value: float, half: float) -> dict[str, Any]:
    interval = {"value": value, "low": value - half, "high": value + half}
    return {"events": events, "quality": {"captured_of_learnable": interval}}


@pytest.mark.parametrize(
    ("last", "words"),
    [
        (stage(30_000, 0.2, 0.05), "Quality rises with use: 20% of what can be learned is captured after 30k events"),
        (stage(30_000, 0.04, 0.03), "more than popularity, not surely more than at the start"),
        (stage(30_000, 0.0, 0.04), "After 30k events the page is not told apart from popularity"),
        (stage(30_000, -0.2, 0.04), "Quality falls with use"),
    ],
)
def test_the_title_says_what_the_intervals_show(last: dict[str, Any], words: str) -> None:
    assert words in quality_sentence([stage(1_000, 0.02, 0.02), last])


def arms(value: float, half: float, visitors: int = 50) -> dict[str, Any]:
    lift = {"value": value, "low": value - half, "high": value + half}
    return {"lift": lift, "control": {"visitors": visitors}, "treatment": {"visitors": 3 * visitors}}


def test_where_the_interval_holds_zero_the_text_says_how_many_visitors_are_missing() -> None:
    assert missing_visitors(arms(0.3, 0.2)) is None
    assert missing_visitors(arms(0.2, 0.4)) == 600, "half the width asks for four times the visitors"
    assert lift_sentence(arms(0.2, 0.4)).endswith("about 600 more visitors would show a lift of this size")
    assert math.isinf(missing_visitors(arms(-0.1, 0.4)) or 0.0)
    assert lift_sentence({"lift": None}) == "the lift cannot be measured: an arm has too few clicks"
