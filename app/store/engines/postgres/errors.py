"""What PostgreSQL raises, as what the store knows: whose fault it is, and whether a later try may work."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from app.store.engines.faults import Cause, EngineError, RowRefusedError, UnstorableTextError
from app.store.engines.postgres.driver import psycopg, psycopg_pool

# Classes and codes of SQLSTATE (PostgreSQL's appendix A) that say nothing against the statement.
_MACHINE_CLASSES = ("08", "25006", "40", "53", "55P03", "57", "58", "XX")
_FULL = "53100"


@contextmanager
def told() -> Iterator[None]:
    """Raise what psycopg raises within the block as EngineError, or RowRefusedError."""
    try:
        yield
    except (psycopg.Error, psycopg_pool.PoolTimeout, psycopg_pool.PoolClosed) as error:
        raise engine_error(error) from error


def engine_error(error: Exception) -> EngineError:
    """The error of ours for one of psycopg's or of its pool's."""
    code = getattr(error, "sqlstate", None)
    said = _sentence(error)
    if isinstance(error, psycopg.DataError) and code is None and "NUL" in said:
        return UnstorableTextError()
    if isinstance(error, psycopg.IntegrityError):
        return RowRefusedError(said)
    if code == _FULL:
        return EngineError(said, Cause.FULL)
    if code is not None:
        lost = code.startswith(("08", "57P"))
        machine = code.startswith(_MACHINE_CLASSES)
        return EngineError(said, Cause.MACHINE if machine else Cause.TASK, connection_lost=lost)
    # Without a code nobody answered: the way to the server broke, or it could not be reached.
    unanswered = isinstance(error, psycopg.OperationalError | psycopg_pool.PoolTimeout)
    return EngineError(said, Cause.MACHINE if unanswered else Cause.TASK, connection_lost=unanswered)


def _sentence(error: Exception) -> str:
    diagnosis = getattr(error, "diag", None)
    said = getattr(diagnosis, "message_primary", None) or " ".join(str(error).split())
    return said or type(error).__name__
