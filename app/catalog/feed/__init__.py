"""Feeds: files in which a shop keeps its items or what its customers did, read line by line with every doubt named."""

from app.catalog.feed.columns import Columns, settle_columns, stated_columns
from app.catalog.feed.errors import FeedError, FieldError
from app.catalog.feed.report import Note, Report
from app.catalog.feed.rows import BadRow, FeedRow, read_rows

__all__ = [
    "BadRow",
    "Columns",
    "FeedError",
    "FeedRow",
    "FieldError",
    "Note",
    "Report",
    "read_rows",
    "settle_columns",
    "stated_columns",
]
