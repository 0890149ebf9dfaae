"""Own rows, further rows and the tiles of a newcomer, without scripts."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient

from tests.app.web.conftest import MakeSite, csrf_token, load_artwork


def _shelves(html: str) -> list[str]:
    return re.findall(r'data-shelf="([^"]+)"', html)


def test_what_was_opened_saved_and_used_has_rows_of_its_own(client: FlaskClient) -> None:
    html = client.get("/").text
    assert not {"recent", "saved", "used"} & set(_shelves(html))
    load_artwork(client)
    client.get("/item/item-005")
    token = csrf_token(html)
    client.post("/item/item-006/save", data={"csrf_token": token})
    client.post("/item/item-007/use", data={"csrf_token": token})
    html = client.get("/").text
    assert {"recent", "saved", "used"} <= set(_shelves(html))
    saved = html[html.index('data-shelf="saved"') :]
    assert re.findall(r'data-item="([^"]+)"', saved)[0] == "item-006"
    assert 'data-source="own"' in saved


def test_show_more_leads_on_without_scripts(make_site: MakeSite) -> None:
    client = make_site(shelf_size=2).test_client()
    html = client.get("/").text
    load_artwork(client)
    link = re.search(r'rel="next" href="([^"]+)"', html)
    assert link
    page = client.get(link.group(1).replace("&amp;", "&")).text
    assert _shelves(page)
    assert not set(re.findall(r'data-item="([^"]+)"', page)) & set(re.findall(r'data-item="([^"]+)"', html))


@pytest.mark.parametrize(
    "query", ["page=1&after=x", "page=two&after=x", "page=2", "page=2&after=%20", "page=9999&after=x"]
)
def test_a_page_that_follows_nothing_is_not_found(client: FlaskClient, query: str) -> None:
    assert client.get(f"/more?{query}").status_code == 404


def test_skipping_the_tiles_is_remembered(client: FlaskClient) -> None:
    token = csrf_token(client.get("/").text)
    answer = client.post("/picks/skip", data={"csrf_token": token})
    assert (answer.status_code, answer.location) == (303, "/")
    assert client.get_cookie("picks-skipped") is not None
