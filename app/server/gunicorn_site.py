"""The site under gunicorn: one worker process whose threads answer requests, or several on a database for several."""

from __future__ import annotations

import os
import time
from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication

from app.server.ending import end_site
from app.server.even_share import EvenShare
from app.server.limits import ConnectionLimits
from app.server.opening import open_site
from app.server.sharing_worker import SharingWorker
from app.settings import Settings
from app.store import READ_ERRORS

# The master kills a worker after this much more than the grace, so that the worker can end by itself.
_MASTER_PATIENCE_S = 10
_TRY_AGAIN_S = 1.0


def run_gunicorn(app: Flask, settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT."""

    class LimitedWorker(SharingWorker):
        limits = ConnectionLimits.of(settings)
        share = EvenShare(settings.web_concurrency) if settings.web_concurrency > 1 else None

    def begin(worker: SharingWorker) -> None:
        # In the worker, after the fork: threads and database connections do not survive one.
        worker.cfg.set("graceful_timeout", settings.grace_s)
        try:
            open_site(app)
        except READ_ERRORS as error:
            if not settings.database_url or worker.age <= settings.web_concurrency:
                raise  # at the start of the site: somebody reads why
            # In place of a worker that ended: the server may be starting again. Gunicorn ends the whole site when one
            # cannot be opened, and starts another for one that ended otherwise.
            worker.log.error("the site could not be opened, another worker tries again: %s", error)
            time.sleep(_TRY_AGAIN_S)
            os._exit(1)

    def end(arbiter: Any, worker: SharingWorker) -> None:
        # The master calls this too, for a worker that ended before a signal reached it; the master has nothing open.
        if worker.pid == os.getpid():
            end_site(app, requests_under_way=worker.busy)

    class Site(BaseApplication):
        """Gunicorn, configured by our settings instead of its own files and command line."""

        def load_config(self) -> None:
            options: dict[str, Any] = {
                "bind": f"{settings.host}:{settings.port}",
                "workers": settings.web_concurrency,
                "threads": settings.threads,
                "worker_class": LimitedWorker,
                "worker_tmp_dir": None,
                "graceful_timeout": settings.grace_s + _MASTER_PATIENCE_S,
                "timeout": 60,
                "keepalive": 30,
                "loglevel": "warning",
                "control_socket_disable": True,
                # Gunicorn believes a client of the same machine what it says about scheme and path. The application
                # looks at such headers itself, and only as far as `trusted_proxies` says.
                "forwarded_allow_ips": "",
                "post_worker_init": begin,
                "worker_exit": end,
            }
            for name, value in options.items():
                if name in self.cfg.settings:
                    self.cfg.set(name, value)

        def load(self) -> Flask:
            return app

    Site().run()
