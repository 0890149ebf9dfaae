"""Alerts: one log line, and one call of a webhook, when a risk indicator changes its state.

A webhook that does not answer is tried again with the next round, so that an alert is late rather than lost; how many
wait is bounded, and the oldest goes first.
"""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

import structlog

from app.measure.risks.reading import Reading

_QUIET = frozenset({"ok", "unknown"})
"""States that need nobody, so that going from one to the other is no alert."""
_MAX_WAITING = 100
_TIMEOUT_S = 5.0

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class StateChange:
    """One indicator that is in another state than at the last reading.

    before, after: states. value: in the indicator's unit, None when it is not known. owner: who is to act.
    what_to_do: how. text: all of it in one sentence. at: Unix seconds.
    """

    indicator: str
    before: str
    after: str
    value: float | None
    threshold: float
    owner: str
    what_to_do: str
    text: str
    at: float


def state_changes(before: Mapping[str, str], readings: Sequence[Reading]) -> list[StateChange]:
    """What somebody should hear of. before: last state by indicator; one without a last state counts as unknown."""
    found = []
    for reading in readings:
        indicator, was = reading.indicator, before.get(reading.indicator.name, "unknown")
        if was == reading.state or {was, reading.state} <= _QUIET:
            continue
        value = "not known" if reading.value is None else f"{reading.value:.4g} {indicator.unit}"
        text = (
            f"{indicator.name}: {reading.state}, was {was}. It is {value}; {indicator.alarm} {indicator.threshold:.4g} "
            f"is an alarm. {indicator.owner}: {indicator.what_to_do}"
        )
        found.append(
            StateChange(
                indicator.name,
                was,
                reading.state,
                reading.value,
                indicator.threshold,
                indicator.owner,
                indicator.what_to_do,
                text,
                reading.measured_at,
            )
        )
    return found


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """Another address than the one that was set is not told."""

    def redirect_request(self, *_: object, **__: object) -> None:
        return None


class Webhook:
    """Tells an address of state changes: a POST of JSON with `text`, which chat programs show, and `changes`."""

    def __init__(self, url: str) -> None:
        """url: http or https; empty for none."""
        self._url = url
        self._waiting: deque[StateChange] = deque(maxlen=_MAX_WAITING)
        self._open = urllib.request.build_opener(_NoRedirects).open

    def tell(self, changes: Sequence[StateChange]) -> None:
        """Log the changes and send them together with those that could not be sent before. Raises nothing."""
        for change in changes:
            _log.warning(
                "risk.state_changed",
                indicator=change.indicator,
                before=change.before,
                after=change.after,
                value=change.value,
                threshold=change.threshold,
                owner=change.owner,
            )
        if not self._url:
            return
        self._waiting.extend(changes)
        if self._waiting and self._send():
            self._waiting.clear()

    def _send(self) -> bool:
        body = {
            "text": "\n".join(change.text for change in self._waiting),
            "changes": [asdict(change) for change in self._waiting],
        }
        request = urllib.request.Request(  # noqa: S310 - the setting takes http and https only
            self._url, json.dumps(body).encode(), {"Content-Type": "application/json"}, method="POST"
        )
        try:
            with self._open(request, timeout=_TIMEOUT_S):
                return True
        except (OSError, ValueError) as error:  # URLError and HTTPError are OSErrors; ValueError is a broken answer
            _log.warning("alert_webhook.failed", problem=type(error).__name__, waiting=len(self._waiting))
            return False
