"""The lift of each origin's experiment, as claims and reports ask for it."""

from __future__ import annotations

from app.measure.experiment.experiments import read_experiment
from app.measure.experiment.ledger import open_ledger
from app.measure.experiment.ledger_state import LedgerState
from app.measure.experiment.ratio import has_enough
from app.measure.governance.usecase import UseCase, load_use_case
from app.settings import Settings
from app.store import Store
from app.values.interval import Interval
from app.values.origin import LIVE_ORIGINS


def measured_lifts(store: Store, settings: Settings) -> dict[str, Interval]:
    """Treatment's click-through over control's, as a share, by origin; read anew from all events, so not for a page."""
    return lifts_of(open_ledger(store, settings).follow(), load_use_case(settings.use_case_file), settings)


def lifts_of(state: LedgerState, use_case: UseCase, settings: Settings) -> dict[str, Interval]:
    """The same from a ledger that is kept; always-valid intervals.

    Origins whose verdict is withheld, or whose arms have too few visitors or clicks, have no lift.
    """
    lifts = {}
    for origin in LIVE_ORIGINS:
        found = read_experiment(state, origin, use_case, control_share=settings.control_share, aa_mode=settings.aa_mode)
        if found is None or found.click_through is None or found.mismatch.tripped:
            continue
        comparison = found.click_through
        if not has_enough(comparison):
            continue
        lifts[origin] = comparison.lift_always
    return lifts
