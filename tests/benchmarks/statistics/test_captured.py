"""Shares of the possible gain are paired by judge, and every way to rank is judged alike."""

from __future__ import annotations

import numpy as np
import pytest

from app.settings import load_settings
from app.visitors.contribution import TrainingRow
from benchmarks.site.quality import judges
from benchmarks.statistics.captured import Gains, Share, captured, compared, gains_of, make, ranked, table
from benchmarks.statistics.exam_models import Log
from seed_data.population import Population
from seed_data.templates import load_templates


def test_a_difference_that_all_judges_share_is_surer_than_either_share() -> None:
    rng = np.random.default_rng(5)
    possible, luck = 0.2 + 0.01 * rng.random(400), rng.standard_normal(400)
    before = Gains(0.1 * possible + 0.05 * luck, possible)
    after = Gains(0.3 * possible + 0.05 * luck, possible)
    share, rise = captured(after), captured(after, before)
    assert rise.value == pytest.approx(20.0, abs=0.1)
    assert rise.high - rise.low < 0.1 * (share.high - share.low)
    assert str(Share(1.25, -0.5, 3.0)) == "1.2 (-0.5 to 3.0)"


def test_popularity_captures_nothing_the_oracle_all_and_everything_is_in_the_table() -> None:
    population = Population(load_templates()[:240], seed=7)
    panel = judges(population, 80)
    settings = load_settings(environment={})
    rows, shown = {}, []
    for visitor, judge in enumerate(panel[:60]):
        for place, item_id in enumerate(judge.history):
            seq = 10 * visitor + place
            rows[seq] = TrainingRow(f"v{visitor}", item_id, 1.0, float(seq))
            shown.append((f"v{visitor}", item_id, True, float(seq), 1, "row"))
            other = population.items[(7 * seq) % 240].item_id
            shown.append((f"v{visitor}", other, False, float(seq), 2, "row"))
    popular = [item.item_id for item in population.items]
    made = make(Log(rows, frozenset(), (), tuple(shown)), popular, population, settings)
    asked = panel[60:]
    lists = ranked(made, asked, settings)
    assert all(len(set(ten)) == 10 for tens in lists.values() for ten in tens)
    assert all(not set(ten) & set(judge.history) for ten, judge in zip(lists["as served"], asked, strict=True))
    gains = gains_of(lists, [list(range(10))] * len(asked), population, asked)
    assert captured(gains["popularity"]) == Share(0.0, 0.0, 0.0)
    assert captured(gains["oracle"]) == Share(100.0, 100.0, 100.0)
    found = compared({100: gains, 200: gains})
    assert found["last_less_first"]["second stage"] == {"value": 0.0, "low": 0.0, "high": 0.0}
    assert table(found).count("\n") == len(gains) + 1
