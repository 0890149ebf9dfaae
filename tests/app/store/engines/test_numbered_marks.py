"""Marks of statements are numbered, whatever stands in quotes beside them."""

from __future__ import annotations

import pytest

from app.store.engines.connection import Values
from app.store.engines.postgres.parameters import bound


@pytest.mark.parametrize(
    ("sql", "values", "numbered", "ordered"),
    [
        ("a = ? AND b = ?", (1, 2), "a = $1 AND b = $2", [1, 2]),
        ("a = ?1 AND b = ?2 OR c = ?1", (1, 2), "a = $1 AND b = $2 OR c = $1", [1, 2]),
        ("a = ?2 AND b = ?1", (1, 2), "a = $1 AND b = $2", [2, 1]),
        (
            "a = :kept AND b = :merged AND c = :kept",
            {"merged": 1, "kept": 2, "at": 3},
            "a = $1 AND b = $2 AND c = $1",
            [2, 1],
        ),
        ("a = '?' AND b = 'it''s :name' AND c = ?", (1,), "a = '?' AND b = 'it''s :name' AND c = $1", [1]),
        ("a = 1", (), "a = 1", []),
    ],
)
def test_marks_are_numbered_in_the_order_of_their_values(
    sql: str, values: Values, numbered: str, ordered: list[object]
) -> None:
    assert bound(sql, values) == (numbered, ordered)
