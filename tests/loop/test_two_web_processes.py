"""The services of deploy/compose.postgres.yaml as plain processes: PostgreSQL, two web processes, a trainer.

Each has a var folder of its own, as on another host; models go through a storage that all of them see.
"""

from __future__ import annotations

import json
import shutil
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from app.cli.demo import process
from app.measure.evaluation.holdout import METRIC
from app.models.registry import Registry
from app.settings import Settings, load_settings
from app.store import Store
from app.store.erasing.tombstones import KEY_FILE
from app.store.items import insert_items
from app.store.measures.baselines import BaselineRow, insert_baselines
from benchmarks.promises.sites import Site, get_status, wait_until
from tests.app.learn.traffic import Traffic
from tests.app.server.conftest import free_port
from tests.conftest import make_items
from tests.postgres_server import PostgresServer

pytestmark = [pytest.mark.whole, pytest.mark.postgres]

KEY = "k" * 32
WITHIN_S = 60.0


@dataclass
class Host:
    """One web process, and how a program speaks to it."""

    site: Site

    def act(self, visitor: str, number: int, item: int) -> dict[str, Any]:
        """Record a click; the answer."""
        event = {"event_id": f"{visitor}-{number}", "kind": "click", "item_id": f"item-{item:03}"}
        return self._ask(f"/api/v1/events?visitor_id={visitor}", {"events": [event]})

    def knows(self, visitor: str) -> dict[str, Any]:
        """What the process recommends to a visitor."""
        return self._ask(f"/api/v1/recommendations?visitor_id={visitor}&k=60")

    def health(self) -> dict[str, Any]:
        """What the process says of itself."""
        return self._ask("/readyz")

    def _ask(self, path: str, body: object = None) -> dict[str, Any]:
        request = urllib.request.Request(
            self.site.address + path,
            None if body is None else json.dumps(body).encode(),
            {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=20) as answer:
            found: dict[str, Any] = json.loads(answer.read())
            return found


@pytest.fixture
def settings(postgres: PostgresServer, tmp_path: Path) -> Settings:
    """Those that every host has in common; the database has items, a baseline and a crowd's clicks."""
    (tmp_path / "models").mkdir()
    settings = load_settings(
        environment={},
        overrides={
            "var": tmp_path / "trainer",
            "database_url": postgres.new_database(),
            "artifacts": str(tmp_path / "models"),
            "secret_key": "s" * 32,
            "api_key": KEY,
            "admin_password": "p" * 20,
            "factors": 16,
            "iterations": 4,
            "exam_min_history": 1,
            "update_interval_s": 0.2,
            "model_poll_s": 0.2,
            "tune_after_import_s": 0,
            "trust_after_s": 0,
            "holdout_share": 0,
            "threads": 2,
        },
    )
    now = time.time() - 3600
    with Store.create(settings.database) as store, store.open_writer() as writer:
        writer.run(lambda db: insert_items(db, make_items()))
        row = BaselineRow(now, "hash", METRIC, "popularity", 0.05, 0.04, 0.06, 100, 10, 0, 100, "real")
        writer.run(lambda db: insert_baselines(db, [row]))
        traffic = Traffic(writer, now)
        traffic.crowd("holdout", 60, holdout=True)
        traffic.crowd("visitor", 60)
    return settings


@pytest.fixture
def hosts(settings: Settings, tmp_path: Path) -> Iterator[list[Host]]:
    """Two web processes, each on a var folder of its own."""
    with ExitStack() as running:
        sites = []
        for number in (1, 2):
            own = replace(settings, var=tmp_path / f"web-{number}", port=free_port())
            own.var.mkdir()
            shutil.copy(settings.var / KEY_FILE, own.var / KEY_FILE)  # who was erased is refused by every host
            sites.append(running.enter_context(Site(own)))
        yield [Host(site) for site in sites]


def test_two_web_processes_and_a_trainer_are_one_site(settings: Settings, hosts: list[Host], tmp_path: Path) -> None:
    one, two = hosts
    newest = one.health()["checks"]["database"]["last_event"]
    for number in range(15):
        assert one.act("ann", number, number)["stored"] == 1
        assert two.act("ben", number, 20 + number)["stored"] == 1
        assert two.act("ann", number, number)["stored"] == 0, "it came by the other process"
    for host in hosts:
        assert host.health()["checks"]["database"]["last_event"] == newest + 30
        clicked = {f"item-{number:03}" for number in range(15)}
        shown = {entry["item"]["item_id"] for entry in host.knows("ann")["items"]}
        assert shown.isdisjoint(clicked), "each process knows what the other recorded"
    with process(settings, "-m", "flask", "--app", "app", "trainer", "--standby"):
        for host in hosts:
            wait_until("the model", lambda host=host: host.health()["model_version"] is not None, WITHIN_S)  # type: ignore[misc]
    champion = Registry(settings).champion()
    assert champion is not None
    assert {host.health()["model_version"] for host in hosts} == {champion.version}
    assert champion.watermark == newest + 30
    assert (tmp_path / "models" / champion.artifact / "manifest.json").exists()
    one.site.kill_all()
    assert get_status(f"{one.site.address}/readyz") == 0
    assert two.act("ann", 99, 40)["stored"] == 1
    assert two.health()["status"] == "ready"
    assert two.health()["model_version"] == champion.version
