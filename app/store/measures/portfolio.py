"""Runs of the portfolio: several models side by side on the same data, dated."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple, dataclass

from app.store.engines import Connection, Database, marks
from app.values.interval import Interval


@dataclass(frozen=True, slots=True)
class PortfolioRow:
    """One model in one run of the portfolio.

    measured_at: Unix seconds, the same for the rows of a run. description: what the model is. metric: ``rank gain``; in
    runs of before, ``NDCG@10``, which exposure had bent. value, low, high: the metric in the holdout's newest cases
    with its 95 % interval over visitors; gain, gain_low, gain_high: the paired difference to popularity. train_s:
    seconds to make it anew from `rows` training rows. recommend_us: median microseconds of one recommendation. cases,
    visitors: what it was judged on. watermark: the last event seq read. verdict: a sentence. champion: version of the
    model that the site used, None without one; to_champion, to_champion_low, to_champion_high: the paired difference
    to it.
    """

    measured_at: float
    model: str
    description: str
    value: float
    low: float
    high: float
    gain: float
    gain_low: float
    gain_high: float
    train_s: float
    recommend_us: float
    rows: int
    cases: int
    visitors: int
    watermark: int
    origin: str
    verdict: str
    champion: int | None = None
    to_champion: float | None = None
    to_champion_low: float | None = None
    to_champion_high: float | None = None
    metric: str = "rank gain"

    @property
    def interval(self) -> Interval:
        """The metric with its interval."""
        return Interval(self.value, self.low, self.high)

    @property
    def gain_interval(self) -> Interval:
        """The difference to popularity with its interval."""
        return Interval(self.gain, self.gain_low, self.gain_high)


_COLUMNS = ", ".join(PortfolioRow.__dataclass_fields__)
_MARKS = marks(PortfolioRow.__dataclass_fields__)


def insert_portfolio(db: Database, rows: Sequence[PortfolioRow]) -> int:
    """Add the rows of a run, for use inside a writer task, and return how many."""
    db.conn.executemany(f"INSERT INTO portfolio_runs ({_COLUMNS}) VALUES ({_MARKS})", [astuple(row) for row in rows])
    return len(rows)


def latest_portfolio(conn: Connection) -> list[PortfolioRow]:
    """The rows of the newest run, in the order in which they were measured; empty before the first."""
    rows = conn.execute(
        f"SELECT {_COLUMNS} FROM portfolio_runs"
        " WHERE measured_at = (SELECT MAX(measured_at) FROM portfolio_runs) ORDER BY id"
    )
    return [PortfolioRow(*row) for row in rows]
