"""Reading the site's own measures during the proof: nothing here computes a figure of its own."""

from __future__ import annotations

from app.measure.dashboard.board import Board
from app.measure.experiment.experiments import Experiment
from app.measure.risks.reading import Reading
from benchmarks.proof.site import ProofSite

ORIGIN = "simulated"
CALM = "ok"
"""The state of an indicator that asks for nothing."""


def take_board(site: ProofSite) -> Board:
    """The board of /flywheel, taken now."""
    return site.flywheel.board.refresh()


def experiment(board: Board) -> Experiment:
    """The experiment of the simulated visitors. Raises LookupError when the board has none, with its reason."""
    for found in board.value("experiments") or ():
        if found.origin == ORIGIN:
            return found  # type: ignore[no-any-return]
    raise LookupError(f"the board has no experiment of {ORIGIN} visitors: {board.problem('experiments')}")


def risk(site: ProofSite, name: str) -> Reading:
    """One indicator, from a round that is taken now and stored."""
    readings = {reading.indicator.name: reading for reading in site.flywheel.monitor.round()}
    return readings[name]
