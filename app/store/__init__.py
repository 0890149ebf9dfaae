"""The event database: items, visitors, slates and events. All SQL of the application is in this folder."""

from app.store.engines import Database
from app.store.engines.faults import UnstorableTextError
from app.store.errors import (
    READ_ERRORS,
    DiskFullError,
    NotInitialisedError,
    NotWritableError,
    QueueFullError,
    SiteClosedError,
    StoreError,
    TrainerElsewhereError,
    VisitorErasedError,
    VisitorMergedError,
    WriteFailedError,
    WriterBusyError,
    WriterClosedError,
    WriteTimeoutError,
    said_to_strangers,
)
from app.store.store import Store
from app.store.writing.group import Task
from app.store.writing.writer import Writer

__all__ = [
    "READ_ERRORS",
    "Database",
    "DiskFullError",
    "NotInitialisedError",
    "NotWritableError",
    "QueueFullError",
    "SiteClosedError",
    "Store",
    "StoreError",
    "Task",
    "TrainerElsewhereError",
    "UnstorableTextError",
    "VisitorErasedError",
    "VisitorMergedError",
    "WriteFailedError",
    "WriteTimeoutError",
    "Writer",
    "WriterBusyError",
    "WriterClosedError",
    "said_to_strangers",
]
