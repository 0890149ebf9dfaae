"""The risk indicators as they were last stored: what pages and guardrails read, at the cost of a few index look-ups."""

from __future__ import annotations

from collections.abc import Sequence

from app.measure.governance.usecase import RiskIndicator
from app.measure.risks.reading import TREND_READINGS, TREND_S, Measurement, Point, Reading, read
from app.store import Store
from app.store.measures.risk_readings import latest_reading, readings_since


def stored_points(store: Store, indicators: Sequence[RiskIndicator], now: float) -> dict[str, list[Point]]:
    """Known readings of the last hour by indicator, oldest first."""
    conn = store.reader()
    return {
        risk.name: [Point(*row) for row in readings_since(conn, risk.name, now - TREND_S, TREND_READINGS)]
        for risk in indicators
    }


def stored_risks(store: Store, indicators: Sequence[RiskIndicator], now: float) -> tuple[Reading, ...]:
    """Every indicator as of its newest stored reading, in the order of the use case. now: Unix seconds."""
    conn = store.reader()
    latest = {risk.name: latest_reading(conn, risk.name) for risk in indicators}
    measured = {name: Measurement(row.value, row.note) for name, row in latest.items() if row is not None}
    times = [row.measured_at for row in latest.values() if row is not None]
    return read(indicators, measured, stored_points(store, indicators, now), max(times, default=now))


def stored_values(store: Store, indicators: Sequence[RiskIndicator]) -> dict[str, float]:
    """The newest known value by indicator; those that are not known are left out."""
    conn = store.reader()
    latest = (latest_reading(conn, risk.name) for risk in indicators)
    return {row.indicator: row.value for row in latest if row is not None and row.value is not None}
