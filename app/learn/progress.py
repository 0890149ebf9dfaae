"""How far a full fit is, shown to the person who waits for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TextIO

_WIDTH = 30


def fit_progress(stream: TextIO) -> Callable[[int, int], None]:
    """A callback for (sweep, sweeps), from 1: one line that grows on a terminal, a line at each quarter elsewhere."""
    return _bar(stream) if stream.isatty() else _lines(stream)


def _bar(stream: TextIO) -> Callable[[int, int], None]:
    def show(sweep: int, sweeps: int) -> None:
        filled = _WIDTH * sweep // sweeps
        end = "\n" if sweep == sweeps else ""
        stream.write(f"\rTraining [{'#' * filled}{'.' * (_WIDTH - filled)}] sweep {sweep} of {sweeps}{end}")
        stream.flush()

    return show


def _lines(stream: TextIO) -> Callable[[int, int], None]:
    def show(sweep: int, sweeps: int) -> None:
        if sweep == sweeps or 4 * sweep // sweeps > 4 * (sweep - 1) // sweeps:
            stream.write(f"Training: sweep {sweep} of {sweeps}\n")
            stream.flush()

    return show
