"""The admin's login, and the buttons behind it."""

from __future__ import annotations

import stat
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.security import generate_password_hash
from werkzeug.test import TestResponse

from app.secret import ADMIN_PASSWORD_FILE
from app.settings import Settings
from app.web.dashboard.admin_sessions import SESSION_S, AdminSessions
from app.web.dashboard.guesses import FREE_GUESSES, SECONDS_A_GUESS, GuessLimit
from tests.app.web.conftest import MakeSite, csrf_token, press_field

BUTTONS = ("/flywheel/models/1/promote", "/flywheel/models/rollback")


def log_in(client: FlaskClient, password: str, **form: str) -> int:
    """Give the password; returns the status of the answer."""
    token = csrf_token(client.get("/flywheel/login").text)
    return client.post("/flywheel/login", data={"csrf_token": token, "password": password, **form}).status_code


def press(client: FlaskClient, path: str, **form: str) -> str:
    """Press a button and read the page that it leads to."""
    token = csrf_token(client.get("/flywheel").text)
    data = {"csrf_token": token, "next": "/flywheel/models", **form}
    return client.post(path, data=data, follow_redirects=True).text


@pytest.fixture
def guarded(make_site: MakeSite) -> Flask:
    """The site with a password."""
    return make_site(admin_password="open sesame")


def test_the_right_password_opens_the_session_and_logout_ends_it(guarded: Flask) -> None:
    client = guarded.test_client()
    assert log_in(client, "open sesame") == 303
    assert "Log out" in client.get("/flywheel").text
    press(client, "/flywheel/logout")
    assert "Log out" not in client.get("/flywheel").text


def test_a_wrong_password_is_refused(guarded: Flask) -> None:
    client = guarded.test_client()
    assert log_in(client, "open sesam") == 403
    assert "Log out" not in client.get("/flywheel").text


def test_a_hash_of_the_password_does_as_well(make_site: MakeSite) -> None:
    client = make_site(admin_password=generate_password_hash("open sesame")).test_client()
    assert log_in(client, "wrong") == 403
    assert log_in(client, "open sesame") == 303


def test_without_a_setting_a_password_is_made_once_and_only_its_owner_can_read_it(
    site: Flask, settings: Settings
) -> None:
    client = site.test_client()
    assert log_in(client, "") == 403
    file = settings.var / ADMIN_PASSWORD_FILE
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert log_in(client, file.read_text("ascii")) == 303


def test_another_password_closes_every_session(make_site: MakeSite) -> None:
    before, after = make_site(admin_password="one"), make_site(admin_password="two")
    client = before.test_client()
    assert log_in(client, "one") == 303
    moved = after.test_client()
    moved.set_cookie("session", client.get_cookie("session").value)  # type: ignore[union-attr]
    assert "Log out" not in moved.get("/flywheel").text


def test_a_logout_ends_the_session_in_every_copy_of_its_cookie(guarded: Flask) -> None:
    client, copy, other = guarded.test_client(), guarded.test_client(), guarded.test_client()
    for one in (client, other):
        assert log_in(one, "open sesame") == 303
    copy.set_cookie("session", client.get_cookie("session").value)  # type: ignore[union-attr]
    assert "Log out" in copy.get("/flywheel").text
    press(client, "/flywheel/logout")
    assert "Log out" not in copy.get("/flywheel").text
    assert "Log out" in other.get("/flywheel").text, "another browser stays logged in"


def _try(client: FlaskClient, password: str, **options: Any) -> TestResponse:
    token = csrf_token(client.get("/flywheel/login").text)
    return client.post("/flywheel/login", data={"csrf_token": token, "password": password}, **options)


def test_guessing_is_limited_and_the_right_password_gets_in_all_the_same(guarded: Flask) -> None:
    client = guarded.test_client()
    assert [_try(client, "guess").status_code for _ in range(FREE_GUESSES)] == [403] * FREE_GUESSES
    assert _try(client, "open sesame").status_code == 303
    press(client, "/flywheel/logout")


def test_who_guesses_on_waits_a_little_for_each_guess(guarded: Flask) -> None:
    client = guarded.test_client()
    for _ in range(FREE_GUESSES + 1):
        _try(client, "guess")
    answer = _try(client, "open sesame")
    assert answer.status_code == 429
    assert 0 < int(answer.headers["Retry-After"]) <= SECONDS_A_GUESS
    assert answer.mimetype == "text/html"
    elsewhere = {"environ_overrides": {"REMOTE_ADDR": "203.0.113.9"}}
    assert _try(guarded.test_client(), "open sesame", **elsewhere).status_code == 303


def test_guesses_of_others_behind_one_address_do_not_hold_up_a_browser_that_was_let_in_before(guarded: Flask) -> None:
    admin, other = guarded.test_client(), guarded.test_client()
    assert _try(admin, "open sesame").status_code == 303
    press(admin, "/flywheel/logout")
    for _ in range(FREE_GUESSES + 5):
        _try(other, "guess")
    assert _try(other, "open sesame").status_code == 429
    assert _try(admin, "open sesame").status_code == 303


def test_a_guess_comes_back_with_time_and_not_with_the_clock_on_the_wall() -> None:
    now = [0.0]
    limit = GuessLimit(lambda: now[0])
    for _ in range(FREE_GUESSES + 1):
        assert limit.wait_s("x") == 0.0
        limit.note_wrong("x")
    assert limit.wait_s("x") == SECONDS_A_GUESS
    assert limit.wait_s("y") == 0.0
    now[0] += SECONDS_A_GUESS
    assert limit.wait_s("x") == 0.0
    now[0] += 1_000.0
    for _ in range(FREE_GUESSES):
        limit.note_wrong("x")
    assert limit.wait_s("x") == 0.0


def test_each_login_has_a_token_of_its_own(guarded: Flask) -> None:
    client, former = guarded.test_client(), guarded.test_client()
    assert log_in(client, "open sesame") == 303
    first = client.get_cookie("session").value  # type: ignore[union-attr]
    former.set_cookie("session", first)
    assert log_in(client, "open sesame") == 303
    assert client.get_cookie("session").value != first  # type: ignore[union-attr]
    assert "Log out" not in former.get("/flywheel").text, "the session from before the login is over"
    tokens = {AdminSessions().open("mark") for _ in range(100)}
    assert len(tokens) == 100
    assert all(len(token) == 43 for token in tokens), "256 random bits in base64"


def test_a_session_ends_after_its_hours() -> None:
    now = [0.0]
    sessions = AdminSessions(lambda: now[0])
    token = sessions.open("mark")
    now[0] = SESSION_S - 1.0
    assert sessions.is_open(token, "mark")
    assert not sessions.is_open(token, "another password")
    now[0] = SESSION_S
    assert not sessions.is_open(token, "mark")


def test_a_session_in_use_is_not_closed_by_a_hundred_others() -> None:
    sessions = AdminSessions()
    used, idle = sessions.open("mark"), sessions.open("mark")
    for _ in range(100):
        assert sessions.is_open(used, "mark")
        sessions.open("mark")
    assert not sessions.is_open(idle, "mark")


@pytest.mark.parametrize("number", ["9" * 25, str(2**63), "0"])
@pytest.mark.parametrize(
    "path", ["models/{}/promote", "quarantine/{}/release", "quarantine/{}/drop", "exclusions/{}/lift"]
)
def test_a_number_that_no_row_has_is_no_crash(guarded: Flask, path: str, number: str) -> None:
    client = guarded.test_client()
    log_in(client, "open sesame")
    form = {"csrf_token": csrf_token(client.get("/flywheel").text)}
    assert client.post(f"/flywheel/{path.format(number)}", data=form).status_code in {303, 404}


@pytest.mark.parametrize("button", BUTTONS)
def test_without_a_login_a_button_leads_to_the_form_and_does_nothing(guarded: Flask, button: str) -> None:
    html = press(guarded.test_client(), button)
    assert "Log in first" in html
    assert 'type="password"' in html


@pytest.mark.parametrize("button", BUTTONS)
def test_a_button_without_its_token_is_refused(guarded: Flask, button: str) -> None:
    client = guarded.test_client()
    log_in(client, "open sesame")
    assert client.post(button).status_code == 400


@pytest.mark.parametrize("button", BUTTONS)
def test_what_cannot_be_done_is_said(guarded: Flask, button: str) -> None:
    client = guarded.test_client()
    log_in(client, "open sesame")
    assert "Nothing was changed: " in press(client, button)


@pytest.mark.parametrize("button", BUTTONS)
def test_a_button_that_is_pressed_twice_acts_once(guarded: Flask, button: str) -> None:
    client = guarded.test_client()
    log_in(client, "open sesame")
    html = client.get("/flywheel").text
    form = {"csrf_token": csrf_token(html), "press": press_field(html), "next": "/flywheel/models"}
    pages = [client.post(button, data=form, follow_redirects=True).text for _ in range(2)]
    assert ["Nothing was changed: " in page for page in pages] == [True, False], "the second does not even try"


@pytest.mark.parametrize(
    "address",
    [
        "https://elsewhere.example/flywheel",
        "//elsewhere.example/flywheel",
        "////elsewhere.example",
        "/about",
        "/flywheels",
    ],
)
def test_the_way_on_after_the_login_is_a_page_of_the_dashboard(guarded: Flask, address: str) -> None:
    client = guarded.test_client()
    token = csrf_token(client.get("/flywheel/login").text)
    form = {"csrf_token": token, "password": "open sesame", "next": address}
    assert client.post("/flywheel/login", data=form).headers["Location"] == "/flywheel"
