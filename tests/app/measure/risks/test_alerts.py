"""A risk indicator that changes its state is told once: in the log, and to a webhook, which may be away for a while."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from app.measure.governance.usecase import load_use_case
from app.measure.risks.alerts import Webhook, state_changes
from app.measure.risks.monitor import Monitor
from app.measure.risks.reading import Reading, state_of
from app.models.registry import Registry
from app.settings import SettingError, Settings, load_settings
from app.store import Store, Writer
from app.store.measures.risk_readings import StoredReading, insert_readings


class Listener:
    """A webhook's far end: keeps what it was sent, and answers with `status`."""

    def __init__(self) -> None:
        self.status = 200
        self.sent: list[dict[str, Any]] = []
        listener = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if listener.status == 200:
                    listener.sent.append(json.loads(body))
                self.send_response(listener.status)
                self.send_header("Location", "/elsewhere")
                self.end_headers()

            do_GET = do_POST  # noqa: N815 - the name that the handler looks for

            def log_message(self, *_: object) -> None:
                pass

        self._server = HTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_port}/alerts"

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


@pytest.fixture
def listener() -> Iterator[Listener]:
    listener = Listener()
    yield listener
    listener.close()


def reading(value: float | None) -> Reading:
    indicator = load_use_case().risk_indicators[0]
    return Reading(indicator, value, state_of(indicator, value), "", 5.0, None, ())


def values() -> dict[str, float]:
    """A value of the first indicator for each state."""
    indicator = load_use_case().risk_indicators[0]
    past = 1.0 if indicator.alarm == "above" else -1.0
    return {"ok": indicator.watch - past, "alarm": indicator.threshold + past}


@pytest.mark.parametrize(
    ("was", "state", "told"),
    [
        ("ok", "alarm", True),
        ("alarm", "ok", True),
        ("alarm", "alarm", False),
        (None, "alarm", True),
        (None, "ok", False),
        ("unknown", "ok", False),
    ],
)
def test_a_change_that_needs_nobody_is_no_alert(was: str | None, state: str, told: bool) -> None:
    found = reading(values()[state])
    changes = state_changes({} if was is None else {found.indicator.name: was}, [found])
    assert bool(changes) is told
    for change in changes:
        assert change.after == state
        assert found.indicator.owner in change.text
        assert found.indicator.what_to_do in change.text


@pytest.mark.parametrize("status", [500, 302])
def test_what_a_webhook_did_not_take_comes_with_the_next_round(listener: Listener, status: int) -> None:
    good, bad = (reading(values()[state]) for state in ("ok", "alarm"))
    name = good.indicator.name
    webhook = Webhook(listener.url)
    listener.status = status
    webhook.tell(state_changes({name: "ok"}, [bad]))
    assert listener.sent == []
    listener.status = 200
    webhook.tell([])
    webhook.tell([])
    (sent,) = listener.sent
    assert [(change["indicator"], change["before"], change["after"]) for change in sent["changes"]] == [
        (name, "ok", "alarm")
    ]
    assert "alarm, was ok" in sent["text"]


def test_nobody_listens_and_nothing_is_raised() -> None:
    gone = Listener()
    gone.close()
    Webhook(gone.url).tell(state_changes({}, [reading(values()["alarm"])]))


def test_the_monitor_tells_once_over_rounds_and_starts(
    store: Store, writer: Writer, settings: Settings, listener: Listener, now: float
) -> None:
    told = replace(settings, alert_webhook=listener.url)
    clock = iter([now, now + 30, now + 60])
    monitor = Monitor(store, writer, Registry(settings), told, clock=lambda: next(clock))
    name = load_use_case().risk_indicators[0].name
    alarm = StoredReading(now - 30, name, 1e9, 1.0, "alarm", "")
    writer.run(lambda db: insert_readings(db, [alarm]))
    (state,) = (row.state for row in monitor.round() if row.indicator.name == name)
    told_of = [change for sent in listener.sent for change in sent["changes"] if change["indicator"] == name]
    assert [(change["before"], change["after"]) for change in told_of] == [("alarm", state)]
    before = len(listener.sent)
    monitor.round()
    Monitor(store, writer, Registry(settings), told, clock=lambda: next(clock)).round()
    assert len(listener.sent) == before


@pytest.mark.parametrize("url", ["ftp://host/x", "file:///etc/passwd", "host.example/x", "http://"])
def test_another_kind_of_address_is_refused_and_not_shown(url: str) -> None:
    with pytest.raises(SettingError, match=r"alert_webhook = \(secret\) must be an address that begins with http"):
        load_settings({"FLYWHEEL_ALERT_WEBHOOK": url})
