"""The event database: items, visitors, slates and events. All SQL of the application is in this folder."""

from sqlite_utils import Database

from app.store.errors import (
    NotInitialisedError,
    QueueFullError,
    StoreError,
    WriteFailedError,
    WriterBusyError,
    WriterClosedError,
    WriteTimeoutError,
)
from app.store.store import Store
from app.store.writer import Task, Writer

__all__ = [
    "Database",
    "NotInitialisedError",
    "QueueFullError",
    "Store",
    "StoreError",
    "Task",
    "WriteFailedError",
    "WriteTimeoutError",
    "Writer",
    "WriterBusyError",
    "WriterClosedError",
]
