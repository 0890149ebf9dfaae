"""What a thread of the worker does: it answers a request that has arrived whole."""

from __future__ import annotations

import io
import threading
from typing import Any

from gunicorn.config import Config
from gunicorn.workers.gthread import ThreadWorker

from app.server.answering_threads import AnsweringThreads
from app.server.settled_config import SettledConfig
from app.server.wake_up_pipe import WakeUpPipe


class AnsweringWorker(ThreadWorker):
    """Gunicorn's threaded worker with threads that never wait for a request."""

    def __init__(self, age: int, ppid: int, sockets: Any, app: Any, timeout: float, cfg: Config, log: Any) -> None:
        super().__init__(age, ppid, sockets, app, timeout, SettledConfig(cfg), log)
        self.method_queue = WakeUpPipe()
        self._counting = threading.Lock()
        self._under_way = 0

    @property
    def busy(self) -> bool:
        """Whether a request is being answered, or waits for a thread that will answer it."""
        return self._under_way > 0

    def get_thread_pool(self) -> AnsweringThreads:
        return AnsweringThreads(self.cfg.threads, self._answer)

    def run(self) -> None:
        self.tpool.start()
        try:
            super().run()
        finally:
            self.tpool.shutdown(wait=False)

    def count_request(self) -> None:
        """One more is on its way to the threads; called by the loop."""
        with self._counting:
            self._under_way += 1

    def _answer(self, conn: Any) -> None:
        """Answer the connection's request, on one of the threads."""
        goes_on = False
        try:
            goes_on = self.handle(conn)
        except Exception:
            self.log.exception("a connection was not handled")
        finally:
            self.method_queue.defer(self.finish_request, conn, goes_on)

    def handle(self, conn: Any) -> bool:
        try:
            goes_on = bool(super().handle(conn))
            conn.sock.flush()
            return goes_on
        except OSError:  # of a client that is gone, or does not read its answer
            return False
        finally:
            with self._counting:
                self._under_way -= 1

    def handle_request(self, req: Any, conn: Any) -> Any:
        # The whole body is here, so nobody waits to be told to send it; the loop told those who did.
        req._expected_100_continue = False
        # Read here, what is broken in its chunks is answered with 400. In the application it would be a fault of ours.
        req.body = io.BytesIO(req.body.read())
        try:
            return super().handle_request(req, conn)
        except TimeoutError as error:  # of a client that does not read its answer
            raise StopIteration from error
