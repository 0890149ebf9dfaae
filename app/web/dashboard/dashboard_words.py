"""The dashboard's sentences, made from the board."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from flask import Flask

from app.measure.dashboard.board import Board
from app.measure.dashboard.model_kinds import DESCRIBED_FACTORS, FACTORS, TWO_STAGES
from app.measure.dashboard.overview import ModelRow, Overview
from app.measure.evaluation.holdout import BENT, BENT_METRIC, FOUND, NEUTRAL
from app.measure.experiment.experiments import Experiment
from app.measure.experiment.ratio import CLICK_THROUGH, Rate
from app.serve.page import ServeState
from app.values.counted import counted
from app.web.dashboard import charts, figures
from app.web.dashboard.figures import count, duration, signed_percent
from app.web.dashboard.leaning import leaning
from app.web.dashboard.plain import pseudonym

ORIGIN_WORDS = {
    "real": "Real visitors",
    "simulated": "Simulated visitors",
    "seed": "Seed history, made before the start",
    "imported": "Imported ratings",
}
EXAM_WORDS = {NEUTRAL: "drawn by lot", FOUND: "found by themselves", BENT: f"{BENT} ({BENT_METRIC})"}
_FACTOR_WORDS = "Every item is described by a few learned numbers, and so is a visitor by what they opened"
MODEL_KIND_WORDS = {
    FACTORS: f"{_FACTOR_WORDS}; what points the same way is shown.",
    DESCRIBED_FACTORS: f"{_FACTOR_WORDS}; an item that nobody has opened yet gets its numbers by its looks.",
    TWO_STAGES: (
        "Factors find a few hundred items that suit a visitor; a second stage puts these in order by what was shown "
        "before, and opened or passed over."
    ),
}
KIND_WORDS = {
    "view": "Impressions",
    "click": "Clicks",
    "like": "Likes",
    "dislike": "Not interested",
    "save": "Saves",
    "use": "Uses",
}
STATE_WORDS = {
    "champion": "in use",
    "challenger": "on trial",
    "ok": "fine",
    "aa": "no difference",
    "aa-alarm": "false alarm",
    "early": "too early",
    "open": "undecided",
    "broken": "guardrail broken",
}
_STATE_ORDER = ("alarm", "broken", "watch", "unknown", "ok")


def register(app: Flask) -> None:
    """Give the dashboard's templates their filters."""
    app.jinja_env.filters.update(
        count=figures.count,
        counted=counted,
        percent=figures.percent,
        signed_percent=figures.signed_percent,
        figure=figures.figure,
        duration=figures.duration,
        moment=figures.moment,
        clock=figures.clock,
        origin_words=lambda origin: ORIGIN_WORDS.get(origin, origin),
        exam_words=lambda exam: EXAM_WORDS.get(exam, exam),
        metric_words=lambda metric: f"{metric}, {BENT}" if metric == BENT_METRIC else metric,
        model_kind_words=lambda kind: MODEL_KIND_WORDS.get(kind, ""),
        kind_words=lambda kind: KIND_WORDS.get(kind, kind),
        state_words=lambda state: STATE_WORDS.get(state, state),
        risk_value=figures.in_unit,
        p_value=figures.p_value,
        worst_first=worst_first,
        in_metric=figures.in_metric,
        day=figures.day,
        pseudonym=pseudonym,
        bounded=lambda value: value is not None and math.isfinite(value),
    )
    app.jinja_env.globals.update(
        span=figures.span,
        polyline=figures.polyline,
        kind_table=kind_table,
        ceiling=ceiling,
        newest_exam=newest_exam,
        rate_ceiling=rate_ceiling,
        leaning=leaning,
        of_origin=of_origin,
        off_policy_rows=off_policy_rows,
        reach=reach,
        quality_chart=charts.quality_chart,
        click_chart=charts.click_chart,
    )


def headline(board: Board, origin: str, state: ServeState) -> tuple[str, str]:
    """One sentence for whoever reads nothing else, and one that explains it."""
    numbers: Overview | None = board.value("overview")
    if numbers is None:
        return "The figures could not be read.", board.problem("overview") or ""
    champion = numbers.champion
    if champion is None:
        return "Not turning yet.", (
            numbers.baseline_problem or numbers.fallback or "No model has been published; pages are ranked without one."
        )
    if state.fallback is not None:
        return "Turning with a substitute.", (
            f"Model {champion.model.version} is published but not in use"
            f"{': ' + state.problem if state.problem else ''}. Pages are ranked by {state.fallback}."
        )
    if champion.model.version != state.model_version:
        return "It is turning.", (
            f"Model {state.model_version} ranks the pages; the figures below are still of model "
            f"{champion.model.version} and are read anew in a moment."
        )
    lag = numbers.event_lag or 0
    waiting = f"{counted(lag, 'newer event waits', 'newer events wait')} to be learned."
    waits = "Nothing waits to be learned." if lag == 0 else waiting
    return f"It is turning{_worth(of_origin(board.value('experiments'), origin))}.", (
        f"Model {champion.model.version} was made {duration(champion.age_s)} ago from {count(champion.model.rows)} "
        f"interactions. {waits} A visitor's own clicks count at once, without waiting for a model."
    )


def _words(metric: str) -> str:
    """A metric in a headline."""
    return "clicks" if metric == CLICK_THROUGH.name else metric


def _worth(experiment: Experiment | None) -> str:
    """What the headline adds about the experiment; nothing where nothing may be said."""
    found = None if experiment is None else experiment.adjusted or experiment.success
    if experiment is None or found is None:
        return ""
    return {
        "better": f", and brings {signed_percent(found.lift, 0)} {_words(found.metric)}",
        "worse": f", but costs {_words(found.metric)}: {signed_percent(found.lift, 0)}",
        "broken": ", but a guardrail is broken",
        "withheld": ", but the split between the groups is wrong",
        "open": "; whether it pays is not proven yet",
    }.get(experiment.verdict.state, "")


def of_origin(values: Iterable[Any] | None, origin: str) -> Any:
    """The value of this origin, None where there is none."""
    return next((value for value in values or () if value.origin == origin), None)


def off_policy_rows(models: Iterable[ModelRow], origin: str) -> list[dict[str, Any]]:
    """The off-policy estimates of every version that has some for this origin, newest version first."""
    found = []
    for row in models:
        estimated = row.model.metrics.get("off_policy", {}).get(origin, {}).get("candidate")
        if estimated:
            found.append({"version": row.model.version, **estimated})
    return found


def worst_first(readings: Iterable[Any]) -> list[Any]:
    """Readings by their state, alarms first; alike ones as they were."""
    return sorted(readings, key=lambda reading: _STATE_ORDER.index(reading.state))


def reach(intervals: Iterable[Any]) -> tuple[float, float]:
    """The ends of a line on which all these intervals, and zero, have room."""
    ends = [0.0, *(end for interval in intervals for end in (interval.low, interval.high))]
    room = 0.04 * (max(ends) - min(ends)) or 1.0
    return min(ends) - room, max(ends) + room


def kind_table(numbers: Overview) -> tuple[list[str], dict[str, dict[str, int]]]:
    """Kinds of event, and by origin how many there are of each."""
    apart: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for day in numbers.events_by_day:
        apart[day.origin][day.kind] += day.events
    kinds = [kind for kind in KIND_WORDS if any(counts.get(kind) for counts in apart.values())]
    return kinds, {origin: dict(apart[origin]) for origin in numbers.origins if origin in apart}


def newest_exam(rows: Sequence[ModelRow]) -> str:
    """The exam of the newest measured version, newest first, but for one that exposure had bent: figures of another
    compare with none of these. Empty without one.
    """
    return next((row.exam for row in rows if row.quality and row.exam != BENT), "")


def ceiling(rows: Sequence[ModelRow]) -> float:
    """The largest end of the intervals of the newest exam, at which their line ends."""
    ends = [
        estimate.high
        for row in rows
        if row.exam == newest_exam(rows)
        for estimate in (row.quality, row.popularity_quality)
        if estimate
    ]
    return max([end for end in ends if end], default=1.0)


def rate_ceiling(rates: Sequence[Rate]) -> float:
    """The largest end of the rates' intervals, at which their line ends."""
    ends = [rate.bounds.high if rate.bounds else rate.value for rate in rates]
    return max([end for end in ends if end], default=1.0)
