"""Where pages queue their slates for the log, without waiting for it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from functools import partial

import structlog

from app.serve.several.own_writes import OwnWrites
from app.store import StoreError, VisitorErasedError, Writer
from app.store.pages import PageLog
from app.store.slates import LoggedSlate
from app.values.visitor import Visitor

_log = structlog.get_logger(__name__)


class SlateLog:
    """Queues slates for the one writer."""

    def __init__(self, writer: Writer, own_writes: OwnWrites) -> None:
        self._writer = writer
        self._own_writes = own_writes

    def queue(self, visitor: Visitor, slates: Sequence[LoggedSlate]) -> bool:
        """Queue slates for the log; False when it takes none now, which costs the page nothing.

        Not waited for: the writer works in order, so a click that answers a slate always finds it stored. Where other
        processes write as well, whoever shows the page waits for it (`OwnWrites`).
        """
        if not slates:
            return True
        page_id, task = slates[0].page_id, PageLog(visitor, slates)
        failed = partial(_report_failure, page_id)
        try:
            if self._own_writes.are_awaited:
                logged = self._writer.submit(task)
                logged.add_done_callback(partial(_report_outcome, failed))
                self._own_writes.add(logged)
            else:
                self._writer.post(task, failed)
        except StoreError as error:
            _log.warning("slate_not_logged", page_id=page_id, reason=str(error))
            return False
        return True


def _report_outcome(failed: Callable[[BaseException], None], logged: Future[int]) -> None:
    error = None if logged.cancelled() else logged.exception()
    if error is not None:
        failed(error)


def _report_failure(page_id: str, error: BaseException) -> None:
    if not isinstance(error, VisitorErasedError):  # a page made while its visitor was forgotten is to leave no trace
        _log.error("slate_not_logged", page_id=page_id, reason=str(error))
