"""A Host that can be none is the client's fault."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient


@pytest.mark.parametrize("path", ["/", "/api/v1/recommendations"])
def test_a_host_that_is_none_is_refused_in_words(client: FlaskClient, path: str) -> None:
    answer = client.get(path, headers={"Host": "a" * 300})
    assert answer.status_code == 400
    assert answer.content_length
