"""The web process: gunicorn with one process and threads, or waitress where gunicorn cannot run."""

from __future__ import annotations

import sys

from flask import Flask

from app.settings import Settings

__all__ = ["run_site"]


def run_site(app: Flask, settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT. One process, because one process is the writer; its threads share one model."""
    # Each server is imported where it can run: gunicorn's modules need what Windows has not.
    if sys.platform == "win32":
        from app.server.waitress_site import run_waitress as run
    else:
        from app.server.gunicorn_site import run_gunicorn as run
    run(app, settings)
