"""Charts of how quick the site is: pages as events and items grow, capacity, routes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, NullFormatter

from benchmarks.site.report.drawing import (
    BLUE,
    GREEN,
    GREY,
    RED,
    event_axis,
    figure,
    growth_stages,
    log_place,
    spread_labels,
)


def draw_latency(results: dict[str, Any], path: Path) -> str | None:
    stages = [stage for stage in growth_stages(results) if stage["http"]["pages"]]
    if not stages:
        return None
    rate = stages[-1]["http"]["offered"]
    worst = max(stage["http"]["pages"]["p95"] for stage in stages)
    with figure(
        path,
        f"At {rate:.0f} requests a second, 95 of 100 pages come within {worst:,.0f} ms at every stage",
        "time to a page, from the moment it was due; the trainer learns beside it on the same two cores",
    ) as axes:
        places = [log_place(stage["events"]) for stage in stages]
        ends = _page_lines(axes, places, [stage["http"]["pages"] for stage in stages])
        event_axis(axes, stages)
        spread_labels(axes, places[-1], ends, least_apart=0.06 * axes.get_ylim()[1])
    return "Latency of pages against usage, counted from the intended start; the table has every kind of request."


def _page_lines(axes: Axes, places: list[float], pages: list[dict[str, Any]]) -> list[tuple[float, str, str]]:
    """Draw how long pages take, with the figures beside the points; returns what `spread_labels` takes."""
    ends = []
    for key, colour, words, above in (
        ("p99", RED, "99 of 100 pages", 9),
        ("p95", BLUE, "95 of 100 pages", None),
        ("p50", GREEN, "half of the pages", -20),
    ):
        values = [page[key] for page in pages]
        axes.plot(places, values, color=colour, marker="o", linewidth=2.4)
        for place, value in zip(places, values, strict=True) if above else ():
            axes.annotate(
                f"{value:.0f}",
                (place, value),
                xytext=(0, above),
                bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.6, "alpha": 0.8},
                textcoords="offset points",
                color=colour,
                ha="center",
            )
        ends.append((values[-1], words, colour))
    axes.set_ylim(0, 1.12 * max(page["p99"] for page in pages))
    axes.set_ylabel("milliseconds")
    return ends


def draw_capacity(results: dict[str, Any], path: Path) -> str | None:
    found = results.get("capacity")
    steps = [step for step in (found or {}).get("steps", []) if step["everything"]]
    if not found or not steps:
        return None
    steps.sort(key=lambda step: step["offered"])
    highest = found["highest_rate"]
    title = (
        f"Up to {highest:.0f} requests a second, 99 of 100 answers come within 100 ms"
        if highest
        else "At no pace that was tried did 99 of 100 answers come within 100 ms"
    )
    with figure(
        path,
        title,
        "time within which 99 of 100 answers come; a pace that fails (red) is tried again",
    ) as axes:
        rates = [step["offered"] for step in steps]
        best = {rate: min(s["everything"]["p99"] for s in steps if s["offered"] == rate) for rate in rates}
        axes.plot(list(best), list(best.values()), color=BLUE, linewidth=2, zorder=1)
        for step in steps:
            colour = BLUE if step["fast"] else RED
            axes.scatter(step["offered"], step["everything"]["p99"], color=colour, s=60, zorder=2)
        axes.axhline(found["limit_ms"], color=RED, linestyle="--", linewidth=1.4)
        axes.annotate(
            "limit: 100 ms", (min(rates), found["limit_ms"]), xytext=(12, 6), textcoords="offset points", color=RED
        )
        axes.set_yscale("log")
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
        axes.yaxis.set_minor_formatter(FuncFormatter(lambda value, _: f"{value:g}" if f"{value:e}"[0] in "25" else ""))
        axes.set_ylabel("milliseconds (log scale)")
        axes.set_xlabel("requests a second, arriving at a constant pace")
    return "Latency at growing pace: blue points are under the limit, red ones are not."


def draw_routes(results: dict[str, Any], path: Path) -> str | None:
    found = results.get("capacity")
    if not found:
        return None
    ratios = found["ratios"]
    bars = [
        ("a route that does nothing", found["routes"]["noop"]["reached"], GREY, None),
        ("ten recommendations", found["routes"]["recommend"]["reached"], BLUE, ("60 %", 0.6, 0)),
        ("home page", found["routes"]["home"]["reached"], BLUE, None),
        ("raw SQLite, 20 events a commit", found["raw_batches_a_second"], GREY, None),
        ("20 events over HTTP", found["routes"]["events"]["reached"], GREEN, ("50 %", 0.5, 3)),
    ]
    with figure(
        path,
        f"Recommending reaches {ratios['recommend_of_noop']:.0%} of a route that does nothing; "
        f"storing events {ratios['events_of_raw']:.0%} of raw SQLite",
        "answers a second with eight connections that are never idle; black marks: targets",
    ) as axes:
        for place, (_, value, colour, target) in enumerate(bars):
            axes.barh(place, value, color=colour, height=0.62)
            axes.annotate(f"{value:,.0f}", (value, place), xytext=(6, 0), textcoords="offset points", va="center")
            if target:
                words, share, of = target
                aim = share * bars[of][1]
                axes.plot([aim, aim], [place - 0.42, place + 0.42], color="black", linewidth=2.5)
                axes.annotate(
                    f"{words} target", (aim, place - 0.45), ha="center", va="bottom", fontsize=10, color="black"
                )
        axes.set_yticks(range(len(bars)), [bar[0] for bar in bars])
        axes.invert_yaxis()
        axes.grid(axis="y", visible=False)
        axes.set_xlabel("answers (or transactions) a second")
    return "Throughput of the routes beside a route that does nothing and raw inserts with the same durability."


def draw_catalogs(results: dict[str, Any], path: Path) -> str | None:
    found = [row for row in results.get("catalogs", []) if row["http"]["pages"]]
    if len(found) < 2:
        return None
    times = found[-1]["http"]["pages"]["p50"] / found[0]["http"]["pages"]["p50"]
    grew = found[-1]["items"] // found[0]["items"]
    with figure(
        path,
        f"A catalog {grew} times as large "
        + (f"makes the typical page {times:.1f} times as slow" if times > 1.05 else "leaves the typical page as fast"),
        "time to a page at the same pace and number of events, from the moment it was due",
    ) as axes:
        sizes = [row["items"] for row in found]
        ends = _page_lines(axes, sizes, [row["http"]["pages"] for row in found])
        axes.set_xscale("log")
        axes.set_xticks(sizes, [f"{size:,}" for size in sizes])
        axes.xaxis.set_minor_formatter(NullFormatter())
        axes.set_xlim(sizes[0] / 1.3, sizes[-1] * 4)
        axes.set_xlabel("items in the catalog (log scale)")
        spread_labels(axes, sizes[-1], ends, least_apart=0.06 * axes.get_ylim()[1])
    return "Latency of pages against the size of the catalog."
