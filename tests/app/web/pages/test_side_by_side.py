"""Looking through a persona's eyes costs nothing: no history, no slate, no place in the experiment."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.app.web.conftest import load_artwork, recorded


def _counts(site: Flask) -> list[int]:
    site.extensions["flywheel"].writer.run(lambda db: None)
    reader = site.extensions["flywheel"].store.reader()
    tables = ("visitors", "slates", "events", "interactions")
    return [reader.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in tables]


def test_a_persona_leaves_no_trace(site: Flask, client: FlaskClient) -> None:
    client.get("/")
    load_artwork(client)
    client.get("/item/item-003")
    before, events = _counts(site), recorded(site)
    own = client.get("/side-by-side").text
    for persona in ("new", "retro", "minimal"):
        page = client.get(f"/side-by-side?as={persona}").text
        assert "nothing here is recorded" in page
        assert 'aria-current="true"' in page
    assert client.get("/item/item-009?seen=1").status_code == 200, "where its links lead"
    assert recorded(site) == events
    assert _counts(site)[2:] == before[2:]
    assert client.get("/side-by-side").text.split("<nav")[1:3] == own.split("<nav")[1:3]


def test_somebody_new_is_made_no_visitor_by_looking(site: Flask) -> None:
    answer = site.test_client().get("/side-by-side")
    assert answer.status_code == 200
    assert "Set-Cookie" not in answer.headers or "visitor=" not in answer.headers["Set-Cookie"]
    assert _counts(site) == [0, 0, 0, 0]


@pytest.mark.parametrize("persona", ["nobody", "sci-fi", "<script>"])
def test_an_unknown_persona_is_not_found(client: FlaskClient, persona: str) -> None:
    assert client.get("/side-by-side", query_string={"as": persona}).status_code == 404
