"""Serves the site: gunicorn with one process and threads, or waitress where gunicorn cannot run."""

from __future__ import annotations

import sys
import threading
from typing import Any

from flask import Flask

from app.settings import Settings
from recommender import warm_up


def run_site(app: Flask, settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT. One process, because one process is the writer; its threads share one model."""
    if sys.platform == "win32":
        _run_waitress(app, settings)
    else:
        _run_gunicorn(app, settings)


def _open(app: Flask) -> None:
    """Open everything, and have every kernel compiled before most visitors come; the first time takes many seconds, so
    the site answers meanwhile.
    """
    app.extensions["flywheel"].open()
    threading.Thread(target=warm_up, name="warm-up", daemon=True).start()


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
