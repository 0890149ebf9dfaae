"""Serves the site: gunicorn with one process and threads, or waitress where gunicorn cannot run."""

from __future__ import annotations

import gc
import sys
import threading
from contextlib import suppress
from typing import Any

from flask import Flask

from app.measure.dashboard.refresher import BoardRefresher
from app.settings import Settings
from app.store import READ_ERRORS
from recommender import warm_up


def run_site(app: Flask, settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT. One process, because one process is the writer; its threads share one model."""
    if sys.platform == "win32":
        _run_waitress(app, settings)
    else:
        _run_gunicorn(app, settings)


def _open(app: Flask) -> None:
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


def _run_waitress(app: Flask, settings: Settings) -> None:
    import waitress

    _open(app)
    try:
        waitress.serve(app, host=settings.host, port=settings.port, threads=settings.threads)
    finally:
        app.extensions["flywheel"].close()


def _run_gunicorn(app: Flask, settings: Settings) -> None:
    from gunicorn.app.base import BaseApplication

    class Site(BaseApplication):
        """Gunicorn, configured by our settings instead of its own files and command line."""

        def load_config(self) -> None:
            options: dict[str, Any] = {
                "bind": f"{settings.host}:{settings.port}",
                "workers": 1,
                "threads": settings.threads,
                "worker_class": "gthread",
                "worker_tmp_dir": None,
                "graceful_timeout": 10,
                "timeout": 60,
                "keepalive": 30,
                "loglevel": "warning",
                "control_socket_disable": True,
                # Opened in the worker, after the fork: threads and database connections do not survive one.
                "post_worker_init": lambda worker: _open(app),
                "worker_exit": lambda arbiter, worker: app.extensions["flywheel"].close(),
            }
            for name, value in options.items():
                if name in self.cfg.settings:
                    self.cfg.set(name, value)

        def load(self) -> Flask:
            return app

    Site().run()
