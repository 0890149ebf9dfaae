"""Counts in words."""

from __future__ import annotations

from app.values.counted import counted


def test_one_is_singular() -> None:
    assert [counted(number, "visitor") for number in (0, 1, 2_400)] == ["0 visitors", "1 visitor", "2,400 visitors"]
    assert counted(1, "person", "people") == "1 person"
    assert counted(2, "person", "people") == "2 people"
