"""The admin's login, and the buttons behind it."""

from __future__ import annotations

import stat

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.security import generate_password_hash

from app.secret import ADMIN_PASSWORD_FILE
from app.settings import Settings
from app.web.limits import LOGIN_LIMIT
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


def test_guessing_is_limited(guarded: Flask) -> None:
    client = guarded.test_client()
    tries = int(LOGIN_LIMIT.split()[0])
    assert {log_in(client, "guess") for _ in range(tries)} == {403}
    token = csrf_token(client.get("/flywheel/login").text)
    answer = client.post("/flywheel/login", data={"csrf_token": token, "password": "open sesame"})
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) > 0
    assert answer.mimetype == "text/html"


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
