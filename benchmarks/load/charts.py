"""Pictures of a run that speak for themselves: a title that is a sentence, labels at the lines, units, intervals."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, NullFormatter

from benchmarks.load.replays import POPULATION

# Okabe and Ito's palette, told apart by people who see colours differently.
BLUE, ORANGE, GREEN, RED, PURPLE, GREY = "#0072B2", "#E69F00", "#009E73", "#D55E00", "#CC79A7", "#666666"
_STYLE: Any = {
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


def draw_all(results: dict[str, Any], folder: Path) -> list[tuple[str, str]]:
    """Draw what there are figures for; returns (file name, what it shows) in the order of the report."""
    drawn = []
    for name, draw in (
        ("quality", _quality),
        ("click-through", _click_through),
        ("latency", _latency),
        ("capacity", _capacity),
        ("routes", _routes),
        ("catalogs", _catalogs),
        ("learning", _learning),
        ("replay", _replay),
    ):
        with plt.rc_context(_STYLE):
            shows = draw(results, folder / f"{name}.png")
        if shows:
            drawn.append((f"{name}.png", shows))
    return drawn


@contextmanager
def _figure(path: Path, title: str, subtitle: str, height: float = 5.0) -> Iterator[Axes]:
    figure, axes = plt.subplots(figsize=(9.6, height), layout="constrained")
    axes.set_title(title, wrap=True)
    axes.text(0, 1.02, subtitle, transform=axes.transAxes, color=GREY, fontsize=11, va="bottom")
    try:
        yield axes
        figure.savefig(path, dpi=130)
    finally:
        plt.close(figure)


def _events(results: dict[str, Any]) -> list[dict[str, Any]]:
    return [stage for stage in results.get("growth", []) if "http" in stage]


def _at(value: float) -> float:
    """Where a number of events stands on a log axis that must show 0 too."""
    return max(value, 100.0)


def _event_axis(axes: Axes, stages: list[dict[str, Any]], what: str = "events recorded so far (log scale)") -> None:
    axes.set_xscale("log")
    places = [_at(stage["events"]) for stage in stages]
    axes.set_xticks(places, [_short(stage["events"]) for stage in stages])
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.set_xlabel(what)
    axes.set_xlim(min(places) / 1.3, max(places) * 3.2)


def _short(number: float) -> str:
    if number >= 1_000_000:
        return f"{number / 1_000_000:.2g} million"
    return f"{number / 1000:.0f}k" if number >= 1000 else f"{number:.0f}"


def _label(axes: Axes, x: float, y: float, text: str, colour: str) -> None:
    axes.annotate(text, (x, y), xytext=(9, 0), textcoords="offset points", color=colour, va="center", fontweight="bold")


def _band(
    axes: Axes, places: list[float], means: list[dict[str, float]], colour: str, text: str
) -> tuple[float, str, str]:
    """Draw means with their intervals; returns what `_spread_labels` takes."""
    axes.plot(places, [100 * mean["value"] for mean in means], color=colour, marker="o", linewidth=2.4)
    axes.fill_between(
        places, [100 * m["low"] for m in means], [100 * m["high"] for m in means], color=colour, alpha=0.18, linewidth=0
    )
    return 100 * means[-1]["value"], text, colour


def _quality(results: dict[str, Any], path: Path) -> str | None:
    stages = _events(results)
    if len(stages) < 2:
        return None
    first, last = (stage["quality"]["captured"]["value"] for stage in (stages[0], stages[-1]))
    word = "rises" if last > first else "does not rise"
    title = f"The model's picks get better with use: quality {word} to {last:.0%} of the possible gain"
    subtitle = "true chance of a click on the ten items shown to someone who opened five; bands are 95 % intervals"
    with _figure(path, title if last > first else f"Quality {word} with use", subtitle) as axes:
        places = [_at(stage["events"]) for stage in stages]
        ends = [
            _band(axes, places, [stage["quality"][key] for stage in stages], colour, text)
            for key, colour, text in (
                ("oracle", GREY, "an oracle that\nknows every taste"),
                ("model", BLUE, "the page that learns"),
                ("popular", ORANGE, "what is popular"),
            )
        ]
        tried = [stage for stage in stages if stage["quality"]["candidate"]]
        if tried:
            places = [_at(stage["events"]) for stage in tried]
            values = [100 * stage["quality"]["candidate"]["model"]["value"] for stage in tried]
            axes.plot(places, values, color=BLUE, linestyle=":", marker="x")
            axes.annotate(
                "newest candidate,\nwhether or not the gate let it through",
                (places[0], values[0]),
                xytext=(0, 14),
                textcoords="offset points",
                color=BLUE,
                fontsize=10,
                ha="center",
            )
        axes.set_ylabel("true chance of a click, %")
        axes.set_ylim(bottom=0)
        _event_axis(axes, stages)
        _spread_labels(axes, _at(stages[-1]["events"]), ends, least_apart=0.06 * axes.get_ylim()[1])
    return "True quality against usage, measured with the hidden tastes that decide the clicks (simulated visitors)."


def _click_through(results: dict[str, Any], path: Path) -> str | None:
    stages = [
        stage
        for stage in _events(results)
        if stage["arms"]["treatment"]["low"] is not None and stage["arms"]["control"]["low"] is not None
    ]
    if not stages:
        return None
    lift = stages[-1]["arms"]["lift"]
    said = f"{lift['value']:+.0%} ({lift['low']:+.0%} to {lift['high']:+.0%})" if lift else "not measurable"
    word = "Clicks on the page that learns"
    if lift and lift["low"] > 0:
        word = "Visitors click more on the page that learns"
    elif lift and lift["high"] < 0:
        word = "Visitors click less on the page that learns"
    with _figure(
        path,
        f"{word}: lift {said} in the last stage",
        "clicks per entry on screen, among the visits of each stage; lines are 95 % intervals over visitors",
    ) as axes:
        for arm, colour, shift, text in (
            ("control", ORANGE, 0.93, "control: popular items"),
            ("treatment", BLUE, 1.07, "treatment: the model"),
        ):
            rates = [stage["arms"][arm] for stage in stages]
            places = [_at(stage["events"]) * shift for stage in stages]
            low = [100 * (rate["rate"] - rate["low"]) for rate in rates]
            high = [100 * (rate["high"] - rate["rate"]) for rate in rates]
            values = [100 * rate["rate"] for rate in rates]
            axes.errorbar(places, values, [low, high], color=colour, marker="o", capsize=4, linewidth=2.2)
            _label(axes, places[-1], values[-1], text, colour)
        axes.set_ylabel("click-through, %")
        axes.set_ylim(bottom=0)
        _event_axis(axes, stages)
    return "Click-through by arm and stage (simulated visitors)."


def _latency(results: dict[str, Any], path: Path) -> str | None:
    stages = [stage for stage in _events(results) if stage["http"]["pages"]]
    if not stages:
        return None
    rate = stages[-1]["http"]["offered"]
    worst = max(stage["http"]["pages"]["p95"] for stage in stages)
    with _figure(
        path,
        f"At {rate:.0f} requests a second, 95 of 100 pages come within {worst:,.0f} ms at every stage",
        "time to a page, from the moment it was due; the trainer learns beside it on the same two cores",
    ) as axes:
        places = [_at(stage["events"]) for stage in stages]
        ends = _page_lines(axes, places, [stage["http"]["pages"] for stage in stages])
        _event_axis(axes, stages)
        _spread_labels(axes, places[-1], ends, least_apart=0.06 * axes.get_ylim()[1])
    return "Latency of pages against usage, counted from the intended start; the table has every kind of request."


def _page_lines(axes: Axes, places: list[float], pages: list[dict[str, Any]]) -> list[tuple[float, str, str]]:
    """Draw how long pages take, with the figures beside the points; returns what `_spread_labels` takes."""
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


def _spread_labels(axes: Axes, x: float, ends: list[tuple[float, str, str]], least_apart: float = 0.0) -> None:
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


def _capacity(results: dict[str, Any], path: Path) -> str | None:
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
    with _figure(
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


def _routes(results: dict[str, Any], path: Path) -> str | None:
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
    with _figure(
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


def _catalogs(results: dict[str, Any], path: Path) -> str | None:
    found = [row for row in results.get("catalogs", []) if row["http"]["pages"]]
    if len(found) < 2:
        return None
    times = found[-1]["http"]["pages"]["p50"] / found[0]["http"]["pages"]["p50"]
    grew = found[-1]["items"] // found[0]["items"]
    with _figure(
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
        _spread_labels(axes, sizes[-1], ends, least_apart=0.06 * axes.get_ylim()[1])
    return "Latency of pages against the size of the catalog."


def _learning(results: dict[str, Any], path: Path) -> str | None:
    points: dict[str, list[tuple[int, float]]] = {"update": [], "refit": []}
    for stage in _events(results):
        for training in stage["trainings"]:
            kind = "update" if training["kind"] == "update" else "refit"
            seconds = training["seconds"].get("update", training["seconds"].get("fit"))
            if seconds:
                points[kind].append((training["rows"], seconds))
    if not points["update"] or not points["refit"]:
        return None
    worst, whole = (max(seconds for _, seconds in points[kind]) for kind in ("update", "refit"))
    with _figure(
        path,
        f"Learning what is new takes at most {worst:.2g} s, learning everything anew {whole:.2g} s",
        "seconds of processor work for each model version of the run, beside the load",
    ) as axes:
        for kind, colour, text in (("update", BLUE, "updates: only what is new"), ("refit", ORANGE, "full fits")):
            rows, seconds = zip(*sorted(points[kind]), strict=True)
            axes.scatter(rows, seconds, color=colour, s=36, alpha=0.75)
            _label(axes, rows[-1], seconds[-1], text, colour)
        axes.set_xscale("log")
        axes.set_yscale("log")
        axes.margins(x=0.25)
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: _short(value)))
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
        axes.xaxis.set_minor_formatter(NullFormatter())
        axes.yaxis.set_minor_formatter(NullFormatter())
        axes.set_xlabel("interactions learned from (log scale)")
        axes.set_ylabel("seconds (log scale)")
    return "Time of updates and of full fits against the interactions that the model holds."


def _replay(results: dict[str, Any], path: Path) -> str | None:
    found = [row for row in results.get("replay", []) if "arms" in row and row["share"] == 0.8]
    if not found:
        return None
    figure, panels = plt.subplots(1, len(found), figsize=(9.6, 4.6), layout="constrained", sharey=False, squeeze=False)
    first = found[-1]
    best = max(first["arms"], key=lambda row: row["mean"])
    figure.suptitle(
        f"The next click on {first['data']} is found best by {best['arm']}",
        x=0.01,
        ha="left",
        fontsize=15,
        fontweight="bold",
    )
    for axes, row in zip(panels[0], found, strict=True):
        arms = sorted(row["arms"], key=lambda arm: arm["mean"])
        for place, arm in enumerate(arms):
            colour = GREY if arm["peer"] else BLUE
            axes.plot([arm["low"], arm["high"]], [place, place], color=colour, linewidth=2.4)
            axes.scatter(arm["mean"], place, color=colour, s=48, zorder=3)
        axes.set_yticks(range(len(arms)), [arm["arm"] for arm in arms], fontsize=10)
        axes.set_xlim(left=0)
        axes.grid(axis="x")
        name = "simulated visitors" if row["data"] == POPULATION else row["data"]
        axes.set_title(f"{name}, after {row['share']:.0%}", fontsize=12, pad=8)
        axes.set_xlabel("NDCG@10, 95 % interval")
    figure.savefig(path, dpi=130)
    plt.close(figure)
    return "Replay of events in the order of time: this library (blue) beside its peers (grey)."
