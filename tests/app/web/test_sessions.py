"""A session of the API is read when somebody asks for it, and is the same as any."""

from __future__ import annotations

import pytest
from flask import Flask, session
from flask.testing import FlaskClient

from app.web import sessions


@pytest.fixture
def client() -> FlaskClient:
    """A browser of an application with these sessions: one view writes, one reads, one does neither."""
    app = Flask(__name__)
    app.secret_key = "s" * 32
    sessions.register(app)

    @app.get("/login")
    def log_in() -> str:
        session["who"] = "admin"
        return ""

    @app.get("/api/who")
    def who() -> str:
        return str(session.get("who"))

    @app.get("/api/rename")
    def rename() -> str:
        session["who"] += " again"
        return ""

    @app.get("/api/nothing")
    def nothing() -> str:
        return ""

    return app.test_client()


def test_who_asks_for_the_session_gets_what_the_cookie_says(client: FlaskClient) -> None:
    assert client.get("/api/who").text == "None"
    client.get("/login")
    answer = client.get("/api/who")
    assert answer.text == "admin"
    assert "Set-Cookie" not in answer.headers, "nothing was changed"
    assert answer.headers["Vary"] == "Cookie"


def test_a_change_beside_what_was_read_is_kept(client: FlaskClient) -> None:
    client.get("/login")
    assert "Set-Cookie" in client.get("/api/rename").headers
    assert client.get("/api/who").text == "admin again"


def test_a_session_that_nobody_asks_for_leaves_no_trace(client: FlaskClient) -> None:
    client.get("/login")
    answer = client.get("/api/nothing")
    assert {"Set-Cookie", "Vary"}.isdisjoint(answer.headers.keys())
    assert client.get("/api/who").text == "admin"
