"""Headers that every answer carries."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient
from itsdangerous import URLSafeTimedSerializer

from app.visitors import VisitorCookie
from tests.app.web.conftest import MakeSite

PAGES = ("/", "/type/poster", "/item/item-001", "/search?q=x", "/about", "/flywheel", "/nowhere")


@pytest.mark.parametrize("path", [*PAGES, "/api/v1/items", "/api/v1/nothing", "/healthz", "/static/site.css"])
def test_every_answer_limits_what_a_browser_does_with_it(client: FlaskClient, path: str) -> None:
    with client.get(path) as answer:
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'self'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"] == "same-origin"
        assert "camera=()" in answer.headers["Permissions-Policy"]
        assert answer.headers["Cache-Control"]


@pytest.mark.parametrize("path", ["/flywheel", "/flywheel/risks", "/flywheel/login", "/flywheel/slates"])
def test_no_window_of_another_site_keeps_a_hold_on_pages_of_the_admin(client: FlaskClient, path: str) -> None:
    assert client.get(path).headers["Cross-Origin-Opener-Policy"] == "same-origin"


@pytest.mark.parametrize("path", ["/", "/type/poster", "/item/item-001", "/search?q=x", "/about"])
def test_pages_of_the_gallery_need_no_new_process_of_the_browser(client: FlaskClient, path: str) -> None:
    assert "Cross-Origin-Opener-Policy" not in client.get(path).headers


@pytest.mark.parametrize("path", PAGES)
def test_pages_have_nothing_that_the_policy_forbids(client: FlaskClient, path: str) -> None:
    html = client.get(path).text
    assert not re.search(r"<style|\sstyle=|\son\w+=|javascript:", html)
    assert all("src=" in tag for tag in re.findall(r"<script[^>]*>", html))


@pytest.mark.parametrize("path", PAGES)
def test_pages_are_one_visitors_and_not_to_be_shared(client: FlaskClient, path: str) -> None:
    assert "private" in client.get(path).headers["Cache-Control"]


@pytest.mark.parametrize("path", ["/", "/api/v1/items", "/nothing", "/healthz"])
def test_behind_tls_a_browser_comes_over_nothing_else_for_a_year(make_site: MakeSite, path: str) -> None:
    assert make_site(secure_cookies=True).test_client().get(path).headers["Strict-Transport-Security"] == (
        "max-age=31536000"
    )
    assert "Strict-Transport-Security" not in make_site().test_client().get(path).headers


@pytest.mark.parametrize("method", ["GET", "OPTIONS", "POST"])
def test_no_other_site_may_read_an_answer(client: FlaskClient, method: str) -> None:
    headers = {"Origin": "https://elsewhere.example", "Access-Control-Request-Method": "POST"}
    answer = client.open("/api/v1/events", method=method, headers=headers)
    assert not any(name.lower().startswith("access-control") for name in answer.headers.keys())  # noqa: SIM118


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/", "text/html; charset=utf-8"),
        ("/nothing", "text/html; charset=utf-8"),
        ("/api/v1/items", "application/json"),
        ("/api/v1/items/nothing", "application/problem+json"),
        ("/metrics", "text/plain; version=0.0.4; charset=utf-8"),
        ("/about/data.json", "text/html; charset=utf-8"),
    ],
)
def test_every_answer_says_what_it_is(client: FlaskClient, path: str, expected: str) -> None:
    assert client.get(path).headers["Content-Type"] == expected


@pytest.mark.parametrize(
    "path", ["/.git/config", "/.env", "/../pyproject.toml", "/static/../../settings.py", "/var/events.db"]
)
def test_no_file_beside_the_site_is_served(client: FlaskClient, path: str) -> None:
    assert client.get(path).status_code == 404


def test_no_route_changes_anything_when_it_is_only_looked_at(client: FlaskClient) -> None:
    for rule in client.application.url_map.iter_rules():
        assert not ({"GET", "HEAD"} & (rule.methods or set()) and {"POST", "DELETE", "PUT"} & (rule.methods or set()))


def test_a_new_signature_is_by_sha_256_and_an_older_cookie_still_counts() -> None:
    older = URLSafeTimedSerializer("secret", salt="flywheel-visitor").dumps("visitor-1")
    cookie = VisitorCookie("secret")
    assert cookie.read(str(older)) == "visitor-1"
    assert len(cookie.write("visitor-1").rpartition(".")[2]) == 43, "256 bits in base64"
