"""Headers that every answer carries."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient

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


@pytest.mark.parametrize("path", PAGES)
def test_pages_have_nothing_that_the_policy_forbids(client: FlaskClient, path: str) -> None:
    html = client.get(path).text
    assert not re.search(r"<style|\sstyle=|\son\w+=|javascript:", html)
    assert all("src=" in tag for tag in re.findall(r"<script[^>]*>", html))


@pytest.mark.parametrize("path", PAGES)
def test_pages_are_one_visitors_and_not_to_be_shared(client: FlaskClient, path: str) -> None:
    assert "private" in client.get(path).headers["Cache-Control"]
