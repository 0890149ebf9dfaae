"""Drives the benchmarks' browser over HTTP in a closed loop: each request waits for the answer before it."""

from __future__ import annotations

from dataclasses import dataclass, field

import requests

from benchmarks.site.load.browsing import EVENTS, ITEM, Answer, Browser

_TIMEOUT_S = 20.0


@dataclass(slots=True)
class VisitTally:
    """What one or more visits did, and every answer that was not the expected one."""

    requests: int = 0
    beacons: int = 0
    clicks: int = 0
    failures: list[str] = field(default_factory=list)

    def add(self, other: VisitTally) -> None:
        """Add another tally to this one."""
        self.requests += other.requests
        self.beacons += other.beacons
        self.clicks += other.clicks
        self.failures += other.failures


def drive(address: str, browser: Browser) -> VisitTally:
    """Send what `browser` wants to send until its visit ends."""
    tally = VisitTally()
    with requests.Session() as session:
        while (request := browser.request) is not None:
            tally.requests += 1
            tally.clicks += request.name == ITEM
            tally.beacons += request.name == EVENTS
            answer = _send(session, address, request.method, request.path, request.body, browser.headers())
            if problem := answer.problem(request):
                tally.failures.append(f"{request.method} {request.path}: {problem}")
            browser.answered(answer)
    return tally


def _send(
    session: requests.Session, address: str, method: str, path: str, body: str | None, headers: dict[str, str]
) -> Answer:
    session.cookies.clear()  # the browser keeps its own
    try:
        response = session.request(method, address + path, data=body, headers=headers, timeout=_TIMEOUT_S)
    except requests.RequestException as error:
        return Answer(0, repr(error))
    cookies = response.raw.headers.getlist("Set-Cookie")
    return Answer(response.status_code, response.text, tuple(cookies))
