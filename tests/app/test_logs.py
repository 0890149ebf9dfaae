"""What is logged names no visitor."""

from __future__ import annotations

import errno
import io
import json
import sqlite3
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

import pytest
import structlog
from flask import g

from app import create_app
from app.learn.progress import fit_progress
from app.logs import HIDDEN, STANDARD_ERROR, configure_logs, hide_ids
from app.settings import Settings
from app.visitors import VisitorCookie, new_visitor


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


class FullDisk(io.StringIO):
    """A stream to which nothing can be written."""

    def write(self, text: str) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.usefixtures("configured")
@pytest.mark.parametrize("stream", [FullDisk(), None], ids=["on a full disk", "that is not there"])
def test_standard_error_that_cannot_be_written_ends_no_work(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, stream: io.StringIO | None
) -> None:
    monkeypatch.setattr(sys, "stderr", stream)
    create_app(settings)
    structlog.get_logger("test").warning("said")
    show = fit_progress(STANDARD_ERROR)
    for sweep in range(1, 5):
        show(sweep, 4)


def shown(text: object, **values: object) -> dict[str, object]:
    """What of a line is written."""
    return dict(hide_ids(None, "info", {"event": text, **values}))


def test_every_id_that_the_site_makes_is_hidden_wherever_it_stands(settings: Settings) -> None:
    cookie = VisitorCookie("key")
    for _ in range(2_000):
        made = new_visitor(settings, now=0.0).visitor_id
        for text in (made, f"({made})", f"/x/{made}?a", f"cookie={cookie.write(made)}", f"a {made}, b", KeyError(made)):
            assert made not in str(shown(text)["event"])


@pytest.mark.parametrize(
    "text",
    [
        "in _tell_of_a_new_catalog",  # names of 22 characters that end as an id may
        "File learned_item_factors_n.py",
        "test_forgetting_a_view",
        "a-poster-for-a-wedding",
        "wedding-invitation-2024-g",
        "WEIGHTS_OF_VIEWED_DATA",
        "item engagement-ring-post-w1",
        "slate fJBbK27iJqtytloT",
        "version 0.2.0+3f5c2b1a9e8d7c6b5a4f3e",
        "visitor_id=visitor_id, visitors=row.visitor",
        'File "/srv/site/app/visitors/cookie.py", line 22, in open',
    ],
)
def test_names_and_other_ids_stay(text: str) -> None:
    assert shown(text)["event"] == text


@pytest.mark.parametrize("own", ["customer-4711", "7", "anna@example.org", "internationalisation-w"])
def test_ids_that_a_program_chose_are_hidden_where_they_are_called_a_visitors(own: str) -> None:
    assert shown(f"visitor {own!r} is not known")["event"] == f"visitor '{HIDDEN}' is not known"
    assert shown(f'{{"visitor_id": "{own}", "k": 3}}')["event"] == f'{{"visitor_id": "{HIDDEN}", "k": 3}}'
    assert shown(f"GET /api/v1/visitors/{own}/history")["event"] == f"GET /api/v1/visitors/{HIDDEN}/history"
    assert shown(f"GET /api/v1/why?visitor_id={own}&k=3")["event"] == f"GET /api/v1/why?visitor_id={HIDDEN}&k=3"
    assert shown("refused", visitor_id=own, visitors=3) == {"event": "refused", "visitor_id": HIDDEN, "visitors": 3}


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


def test_a_line_for_programs_is_a_record_of_opentelemetry(
    settings: Settings, visitor_id: str, capsys: pytest.CaptureFixture[str]
) -> None:
    site = create_app(replace(settings, log_format="json"))

    @site.get("/speak")
    def speak() -> str:
        try:
            raise KeyError(visitor_id)
        except KeyError:
            structlog.get_logger("test").exception("spoke", rows=3)
        return ""

    trace, span = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
    for told in (f"00-{trace}-{span}-01", None, f"00-{'0' * 32}-{span}-01", f"ff-{trace}-{span}-01", "nonsense"):
        site.test_client().get("/speak", headers={} if told is None else {"traceparent": told})
    structlog.reset_defaults()
    traced, *others = map(json.loads, capsys.readouterr().err.splitlines())
    assert (traced["trace_id"], traced["span_id"]) == (trace, span)
    assert (traced["body"], traced["severity_text"], traced["severity_number"]) == ("spoke", "ERROR", 17)
    assert traced["resource"] == {"service.name": "recommender-flywheel"}
    assert datetime.fromisoformat(traced["timestamp"]).tzinfo is not None
    assert traced["attributes"]["rows"] == 3
    assert f"KeyError: '{HIDDEN}'" in traced["attributes"]["exception.stacktrace"]
    assert len(others) == 4
    assert not any("trace_id" in other for other in others), "each line is of its own request"
