"""What can go wrong with the event database, in words that name the fix."""

from __future__ import annotations

from app.store.engines.faults import DATABASE_ERRORS, Cause, cause_of


class StoreError(Exception):
    """Anything that the event database refuses; the base of the other errors here."""


READ_ERRORS: tuple[type[Exception], ...] = (StoreError, *DATABASE_ERRORS)
"""What a read or a write task may raise: of a store that was closed meanwhile, of a disk that is full."""


class NotInitialisedError(StoreError):
    """The event database does not exist, or its schema is not the one of this code."""


class UnreachableError(StoreError):
    """The server of the database does not answer, or refuses us; the message names it and what it said."""

    to_strangers = "the database server cannot be reached; try again later"


class QueueFullError(StoreError):
    """As many writes wait as may wait; this one was not taken. Try again in a moment."""

    def __init__(self, queue_size: int) -> None:
        super().__init__(
            f"{queue_size} writes wait already and no more may; try again in a moment, or raise the setting queue_size"
        )


class WriterBusyError(StoreError):
    """Another process holds the right to write.

    pid: the process that holds it, None when it could not be read. host: its machine, None for this one.
    """

    def __init__(self, name: str, pid: int | None, host: str | None = None) -> None:
        self.pid = pid
        on_host = f" on {host}" if host else ""
        super().__init__(
            f"the site is running (process {pid or 'unknown'}{on_host}) and writes {name}; stop it or use its JSON API"
        )


class TrainerElsewhereError(StoreError):
    """Another trainer learns from the same database, maybe on another machine. pid: None when it could not be read."""

    def __init__(self, name: str, pid: int | None, host: str | None) -> None:
        self.pid = pid
        super().__init__(
            f"a trainer is running already (process {pid or 'unknown'} on {host or 'this host'}) and it alone learns "
            f"from {name}: end that one first, or let it do the work"
        )


class VisitorErasedError(StoreError):
    """A write was about a visitor who was erased meanwhile; nothing was stored. Logs keep it: it names nobody."""

    def __init__(self) -> None:
        super().__init__("this visitor was erased; nothing of theirs is stored any more")


class VisitorMergedError(StoreError):
    """A write was about an id whose visitor is known by another one since; nothing was stored, the next try is."""

    def __init__(self) -> None:
        super().__init__("this visitor was merged into another a moment ago; try again")


class SiteClosedError(StoreError):
    """The site was closed; nothing is opened any more by this process."""

    def __init__(self) -> None:
        super().__init__("the site is ending and takes no more requests; try again in a moment")


class StoreClosedError(StoreError):
    """The store was closed; its readers are gone."""

    def __init__(self, name: str) -> None:
        super().__init__(f"the store of {name} is closed; make a new one")


class WriterClosedError(StoreError):
    """The writer was closed, or its thread ended; nothing more can be written through it."""


class NotWritableError(StoreError):
    """The database cannot be written at the moment; the writer goes on trying by itself. Try again later."""

    def __init__(self, problem: str | None) -> None:
        super().__init__(f"the database cannot be written at the moment ({problem}); try again later")


class WriteFailedError(StoreError):
    """The transaction that a write shared with others could not be committed; none of them is stored. Send it again."""

    @classmethod
    def of(cls, error: BaseException) -> WriteFailedError:
        """The error that tells of `error`, of the kind that its cause has."""
        kind = DiskFullError if cause_of(error) is Cause.FULL else cls
        told = kind(f"nothing was stored: {said_to_strangers(error)}; send it again")
        told.__cause__ = error
        return told

    @classmethod
    def at_commit(cls, error: BaseException) -> WriteFailedError:
        """The error that tells of a connection that broke before the answer to a COMMIT came."""
        told = cls(
            f"nobody knows whether it was stored: {said_to_strangers(error)}; send it again, an event that is stored "
            "counts once"
        )
        told.__cause__ = error
        return told


class DiskFullError(WriteFailedError):
    """There is no room for a write. Make some; nothing else is needed."""


class WriteTimeoutError(StoreError, TimeoutError):
    """A write was not committed in time; the message says whether it can still happen."""


def said_to_strangers(error: BaseException) -> str:
    """What an answer may tell of an error: hosts, users and paths of a server are for its owner, in the log."""
    return str(getattr(error, "to_strangers", "") or error or type(error).__name__)


def as_store_error(error: Exception) -> Exception:
    """What a task raised; where the machine is at fault and not the task, the error that asks to send it again."""
    return error if cause_of(error) is Cause.TASK else WriteFailedError.of(error)
