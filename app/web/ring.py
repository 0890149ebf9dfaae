"""The ring: six steps of the loop, a live figure each, placed clockwise from the top."""

from __future__ import annotations

import math
from dataclasses import dataclass

from app.measure.board import Board
from app.web.figures import count, figure

_RADIUS = 150.0
_CENTRE = 260.0, 215.0
_WORDS = (
    ("Product", "The product gives value"),
    ("Value", "Value brings visitors"),
    ("Visitors", "Visitors make data"),
    ("Data", "Data improves the model"),
    ("Model", "The model improves the experience"),
    ("Experience", "The experience brings visitors"),
)


@dataclass(frozen=True, slots=True)
class RingStep:
    """One step of the ring: its word, its figure, and where its dot and its words stand in the drawing.

    lags: whether this is the arrow that moves least, so that work on it would help most.
    """

    number: int
    word: str
    figure: str
    sentence: str
    lags: bool
    x: float
    y: float
    text_x: float
    text_y: float
    anchor: str


def ring_steps(board: Board, origin: str, items: int) -> list[RingStep]:
    """The six steps with what is known of each; a dash where nothing was measured yet."""
    shown = _figures(board, origin, items)
    return [
        _placed(index, word, said, sentence, lags=False)
        for index, ((word, sentence), said) in enumerate(zip(_WORDS, shown, strict=True))
    ]


def _figures(board: Board, origin: str, items: int) -> tuple[str, ...]:
    numbers = board.value("overview")
    if numbers is None:
        return (f"{count(items)} items", "–", "–", "–", "–", "–")
    champion = numbers.champion
    visitors = sum(row.visitors for row in numbers.visitors_per_arm if row.origin == origin)
    events = sum(day.events for day in numbers.events_by_day if day.origin == origin)
    uses = sum(day.events for day in numbers.events_by_day if day.origin == origin and day.kind in {"use", "save"})
    return (
        f"{count(items)} items",
        f"{count(uses)} uses, saves",
        f"{count(visitors)} so far",
        f"{count(events)} events",
        f"version {champion.model.version}" if champion else "none yet",
        f"NDCG@10 {figure(champion.ndcg.value)}" if champion and champion.ndcg else "not measured",
    )


def _placed(index: int, word: str, said: str, sentence: str, *, lags: bool) -> RingStep:
    angle = math.tau * index / len(_WORDS) - math.pi / 2
    across, down = math.cos(angle), math.sin(angle)
    return RingStep(
        number=index + 1,
        word=word,
        figure=said,
        sentence=sentence,
        lags=lags,
        x=round(_CENTRE[0] + _RADIUS * across, 1),
        y=round(_CENTRE[1] + _RADIUS * down, 1),
        text_x=round(_CENTRE[0] + (_RADIUS + 30) * across, 1),
        text_y=round(_CENTRE[1] + (_RADIUS + 42) * down - (12 if down < -0.9 else 0), 1),
        anchor="middle" if abs(across) < 0.1 else "start" if across > 0 else "end",
    )
