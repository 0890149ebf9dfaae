"""Baselines: what doing without a trained model is worth, measured and dated before any model is published."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple, dataclass

from app.store.engines import Connection, Database, marks
from app.values.interval import Interval


@dataclass(frozen=True, slots=True)
class BaselineRow:
    """One measured baseline.

    measured_at: Unix seconds. usecase_hash: content hash of the use case that it was measured for.
    model: ``popularity``, ``random`` or ``site``, the site as it is. detail: what of the site, the model version or the
    policy of the slates. value, low, high: the metric and its 95 % interval over visitors.
    cases, visitors: what it was measured on. watermark: the last event seq seen. rows: training rows behind popularity.
    origin: origins of the judging visitors, joined by ``+``.
    """

    measured_at: float
    usecase_hash: str
    metric: str
    model: str
    value: float
    low: float
    high: float
    cases: int
    visitors: int
    watermark: int
    rows: int
    origin: str
    detail: str = ""

    @property
    def interval(self) -> Interval:
        """The metric with its interval."""
        return Interval(self.value, self.low, self.high)


_COLUMNS = ", ".join(BaselineRow.__dataclass_fields__)
_MARKS = marks(BaselineRow.__dataclass_fields__)


def insert_baselines(db: Database, rows: Sequence[BaselineRow]) -> int:
    """Add rows, for use inside a writer task, and return how many."""
    db.conn.executemany(f"INSERT INTO baselines ({_COLUMNS}) VALUES ({_MARKS})", [astuple(row) for row in rows])
    return len(rows)


def latest_baselines(conn: Connection) -> list[BaselineRow]:
    """What was measured together last: popularity, random, the site; then click-through by origin and policy.

    Empty before `flask baseline` ran.
    """
    rows = conn.execute(
        f"SELECT {_COLUMNS} FROM baselines WHERE id IN (SELECT MAX(id) FROM baselines"
        " WHERE measured_at = (SELECT MAX(measured_at) FROM baselines) GROUP BY metric, model, detail, origin)"
        " ORDER BY metric = 'click-through', metric, model, origin, detail"
    )
    return [BaselineRow(*row) for row in rows]


def latest_baseline(conn: Connection, metric: str, model: str) -> BaselineRow | None:
    """The newest row of one model for one metric, or None when it was never measured."""
    row = conn.execute(
        f"SELECT {_COLUMNS} FROM baselines WHERE metric = ? AND model = ? ORDER BY id DESC LIMIT 1", [metric, model]
    ).fetchone()
    return None if row is None else BaselineRow(*row)
