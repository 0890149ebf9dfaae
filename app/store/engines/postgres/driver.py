"""Psycopg, which speaks to a PostgreSQL server: an extra, so that a site on SQLite does without."""

from __future__ import annotations

import logging

from app.store.errors import StoreError

try:
    import psycopg
    import psycopg_pool
except ImportError as error:
    raise StoreError(
        f"the setting database_url names PostgreSQL, and its driver cannot be loaded ({error}); "
        "run `pip install -r requirements/postgres.txt`, or leave database_url empty for SQLite"
    ) from error

logging.getLogger("psycopg.pool").setLevel(logging.ERROR)  # whoever waits for a connection says what is wrong

__all__ = ["psycopg", "psycopg_pool"]
