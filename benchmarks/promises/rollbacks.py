"""Models change while thousands of requests are answered: each answer is one version's, old or new, and none fails."""

from __future__ import annotations

import json
import threading
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

from app.models.current import read_current
from app.models.publish import promote, rollback
from app.models.registry import Registry
from app.settings import Settings
from benchmarks.promises.kills import item_ids
from benchmarks.promises.publishing import publish_made_up
from benchmarks.promises.senders import MAX_PROBLEMS, Client
from benchmarks.promises.sites import Site, make_site_folder

_CLIENTS = 4
_FIRST_VERSIONS = 3


@dataclass(slots=True)
class Rollbacks:
    """answered: requests by model version. changes: publications, promotions and rollbacks meanwhile.

    errors: answers that were not 200. mixed: answers whose items are not those of the version they name.
    """

    answered: dict[int, int] = field(default_factory=dict)
    changes: int = 0
    errors: int = 0
    mixed: int = 0
    problems: list[str] = field(default_factory=list)


def change_models_under_requests(var: Path, requests: int) -> Rollbacks:
    """Answer `requests` requests while versions are published, rolled back and promoted without a pause."""
    settings = make_site_folder(var, model_poll_s=0.01)
    registry = Registry(settings)
    for _ in range(_FIRST_VERSIONS):
        publish_made_up(settings, registry)
    found = Rollbacks()
    with Site(settings):
        asking = _Asking(settings, requests)
        while asking.goes_on:
            _change(settings, registry, found.changes)
            found.changes += 1
            asking.wait(0.02)
        asking.end()
    found.errors = asking.errors
    found.problems = asking.problems
    found.answered = {version: sum(lists.values()) for version, lists in sorted(asking.lists.items())}
    # The same question has one answer a version; a second one was ranked by a version that it does not name.
    found.mixed = sum(sum(lists.values()) - max(lists.values()) for lists in asking.lists.values())
    return found


def _change(settings: Settings, registry: Registry, number: int) -> None:
    if number % 3 == 2:
        publish_made_up(settings, registry)
    elif number % 3 == 1:
        current = read_current(settings.models_folder)
        assert current is not None
        promote(settings, registry, current.version + 1)
    else:
        rollback(settings, registry)


class _Asking:
    """Clients that ask for the recommendations of one history until there are `requests` answers."""

    def __init__(self, settings: Settings, requests: int) -> None:
        self._settings = settings
        self._left = requests
        self._lock = threading.Lock()
        self._path = f"/api/v1/recommendations?k=10&history={','.join(item_ids()[:3])}"
        self.lists: dict[int, dict[tuple[str, ...], int]] = defaultdict(lambda: defaultdict(int))
        self.errors = 0
        self.problems: list[str] = []
        self._done = threading.Event()
        self._threads = [threading.Thread(target=self._ask, daemon=True) for _ in range(_CLIENTS)]
        for thread in self._threads:
            thread.start()

    @property
    def goes_on(self) -> bool:
        """Whether requests are left."""
        return self._left > 0

    def wait(self, seconds: float) -> None:
        """Wait a moment, or until there are no requests left."""
        self._done.wait(seconds)

    def end(self) -> None:
        """Wait for the clients."""
        for thread in self._threads:
            thread.join()

    def _ask(self) -> None:
        client = Client(self._settings)
        try:
            while self._take():
                status, text = client.request("GET", self._path)
                self._note(status, text)
        finally:
            client.close()

    def _take(self) -> bool:
        with self._lock:
            self._left -= 1
            if self._left < 0:
                self._done.set()
            return self._left >= 0

    def _note(self, status: int, text: str) -> None:
        with self._lock:
            if status != 200:
                self.errors += 1
                if len(self.problems) < MAX_PROBLEMS:
                    self.problems.append(f"{status}: {text[:200]}")
                return
            answer = json.loads(text)
            items = tuple(entry["item"]["item_id"] for entry in answer["items"])
            self.lists[answer["model_version"]][items] += 1
