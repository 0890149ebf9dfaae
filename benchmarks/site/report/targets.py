"""The targets of the site under load, and what a run says of each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

RECOMMEND_OF_NOOP = 0.6
EVENTS_OF_RAW = 0.5
HOME_P99_AT_HALF_MS = 50.0
GROWN_PAGE_TIMES = 1.5


@dataclass(frozen=True, slots=True)
class Verdict:
    """One target: what was wanted, what was measured, whether it is met; None when it was not measured."""

    target: str
    measured: str
    met: bool | None

    @property
    def word(self) -> str:
        """Met, missed or not measured."""
        return "not measured" if self.met is None else "met" if self.met else "missed"


def verdicts(results: dict[str, Any]) -> list[Verdict]:
    """All targets in their order."""
    return [_recommend(results), _home(results), _events(results), _grown_events(results), _grown_catalog(results)]


def _recommend(results: dict[str, Any]) -> Verdict:
    target = f"recommendations reach {RECOMMEND_OF_NOOP:.0%} of the throughput of a route that does nothing"
    found = results.get("capacity")
    if not found:
        return Verdict(target, "", None)
    routes, ratio = found["routes"], found["ratios"]["recommend_of_noop"]
    in_turn = routes.get("recommend in turn")
    rest = f"; {in_turn['reached']:.0f} where {in_turn['order']['visitors']:,} visitors ask in turn" if in_turn else ""
    said = f"{ratio:.0%} ({routes['recommend']['reached']:.0f} of {routes['noop']['reached']:.0f} a second{rest})"
    return Verdict(target, said, ratio >= RECOMMEND_OF_NOOP)


def _home(results: dict[str, Any]) -> Verdict:
    target = f"home page p99 within {HOME_P99_AT_HALF_MS:.0f} ms at half of capacity"
    half = (results.get("capacity") or {}).get("half")
    group = next((group for group in half["groups"] if group["name"] == "GET /"), None) if half else None
    if not half or not group:
        return Verdict(target, "", None)
    return Verdict(target, f"{group['p99']:.0f} ms at {half['offered']:.0f}/s", group["p99"] <= HOME_P99_AT_HALF_MS)


def _events(results: dict[str, Any]) -> Verdict:
    target = f"event batches of 20 reach {EVENTS_OF_RAW:.0%} of raw SQLite inserts with the same durability"
    found = results.get("capacity")
    if not found:
        return Verdict(target, "", None)
    ratio = found["ratios"]["events_of_raw"]
    said = f"{ratio:.0%} ({found['routes']['events']['reached']:.0f} of {found['raw_batches_a_second']:.0f} a second)"
    return Verdict(target, said, ratio >= EVENTS_OF_RAW)


def _grown_events(results: dict[str, Any]) -> Verdict:
    stages = [row for row in results.get("growth") or [] if row["events"] >= 500 and row["http"]["pages"]]
    target = f"pages at the most events at most {GROWN_PAGE_TIMES} x as slow as at 1,000 events"
    if len(stages) < 2:
        return Verdict(target, "", None)
    first, last = stages[0], stages[-1]
    return _times(target, first["http"], last["http"], f"{last['events']:,} events")


def _grown_catalog(results: dict[str, Any]) -> Verdict:
    rows = [row for row in results.get("catalogs") or [] if row["http"]["pages"]]
    target = f"pages of the largest catalog at most {GROWN_PAGE_TIMES} x as slow as of 2,400 items"
    if len(rows) < 2:
        return Verdict(target, "", None)
    return _times(target, rows[0]["http"], rows[-1]["http"], f"{rows[-1]['items']:,} items")


def _times(target: str, first: dict[str, Any], last: dict[str, Any], where: str) -> Verdict:
    """Judged by the p95, which a single pause of a busy machine does not decide; the p50 and p99 are said beside it."""
    times = {key: last["pages"][key] / first["pages"][key] for key in ("p50", "p95", "p99")}
    said = f"p95 {times['p95']:.2f} x at {where} (p50 {times['p50']:.2f} x, p99 {times['p99']:.2f} x)"
    return Verdict(target, said, times["p95"] <= GROWN_PAGE_TIMES)
