"""The site under gunicorn: one worker process whose threads answer requests."""

from __future__ import annotations

import os
import threading
from types import FrameType
from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication
from gunicorn.workers.base import Worker
from gunicorn.workers.gthread import PollableMethodQueue, ThreadWorker

from app.server.ending import end_site
from app.server.opening import open_site
from app.settings import Settings

ORPHAN_GRACE_S = 2
"""How long requests may go on in a worker without a master: the next site waits for its port and its database."""

# The master kills a worker after this much more than the grace, so that the worker can end by itself.
_MASTER_PATIENCE_S = 10


class WakeUpPipe(PollableMethodQueue):
    """The pipe by which threads wake the worker's loop; after `close` nothing is written to it any more.

    A descriptor is a number that the next opened file gets again: a wake-up byte that is written to the number of a
    closed pipe lands in that file.
    """

    def __init__(self) -> None:
        super().__init__()
        # Re-entrant: the handler of SIGTERM wakes the loop too, and may interrupt the main thread in here.
        self._guard = threading.RLock()

    def close(self) -> None:
        with self._guard:
            super().close()
            self._read_fd = self._write_fd = None

    def defer(self, callback: Any, *arguments: Any) -> None:
        with self._guard:
            if self._write_fd is not None:
                super().defer(callback, *arguments)


class SiteWorker(ThreadWorker):
    """Gunicorn's threaded worker, which knows whether any of its threads is busy and ends soon without its master."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.method_queue = WakeUpPipe()
        self._counting = threading.Lock()
        self._under_way = 0

    @property
    def busy(self) -> bool:
        """Whether a connection is being handled, or waits for a thread that will handle it."""
        return self._under_way > 0

    def enqueue_req(self, conn: Any) -> None:
        with self._counting:
            self._under_way += 1
        super().enqueue_req(conn)

    def handle(self, conn: Any) -> Any:
        try:
            return super().handle(conn)
        finally:
            with self._counting:
                self._under_way -= 1

    def handle_quit(self, sig: int, frame: FrameType | None) -> None:
        # Not the threaded worker's own: it takes a lock of the thread pool inside a signal handler, which never returns
        # when the signal came while the main thread held that lock.
        Worker.handle_quit(self, sig, frame)

    def is_parent_alive(self) -> bool:
        alive = bool(super().is_parent_alive())
        if not alive:
            self.cfg.set("graceful_timeout", min(self.cfg.graceful_timeout, ORPHAN_GRACE_S))
        return alive


def run_gunicorn(app: Flask, settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT."""

    def begin(worker: SiteWorker) -> None:
        # In the worker, after the fork: threads and database connections do not survive one.
        worker.cfg.set("graceful_timeout", settings.grace_s)
        open_site(app)

    def end(arbiter: Any, worker: SiteWorker) -> None:
        # The master calls this too, for a worker that ended before a signal reached it; the master has nothing open.
        if worker.pid == os.getpid():
            end_site(app, requests_under_way=worker.busy)

    class Site(BaseApplication):
        """Gunicorn, configured by our settings instead of its own files and command line."""

        def load_config(self) -> None:
            options: dict[str, Any] = {
                "bind": f"{settings.host}:{settings.port}",
                "workers": 1,
                "threads": settings.threads,
                "worker_class": SiteWorker,
                "worker_tmp_dir": None,
                "graceful_timeout": settings.grace_s + _MASTER_PATIENCE_S,
                "timeout": 60,
                "keepalive": 30,
                "loglevel": "warning",
                "control_socket_disable": True,
                "post_worker_init": begin,
                "worker_exit": end,
            }
            for name, value in options.items():
                if name in self.cfg.settings:
                    self.cfg.set(name, value)

        def load(self) -> Flask:
            return app

    Site().run()
