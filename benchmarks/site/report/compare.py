"""Two runs side by side: what got better or worse beyond noise."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

LATENCY_NOISE = 0.25
"""Share by which latencies and throughputs of two runs of the same code differed on a shared machine; less is noise."""


@dataclass(frozen=True, slots=True)
class Change:
    """One figure in both runs. noise: how far apart the two may be by chance, in the unit of the figure."""

    name: str
    before: float
    after: float
    noise: float
    more_is_better: bool

    @property
    def word(self) -> str:
        """``better``, ``worse`` or ``same``."""
        difference = self.after - self.before
        if abs(difference) <= self.noise:
            return "same"
        return "better" if (difference > 0) == self.more_is_better else "worse"


def compare(base: dict[str, Any], now: dict[str, Any]) -> list[str]:
    """Lines: first what changed beyond noise, then how much did not; and whether the runs can be compared at all."""
    found = list(changes(base, now))
    lines = [f"Compared with {base['commit']} of {base['started_at']}:"]
    if base["machine"]["processor"] != now["machine"]["processor"] or base["seed"] != now["seed"]:
        lines.append("  the machines or seeds differ, so times and qualities may differ for that reason alone")
    if base["plan"] != now["plan"]:
        lines.append("  the plans differ, so only figures of the same place are compared")
    for word in ("worse", "better"):
        lines += [
            f"  {word:6s} {change.name}: {change.before:.4g} -> {change.after:.4g} (noise {change.noise:.2g})"
            for change in found
            if change.word == word
        ]
    lines.append(
        f"  {sum(change.word == 'same' for change in found)} of {len(found)} figures are the same within noise"
    )
    return lines


def changes(base: dict[str, Any], now: dict[str, Any]) -> Iterator[Change]:
    """Every figure that both runs have."""
    yield from _growth(base.get("growth") or [], now.get("growth") or [])
    before, after = base.get("capacity"), now.get("capacity")
    if before and after:
        yield _relative("highest rate", before["highest_rate"], after["highest_rate"], more=True)
        for kind in before["routes"].keys() & after["routes"].keys():
            yield _relative(
                f"{kind} a second", before["routes"][kind]["reached"], after["routes"][kind]["reached"], more=True
            )
        for name in before["ratios"]:
            yield _relative(name.replace("_", " "), before["ratios"][name], after["ratios"][name], more=True)
    older = {row["items"]: row for row in base.get("catalogs") or []}
    for row in now.get("catalogs") or []:
        if row["items"] in older:
            yield from _pages(f"{row['items']:,} items", older[row["items"]]["http"], row["http"])


def _growth(base: list[dict[str, Any]], now: list[dict[str, Any]]) -> Iterator[Change]:
    older = {stage["planned_events"]: stage for stage in base}
    for stage in now:
        before = older.get(stage["planned_events"])
        if before is None:
            continue
        where = f"{stage['planned_events']:,} events"
        yield from _pages(where, before["http"], stage["http"])
        for name in ("captured", "ndcg"):
            old, new = before["quality"][name], stage["quality"][name]
            noise = ((old["high"] - old["low"]) ** 2 + (new["high"] - new["low"]) ** 2) ** 0.5 / 2
            yield Change(f"{name} at {where}", old["value"], new["value"], noise, True)


def _pages(where: str, before: dict[str, Any], after: dict[str, Any]) -> Iterator[Change]:
    for key in ("p50", "p99"):
        if before["pages"] and after["pages"]:
            yield _relative(f"pages {key} ms at {where}", before["pages"][key], after["pages"][key], more=False)


def _relative(name: str, before: float, after: float, *, more: bool) -> Change:
    return Change(name, before, after, LATENCY_NOISE * max(before, after), more)
