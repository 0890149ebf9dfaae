"""All tables of the event database but those that an engine keeps for itself, such as its index of words."""

from __future__ import annotations

from collections.abc import Mapping

KEYS: Mapping[str, tuple[str, ...]] = {
    "items": ("position",),
    "words": ("word",),
    "visitors": ("rowid",),
    "merges": ("id",),
    "slates": ("seq",),
    "events": ("seq",),
    "interactions": ("seq",),
    "quarantine": ("id",),
    "exclusions": ("id",),
    "curations": ("id",),
    "duplicates": ("day", "origin"),
    "assignments": ("id",),
    "wishes": ("rowid",),
    "arrivals": ("visitor_id",),
    "rules": ("id",),
    "erasures": ("id",),
    "tombstones": ("digest",),
    "baselines": ("id",),
    "hypotheses": ("id",),
    "risk_readings": ("id",),
    "portfolio_runs": ("id",),
}
"""Tables in the order in which their rows can be inserted, and the columns, unique together, that order their rows."""

NUMBERS = frozenset({"seq", "id", "rowid"})
"""Keys that the engine gives out, each number once."""
