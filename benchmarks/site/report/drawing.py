"""How every chart of the report looks: colours, axes, labels that do not cover each other."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.ticker import NullFormatter

# Okabe and Ito's palette, told apart by people who see colours differently.
BLUE, ORANGE, GREEN, RED, GREY = "#0072B2", "#E69F00", "#009E73", "#D55E00", "#666666"
STYLE: Any = {
    "font.size": 12,
    "axes.titlesize": 14,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.titlepad": 34,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.grid.axis": "y",
    "grid.color": "#e3e3e3",
    "axes.axisbelow": True,
    "figure.facecolor": "white",
}


@contextmanager
def figure(path: Path, title: str, subtitle: str, height: float = 5.0) -> Iterator[Axes]:
    """One picture with its title and subtitle, saved at `path` when the block ends well."""
    drawn, axes = plt.subplots(figsize=(9.6, height), layout="constrained")
    axes.set_title(title, wrap=True)
    axes.text(0, 1.02, subtitle, transform=axes.transAxes, color=GREY, fontsize=11, va="bottom")
    try:
        yield axes
        drawn.savefig(path, dpi=130)
    finally:
        plt.close(drawn)


def growth_stages(results: dict[str, Any]) -> list[dict[str, Any]]:
    """The stages of growth that were measured over HTTP."""
    return [stage for stage in results.get("growth", []) if "http" in stage]


def log_place(value: float) -> float:
    """Where a number of events stands on a log axis that must show 0 too."""
    return max(value, 100.0)


def event_axis(axes: Axes, stages: list[dict[str, Any]], what: str = "events recorded so far (log scale)") -> None:
    """A log axis with a tick at each stage, and room on the right for labels."""
    axes.set_xscale("log")
    places = [log_place(stage["events"]) for stage in stages]
    axes.set_xticks(places, [short(stage["events"]) for stage in stages])
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.set_xlabel(what)
    axes.set_xlim(min(places) / 1.3, max(places) * 3.2)


def short(number: float) -> str:
    """Such as 4k or 1.2 million."""
    if number >= 1_000_000:
        return f"{number / 1_000_000:.2g} million"
    return f"{number / 1000:.0f}k" if number >= 1000 else f"{number:.0f}"


def label(axes: Axes, x: float, y: float, text: str, colour: str) -> None:
    """Words right of a point, in the colour of its line."""
    axes.annotate(text, (x, y), xytext=(9, 0), textcoords="offset points", color=colour, va="center", fontweight="bold")


def band(
    axes: Axes, places: list[float], means: list[dict[str, float]], colour: str, text: str
) -> tuple[float, str, str]:
    """Draw means with their intervals; returns what `spread_labels` takes."""
    axes.plot(places, [100 * mean["value"] for mean in means], color=colour, marker="o", linewidth=2.4)
    axes.fill_between(
        places, [100 * m["low"] for m in means], [100 * m["high"] for m in means], color=colour, alpha=0.18, linewidth=0
    )
    return 100 * means[-1]["value"], text, colour


def spread_labels(axes: Axes, x: float, ends: list[tuple[float, str, str]], least_apart: float = 0.0) -> None:
    """Labels at the right end of lines, moved apart so that none covers another: by `least_apart` or, on a log axis,
    by a factor.
    """
    placed = 0.0
    for value, words, colour in sorted(ends):
        placed = max(value, placed + least_apart if least_apart else placed * 1.17)
        axes.annotate(
            words,
            (x, value),
            xytext=(x * 1.12, placed),
            textcoords="data",
            color=colour,
            va="center",
            fontweight="bold",
            fontsize=11,
        )
