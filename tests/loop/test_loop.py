"""The loop end to end, with real processes: visitors browse over HTTP while the trainer learns and publishes."""

from __future__ import annotations

import json
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
import requests

from app.catalog.attributes import item_attributes
from app.cli.demo import flask_command, process, wait_until_ready
from app.measure.evaluation.holdout import NEUTRAL, build_holdout
from app.models.config import als_config
from app.models.registry import Registry
from app.models.registry_rows import ModelVersion
from app.secret import api_key
from app.settings import Settings, load_settings
from app.store import Store
from app.store.engines import dialect_of
from app.store.events import EventRow, events_since, last_seq
from app.store.interactions import interactions_since
from app.values.interaction import Interaction
from app.visitors.contribution import contribution_rules, training_rows
from benchmarks.site.load.browsing import Browser
from recommender import ALSTrainer, Interactions
from seed_data.population import Population
from seed_data.templates import load_templates
from tests.loop.visits import VisitTally, drive

pytestmark = pytest.mark.whole

VISITORS = 500
CLIENTS = 4
SETTLE_WITHIN_S = 600.0
"""After a candidate that was slow to make the trainer rests: on a busy machine for minutes."""


@dataclass(frozen=True, slots=True)
class Traffic:
    """What the site looked like after 500 visitors: what they met, what stands of it, and the registry."""

    settings: Settings
    tally: VisitTally
    seed_events: int
    rows: list[Interaction]
    versions: list[ModelVersion]
    served_versions: set[int]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture(
    scope="module",
    params=["sqlite", pytest.param("postgres", marks=[pytest.mark.postgres, pytest.mark.slow])],
)
def traffic(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Traffic:
    # A larger holdout than the site's, because the last test compares two models to within three per cent.
    changes: dict[str, Any] = {
        "var": tmp_path_factory.mktemp("loop") / "var",
        "port": _free_port(),
        "holdout_share": 0.25,
    }
    if request.param == "postgres":
        changes["database_url"] = request.getfixturevalue("postgres").new_database()
    settings = load_settings(environment={}, overrides=changes)
    for command in (("seed", "--visitors", "600", "--draw", "0"), ("baseline",), ("trainer", "--once")):
        flask_command(settings, *command)
    with closing(Store(settings.database)) as store:
        seed_events = last_seq(store.reader())
        address = f"http://127.0.0.1:{settings.port}"
        with process(settings, "-m", "app") as site:
            wait_until_ready(address, site)
            with process(settings, "-m", "flask", "--app", "app", "trainer"):
                tally, served_versions = _browse(address, api_key(settings))
                _wait_for_the_trainer(settings, store)
        rows = list(interactions_since(store.reader()))
    versions = Registry(settings).versions()
    return Traffic(settings, tally, seed_events, rows, versions, served_versions)


def _browse(address: str, key: str) -> tuple[VisitTally, set[int]]:
    """500 visitors, four at a time: two home pages each, with clicks in between; and the versions that served them."""
    population = Population(load_templates(), seed=7)
    total, versions, lock = VisitTally(), set[int](), threading.Lock()

    def visit(number: int) -> None:
        tally = drive(address, Browser(population.visitor(10_000 + number), seed=11, day=14.0, key=key))
        with lock:
            total.add(tally)
        if number % 10 == 0:
            version = requests.get(f"{address}/readyz", timeout=20).json()["checks"]["model"]["version"]
            with lock:
                versions.add(version)

    with ThreadPoolExecutor(CLIENTS) as clients:
        list(clients.map(visit, range(VISITORS)))
    return total, versions


def _wait_for_the_trainer(settings: Settings, store: Store) -> None:
    """Until the newest version has learned from the last event that trains, or the time is up."""
    newest = max(row.seq for row in events_since(store.reader(), 0, 1_000_000) if _trains(row))
    deadline = time.monotonic() + SETTLE_WITHIN_S
    while time.monotonic() < deadline:
        if Registry(settings).versions()[0].watermark >= newest:
            return
        time.sleep(0.5)


def _trains(row: EventRow) -> bool:
    return not row.holdout and row.kind in {"click", "like", "save", "use"}


def test_no_request_fails_while_models_are_swapped(traffic: Traffic) -> None:
    assert traffic.tally.failures == []
    assert traffic.tally.requests > 2 * VISITORS
    assert traffic.tally.clicks > VISITORS


def test_the_trainer_publishes_at_least_two_versions_meanwhile(traffic: Traffic) -> None:
    published = [version for version in traffic.versions if version.state in {"champion", "retired"}]
    assert len(published) >= 3, "the first, and two that learned from the visitors"
    assert len(traffic.served_versions) >= 2, "the web process swapped models while it served"


def test_each_version_says_how_far_and_from_how_many_rows_it_learned(traffic: Traffic) -> None:
    rules = contribution_rules(traffic.settings)
    for version in traffic.versions:
        seen = [row for row in traffic.rows if row.event_seq <= version.watermark and not row.holdout]
        assert version.rows == len(training_rows(seen, rules))
    watermarks = [version.watermark for version in traffic.versions]
    assert watermarks == sorted(watermarks, reverse=True)
    assert watermarks[-1] == traffic.seed_events
    assert all(a.parent == b.version for a, b in zip(_champions(traffic), _champions(traffic)[1:], strict=False))


def _champions(traffic: Traffic) -> list[ModelVersion]:
    return [version for version in traffic.versions if version.state in {"champion", "retired"}]


def test_every_click_answers_a_slate_that_showed_the_item_there(traffic: Traffic) -> None:
    with closing(Store(traffic.settings.database)) as store:
        conn = store.reader()
        shown = dialect_of(conn).json_entry("slates.items", "events.position")
        wrong = conn.execute(
            f"SELECT count(*) FROM events JOIN slates USING (slate_id)"
            f" WHERE {shown} <> events.item_id OR slates.visitor_id <> events.visitor_id"
        ).fetchone()[0]
        refused = conn.execute("SELECT reason FROM quarantine").fetchall()
        texts = [row[0] for row in conn.execute("SELECT propensities FROM slates")]
    propensities = sum(not 1e-9 <= chance <= 1 for text in texts for chance in json.loads(text))
    assert wrong == 0
    assert refused == []
    assert propensities == 0


def test_updates_keep_97_percent_of_what_a_full_refit_reaches(traffic: Traffic) -> None:
    settings = traffic.settings
    rules = contribution_rules(settings)
    training = [row for row in traffic.rows if not row.holdout]
    seed = [row for row in training if row.event_seq <= traffic.seed_events]
    past = list(training_rows(seed, rules).values())
    new = list(training_rows((row for row in training if row.event_seq > traffic.seed_events), rules).values())
    log = Interactions.from_rows(past)
    log.describe(item_attributes(load_templates()), settings.attribute_weight)
    trainer = ALSTrainer(als_config(settings), seed=settings.seed)
    trainer.fit(log)
    for start in range(0, len(new), 100):
        trainer.update(new[start : start + 100])
    updated = trainer.model()
    trainer.refit()
    refitted = trainer.model()
    judging = [row for row in traffic.rows if row.holdout]
    holdout = build_holdout(judging, rules, 100_000, settings.history_length)
    assert holdout.basis == NEUTRAL
    gains_updated, gains_refitted = (np.asarray(holdout.examine(model)) for model in (updated, refitted))
    print(
        f"rank gain over {len(holdout.cases)} cases: {gains_updated.mean():.4f}, refitted {gains_refitted.mean():.4f}"
    )
    assert len({row.visitor_id for row in new}) > VISITORS // 3, "the updates brought new users"
    # Some hundred cases tell less than 3 % apart: the same ones are asked of both, and their noise is granted twice.
    short = 0.97 * gains_refitted - gains_updated
    assert gains_refitted.mean() > 0
    assert short.mean() <= 2 * short.std() / len(short) ** 0.5
