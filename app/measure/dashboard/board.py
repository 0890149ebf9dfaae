"""The board: every value that the dashboard shows, taken in one round; a section that fails leaves the others alone."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import structlog

from app.measure.dashboard.growth import GrowthCurve, growth_curve
from app.measure.dashboard.momentum import Momentum, momentum
from app.measure.dashboard.overview import overview
from app.measure.evaluation.trials import latest_trial
from app.measure.experiment.experiments import Experiment, read_experiments
from app.measure.experiment.ledger import Ledger, open_ledger
from app.measure.experiment.ledger_state import LedgerState
from app.measure.governance.data_quality import data_quality
from app.measure.governance.signing import sign_off_states, use_case_problems
from app.measure.governance.usecase import UseCase, load_use_case
from app.measure.risks.integrity import P99_LATENCY, p99_latency
from app.measure.risks.measuring import LatencySource, no_latency
from app.measure.risks.stored import stored_risks, stored_values
from app.models.registry import Registry
from app.settings import Settings
from app.store import Store
from app.store.measures.exclusions import read_exclusions
from app.store.measures.hypotheses import all_hypotheses
from app.store.measures.portfolio import latest_portfolio
from app.values.origin import ORIGINS
from app.visitors.contribution import contribution_rules

MAX_EXCLUSIONS = 100
"""Newest exclusions, lifted ones too, that the board holds."""
KEEP_PER_COST = 20.0
"""Seconds for which a section is kept for each second that it cost."""
MAX_STEPS = 100
"""Newest steps of model versions that the board holds."""
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Round:
    """What a section may read. now: Unix seconds, the same for all sections of a round.

    ledger: the running site's; without one the sums are made anew. latency: of the process that answers pages; others
    have the risk monitor's stored reading.
    """

    store: Store
    registry: Registry
    settings: Settings
    now: float
    ledger: Ledger | None = None
    latency: LatencySource = no_latency


Measure = Callable[[Round], Any]


@dataclass(frozen=True, slots=True)
class Section:
    """One section: its value, or None and the problem that kept it from being measured.

    cost_ms: time it took. taken_at: Unix seconds; a dear section is kept for some rounds.
    """

    value: Any
    problem: str | None
    cost_ms: float
    taken_at: float

    def is_fresh(self, now: float) -> bool:
        """Whether it may stand for another round, so that no section takes more than a twentieth of the time."""
        return self.problem is None and 0 <= now - self.taken_at < KEEP_PER_COST * self.cost_ms / 1_000


@dataclass(frozen=True, slots=True)
class Board:
    """All sections by name. taken_at: Unix seconds at which the round began. cost_s: seconds that it took."""

    taken_at: float
    cost_s: float
    sections: Mapping[str, Section]

    def value(self, name: str) -> Any:
        """The value of a section; None when there is no such section or it failed."""
        section = self.sections.get(name)
        return None if section is None else section.value

    def problem(self, name: str) -> str | None:
        """Why a section has no value, or None."""
        section = self.sections.get(name)
        return None if section is None else section.problem


def _overview(taken: Round) -> Any:
    rules = contribution_rules(taken.settings)
    return overview(taken.store, taken.registry, now=taken.now, use_case=_use_case(taken), rules=rules)


def _use_case(taken: Round) -> UseCase:
    return load_use_case(taken.settings.use_case_file)


def _ledger(taken: Round) -> LedgerState:
    return (taken.ledger or open_ledger(taken.store, taken.settings)).follow()


def _experiments(taken: Round) -> tuple[Experiment, ...]:
    settings, use_case = taken.settings, _use_case(taken)
    return read_experiments(
        _ledger(taken),
        use_case,
        control_share=settings.control_share,
        aa_mode=settings.aa_mode,
        readings=_readings(taken, use_case),
    )


def _readings(taken: Round, use_case: UseCase) -> dict[str, float]:
    """Figures of guardrails that are not of the arms: as they were last stored, and the latency as it is now."""
    readings = stored_values(taken.store, use_case.risk_indicators)
    p99_ms = p99_latency(taken.latency()).value
    return readings if p99_ms is None else {**readings, P99_LATENCY: p99_ms}


def _growth(taken: Round) -> GrowthCurve:
    return growth_curve(taken.registry.versions(), _ledger(taken).windows)


def _momentum(taken: Round) -> tuple[Momentum, ...]:
    """Of every origin that has had arms compared: the site's own visitors, not histories from before it."""
    curve, conn = _growth(taken), taken.store.reader()
    return tuple(
        momentum(conn, curve, origin) for origin in ORIGINS if any(point.origin == origin for point in curve.online)
    )


SECTIONS: Sequence[tuple[str, Measure]] = (
    ("overview", _overview),
    ("use_case", _use_case),
    ("sign_offs", lambda taken: sign_off_states(_use_case(taken))),
    ("use_case_problems", lambda taken: use_case_problems(_use_case(taken), taken.settings.control_share)),
    ("experiments", _experiments),
    ("risks", lambda taken: stored_risks(taken.store, _use_case(taken).risk_indicators, taken.now)),
    ("growth", _growth),
    ("momentum", _momentum),
    ("hypotheses", lambda taken: all_hypotheses(taken.store.reader())),
    ("portfolio", lambda taken: latest_portfolio(taken.store.reader())),
    ("trial", lambda taken: latest_trial(taken.store, taken.registry)),
    ("data_quality", lambda taken: data_quality(taken.store, taken.settings, taken.now)),
    ("exclusions", lambda taken: read_exclusions(taken.store.reader(), MAX_EXCLUSIONS)),
    ("steps", lambda taken: taken.registry.steps(limit=MAX_STEPS)),
)
"""Name and measure of every section, in the order in which they are taken."""


def take_board(taken: Round, sections: Sequence[tuple[str, Measure]] = SECTIONS, before: Board | None = None) -> Board:
    """Measure every section; one that fails says so in its place and leaves the others alone.

    before: the last board, whose dear sections are kept while they are fresh; without it all are measured.
    """
    start = time.perf_counter()
    kept = {} if before is None else {name: s for name, s in before.sections.items() if s.is_fresh(taken.now)}
    measured = {name: kept.get(name) or _take_section(name, measure, taken) for name, measure in sections}
    return Board(taken_at=taken.now, cost_s=time.perf_counter() - start, sections=measured)


def _take_section(name: str, measure: Measure, taken: Round) -> Section:
    start = time.perf_counter()
    value, problem = None, None
    try:
        value = measure(taken)
    except Exception as error:  # whatever it is, the page shows it in this section's place and the others stand
        problem = f"{type(error).__name__}: {error}"
        _log.warning("board_section_failed", section=name, problem=problem)
    return Section(value, problem, 1_000 * (time.perf_counter() - start), taken.now)
