"""The set that every migration of the event database is registered in, in order."""

from __future__ import annotations

from sqlite_utils import Migrations

migrations = Migrations("events")
