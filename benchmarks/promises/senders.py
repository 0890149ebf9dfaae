"""Clients that send events as an API client should: ids of their own, the same batch again until it is acknowledged."""

from __future__ import annotations

import http.client
import json
import random
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from app.settings import Settings
from benchmarks.promises.beside import Beside

KINDS = ("click", "click", "click", "view", "save", "like", "use", "dislike")
MAX_PROBLEMS = 10
"""Of each kind, that are kept in words."""

_TIMEOUT_S = 15.0
_AGAIN_AFTER_S = 0.03

Sent = dict[str, Any]


@dataclass(slots=True)
class Ledger:
    """What was sent and what was acknowledged, by event id; safe to share between senders."""

    sent: dict[str, Sent] = field(default_factory=dict)
    acknowledged: set[str] = field(default_factory=set)
    stored_by_receipts: int = 0
    retries: int = 0
    statuses: dict[int, int] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)
    changed: threading.Condition = field(init=False)

    def __post_init__(self) -> None:
        self.changed = threading.Condition(self.lock)

    def send(self, events: list[Sent], visitor_id: str) -> None:
        """Note events before they are sent."""
        with self.lock:
            for event in events:
                self.sent[event["event_id"]] = {**event, "visitor_id": visitor_id}

    def answer(self, status: int, events: list[Sent], receipt: dict[str, Any] | None, text: str = "") -> None:
        """Note an answer; status 0 is none at all."""
        with self.changed:
            self.statuses[status] = self.statuses.get(status, 0) + 1
            if status != 202 or receipt is None:
                self.retries += 1
                if status not in (0, 429, 503, 507) and len(self.problems) < MAX_PROBLEMS:
                    self.problems.append(f"{status}: {text[:200]}")
                return
            if receipt["quarantined"] or receipt["stored"] + receipt["duplicates"] != len(events):
                self.problems.append(f"a receipt that does not add up: {receipt} for {len(events)} events")
            self.stored_by_receipts += receipt["stored"]
            self.acknowledged.update(event["event_id"] for event in events)
            self.changed.notify_all()

    def await_acknowledged(self, count: int, within_s: float = 60.0) -> None:
        """Wait until so many events in all are acknowledged. Raises TimeoutError."""
        with self.changed:
            if not self.changed.wait_for(lambda: len(self.acknowledged) >= count, within_s):
                raise TimeoutError(
                    f"only {len(self.acknowledged)} of {count} events were acknowledged within {within_s:.0f} s; "
                    f"answers by status: {self.statuses}; {self.problems[:3]}"
                )


class Client:
    """One browser: a connection that is kept and opened anew, and the visitor's cookie."""

    def __init__(self, settings: Settings, timeout_s: float = _TIMEOUT_S) -> None:
        self._place = (settings.host, settings.port)
        self._timeout_s = timeout_s
        self._connection: http.client.HTTPConnection | None = None
        self._cookies: dict[str, str] = {}
        self.headers: dict[str, str] = {}

    def request(self, method: str, path: str, body: bytes | None = None, **headers: str) -> tuple[int, str]:
        """Status and text of the answer; status 0 when nothing whole came back.

        A GET on a kept connection that the server has closed meanwhile is asked again on a new one, as browsers do.
        """
        kept = self._connection is not None
        try:
            return self._request(method, path, body, headers)
        except (ConnectionError, http.client.RemoteDisconnected):
            self.close()
            if not kept or method != "GET":
                return 0, ""
        except (OSError, http.client.HTTPException):
            self.close()
            return 0, ""
        return self.request(method, path, body, **headers)

    def _request(self, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> tuple[int, str]:
        sent = dict(headers)
        if self._cookies:
            sent["Cookie"] = self.cookie
        if self._connection is None:
            self._connection = http.client.HTTPConnection(*self._place, timeout=self._timeout_s)
        self._connection.request(method, path, body, sent)
        answer = self._connection.getresponse()
        text = answer.read().decode("utf-8", "replace")
        self.headers = {name.lower(): value for name, value in answer.getheaders()}
        for line in answer.headers.get_all("Set-Cookie") or ():
            name, _, value = line.partition(";")[0].partition("=")
            self._cookies[name] = value
        if answer.will_close:
            self.close()
        return answer.status, text

    def post_events(self, events: list[Sent]) -> tuple[int, dict[str, Any] | None, str]:
        """Status, receipt (with status 202) and text of one batch."""
        body = json.dumps({"events": events}).encode()
        status, text = self.request("POST", "/api/v1/events", body, **{"Content-Type": "application/json"})
        return status, json.loads(text) if status == 202 else None, text

    def become_visitor(self) -> str:
        """Get a cookie and return the visitor's id; empty when the site does not answer."""
        status, text = self.request("GET", "/api/v1/recommendations?k=1")
        return str(json.loads(text)["visitor_id"]) if status == 200 else ""

    @property
    def cookie(self) -> str:
        """The Cookie header that goes with every request; set it to be somebody else's browser."""
        return "; ".join(f"{name}={value}" for name, value in self._cookies.items())

    @cookie.setter
    def cookie(self, header: str) -> None:
        self._cookies = dict(pair.split("=", 1) for pair in header.split("; ") if pair)

    def close(self) -> None:
        """Close the connection; the next request opens another."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None


class Senders(Beside):
    """Threads that send batches all the time, each as one visitor, from `start` to `stop`."""

    def __init__(
        self,
        settings: Settings,
        item_ids: list[str],
        *,
        count: int = 4,
        seed: int = 7,
        batch: int = 5,
        pause_s: float = 0.0,
    ) -> None:
        """pause_s: between a sender's batches."""
        self.ledger = Ledger()
        self._settings = settings
        self._item_ids = item_ids
        self._batch = batch
        self._pause_s = pause_s
        works = (partial(self._send, number, random.Random(f"{seed}-{number}")) for number in range(count))
        super().__init__(*works)

    def _send(self, number: int, rng: random.Random) -> None:
        client = Client(self._settings)
        try:
            visitor_id = self._until(client.become_visitor)
            batch = 0
            while not self._stop.is_set():
                events = make_events(f"s{number}-{batch}", self._item_ids, self._batch, rng)
                batch += 1
                self.ledger.send(events, visitor_id)
                while not self._post(client, events) and not self._stop.wait(_AGAIN_AFTER_S):
                    pass
                if self._pause_s:
                    self._stop.wait(self._pause_s)
        finally:
            client.close()

    def _post(self, client: Client, events: list[Sent]) -> bool:
        status, receipt, text = client.post_events(events)
        self.ledger.answer(status, events, receipt, text)
        return status == 202

    def _until(self, ask: Callable[[], str]) -> str:
        answer = ask()
        while not answer and not self._stop.wait(_AGAIN_AFTER_S):
            answer = ask()
        return answer


def make_events(name: str, item_ids: list[str], count: int, rng: random.Random) -> list[Sent]:
    """A batch of different kinds on different items, whose ids begin with `name`; some take back what came before."""
    events: list[Sent] = []
    for place in range(count):
        kind = rng.choice(KINDS)
        event = {"event_id": f"{name}-{place}", "kind": kind, "item_id": rng.choice(item_ids)}
        if events and rng.random() < 0.15:
            event |= {key: events[-1][key] for key in ("kind", "item_id")} | {"undo": True}
        events.append(event)
    return events
