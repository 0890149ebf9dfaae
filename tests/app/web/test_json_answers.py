"""JSON answers say what the standard library's would, half a surrogate included."""

from __future__ import annotations

import json
from typing import Any

import pytest
from flask import Flask, jsonify

from app.web import json_answers


@pytest.mark.parametrize(
    "value",
    [{"b": 1, "a": [0.1, 1e300, None, True, "“é”"]}, {"title": "half \ud800"}, 10**30, {"nested": {"1": (1, 2)}}],
)
def test_an_answer_reads_as_it_was_given(value: Any) -> None:
    app = Flask("tests")
    json_answers.register(app)
    with app.test_request_context():
        answer = jsonify(value)
    assert answer.mimetype == "application/json"
    assert json.loads(answer.get_data()) == json.loads(json.dumps(value))
