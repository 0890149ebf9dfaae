"""What the charts draw."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from typing import cast

from app.measure.dashboard.growth import GrowthCurve, ModelPoint, OnlinePoint
from app.measure.dashboard.model_kinds import KindChange
from app.measure.dashboard.overview import ModelRow
from app.measure.evaluation.holdout import BENT, FOUND, NEUTRAL
from app.models.registry_rows import ModelVersion
from app.values.interval import Interval
from app.web.dashboard.charts import click_chart, quality_chart
from app.web.dashboard.dashboard_words import ceiling, newest_exam
from app.web.dashboard.figures import DASH, figure, percent, signed_percent


def _version(number: int, events: int, state: str, kind: str = "update") -> ModelPoint:
    value = Interval(number / 10, number / 20, number / 5)
    return ModelPoint(number, kind, state, 0.0, events, state != "refused", value, Interval(0.02, 0.01, 0.03), None, 9)


def _window(
    last_seq: int, arm: str, rate: float | None, origin: str = "real", half: float | None = 0.01
) -> OnlinePoint:
    bounds = (None, None) if rate is None or half is None else (rate - half, rate + half)
    return OnlinePoint(origin, arm, last_seq - 999, last_seq, 0.0, True, 5, 100, 10, rate, *bounds)


def test_versions_stand_in_the_order_of_their_events_and_refused_ones_leave_the_line() -> None:
    points = (_version(2, 900, "champion"), _version(1, 500, "retired", "fit"), _version(3, 1_000, "refused"))
    spec = quality_chart(GrowthCurve(points, ()))
    assert spec is not None
    assert spec["x"]["values"] == [500, 900, 1_000]
    by_label = {curve["label"]: curve["values"] for curve in spec["series"]}
    assert by_label["Model"] == [0.1, 0.2, None]
    assert by_label["Refused"] == [None, None, 0.3]
    assert by_label["Retrained in full"] == [0.1, None, None]
    assert by_label["Popularity"] == [0.02, 0.02, 0.02]


def test_lines_across_the_chart_are_numbered_as_the_list_beside_it() -> None:
    changes = (
        KindChange(1, 1, 500, "popularity", "factors", "Passed."),
        KindChange(2, 2, 900, "factors", "two stages", "Passed."),
    )
    spec = quality_chart(GrowthCurve((_version(1, 500, "retired"), _version(2, 900, "champion")), (), changes))
    assert spec is not None
    assert spec["changes"] == [{"number": 1, "at": 500}, {"number": 2, "at": 900}]


def test_a_challenger_stands_where_it_came_to_serve() -> None:
    """Made at event 500 as version 2, it won a trial after version 3 was published: the line does not go back."""
    followed = replace(_version(3, 900, "retired"), served_from=900)
    won = replace(_version(2, 500, "champion"), served_from=900)
    spec = quality_chart(GrowthCurve((_version(1, 400, "retired"), won, followed), ()))
    assert spec is not None
    assert spec["x"]["values"] == [400, 900, 900]
    assert [note.partition(",")[0] for note in spec["notes"]] == ["version 1", "version 3", "version 2"]


def test_a_reading_that_exposure_had_bent_is_in_no_line() -> None:
    bent = replace(_version(1, 500, "retired"), exam=BENT)
    assert quality_chart(GrowthCurve((bent,), ())) is None
    spec = quality_chart(GrowthCurve((bent, _version(2, 900, "champion")), ()))
    assert spec is not None
    assert spec["x"]["values"] == [900]


def test_readings_of_two_exams_are_in_no_one_line() -> None:
    found = [replace(_version(number, 100 * number, "retired"), exam=FOUND) for number in (1, 2)]
    curve = GrowthCurve((*found, _version(3, 900, "retired"), _version(4, 1_000, "champion")), ())
    spec = quality_chart(curve)
    assert spec is not None
    assert spec["x"]["values"] == [900, 1_000], "where pages drawn by lot judge, what visitors found says nothing"
    assert (len(curve.comparable), curve.apart) == (2, 2)
    early = quality_chart(GrowthCurve(tuple(found), (), (KindChange(1, 1, 50, "popularity", "factors", ""),)))
    assert early is not None
    assert early["x"]["values"] == [100, 200]
    assert early["changes"] == [], "it took over before the chart begins"


def test_lines_of_versions_are_drawn_to_the_scale_of_the_newest_exam() -> None:
    def row(exam: str, high: float | None) -> ModelRow:
        quality = None if high is None else Interval(high / 2, 0.0, high)
        return ModelRow(cast("ModelVersion", None), 0.0, False, quality, None, None, exam, 9, 9)

    rows = [row("", None), row(NEUTRAL, 0.03), row(FOUND, 0.24), row(BENT, 0.9)]
    assert newest_exam(rows) == NEUTRAL
    assert ceiling(rows) == 0.03
    assert newest_exam(rows[3:]) == "", "a bent one is drawn nowhere"


def test_without_a_measured_version_there_is_nothing_to_draw() -> None:
    assert quality_chart(GrowthCurve((), ())) is None


def test_arms_share_the_events_and_one_may_miss_a_window() -> None:
    windows = (_window(1_000, "treatment", 0.2), _window(2_000, "treatment", 0.3), _window(2_000, "control", 0.1))
    spec = click_chart(GrowthCurve((), windows), "real")
    assert spec is not None
    assert spec["x"]["values"] == [1_000, 2_000]
    assert [curve["values"] for curve in spec["series"]] == [[0.2, 0.3], [None, 0.1]]


def test_a_window_without_an_interval_has_no_band() -> None:
    spec = click_chart(GrowthCurve((), (_window(1_000, "treatment", 0.2, half=None),)), "real")
    assert spec is not None
    assert spec["series"][0]["low"] == spec["series"][0]["high"] == [None]


def test_other_origins_are_left_out() -> None:
    assert click_chart(GrowthCurve((), (_window(1_000, "control", 0.1),)), "simulated") is None


def test_an_interval_without_an_end_is_json_and_reads_as_infinity() -> None:
    """JSON knows no infinity: one such number would leave the page without any chart."""
    point = ModelPoint(
        1, "fit", "champion", 0.0, 10, True, Interval(0.2, -math.inf, math.inf), None, Interval(0.1, 0.0, 0.2), 9
    )
    spec = quality_chart(GrowthCurve((point,), ()))
    assert spec is not None
    assert json.loads(json.dumps(spec, allow_nan=False))["series"][0]["low"] == [None]
    assert (figure(-math.inf), percent(math.inf), signed_percent(math.nan)) == ("−∞", "∞", DASH)
