"""What the report says, section by section, before anything decides how it looks."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from benchmarks.site.report.findings import lift_sentence, quality_sentence
from benchmarks.site.report.summary import marks
from benchmarks.site.report.targets import verdicts

PART = "python -m benchmarks.site --only"


@dataclass(frozen=True, slots=True)
class Table:
    """Cells as text. of_words: whether cells hold sentences, which may wrap, and not figures."""

    head: list[str]
    rows: list[list[str]]
    of_words: bool = False


@dataclass(frozen=True, slots=True)
class Section:
    """A heading, its pictures by file name, sentences, tables, and notes that belong under these."""

    title: str
    lines: list[str] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)
    pictures: tuple[str, ...] = ()
    notes: list[str] = field(default_factory=list)


def sections(results: dict[str, Any]) -> list[Section]:
    """All sections that there are figures for."""
    made = [_targets(results), _how(results)]
    for part, write in (
        ("growth", _growth),
        ("same seed again", _again),
        ("catalogs", _catalogs),
        ("capacity", _capacity),
        ("replay", _replay),
        ("core", _core),
    ):
        if results.get(part):
            made.append(write(results[part]))
        elif part in results["failed"]:
            made.append(Section(part.capitalize(), [f"This part failed: {results['failed'][part]}"]))
    return made


def _targets(results: dict[str, Any]) -> Section:
    rows = [[verdict.word, verdict.target, verdict.measured or "–"] for verdict in verdicts(results)]
    table = Table(["verdict", "target", "measured"], rows, of_words=True)
    return Section("Targets", tables=[table], notes=[f"{mark}." for mark in marks(results)])


def _how(results: dict[str, Any]) -> Section:
    machine = results["machine"]
    versions = ", ".join(f"{name} {number}" for name, number in machine["versions"].items())
    took = ", ".join(f"{part} {seconds:.0f} s" for part, seconds in results["took_s"].items())
    return Section(
        "How it was measured",
        [
            f"{results['command']}, {results['started_at']}, commit {results['commit']}, seed {results['seed']}. "
            f"{machine['processor']}, {machine['cores']} cores, load {machine['load_at_start']} at the start; "
            f"Python {machine['python']}, {versions}. Settings: {results['settings']}.",
            "All visitors are simulated: a population with hidden tastes decides what is clicked. Between stages it "
            "visits in process, through the code that records and composes pages behind the web; what is measured "
            "came over HTTP: visitors who browse from Locust, single routes from requests prepared beforehand. "
            "Browsers' pictures and style sheets are left out, as browsers keep them.",
            "Requests arrive at a constant pace whatever the site does, and latency counts from when a request was "
            "due, not from when it could be sent, so that a stall counts for all who waited. "
            f"Site, trainer and load generator share {machine['cores']} cores: with a machine of its own the site "
            "would be faster. Every stage begins once the site, just started, has its first figures for /flywheel: to "
            "count a million events takes it about ten seconds, in which pages are slower.",
            f"Time taken: {took}. " + " ".join(results["scaled"]),
        ],
    )


def _growth(stages: list[dict[str, Any]]) -> Section:
    quality = Table(
        ["events", "ranked by", "share of learnable gain", "of the newest candidate", "of the oracle's gain",
         "true interest of 10 picks", "NDCG@10", "coverage", "Gini",
         "click-through control", "treatment", "lift"],
        [_quality_row(stage) for stage in stages],
    )  # fmt: skip
    work = Table(
        ["events", "requests/s", "wrong", "click to row, ms p50 / p95", "events behind, mean", "update s", "full fit s",
         "site MiB", "trainer MiB", "database MiB", "core: site", "trainer", "Locust", "anything else"],
        [_work_row(stage) for stage in stages],
    )  # fmt: skip
    return Section(
        "Growth",
        [
            "Share of the learnable gain: 0 is a page of what is popular, 1 the Bayes answer, which knows the whole "
            "population but of a visitor only the five opened items; of the oracle's gain: 1 is a page for every "
            "whim, which nobody can learn. "
            f"The last stage: {quality_sentence(stages)}; {lift_sentence(stages[-1]['arms'])}. "
            "Gini: 0 when all items are shown alike, 1 when one item is all that is shown. The newest "
            "candidate counts whether or not the gate let it through. Events behind: those newer "
            "than the model in use; impressions count here, though they train nothing. Anything else: what other work "
            "on the machine took of its cores meanwhile, in shares of one core.",
            f"Command: {PART} growth",
        ],
        [quality, work, _latency_table(stages)],
        ("quality.png", "click-through.png", "latency.png", "learning.png"),
    )


def _quality_row(stage: dict[str, Any]) -> list[str]:
    found, arms = stage["quality"], stage["arms"]
    return [
        f"{stage['events']:,}",
        found["served"],
        _percent(found["captured_of_learnable"]),
        _percent(found["candidate"]["captured_of_learnable"]) if found["candidate"] else "–",
        _percent(found["captured"]),
        _mean(found["model"], 4),
        _mean(found["ndcg"], 3),
        f"{found['coverage']:.1%}",
        f"{found['gini']:.2f}",
        _rate(arms["control"]),
        _rate(arms["treatment"]),
        _percent(arms["lift"]) if arms["lift"] else "–",
    ]


def _work_row(stage: dict[str, Any]) -> list[str]:
    http, watched = stage["http"], stage["http"]["watched"]
    effects = sorted(http["effects_ms"])
    lag = watched["lag"]
    seconds: dict[str, list[float]] = {"update": [], "fit": []}
    for training in stage["trainings"]:
        for kind, values in seconds.items():
            if kind in training["seconds"]:
                values.append(training["seconds"][kind])
    return [
        f"{stage['events']:,}",
        f"{http['reached']:.0f} of {http['offered']:.0f}",
        str(http["failures"]),
        f"{_at(effects, 0.5):.0f} / {_at(effects, 0.95):.0f}" if effects else "–",
        f"{sum(lag) / len(lag):,.0f}" if lag else "–",
        *(f"{sorted(values)[len(values) // 2]:.2f}" if values else "–" for values in seconds.values()),
        f"{watched['site_mib']:.0f}",
        f"{watched['trainer_mib']:.0f}",
        f"{watched['database_mib']:.0f}",
        f"{watched['site_core']:.0%}",
        f"{watched['trainer_core']:.0%}",
        f"{http['generator_core']:.0%}",
        f"{_others(http):.0%}",
    ]


def _others(http: dict[str, Any]) -> float:
    """Cores that other processes of the machine took meanwhile."""
    watched = http["watched"]
    ours = watched["site_core"] + watched["trainer_core"] + http["generator_core"]
    return float(max(0.0, watched["machine_core"] - ours))


def _latency_table(stages: list[dict[str, Any]]) -> Table:
    rows = [[f"{stage['events']:,}", *_latency_row(group)] for stage in stages for group in stage["http"]["groups"]]
    return Table(["events", *_LATENCY], rows)


_LATENCY = ["request", "count", "wrong", "p50 ms", "p95", "p99", "p99.9", "p99 from sending"]


def _latency_row(group: dict[str, Any]) -> list[str]:
    return [
        group["name"],
        f"{group['requests']:,}",
        str(group["failures"]),
        *(f"{group[key]:.1f}" for key in ("p50", "p95", "p99", "p999", "sent_p99")),
    ]


def _again(found: dict[str, Any]) -> Section:
    rows = [
        [name, *(f"{run[name]['value']:.4f}" for run in found["runs"]), f"{found['apart'][name]:.4f}",
         f"{(found['runs'][0][name]['high'] - found['runs'][0][name]['low']) / 2:.4f}"]
        for name in found["apart"]
    ]  # fmt: skip
    return Section(
        "The same seed again",
        [
            f"The first {found['events']:,} events twice, one seed. Visitors and tastes are the same; wild cards "
            "and slate ids are drawn anew, so the runs part a little. A difference of that size is no change.",
            f"Command: {PART} 'same seed again'",
        ],
        [Table(["figure", "first", "second", "apart", "half of its interval"], rows)],
    )


def _catalogs(found: list[dict[str, Any]]) -> Section:
    rows = [
        [
            f"{row['items']:,}",
            f"{row['events']:,}",
            *(f"{row['http']['pages'][key]:.1f}" for key in ("p50", "p95", "p99")),
            f"{row['http']['reached']:.0f} of {row['http']['offered']:.0f}",
            f"{row['http']['watched']['site_mib']:.0f}",
            f"{row['http']['watched']['trainer_mib']:.0f}",
            _percent(row["quality"]["captured"]),
        ]
        for row in found
        if row["http"]["pages"]
    ]
    head = ["items", "events", "page p50 ms", "p95", "p99", "requests/s", "site MiB", "trainer MiB", "possible gain"]
    return Section(
        "Growing catalogs",
        [
            "Copies of the templates with ids, looks and artwork of their own; the same number of events on each, so a "
            "larger catalog knows less of each item.",
            f"Command: {PART} catalogs",
        ],
        [Table(head, rows)],
        ("catalogs.png",),
    )


def _capacity(found: dict[str, Any]) -> Section:
    steps = [
        [f"{step['offered']:.0f}", f"{step['reached']:.0f}", f"{step['everything']['p50']:.1f}",
         f"{step['everything']['p99']:.1f}", f"{step['generator_core']:.0%}", "yes" if step["fast"] else "no"]
        for step in found["steps"] if step["everything"]
    ]  # fmt: skip
    routes = [
        [kind, f"{run['reached']:.0f}", f"{run['everything']['p50']:.1f}", f"{run['everything']['p99']:.1f}",
         f"{run['generator_core']:.0%}"]
        for kind, run in found["routes"].items()
    ]  # fmt: skip
    routes.append(["raw SQLite, 20 events a transaction", f"{found['raw_batches_a_second']:.0f}", "–", "–", "–"])
    return Section(
        "Capacity",
        [
            "Steps: visitors browse at a growing pace, until 1 of 100 requests takes longer than 100 ms. Routes: eight "
            "connections that are never idle, against a route of the same server that does nothing, and against SQLite "
            "without a server, one transaction of 20 events after the other with synchronous=FULL. The trainer rests.",
            f"Command: {PART} growth capacity",
        ],
        [
            Table(["offered/s", "reached/s", "p50 ms", "p99 ms", "Locust's core", "held"], steps),
            Table(["route", "a second", "p50 ms", "p99 ms", "generator's core"], routes),
        ],
        ("capacity.png", "routes.png"),
    )


def _replay(found: list[dict[str, Any]]) -> Section:
    rows = [
        [row["data"], f"{row['share']:.0%}", f"{row['cases']:,}", arm["arm"], _mean_of(arm)]
        for row in found
        if "arms" in row
        for arm in sorted(row["arms"], key=lambda arm: -arm["mean"])
    ]
    lines = [
        "Train on the past, predict each next item of the 5 % that follow, all items ranked. Nothing is tuned here; "
        "benchmarks.library.replay does it in full.",
        *(
            f"{row['data']} at {row['share']:.0%}: tuned library minus {row['best_peer']}, the best peer: "
            f"{row['ahead_of_best_peer']['mean']:+.4f} ({row['ahead_of_best_peer']['low']:+.4f} to "
            f"{row['ahead_of_best_peer']['high']:+.4f})."
            for row in found
            if "arms" in row
        ),
        f"Command: FLYWHEEL_DATASETS=folder {PART} growth replay",
    ]
    return Section("Replay", lines, [Table(["data", "after", "cases", "arm", "NDCG@10"], rows)], ("replay.png",))


def _core(found: dict[str, Any]) -> Section:
    return Section("Core", [f"Command: {found['command']}", *found["said"]])


def _mean(found: dict[str, float], digits: int) -> str:
    return f"{found['value']:.{digits}f} ({found['low']:.{digits}f} to {found['high']:.{digits}f})"


def _mean_of(arm: dict[str, float]) -> str:
    return f"{arm['mean']:.4f} ({arm['low']:.4f} to {arm['high']:.4f})"


def _percent(found: dict[str, float]) -> str:
    return f"{found['value']:.0%} ({found['low']:.0%} to {found['high']:.0%})"


def _rate(arm: dict[str, Any]) -> str:
    if arm["rate"] is None or arm["low"] is None:
        return "–"
    return f"{arm['rate']:.1%} ({arm['low']:.1%} to {arm['high']:.1%}), {arm['visitors']:,} visitors"


def _at(ordered: list[float], share: float) -> float:
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
