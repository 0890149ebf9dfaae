"""Locks that processes of all hosts share: each is a number that PostgreSQL knows as long as somebody holds it."""

from __future__ import annotations

_OURS = 0x464C5957 << 32
"""The upper half of our numbers ("FLYW"), so that another program in the same database has others."""

WRITING = _OURS + 1
"""Held by a transaction that writes, from before its first number is given out to its commit."""

SCHEMA = _OURS + 2
"""Held while the schema changes."""
