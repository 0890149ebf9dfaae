"""How a trial stands, and the rule that ends it: clicks of visitors, credited to the side that put the entry there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from math import inf
from typing import Any

from app.store.measures.trials import TrialVisitor
from app.values.interval import CONFIDENCE
from app.values.origin import LIVE_ORIGINS
from recommender.evaluation import confidence_sequence


@dataclass(frozen=True, slots=True)
class TrialReading:
    """How a trial stands among the visitors of one origin.

    visitors: who were shown a shelf of the trial. clickers: who clicked on an entry of either side; only they tell the
    sides apart. champion_clicks, challenger_clicks: entries clicked. difference: mean over the clickers of challenger
    clicks less champion clicks, with an interval [low, high] that holds at every look.
    """

    origin: str
    visitors: int
    clickers: int
    champion_clicks: int
    challenger_clicks: int
    difference: float
    low: float
    high: float

    @property
    def figures(self) -> dict[str, Any]:
        """The reading as JSON can hold it: an interval without end has no bounds."""
        return {name: None if value in (inf, -inf) else value for name, value in asdict(self).items()}

    @property
    def sentence(self) -> str:
        """The reading in words."""
        bounds = "too few to tell" if self.low == -inf else f"{self.low:+.3f} to {self.high:+.3f}"
        return (
            f"{self.challenger_clicks} clicks for the challenger and {self.champion_clicks} for the champion, by "
            f"{self.clickers} of {self.visitors} {self.origin} visitors: {self.difference:+.3f} a visitor who clicked, "
            f"{bounds}"
        )


@dataclass(frozen=True, slots=True)
class Decision:
    """What a rule made of a trial. step: ``promoted``, ``refused`` or ``retired``."""

    step: str
    sentence: str
    figures: dict[str, Any]

    @property
    def state(self) -> str:
        """The state that the challenger has afterwards."""
        return "champion" if self.step == "promoted" else self.step


def read_trial(visitors: Sequence[TrialVisitor]) -> list[TrialReading]:
    """One reading for each origin that took part, real visitors first."""
    return [
        _reading(origin, chosen)
        for origin in LIVE_ORIGINS
        if (chosen := [visitor for visitor in visitors if visitor.origin == origin])
    ]


def decide(readings: Sequence[TrialReading], days: float, max_visitors: int, max_days: float) -> Decision | None:
    """The verdict that the readings allow now, or None: the trial goes on.

    The challenger is promoted when the lower bound of the difference is above 0, and refused when the upper bound is
    below; real visitors are asked first. After `max_visitors` clickers of one origin, or `max_days`, it is retired.
    """
    figures = {"readings": [reading.figures for reading in readings], "days": round(days, 3)}
    for reading in readings:
        if reading.low > 0.0:
            return Decision("promoted", f"Promoted: {reading.sentence}.", figures)
        if reading.high < 0.0:
            return Decision("refused", f"Refused after a trial: {reading.sentence}.", figures)
    most = max((reading.clickers for reading in readings), default=0)
    if most >= max_visitors or days >= max_days:
        limit = f"{most} visitors who clicked" if most >= max_visitors else f"{days:.1f} days"
        stand = "; ".join(reading.sentence for reading in readings) or "nobody was asked"
        return Decision("retired", f"Retired without decision after {limit}: {stand}.", figures)
    return None


def _reading(origin: str, visitors: Sequence[TrialVisitor]) -> TrialReading:
    clickers = [visitor for visitor in visitors if visitor.champion_clicks or visitor.challenger_clicks]
    differences = [visitor.challenger_clicks - visitor.champion_clicks for visitor in clickers]
    # No side is preferred by mistake more often than this, however often one looks; the origins share the risk.
    interval = confidence_sequence(differences or [0.0], 1.0 - (1.0 - CONFIDENCE) / len(LIVE_ORIGINS))
    return TrialReading(
        origin,
        len(visitors),
        len(clickers),
        sum(visitor.champion_clicks for visitor in clickers),
        sum(visitor.challenger_clicks for visitor in clickers),
        interval.mean,
        interval.low,
        interval.high,
    )
