"""A signature holds although the clock was set back, and no longer than it may."""

from __future__ import annotations

import pytest
from flask import Flask
from itsdangerous import BadData

from app.signing import MAX_AHEAD_S, SteadySigner, steady_serializer
from app.visitors import COOKIE_NAME, VisitorCookie
from tests.app.web.conftest import MakeSite, csrf_token
from tests.app.web.dashboard.test_login import log_in


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The time that signatures are made and read at, in its only entry."""
    now = [1_700_000_000]
    monkeypatch.setattr(SteadySigner, "get_timestamp", lambda signer: now[0])
    return now


@pytest.mark.parametrize("back_s", [0, 1, 2, 3_600, 24 * 3_600])
def test_a_clock_that_was_set_back_loses_nobody(clock: list[int], back_s: int) -> None:
    value = VisitorCookie("secret").write("visitor-1")
    clock[0] -= back_s
    assert VisitorCookie("secret").read(value) == "visitor-1"


def test_a_signature_far_from_the_future_or_too_old_is_not_believed(clock: list[int]) -> None:
    serializer = steady_serializer("secret", "test")
    value = serializer.dumps("x")
    for moved in (-MAX_AHEAD_S - 1, 61):
        clock[0] = 1_700_000_000 + moved
        with pytest.raises(BadData):
            serializer.loads(value, max_age=60)
    clock[0] = 1_700_000_060
    assert serializer.loads(value, max_age=60) == "x"


def test_a_visitor_and_the_admin_stay_while_the_clock_is_corrected(make_site: MakeSite, clock: list[int]) -> None:
    site: Flask = make_site(admin_password="open sesame")
    client = site.test_client()
    html = client.get("/").text
    assert log_in(client, "open sesame") == 303
    clock[0] -= 2
    assert not any(value.startswith(f"{COOKIE_NAME}=") for value in client.get("/").headers.getlist("Set-Cookie"))
    assert "Log out" in client.get("/flywheel").text
    assert client.post("/item/item-003/like", data={"csrf_token": csrf_token(client.get("/").text)}).status_code == 303
    assert html
