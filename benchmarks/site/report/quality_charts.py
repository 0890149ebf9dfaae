"""Charts of what the site learned: true interest, clicks by arm, quality of models, real events replayed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
from matplotlib.ticker import FuncFormatter, NullFormatter

from benchmarks.site.load.replays import POPULATION
from benchmarks.site.report.drawing import (
    BLUE,
    GREEN,
    GREY,
    ORANGE,
    band,
    event_axis,
    figure,
    growth_stages,
    label,
    log_place,
    short,
    spread_labels,
)
from benchmarks.site.report.findings import lift_sentence, quality_sentence


def draw_quality(results: dict[str, Any], path: Path) -> str | None:
    stages = growth_stages(results)
    if len(stages) < 2:
        return None
    subtitle = "true chance of a click on the ten items shown to someone who opened five; bands are 95 % intervals"
    with figure(path, quality_sentence(stages), subtitle) as axes:
        places = [log_place(stage["events"]) for stage in stages]
        ends = [
            band(axes, places, [stage["quality"][key] for stage in stages], colour, text)
            for key, colour, text in (
                ("oracle", GREY, "an oracle that\nknows every whim"),
                ("learnable", GREEN, "all that can be\nlearned"),
                ("model", BLUE, "the page that learns"),
                ("popular", ORANGE, "what is popular"),
            )
        ]
        tried = [stage for stage in stages if stage["quality"]["candidate"]]
        if tried:
            places = [log_place(stage["events"]) for stage in tried]
            values = [100 * stage["quality"]["candidate"]["model"]["value"] for stage in tried]
            axes.plot(places, values, color=BLUE, linestyle=":", marker="x")
            axes.annotate(
                "newest candidate,\nwhether or not the gate let it through",
                (places[0], values[0]),
                xytext=(4, 14),
                textcoords="offset points",
                color=BLUE,
                fontsize=10,
                ha="left",
            )
        axes.set_ylabel("true chance of a click, %")
        axes.set_ylim(bottom=0)
        event_axis(axes, stages)
        spread_labels(axes, log_place(stages[-1]["events"]), ends, least_apart=0.06 * axes.get_ylim()[1])
    return "True quality against usage, measured with the hidden tastes that decide the clicks (simulated visitors)."


def draw_click_through(results: dict[str, Any], path: Path) -> str | None:
    stages = [
        stage
        for stage in growth_stages(results)
        if stage["arms"]["treatment"]["low"] is not None and stage["arms"]["control"]["low"] is not None
    ]
    if not stages:
        return None
    lift = stages[-1]["arms"]["lift"]
    word = "Clicks on the page that learns"
    if lift and lift["low"] > 0:
        word = "Visitors click more on the page that learns"
    elif lift and lift["high"] < 0:
        word = "Visitors click less on the page that learns"
    with figure(
        path,
        f"{word}: {lift_sentence(stages[-1]['arms'])}",
        "clicks per entry on screen by stage, the last in the title; lines are 95 % intervals over visitors",
    ) as axes:
        for arm, colour, shift, text in (
            ("control", ORANGE, 0.93, "control: popular items"),
            ("treatment", BLUE, 1.07, "treatment: the model"),
        ):
            rates = [stage["arms"][arm] for stage in stages]
            places = [log_place(stage["events"]) * shift for stage in stages]
            low = [100 * (rate["rate"] - rate["low"]) for rate in rates]
            high = [100 * (rate["high"] - rate["rate"]) for rate in rates]
            values = [100 * rate["rate"] for rate in rates]
            axes.errorbar(places, values, [low, high], color=colour, marker="o", capsize=4, linewidth=2.2)
            label(axes, places[-1], values[-1], text, colour)
        axes.set_ylabel("click-through, %")
        axes.set_ylim(bottom=0)
        event_axis(axes, stages)
    return "Click-through by arm and stage (simulated visitors)."


def draw_learning(results: dict[str, Any], path: Path) -> str | None:
    points: dict[str, list[tuple[int, float]]] = {"update": [], "refit": []}
    for stage in growth_stages(results):
        for training in stage["trainings"]:
            kind = "update" if training["kind"] == "update" else "refit"
            seconds = training["seconds"].get("update", training["seconds"].get("fit"))
            if seconds:
                points[kind].append((training["rows"], seconds))
    if not points["update"] or not points["refit"]:
        return None
    worst, whole = (max(seconds for _, seconds in points[kind]) for kind in ("update", "refit"))
    with figure(
        path,
        f"Learning what is new takes at most {worst:.2g} s, learning everything anew {whole:.2g} s",
        "seconds of processor work for each model version of the run, beside the load",
    ) as axes:
        for kind, colour, text in (("update", BLUE, "updates: only what is new"), ("refit", ORANGE, "full fits")):
            rows, seconds = zip(*sorted(points[kind]), strict=True)
            axes.scatter(rows, seconds, color=colour, s=36, alpha=0.75)
            label(axes, rows[-1], seconds[-1], text, colour)
        axes.set_xscale("log")
        axes.set_yscale("log")
        axes.margins(x=0.25)
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: short(value)))
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
        axes.xaxis.set_minor_formatter(NullFormatter())
        axes.yaxis.set_minor_formatter(NullFormatter())
        axes.set_xlabel("interactions learned from (log scale)")
        axes.set_ylabel("seconds (log scale)")
    return "Time of updates and of full fits against the interactions that the model holds."


def draw_replay(results: dict[str, Any], path: Path) -> str | None:
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
