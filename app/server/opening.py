"""How the web process begins: everything is opened, and what takes seconds is prepared beside the first visitors."""

from __future__ import annotations

import gc
import threading
from contextlib import suppress

from flask import Flask

from app.measure.dashboard.refresher import BoardRefresher
from app.store import READ_ERRORS
from recommender import warm_up


def open_site(app: Flask) -> None:
    """Open everything, and prepare beside the first visitors what takes seconds: the site answers meanwhile."""
    board = app.extensions["flywheel"].open().board
    threading.Thread(target=_settle, args=[board], name="warm-up", daemon=True).start()


def _settle(board: BoardRefresher) -> None:
    """Compile every kernel, count every event once, and spare the garbage collector what will stay.

    Modules, catalog and ledger are a million objects: to look through them stopped every page for 130 ms, again and
    again.
    """
    warm_up()
    with suppress(*READ_ERRORS):  # the site was closed meanwhile
        board.current()
    gc.collect()
    gc.freeze()
