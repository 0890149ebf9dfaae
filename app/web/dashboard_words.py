"""The dashboard's sentences and figures, made from the overview."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from flask import Flask

from app.measure.click_through import ArmResult
from app.measure.overview import ModelRow, Overview
from app.serve.page import ServeState

ORIGIN_WORDS = {
    "real": "Real visitors",
    "simulated": "Simulated visitors",
    "seed": "Seed history, made before the start",
    "imported": "Imported ratings",
}
KIND_WORDS = {
    "view": "Impressions",
    "click": "Clicks",
    "like": "Likes",
    "dislike": "Not interested",
    "save": "Saves",
    "use": "Uses",
}
_RING_RADIUS = 150.0
_RING_CENTRE = 260.0, 215.0


@dataclass(frozen=True, slots=True)
class RingStep:
    """One step of the ring: its word, its figure, and where its dot and its words stand in the drawing."""

    number: int
    word: str
    figure: str
    sentence: str
    x: float
    y: float
    text_x: float
    text_y: float
    anchor: str


@dataclass(frozen=True, slots=True)
class Span:
    """An interval drawn on a line of 0 to 100: where it starts, ends and has its middle."""

    low: float
    high: float
    middle: float


def register(app: Flask) -> None:
    """Give the dashboard's template its filters."""
    app.jinja_env.filters.update(
        count=count,
        percent=percent,
        figure=figure,
        duration=duration,
        origin_words=lambda origin: ORIGIN_WORDS.get(origin, origin),
        kind_words=lambda kind: KIND_WORDS.get(kind, kind),
    )
    app.jinja_env.globals.update(span=span, by_origin=by_origin, kind_table=kind_table, ceiling=ceiling)


def count(number: int) -> str:
    """A whole number with separators for thousands."""
    return f"{number:,}"


def percent(share: float | None) -> str:
    """A share as a percentage with one decimal; a dash when there is none."""
    return "–" if share is None else f"{100 * share:.1f} %"


def figure(value: float | None) -> str:
    """A quality figure with three decimals; a dash when there is none."""
    return "–" if value is None else f"{value:.3f}"


def duration(seconds: float) -> str:
    """A length of time in its largest sensible unit."""
    for size, unit in ((86_400, "day"), (3_600, "hour"), (60, "minute")):
        if seconds >= size:
            number = int(seconds // size)
            return f"{number} {unit}{'s' if number != 1 else ''}"
    number = int(seconds)
    return f"{number} second{'s' if number != 1 else ''}"


def headline(numbers: Overview, state: ServeState) -> tuple[str, str]:
    """One sentence for whoever reads nothing else, and one that explains it."""
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
    lag = numbers.event_lag or 0
    waits = "and has seen every event since" if lag == 0 else f"and {count(lag)} newer events wait to be learned"
    return "It is turning.", (
        f"Model version {champion.model.version} was published {duration(champion.age_s)} ago, "
        f"learned from {count(champion.model.rows)} interactions, {waits}. "
        "A visitor's own clicks count at once, without waiting for a model."
    )


def ring_steps(numbers: Overview, items: int) -> list[RingStep]:
    """The six steps of the loop with the figure of each, placed on a ring from the top, clockwise."""
    champion = numbers.champion
    visitors = sum(group.visitors for group in numbers.visitors_per_arm)
    best = champion.ndcg.value if champion and champion.ndcg else None
    words = (
        ("Product", f"{count(items)} items", "The product gives value"),
        ("Value", f"{count(_uses(numbers))} uses, saves", "Value brings visitors"),
        ("Visitors", f"{count(visitors)} so far", "Visitors make data"),
        ("Data", f"{count(numbers.events_total)} events", "Data improves the model"),
        ("Model", f"version {champion.model.version}" if champion else "none yet", "The model improves the experience"),
        (
            "Experience",
            f"NDCG@10 {figure(best)}" if best is not None else "not measured",
            "The experience brings visitors",
        ),
    )
    steps = []
    for index, (word, shown, sentence) in enumerate(words):
        angle = math.tau * index / len(words) - math.pi / 2
        across, down = math.cos(angle), math.sin(angle)
        steps.append(
            RingStep(
                number=index + 1,
                word=word,
                figure=shown,
                sentence=sentence,
                x=round(_RING_CENTRE[0] + _RING_RADIUS * across, 1),
                y=round(_RING_CENTRE[1] + _RING_RADIUS * down, 1),
                text_x=round(_RING_CENTRE[0] + (_RING_RADIUS + 30) * across, 1),
                text_y=round(_RING_CENTRE[1] + (_RING_RADIUS + 42) * down - (12 if down < -0.9 else 0), 1),
                anchor="middle" if abs(across) < 0.1 else "start" if across > 0 else "end",
            )
        )
    return steps


def _uses(numbers: Overview) -> int:
    return sum(row.count for row in numbers.events_by_kind if row.name in {"use", "save"})


def by_origin(results: Sequence[ArmResult]) -> dict[str, list[ArmResult]]:
    """Results of each origin apart."""
    apart: dict[str, list[ArmResult]] = defaultdict(list)
    for result in results:
        apart["+".join(result.origins)].append(result)
    return dict(apart)


def kind_table(numbers: Overview) -> tuple[list[str], dict[str, dict[str, int]]]:
    """Kinds of event, and by origin how many there are of each."""
    apart: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for day in numbers.events_by_day:
        apart[day.origin][day.kind] += day.events
    kinds = [kind for kind in KIND_WORDS if any(counts.get(kind) for counts in apart.values())]
    return kinds, {origin: dict(apart[origin]) for origin in numbers.origins if origin in apart}


def ceiling(rows: Sequence[ModelRow | ArmResult]) -> float:
    """The largest end of the rows' intervals, at which their line ends."""
    ends = []
    for row in rows:
        if isinstance(row, ArmResult):
            ends.append(row.high if row.high is not None else row.rate)
        else:
            ends += [estimate.high for estimate in (row.ndcg, row.popularity_ndcg) if estimate]
    return max([end for end in ends if end], default=1.0)


def span(low: float | None, value: float | None, high: float | None, most: float) -> Span | None:
    """Where an interval stands on a line from 0 to `most`; None when there is nothing to draw."""
    if value is None or most <= 0:
        return None

    def place(number: float) -> float:
        return round(100 * max(0.0, min(1.0, number / most)), 2)

    return Span(place(value if low is None else low), place(value if high is None else high), place(value))
