"""The ring: the six arrows of the wheel with a live figure each, clockwise from the top, the one that lags marked."""

from __future__ import annotations

import math
from dataclasses import dataclass

from app.measure.dashboard.board import Board
from app.measure.dashboard.momentum import Arrow, Momentum
from app.values.counted import counted
from app.values.interval import Z_95
from app.web.dashboard.figures import count, figure, percent, signed_percent

_RADIUS = 150.0
_CENTRE = 260.0, 215.0
_GAP = math.radians(13.0)
"""Angle between the middle of a dot and the arc that reaches it."""
_WORDS = {
    "value": ("Value", "The product gives value"),
    "users": ("Visitors", "Value brings visitors"),
    "data": ("Data", "Visitors make data"),
    "model": ("Model", "Data improves the model"),
    "experience": ("Experience", "The model improves the experience"),
    "back": ("Return", "The experience brings visitors back"),
}


@dataclass(frozen=True, slots=True)
class RingStep:
    """One step of the ring: its words, its figure, and where dot, words and the arc that leads to it stand.

    change: how the figure moved against the stretch of events before, in words. lags: whether it moved least well.
    detail: what the figure counts, with its interval.
    """

    number: int
    word: str
    sentence: str
    figure: str
    change: str
    detail: str
    lags: bool
    x: float
    y: float
    text_x: float
    text_y: float
    anchor: str
    arc: str


def ring_steps(board: Board, origin: str) -> list[RingStep]:
    """The six steps; a dash where nothing was measured yet."""
    arrows = {arrow.name: arrow for arrow in _arrows(board, origin)}
    return [_placed(index, name, arrows.get(name)) for index, name in enumerate(_WORDS)]


def _arrows(board: Board, origin: str) -> tuple[Arrow, ...]:
    found: Momentum | None = next((row for row in board.value("momentum") or () if row.origin == origin), None)
    return () if found is None else found.arrows


def _placed(index: int, name: str, arrow: Arrow | None) -> RingStep:
    word, sentence = _WORDS[name]
    angle = math.tau * index / len(_WORDS) - math.pi / 2
    across, down = math.cos(angle), math.sin(angle)
    return RingStep(
        number=index + 1,
        word=word,
        sentence=sentence,
        figure=_figure(arrow),
        change=_change(arrow),
        detail=_detail(arrow),
        lags=arrow is not None and arrow.lags,
        x=round(_CENTRE[0] + _RADIUS * across, 1),
        y=round(_CENTRE[1] + _RADIUS * down, 1),
        text_x=round(_CENTRE[0] + (_RADIUS + 30) * across, 1),
        text_y=round(_CENTRE[1] + (_RADIUS + 42) * down - (28 if down < -0.9 else 0), 1),
        anchor="middle" if abs(across) < 0.1 else "start" if across > 0 else "end",
        arc=_arc(angle - math.tau / len(_WORDS) + _GAP, angle - _GAP),
    )


def _arc(start: float, end: float) -> str:
    """Path of the arc between two angles, clockwise."""

    def at(angle: float) -> str:
        return f"{_CENTRE[0] + _RADIUS * math.cos(angle):.1f} {_CENTRE[1] + _RADIUS * math.sin(angle):.1f}"

    return f"M {at(start)} A {_RADIUS:g} {_RADIUS:g} 0 0 1 {at(end)}"


def _figure(arrow: Arrow | None) -> str:
    if arrow is None or arrow.value is None:
        return "not yet"
    return in_arrow_unit(arrow.value.value, arrow)


def in_arrow_unit(value: float, arrow: Arrow) -> str:
    """A value of an arrow as its unit wants it."""
    if arrow.unit == "lift":
        return f"{signed_percent(value, 0)} clicks"
    if arrow.unit == "share":
        return f"{signed_percent(value)} of visitors" if arrow.name == "back" else f"{percent(value)} use one"
    if arrow.unit == "per hour":
        return f"{count(value)} events/h"
    if arrow.unit == "events":
        return counted(value, "event")
    if arrow.unit == "per stretch":
        return counted(value, "visitor")
    return f"{value:+.3f} {arrow.unit}".replace("-", "−")


def _change(arrow: Arrow | None) -> str:
    """Better or worse than the stretch before, where the change is more than chance would do; else about the same."""
    if arrow is None or arrow.standardised is None:
        return ""
    return "rising" if arrow.standardised > Z_95 else "falling" if arrow.standardised < -Z_95 else "steady"


def _detail(arrow: Arrow | None) -> str:
    if arrow is None:
        return "Too few events yet."
    if arrow.value is None:
        return f"{arrow.title}: too little to tell."
    reach = f"{_plain(arrow.value.low, arrow)} to {_plain(arrow.value.high, arrow)}"
    before = "" if arrow.before is None else f", before {_plain(arrow.before.value, arrow)}"
    beside = f"; {arrow.beside}" if arrow.beside else ""
    return f"{arrow.title}: {_plain(arrow.value.value, arrow)} ({reach}){before}{beside}."


def _plain(value: float, arrow: Arrow) -> str:
    if arrow.unit in {"share", "lift"}:
        return signed_percent(value) if arrow.unit == "lift" or arrow.name == "back" else percent(value)
    return figure(value) if arrow.unit == "rank gain" else count(value)
