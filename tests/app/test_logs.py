"""What is logged names no visitor."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

import pytest
import structlog
from flask import g

from app import create_app
from app.logs import HIDDEN, configure_logs
from app.settings import Settings
from app.visitors import new_visitor


@pytest.fixture
def configured() -> Iterator[None]:
    """The logging of the site, for one test."""
    configure_logs()
    yield
    structlog.reset_defaults()


@pytest.fixture
def visitor_id(settings: Settings) -> str:
    """The id of somebody new, as the site makes it."""
    return new_visitor(settings, now=0.0).visitor_id


@pytest.mark.usefixtures("configured")
def test_a_traceback_shows_no_local_and_no_visitor(visitor_id: str, capsys: pytest.CaptureFixture[str]) -> None:
    secret = "what-they-searched-for " + visitor_id

    def fail(somebody: str) -> None:
        raise KeyError(visitor_id)

    try:
        fail(secret)
    except KeyError:
        structlog.get_logger("test").exception("failed", problem=f"visitor {visitor_id!r} is not known", rows=3)
    said = capsys.readouterr().err
    assert "in fail" in said
    assert f"visitor '{HIDDEN}' is not known" in said
    assert "rows=3" in said
    assert visitor_id not in said
    assert "what-they-searched-for" not in said


@pytest.mark.parametrize(
    ("path", "route"),
    [("/api/v1/visitors/{}", "/api/v1/visitors/<visitor_id>"), ("/item/{}", "/item/<item_id>")],
)
def test_a_failed_request_is_logged_by_its_route(
    settings: Settings, visitor_id: str, capsys: pytest.CaptureFixture[str], path: str, route: str
) -> None:
    site = create_app(settings)

    def fail() -> None:
        g.somebody = visitor_id
        raise sqlite3.OperationalError("disk I/O error")

    site.before_request(fail)
    assert site.test_client().get(path.format(visitor_id)).status_code >= 500
    said = capsys.readouterr()
    assert route in said.err
    assert visitor_id not in said.err + said.out
