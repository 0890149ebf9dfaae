"""Only websites that were named may read what the API answers in a visitor's browser."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from app.settings import SettingError, load_settings
from tests.app.web.conftest import MakeSite

SHOP = "https://shop.example"
ASKS = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type"}


@pytest.fixture
def client(make_site: MakeSite) -> FlaskClient:
    return make_site(cors_origins=f"{SHOP},https://www.shop.example").test_client()


def test_a_named_website_may_ask_and_read(client: FlaskClient) -> None:
    asked = client.options("/api/v1/events", headers={"Origin": SHOP, **ASKS})
    assert asked.status_code == 204
    assert "POST" in asked.headers["Access-Control-Allow-Methods"]
    assert "Content-Type" in asked.headers["Access-Control-Allow-Headers"]
    for answer in (asked, client.get("/api/v1/recommendations", headers={"Origin": SHOP})):
        assert answer.headers["Access-Control-Allow-Origin"] == SHOP
        assert answer.headers["Access-Control-Allow-Credentials"] == "true"
        assert "Origin" in answer.headers["Vary"]


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "https://shop.example.evil.example", "null", "", SHOP + "/"]
)
def test_no_other_website_may(client: FlaskClient, origin: str) -> None:
    for answer in (
        client.options("/api/v1/events", headers={"Origin": origin, **ASKS}),
        client.get("/api/v1/recommendations", headers={"Origin": origin}),
    ):
        assert "Access-Control-Allow-Origin" not in answer.headers
        assert "Origin" in answer.headers["Vary"], "a cache must not hand one website's answer to another"


def test_pages_are_nobody_elses(client: FlaskClient) -> None:
    for path in ("/", "/about/data", "/flywheel"):
        assert "Access-Control-Allow-Origin" not in client.get(path, headers={"Origin": SHOP}).headers


def test_pictures_are_shown_on_named_websites_alone(make_site: MakeSite, client: FlaskClient) -> None:
    path = "/image/item-001"
    assert client.get(path).headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert make_site().test_client().get(path).headers["Cross-Origin-Resource-Policy"] == "same-origin"


@pytest.mark.parametrize(
    "given", ["*", "shop.example", "https://shop.example/", "https://a.example, https://b.example"]
)
def test_what_is_no_website_is_refused(given: str) -> None:
    with pytest.raises(SettingError, match=r"cors_origins = .* must be websites such as"):
        load_settings({"FLYWHEEL_CORS_ORIGINS": given})
