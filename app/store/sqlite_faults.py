"""What is known to be wrong with a version of SQLite, as far as it touches this site."""

from __future__ import annotations

import sqlite3

OLDEST = (3, 35, 0)
"""The first version with RETURNING, which the registry uses."""

_WAL_RESET_FIXED = {(3, 44): (3, 44, 6), (3, 50): (3, 50, 7)}
"""Branches that got the fix of the WAL-reset race; all from 3.51.3 on have it."""


def sqlite_version() -> tuple[int, int, int]:
    """The version of the SQLite library in use."""
    major, minor, patch = sqlite3.sqlite_version_info[:3]
    return major, minor, patch


def has_wal_reset_race(version: tuple[int, int, int]) -> bool:
    """Whether two connections that checkpoint at once may damage the file; sqlite.org/wal.html tells.

    This site has one connection that checkpoints, so that it cannot happen here; another program that writes the same
    file brings it back.
    """
    fixed = _WAL_RESET_FIXED.get(version[:2], (3, 51, 3))
    return (3, 7, 0) <= version < fixed
