"""A client of the site's API in one file, without any package: copy it into your program.

    site = FlywheelClient("http://127.0.0.1:8000", key)     # a key of `flask keys add shop --scope read --scope events`
    shown = site.recommend("customer-7", k=8)
    site.record("customer-7", [click(shown, position=1)])

Ids of visitors are your own; one that the site has not seen is a new visitor.
"""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

_RETRIED = frozenset({429, 503, 507})


class FlywheelError(Exception):
    """The site refused. status: of HTTP, 0 when nobody answered. problem: what the site says is wrong (RFC 9457)."""

    def __init__(self, status: int, problem: Mapping[str, Any]) -> None:
        self.status = status
        self.problem = problem
        super().__init__(f"{status}: {problem.get('detail', 'no answer')}")


@dataclass(frozen=True)
class Shown:
    """One list as it was recommended. items: with position, reason and the item. slate_id: names the list in events."""

    visitor_id: str
    slate_id: str | None
    items: Sequence[Mapping[str, Any]]


class FlywheelClient:
    """Asks and tells one site. Safe to use from several threads."""

    def __init__(self, site: str, key: str, timeout_s: float = 5.0, tries: int = 3) -> None:
        """site: address without a path. tries: how often a refusal that passes (429, 503, 507) is tried in all.

        Raises ValueError for an address that is not http or https.
        """
        if not site.startswith(("http://", "https://")):
            raise ValueError(f"site {site!r} must begin with http:// or https://")
        self._site = site.rstrip("/")
        self._key = key
        self._timeout_s = timeout_s
        self._tries = tries

    def recommend(self, visitor_id: str, k: int = 10, exclude: Iterable[str] = (), **wanted: Any) -> Shown:
        """The k best items for a visitor, without up to 2,000 ids. Raises FlywheelError.

        wanted: such as type="poster", or filter=[{"field": "brand", "value": "Acme"}]; see the description of the API.
        """
        question = {"visitor_id": visitor_id, "k": k, "exclude": list(exclude), **wanted}
        found = self._call("POST", "/api/v1/recommendations", question)
        return Shown(visitor_id, found["slate_id"], found["items"])

    def similar(self, item_id: str, visitor_id: str, k: int = 10) -> Sequence[Mapping[str, Any]]:
        """The k items most like one item, without what the visitor has hidden. Raises FlywheelError."""
        query = urllib.parse.urlencode({"visitor_id": visitor_id, "k": k})
        found: Sequence[Mapping[str, Any]] = self._call("GET", f"/api/v1/items/{_quoted(item_id)}/similar?{query}")[
            "items"
        ]
        return found

    def record(self, visitor_id: str, events: Iterable[Mapping[str, Any]]) -> Mapping[str, Any]:
        """Tell what a visitor did; returns how many were stored. A repeated call counts once. Raises FlywheelError.

        events: as `event` and `click` make them.
        """
        query = urllib.parse.urlencode({"visitor_id": visitor_id})
        receipt: Mapping[str, Any] = self._call("POST", f"/api/v1/events?{query}", {"events": list(events)})
        return receipt

    def export(self, visitor_id: str) -> Mapping[str, Any]:
        """Everything that is recorded about a visitor; needs the scope `visitors`. Raises FlywheelError."""
        found: Mapping[str, Any] = self._call("GET", f"/api/v1/visitors/{_quoted(visitor_id)}")
        return found

    def erase(self, visitor_id: str) -> None:
        """Erase a visitor; needs the scope `visitors`. Raises FlywheelError."""
        self._call("DELETE", f"/api/v1/visitors/{_quoted(visitor_id)}")

    def _call(self, method: str, path: str, body: Any = None) -> Any:
        request = urllib.request.Request(self._site + path, method=method)  # noqa: S310 - checked in the initialiser
        request.add_header("Authorization", f"Bearer {self._key}")
        if body is not None:
            request.data = json.dumps(body).encode()
            request.add_header("Content-Type", "application/json")
        for tried in range(1, self._tries + 1):
            try:
                with urllib.request.urlopen(request, timeout=self._timeout_s) as answer:  # noqa: S310
                    text = answer.read()
                    return json.loads(text) if text else None
            except urllib.error.HTTPError as error:
                if error.code not in _RETRIED or tried == self._tries:
                    raise FlywheelError(error.code, _problem(error)) from error
                time.sleep(min(float(error.headers.get("Retry-After", 1)), 30.0))
            except OSError as error:
                if tried == self._tries:
                    raise FlywheelError(0, {"detail": str(error)}) from error
        raise AssertionError("the last try returns or raises")


def event(kind: str, item_id: str, **more: Any) -> dict[str, Any]:
    """One event with an id of its own, so that sending it again counts once. more: such as slate_id and position."""
    return {"event_id": uuid.uuid4().hex, "kind": kind, "item_id": item_id, **more}


def click(shown: Shown, position: int) -> dict[str, Any]:
    """The click on a place (from 1) of a list that was recommended."""
    item_id = shown.items[position - 1]["item"]["item_id"]
    return event("click", item_id, slate_id=shown.slate_id, position=position)


def _quoted(text: str) -> str:
    return urllib.parse.quote(text, safe="")


def _problem(error: urllib.error.HTTPError) -> Mapping[str, Any]:
    try:
        found = json.loads(error.read())
    except ValueError:
        return {"detail": error.reason}
    return found if isinstance(found, dict) else {"detail": str(found)}
