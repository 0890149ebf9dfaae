"""What the load generator is asked for and what it answers; both cross a pipe as one line of JSON."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from benchmarks.site.load.arrivals import LatencyLog
from benchmarks.site.load.browsing import PAGES

KINDS = ("browse", "home", "recommend", "noop", "events")
SATURATED = 0.9
"""Share of one core from which the generator itself may be what is slow."""
REACHED = 0.95
"""Share of the offered load from which a run counts as having reached it."""


@dataclass(frozen=True, slots=True)
class Order:
    """One run of load.

    kind: visitors who ``browse``, or one route: ``home``, ``recommend``, ``noop``, ``events`` (batches of 20).
    rate: arrivals a second, kept whatever the server does; None for as fast as `connections` connections can.
    day: of the population's calendar. effect: whether newcomers time how soon a click counts, beside the load.
    visitors: how many ask one route in turn, of `PreparedLoad`. The site keeps what it ranked for some hundred of them.
    """

    kind: str
    address: str
    seconds: float
    rate: float | None = None
    connections: int = 64
    seed: int = 7
    day: float = 14.0
    effect: bool = False
    visitors: int = 24

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"kind = {self.kind!r} must be one of {', '.join(KINDS)}")


@dataclass(frozen=True, slots=True)
class Run:
    """What came of an order.

    offered, reached: requests a second that were meant and that were answered. groups: `LatencySummary` by group of
    requests; pages and everything: those of all pages and of all requests together. generator_core: share of one core
    that Locust took. effects_ms: time from a click to a changed "For you", one a newcomer. seen: visitors' impressions
    and clicks in "For you" as [arm, impressions, clicks].
    """

    order: dict[str, Any]
    seconds: float
    offered: float | None
    reached: float
    failures: int
    groups: list[dict[str, Any]]
    everything: dict[str, Any] | None
    pages: dict[str, Any] | None
    generator_core: float
    problems: dict[str, int] = field(default_factory=dict)
    effects_ms: list[float] = field(default_factory=list)
    seen: list[list[Any]] = field(default_factory=list)

    @classmethod
    def of(cls, order: Order, log: LatencyLog, lasted: float, core: float, **more: Any) -> Run:
        """What a log comes to after so many seconds, at so much of a core; `more`: what only some loads know."""
        pages, everything = log.summary(*PAGES, label="pages"), log.summary(*log.names, label="everything")
        return cls(
            order=asdict(order),
            seconds=round(lasted, 2),
            offered=order.rate,
            reached=round(log.answered / lasted, 1),
            failures=everything.failures if everything else 0,
            groups=log.groups(),
            everything=asdict(everything) if everything else None,
            pages=asdict(pages) if pages else None,
            generator_core=round(core, 3),
            problems=dict(sorted(log.problems.items(), key=lambda entry: -entry[1])[:10]),
            **more,
        )

    @property
    def short_of_load(self) -> bool:
        """Whether the server (or the generator) did not keep up with the arrivals."""
        return self.offered is not None and self.reached < REACHED * self.offered

    @property
    def generator_saturated(self) -> bool:
        """Whether Locust may have been the bottleneck."""
        return self.generator_core > SATURATED

    def group(self, name: str) -> dict[str, Any] | None:
        """The summary of one group of requests."""
        return next((group for group in self.groups if group["name"] == name), None)

    def marks(self) -> list[str]:
        """What a reader must know before believing the run."""
        marks = []
        if self.short_of_load:
            marks.append(f"did not reach its load: {self.reached:.0f} of {self.offered:.0f} requests a second")
        if self.generator_saturated:
            marks.append(f"the load generator used {self.generator_core:.0%} of a core and may be what was slow")
        if self.failures:
            marks.append(f"{self.failures} answers were wrong")
        return marks
