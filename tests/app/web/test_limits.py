"""How often one may call: new cookies are no way around it, and who came by one proxy is not one caller."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.signing import SteadySigner
from app.visitors import COOKIE_NAME
from app.web.callers import address_group
from app.web.limits import KNOWN_AFTER_S
from tests.app.web.conftest import MakeSite, key_headers


def _calls(client: FlaskClient, times: int, **options: Any) -> list[int]:
    return [client.get("/api/v1/items", **options).status_code for _ in range(times)]


def test_a_fresh_cookie_for_each_call_is_no_way_around_the_limit(make_site: MakeSite) -> None:
    site = make_site(rate_limit="10 per minute")
    passed = 0
    for _ in range(30):
        client = site.test_client()
        client.get("/")
        passed += _calls(client, 1) == [200]
    assert passed == 10


def test_an_older_visitor_has_a_limit_of_their_own(make_site: MakeSite, monkeypatch: pytest.MonkeyPatch) -> None:
    site = make_site(rate_limit="2 per minute")
    assert _calls(site.test_client(), 3) == [200, 200, 429]
    older = site.test_client()
    with monkeypatch.context() as earlier:
        now = SteadySigner.get_timestamp
        earlier.setattr(SteadySigner, "get_timestamp", lambda signer: now(signer) - int(KNOWN_AFTER_S) - 1)
        older.get("/")
    assert older.get_cookie(COOKIE_NAME) is not None
    assert _calls(older, 3) == [200, 200, 429]


def test_an_address_has_a_limit_whoever_calls_from_it(make_site: MakeSite) -> None:
    site = make_site(address_rate_limit="3 per minute")
    assert _calls(site.test_client(), 4) == [200, 200, 200, 429]


def test_who_shows_the_key_is_not_held_up(make_site: MakeSite) -> None:
    site = make_site(rate_limit="1 per minute", address_rate_limit="1 per minute")
    client = site.test_client()
    assert _calls(client, 3, headers=key_headers(site)) == [200, 200, 200]
    assert _calls(client, 2, headers={"Authorization": "Bearer guess"}) == [200, 429]


@pytest.mark.parametrize(("proxies", "expected"), [(0, [200, 429]), (1, [200, 200])])
def test_behind_a_trusted_proxy_each_caller_counts_for_themselves(
    make_site: MakeSite, proxies: int, expected: list[int]
) -> None:
    client = make_site(rate_limit="1 per minute", trusted_proxies=proxies).test_client()
    answers = [
        client.get("/api/v1/items", headers={"X-Forwarded-For": f"203.0.113.{number}"}).status_code for number in (1, 2)
    ]
    assert answers == expected


def test_what_a_client_puts_before_the_entry_of_the_proxy_is_not_believed(make_site: MakeSite) -> None:
    client = make_site(rate_limit="1 per minute", trusted_proxies=1).test_client()
    answers = [
        client.get("/api/v1/items", headers={"X-Forwarded-For": f"198.51.100.{number}, 203.0.113.1"}).status_code
        for number in (1, 2)
    ]
    assert answers == [200, 429]


def test_a_trusted_proxy_says_the_scheme_and_never_the_host(make_site: MakeSite) -> None:
    site: Flask = make_site(trusted_proxies=1)
    site.add_url_rule("/where", "where", lambda: __import__("flask").request.url)
    headers = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "elsewhere.example", "X-Forwarded-For": "203.0.113.1"}
    assert site.test_client().get("/where", headers=headers).text == "https://localhost/where"


@pytest.mark.parametrize(
    ("address", "group"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::1", "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("", ""),
        ("unix:", "unix:"),
    ],
)
def test_one_subscriber_is_one_caller(address: str, group: str) -> None:
    assert address_group(address) == group
