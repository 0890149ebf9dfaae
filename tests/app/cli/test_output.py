"""What commands write as JSON is JSON to every reader."""

from __future__ import annotations

import json

from app.cli.output import to_json


def test_an_endless_bound_and_a_number_that_is_none_are_null() -> None:
    given = {"low": float("-inf"), "rows": [(1.5, float("nan"))], "name": "Ä", "version": 3}
    text = to_json(given)
    assert json.loads(text, parse_constant=lambda name: name) == {
        "low": None,
        "rows": [[1.5, None]],
        "name": "Ä",
        "version": 3,
    }
    assert "Ä" in text
