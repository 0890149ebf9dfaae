"""Pictures of a run that speak for themselves: a title that is a sentence, labels at the lines, units, intervals."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt

from benchmarks.site.report.drawing import STYLE
from benchmarks.site.report.quality_charts import draw_click_through, draw_learning, draw_quality, draw_replay
from benchmarks.site.report.speed_charts import draw_capacity, draw_catalogs, draw_latency, draw_routes


def draw_all(results: dict[str, Any], folder: Path) -> list[tuple[str, str]]:
    """Draw what there are figures for; returns (file name, what it shows) in the order of the report."""
    drawn = []
    for name, draw in (
        ("quality", draw_quality),
        ("click-through", draw_click_through),
        ("latency", draw_latency),
        ("capacity", draw_capacity),
        ("routes", draw_routes),
        ("catalogs", draw_catalogs),
        ("learning", draw_learning),
        ("replay", draw_replay),
    ):
        with plt.rc_context(STYLE):
            shows = draw(results, folder / f"{name}.png")
        if shows:
            drawn.append((f"{name}.png", shows))
    return drawn
