"""Ten lines for the terminal."""

from __future__ import annotations

from typing import Any

from benchmarks.site.report.findings import lift_sentence
from benchmarks.site.report.targets import verdicts


def summary_lines(results: dict[str, Any]) -> list[str]:
    """What a run found, in at most ten lines."""
    lines = [f"make bench took {results['took'] // 60}:{results['took'] % 60:02d}, seed {results['seed']}"]
    if stages := results.get("growth"):
        last = stages[-1]
        lines += [
            f"Growth: {last['events']:,} events; picks capture {_interval(last['quality']['captured_of_learnable'])} "
            f"of what can be learned, {_interval(last['quality']['captured'])} of what an oracle would gain",
            f"Click-through of the last stage: {lift_sentence(last['arms'])}; "
            f"click to changed row: {_effect(last['http'])}",
        ]
    if found := results.get("capacity"):
        lines.append(f"Capacity: {found['highest_rate']:.0f} requests a second with p99 under 100 ms")
    lines += [f"{verdict.word:12s} {verdict.target}: {verdict.measured}" for verdict in verdicts(results)]
    marked = len(marks(results))
    if results["failed"] or marked:
        failed = ", ".join(results["failed"]) or "none"
        lines.append(f"Look at the report: {marked} marks on runs; parts that failed: {failed}")
    return lines[:10]


def marks(results: dict[str, Any]) -> list[str]:
    """Everything that makes a figure less than it seems, with the place it concerns."""
    found = []
    for stage in results.get("growth") or []:
        where = f"growth at {stage['events']:,} events"
        found += [f"{where}: {mark}" for mark in (*stage["notes"], *stage["http"]["marks"])]
    for row in results.get("catalogs") or []:
        found += [f"catalog of {row['items']:,}: {mark}" for mark in (*row["notes"], *row["http"]["marks"])]
    capacity = results.get("capacity") or {}
    for kind, run in (capacity.get("routes") or {}).items():
        found += [f"route {kind}: {mark}" for mark in run["marks"]]
    found += [f"replay of {row['data']}: {row['left_out']}" for row in results.get("replay") or [] if "left_out" in row]
    return found


def _interval(found: dict[str, float] | None) -> str:
    if not found:
        return "not measurable"
    return f"{found['value']:.0%} ({found['low']:.0%} to {found['high']:.0%})"


def _effect(http: dict[str, Any]) -> str:
    effects = sorted(http["effects_ms"])
    return f"{effects[len(effects) // 2]:.0f} ms (median of {len(effects)})" if effects else "not measured"
