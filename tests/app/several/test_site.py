"""Two processes on one database are one site to its shop, its admin and whoever reads its figures."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import asdict, replace

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.measure.risks.alerts import StateChange, Webhook
from app.serve.several import following
from app.serve.several.same_keys import OtherKeysError, hold_keys, refuse_other_keys
from app.settings import Settings
from app.store import Store, StoreError, WriterBusyError
from app.store.measures.risk_readings import StoredReading, insert_readings
from app.store.moving.writers import StillWrittenError, at_rest
from app.store.several.changes import ACTS, announce
from app.store.several.kept import keep, kept
from app.web.dashboard.guesses import FREE_GUESSES
from tests.app.server.conftest import PATIENCE_S
from tests.app.several.asking import KEY, PERSON, look, parts, tell
from tests.app.several.conftest import OpenSite
from tests.app.web.conftest import csrf_token

pytestmark = [pytest.mark.postgres, pytest.mark.postgres_only]

Sites = tuple[Flask, Flask]
Browser = tuple[FlaskClient, FlaskClient]


def test_an_item_that_is_written_through_one_is_on_pages_of_the_other_and_can_be_opened(sites: Sites) -> None:
    one, other = (site.test_client() for site in sites)
    for number in range(3):
        document = {"title": f"Olive oil {number}", "categories": ["Pantry", "Oils"]}
        assert one.put(f"/api/v1/items/oil-{number}", json=document, headers=KEY).status_code == 201
        receipt = tell(sites[1], [f"oil-{number}"]).get_json()
        assert receipt == {"stored": 1, "duplicates": 0, "quarantined": []}
        assert f"Olive oil {number}" in look(other, "/search?q=olive")
    assert one.delete("/api/v1/items/oil-1", headers=KEY).status_code == 204
    assert "Olive oil 1" not in look(other, "/search?q=olive")


def test_a_rule_that_is_made_through_one_holds_in_the_other(sites: Sites) -> None:
    one, other = (site.test_client() for site in sites)
    rule = {"action": "hide", "field": "type", "value": "poster"}
    made = one.post("/api/v1/rules", json={"rule": rule}, headers=KEY)
    assert made.status_code == 201, made.text
    found = other.get("/api/v1/recommendations?visitor_id=ann&k=40", headers=KEY).get_json()["items"]
    assert found
    assert all(entry["item"]["type"] != "poster" for entry in found)
    assert other.delete(f"/api/v1/rules/{made.get_json()['rule_id']}", headers=KEY).status_code == 204
    found = one.get("/api/v1/recommendations?visitor_id=ann&k=40", headers=KEY).get_json()["items"]
    assert any(entry["item"]["type"] == "poster" for entry in found)


def test_the_figures_of_the_experiment_are_the_same_from_either(sites: Sites) -> None:
    for number in range(40):
        here, there = sites[number % 2], sites[1 - number % 2]
        shown = here.test_client().get(f"/api/v1/recommendations?visitor_id=v{number}", headers=KEY).get_json()
        entry = shown["items"][0]
        event = {"item_id": entry["item"]["item_id"], "slate_id": shown["slate_id"], "position": 1}
        events = [event | {"event_id": kind, "kind": kind} for kind in ("view", "click")[: 1 + number % 2]]
        answer = there.test_client().post(f"/api/v1/events?visitor_id=v{number}", json={"events": events}, headers=KEY)
        assert answer.get_json()["stored"] == len(events), answer.text
    one, other = (parts(site).ledger.follow() for site in sites)
    assert one.last_seq == other.last_seq > 0
    assert sum(arm.exposed for arm in one.arms) > 30
    for mine, theirs in zip(one.arms, other.arms, strict=True):
        assert (mine.origin, mine.arm, mine.slates, mine.exposed) == (
            theirs.origin,
            theirs.arm,
            theirs.slates,
            theirs.exposed,
        )
        assert str(asdict(mine.moments)) == str(asdict(theirs.moments))


class Told(Webhook):
    """Keeps what it is told."""

    def __init__(self) -> None:
        super().__init__("")
        self.changes: list[StateChange] = []

    def tell(self, changes: Sequence[StateChange]) -> None:
        self.changes += changes


def test_a_risk_is_measured_and_told_by_one_process_and_by_another_after_it(
    open_site: OpenSite, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = Told()
    monkeypatch.setattr("app.measure.risks.monitor.Webhook", lambda url: told)
    sites = [open_site() for _ in range(3)]

    def rounds() -> int:
        query = "SELECT count(DISTINCT measured_at) FROM risk_readings"
        return int(store.reader().execute(query).fetchone()[0])

    alarm = StoredReading(0.0, "event lag", 1e9, 1.0, "alarm", "")
    parts(sites[1]).writer.run(lambda db: insert_readings(db, [alarm]))
    for site in sites:
        assert parts(site).jobs.run("risks").failures == 0
    assert rounds() == 2, "of three processes one measured"
    alarms = [(change.indicator, change.before) for change in told.changes]
    assert alarms == [("event lag", "alarm")], "somebody hears once that it is over"
    parts(sites[0]).close()
    for site in sites[1:]:
        assert parts(site).jobs.run("risks").failures == 0
    assert rounds() == 3, "the next takes over"
    assert len(told.changes) == 1


def test_a_login_is_one_of_the_whole_site_and_so_is_its_end(sites: Sites, browser: Browser) -> None:
    one, other = browser
    assert log_in(one, "p" * 12) == 303
    assert "Log out" in look(other, "/flywheel")
    other.post("/flywheel/logout", data={"csrf_token": csrf_token(look(other, "/flywheel"))})
    assert "Log out" not in look(one, "/flywheel")


def log_in(client: FlaskClient, password: str) -> int:
    """Give the password; returns the status of the answer."""
    token = csrf_token(look(client, "/flywheel/login"))
    return client.post("/flywheel/login", data={"csrf_token": token, "password": password}).status_code


def test_guesses_of_a_password_count_whichever_process_is_asked(sites: Sites, browser: Browser) -> None:
    for number in range(FREE_GUESSES + 1):
        assert log_in(browser[number % 2], "wrong") == 403
    for client in browser:
        assert log_in(client, "p" * 12) == 429


def test_a_press_that_is_sent_to_both_is_one(sites: Sites) -> None:
    assert [site.extensions["press_book"].seen("a press") for site in (*sites, *sites)] == [False, True, True, True]


def test_who_has_not_looked_for_long_or_meets_too_many_changes_forgets_everything(
    sites: Sites, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following, "MOST", 50)
    one, other = map(parts, sites)
    tell(sites[1], ["item-001"])
    other.serve.history("ann")
    one.writer.run(lambda db: announce(db.conn, ACTS, [f"v{number}" for number in range(50)]))
    tell(sites[0], ["item-002"])
    sites[1].test_client().get("/api/v1/recommendations?visitor_id=ann", headers=KEY)
    assert other.serve.history_items("ann") == ["item-002", "item-001"]
    follower = other.open().follower
    assert follower is not None
    follower._looked_at -= 1_000.0
    one.writer.run(lambda db: db.execute("DELETE FROM cache_changes"))
    tell(sites[0], ["item-003"])
    one.writer.run(lambda db: db.execute("DELETE FROM cache_changes"))
    sites[1].test_client().get("/api/v1/recommendations?visitor_id=ann", headers=KEY)
    assert other.serve.history_items("ann") == ["item-003", "item-002", "item-001"]


def test_what_is_no_longer_needed_is_swept_away(sites: Sites, store: Store) -> None:
    tell(sites[0], ["item-001"])
    writer = parts(sites[0]).writer
    writer.run(lambda db: db.execute("UPDATE cache_changes SET at = at - 1000"))
    writer.run(lambda db: keep(db, "a", "over", "", -1.0))
    writer.run(lambda db: keep(db, "a", "kept", "x", 60.0))
    assert parts(sites[0]).jobs.run("sweep").failures == 0
    assert store.reader().execute("SELECT count(*) FROM cache_changes").fetchone()[0] == 0
    assert kept(store.reader(), "a", "over") is None
    assert kept(store.reader(), "a", "kept") is not None


class Clock:
    """Time that only sleeping passes."""

    def __init__(self) -> None:
        self.now = 100.0

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def test_a_process_goes_by_being_alone_until_another_comes_and_that_one_waits_so_long(
    open_site: OpenSite, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Clock()
    monkeypatch.setattr("app.store.engines.postgres.alone.ALONE_S", 1.0)
    monkeypatch.setattr("app.store.engines.postgres.alone._STANDS_S", 0.0)
    for place in ("alone", "engine"):
        monkeypatch.setattr(f"app.store.engines.postgres.{place}.time", clock)
    first = open_site()
    follower = parts(first).open().follower
    assert follower is not None
    parts(first).jobs.stop()  # nothing but the test looks around
    follower.look_around()
    assert follower.alone
    asked: list[int] = []
    monkeypatch.setattr(follower, "_look", lambda: asked.append(1))
    first.test_client().get("/", headers=PERSON)
    assert asked == [], "alone, nothing is asked"
    second = open_site()
    assert clock.now > 101.0
    assert not follower.alone, "what it knew was over before the other could write"
    follower.look_around()
    assert not follower.alone
    first.test_client().get("/", headers=PERSON)
    assert asked
    parts(second).close()
    deadline = time.monotonic() + PATIENCE_S
    while not follower.alone:  # the server takes a moment to notice
        assert time.monotonic() < deadline
        follower.look_around()
    ended = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'flywheel writes%'"
    assert store.reader().execute(ended).fetchone()[0]
    while follower.alone:
        assert time.monotonic() < deadline, "somebody else may have the right from now on"


def test_commands_and_moves_do_not_write_beside_a_site(sites: Sites, store: Store) -> None:
    with pytest.raises(WriterBusyError), store.open_writer():
        pass
    with pytest.raises(StillWrittenError), at_rest(store.engine):
        pass
    assert parts(sites[0]).processes() == 2
    checks = sites[0].test_client().get("/readyz").get_json()["checks"]
    assert checks["writer"]["processes"] == 2
    for site in sites:
        parts(site).close()
    with at_rest(store.engine), store.open_writer(beside_others=True, patient=True) as late:
        assert late.problem, "who comes while a move is at it waits for its end"


def test_a_process_with_other_keys_is_refused_in_words(sites: Sites, site_settings: Settings, store: Store) -> None:
    hold_keys(parts(sites[0]).writer, site_settings)
    refuse_other_keys(store, site_settings)
    for others in ({"secret_key": "another"}, {"control_share": 0.5}):
        with pytest.raises(OtherKeysError, match=r"other keys.*share that folder.*control_share") as refused:
            refuse_other_keys(store, replace(site_settings, **others))
        assert isinstance(refused.value, StoreError)
