"""What requests of a running site work with."""

from __future__ import annotations

from dataclasses import dataclass

from app.catalog import CatalogHolder
from app.crowd import Crowd
from app.keys import KeyRing
from app.measure.dashboard.refresher import BoardRefresher
from app.measure.experiment.ledger import Ledger
from app.measure.risks.monitor import Monitor
from app.models.registry import Registry
from app.periodic import PeriodicRunner
from app.record import Recorder
from app.serve.insight.click_effect import ClickEffects
from app.serve.insight.taste import Tastes
from app.serve.serve import Serve
from app.serve.several.following import ChangeFollower
from app.store import Store, Writer


@dataclass(frozen=True, slots=True)
class Parts:
    """The long-lived parts of a web process."""

    store: Store
    writer: Writer
    catalogs: CatalogHolder
    recorder: Recorder
    serve: Serve
    effects: ClickEffects
    tastes: Tastes
    crowd: Crowd
    keys: KeyRing
    registry: Registry
    board: BoardRefresher
    ledger: Ledger
    monitor: Monitor
    jobs: PeriodicRunner
    follower: ChangeFollower | None = None
    """Takes up what other processes change, where there may be any."""
