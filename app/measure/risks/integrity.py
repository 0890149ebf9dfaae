"""Integrity: can what comes in be believed, is what goes out learned and quick, are the arms split right?"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from app.measure.experiment.mismatch import sample_ratio_mismatch
from app.measure.risks.reading import Measurement
from app.store.measures.risk_counts import VisitorArmRow
from app.visitors import assign_arm

P99_LATENCY = "p99 latency"
"""The indicator's name in the use case, by which a guardrail refers to it."""
MIN_EVENTS = 200
MIN_PAGES = 50
MIN_VISITORS = 50


@dataclass(frozen=True, slots=True)
class Latency:
    """The 99th percentile of the time to answer a page, over the newest `pages` of them."""

    p99_ms: float
    pages: int


def quarantine_rate(events: int, quarantined: int) -> Measurement:
    """Share of what came in that is held or dropped. events: those that were stored."""
    total = events + quarantined
    if total < MIN_EVENTS:
        return Measurement(None, f"{total} events; {MIN_EVENTS} are needed.")
    return Measurement(quarantined / total, f"{quarantined:,} of {total:,} events.")


def fallback_share(versions: Sequence[int | None]) -> Measurement:
    """Share of home pages of the treatment arm that no model ranked. versions: of the model behind each, or None."""
    if len(versions) < MIN_PAGES:
        return Measurement(None, f"{len(versions)} home pages of the treatment arm; {MIN_PAGES} are needed.")
    without = sum(version is None for version in versions)
    return Measurement(without / len(versions), f"{without:,} of {len(versions):,} home pages.")


def p99_latency(latency: Latency | None) -> Measurement:
    """Milliseconds; only the process that answers can tell."""
    if latency is None or latency.pages < MIN_PAGES:
        pages = 0 if latency is None else latency.pages
        return Measurement(None, f"{pages} pages answered by this process; {MIN_PAGES} are needed.")
    return Measurement(latency.p99_ms, f"The newest {latency.pages:,} pages.")


def mismatch(visitors: Iterable[VisitorArmRow], experiment: str, control_share: float, below: float) -> Measurement:
    """p-value of the split, valid at every look from where `visitors` begin.

    Who chose an arm is counted where the hash had put them, as before their choice.
    """
    arms = [
        row.arm if row.arm_source == "assigned" else assign_arm(row.visitor_id, experiment, control_share)
        for row in visitors
    ]
    if len(arms) < MIN_VISITORS:
        return Measurement(None, f"{len(arms)} visitors; {MIN_VISITORS} are needed.")
    control = arms.count("control")
    found = sample_ratio_mismatch(control, len(arms) - control, control_share, below)
    return Measurement(found.p_value, found.sentence)
