"""Where pages queue their slates for the log, without waiting for it."""

from __future__ import annotations

from collections.abc import Sequence
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
        page_id = slates[0].page_id
        try:
            logged = self._writer.submit(PageLog(visitor, slates))
        except StoreError as error:
            _log.warning("slate_not_logged", page_id=page_id, reason=str(error))
            return False
        logged.add_done_callback(partial(_report_failure, page_id))
        self._own_writes.add(logged)
        return True


def _report_failure(page_id: str, logged: Future[int]) -> None:
    error = None if logged.cancelled() else logged.exception()
    if isinstance(error, VisitorErasedError):
        return  # the page was being made while its visitor asked to be forgotten: it is to leave no trace
    if error is not None:
        _log.error("slate_not_logged", page_id=page_id, reason=str(error))
