"""The web process: gunicorn with threads, and where wanted several processes; waitress where gunicorn cannot run."""

from __future__ import annotations

import sys

from flask import Flask

from app.settings import Settings

__all__ = ["run_site"]


def run_site(app: Flask, settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT. On SQLite one process, because one is the writer; its threads share one model."""
    # Each server is imported where it can run: gunicorn's modules need what Windows has not.
    if sys.platform == "win32":
        if settings.web_concurrency > 1:
            sys.exit("error: setting web_concurrency must be 1 on Windows; start one process a port behind a proxy")
        from app.server.waitress_site import run_waitress as run
    else:
        from app.server.gunicorn_site import run_gunicorn as run
    run(app, settings)
