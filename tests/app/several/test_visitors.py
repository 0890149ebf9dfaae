"""Two processes on one database are one site to a visitor: what one acknowledged, the other knows before it answers."""

from __future__ import annotations

import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.record import EventBatch
from app.store import Store, VisitorErasedError
from app.store.engines.connection import Values
from app.store.engines.postgres.connection import PostgresConnection, PostgresCursor
from app.store.visitors import get_visitor
from tests.app.server.conftest import PATIENCE_S
from tests.app.several.asking import KEY, PERSON, first_entry, look, parts, tell, visitor_of
from tests.app.web.conftest import csrf_token

pytestmark = [pytest.mark.postgres, pytest.mark.postgres_only]

Sites = tuple[Flask, Flask]
Browser = tuple[FlaskClient, FlaskClient]


def test_a_click_that_one_acknowledged_is_on_the_next_page_of_the_other(sites: Sites, browser: Browser) -> None:
    for client in (*browser, *browser):  # both hold the visitor and their history
        look(client)
    for number in range(12):
        here, there = browser[number % 2], browser[1 - number % 2]
        look(here, f"/item/item-{number:03}")
        look(there)
        items = parts(sites[1 - number % 2]).serve.history_items(visitor_of(here, sites[0]))
        assert items[:1] == [f"item-{number:03}"]


def test_what_was_on_screen_and_what_was_hidden_is_known_to_both(sites: Sites) -> None:
    seen: Counter[str] = Counter()
    for number in range(6):
        here, there = sites[number % 2], sites[1 - number % 2]
        shown = here.test_client().get("/api/v1/recommendations?visitor_id=ann", headers=KEY).get_json()
        item = shown["items"][0]["item"]["item_id"]
        event = {"event_id": str(number), "kind": "view", "item_id": item, "slate_id": shown["slate_id"], "position": 1}
        answer = there.test_client().post("/api/v1/events?visitor_id=ann", json={"events": [event]}, headers=KEY)
        assert answer.get_json()["stored"] == 1
        seen[item] += 1
        for site in sites:
            site.test_client().get("/api/v1/recommendations?visitor_id=ann", headers=KEY)
            assert parts(site).serve._passes.of("ann", time.time()) == seen
    tell(sites[0], ["item-002"], "dislike")
    sites[1].test_client().get("/api/v1/recommendations?visitor_id=ann", headers=KEY)
    assert parts(sites[1]).serve.opinions("ann").hidden == {"item-002"}


def test_a_newcomer_is_one_visitor_whichever_process_they_come_back_to(
    sites: Sites, browser: Browser, store: Store
) -> None:
    item, slate, position = first_entry(look(browser[0]))
    assert store.reader().execute("SELECT count(*) FROM slates").fetchone()[0] == 0, "nobody is there yet"
    look(browser[1], f"/item/{item}?slate={slate}&pos={position}")
    visitors = [row[0] for row in store.reader().execute("SELECT DISTINCT visitor_id FROM slates")]
    assert visitors == [visitor_of(browser[0], sites[0])]
    clicks = [tuple(row) for row in store.reader().execute("SELECT slate_id, position FROM events")]
    assert clicks == [(slate, int(position))]
    assert store.reader().execute("SELECT count(*) FROM waiting_pages").fetchone()[0] == 0


def test_a_picture_that_comes_from_the_other_process_is_a_sign_too(
    sites: Sites, browser: Browser, store: Store
) -> None:
    for site in sites:
        parts(site).jobs.stop()  # nothing but the request itself looks
    look(browser[0], "/item/item-003")
    browser[1].get("/image/item-003", headers=PERSON)
    clicked = [row[0] for row in store.reader().execute("SELECT item_id FROM events WHERE kind = 'click'")]
    assert clicked == ["item-003"], "what was opened on a page that waited is recorded with it"


def test_a_page_that_waits_is_logged_once_where_signs_come_to_both_at_once(
    sites: Sites, browser: Browser, store: Store
) -> None:
    item, slate, _ = first_entry(look(browser[0], "/item/item-003"))
    with ThreadPoolExecutor(2) as both:
        list(both.map(lambda client: client.get(f"/image/{item}", headers=PERSON), browser))
    times = store.reader().execute("SELECT count(*) FROM slates WHERE slate_id = ?", [slate]).fetchone()[0]
    assert (times, store.reader().execute("SELECT count(*) FROM events").fetchone()[0]) == (1, 1)


def test_a_page_fetched_ahead_is_logged_when_the_other_process_is_told_of_a_click(
    sites: Sites, browser: Browser, store: Store
) -> None:
    ahead = browser[0].get("/", headers=PERSON | {"Sec-Purpose": "prefetch"})
    item, slate, position = first_entry(ahead.text)
    look(browser[1], "/about")  # a page by which nobody becomes another visitor
    look(browser[1], f"/item/{item}?slate={slate}&pos={position}")
    clicks = [tuple(row) for row in store.reader().execute("SELECT slate_id, visitor_id FROM events")]
    assert clicks == [(slate, visitor_of(browser[0], sites[0]))]


def test_a_batch_that_is_sent_to_both_at_once_counts_once(sites: Sites, store: Store) -> None:
    items = [f"item-{number:03}" for number in range(40)]
    with ThreadPoolExecutor(8) as threads:
        receipts = [answer.get_json() for answer in threads.map(lambda place: tell(sites[place % 2], items), range(8))]
    assert sum(receipt["stored"] for receipt in receipts) == 40
    assert all(receipt["stored"] + receipt["duplicates"] == 40 for receipt in receipts)
    assert store.reader().execute("SELECT count(*), count(DISTINCT event_id) FROM events").fetchone()[:] == (40, 40)


def test_who_is_erased_through_one_is_dead_in_the_other_at_once(sites: Sites, browser: Browser, store: Store) -> None:
    for client in (*browser, *browser):
        look(client, "/item/item-004")
    erased = visitor_of(browser[0], sites[0])
    token = csrf_token(look(browser[0], "/about"))
    assert browser[0].post("/about/forget", data={"csrf_token": token}).status_code == 303
    kept = sites[1].test_client()
    kept.set_cookie("visitor", parts(sites[0]).cookie.write(erased))
    look(kept)
    assert visitor_of(kept, sites[1]) != erased
    assert sites[1].extensions["visitor_book"].get(erased) is None
    assert not parts(sites[1]).serve.history_items(erased)
    for table in ("visitors", "slates", "events", "waiting_pages"):
        count = store.reader().execute(f"SELECT count(*) FROM {table} WHERE visitor_id = ?", [erased]).fetchone()[0]
        assert count == 0, table
    names = store.reader().execute("SELECT count(*) FROM cache_changes WHERE name = ?", [erased]).fetchone()[0]
    assert names == 0, "nor does what was told of them stay"


def test_a_request_that_is_under_way_in_one_leaves_nothing_of_who_is_erased_through_the_other(
    sites: Sites, store: Store
) -> None:
    tell(sites[0], ["item-001"])
    ann = get_visitor(store.reader(), "ann")
    assert ann is not None
    under_way = parts(sites[1])
    under_way.serve.history(ann.visitor_id)
    assert sites[0].test_client().delete("/api/v1/visitors/ann", headers=KEY).status_code == 204
    batch = EventBatch.model_validate({"events": [{"event_id": "late", "kind": "click", "item_id": "item-002"}]})
    with pytest.raises(VisitorErasedError):
        under_way.recorder.record(batch, ann, time.time())
    under_way.serve.home(ann, time.time())
    under_way.serve.await_log()
    assert store.reader().execute("SELECT count(*) FROM slates").fetchone()[0] == 0


def test_a_merge_and_an_arm_that_was_chosen_are_known_to_both(sites: Sites) -> None:
    tell(sites[0], ["item-001"], visitor="before")
    tell(sites[1], ["item-002"], visitor="after")
    for site in sites:
        site.test_client().get("/api/v1/recommendations?visitor_id=before", headers=KEY)
    merge = sites[0].test_client().post("/api/v1/visitors/after/merge", json={"merged_id": "before"}, headers=KEY)
    assert merge.status_code == 200
    answer = sites[1].test_client().get("/api/v1/recommendations?visitor_id=before", headers=KEY).get_json()
    assert answer["visitor_id"] == "after"
    assert set(parts(sites[1]).serve.history_items("after")) == {"item-001", "item-002"}


def test_what_was_stored_although_the_connection_broke_before_the_answer_is_known_once_it_is_acknowledged(
    sites: Sites, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = parts(sites[0])
    follower = one.open().follower
    assert follower is not None
    tell(sites[0], ["item-001"])
    ask = partial(sites[0].test_client().get, "/api/v1/recommendations?visitor_id=ann", headers=KEY)
    ask()
    whole, breaks = PostgresConnection.execute, [True]

    def execute(connection: PostgresConnection, sql: str, parameters: Values = (), /) -> PostgresCursor:
        done = whole(connection, sql, parameters)
        if sql == "COMMIT" and breaks:
            breaks.clear()
            follower.catch_up()  # what was committed can be read before the process knows that its connection is gone
            connection.close()
            whole(connection, "SELECT 1")
        return done

    monkeypatch.setattr(PostgresConnection, "execute", execute)
    assert tell(sites[0], ["item-002"]).status_code == 503
    deadline = time.monotonic() + PATIENCE_S
    while (receipt := tell(sites[0], ["item-002"])).status_code != 202:
        assert time.monotonic() < deadline
    assert receipt.get_json()["duplicates"] == 1
    ask()
    assert one.serve.history_items("ann") == ["item-002", "item-001"]


def test_an_arm_that_was_chosen_is_that_of_both(sites: Sites, browser: Browser) -> None:
    for client in (*browser, *browser):
        look(client)
    visitor = visitor_of(browser[0], sites[0])
    for number, arm in enumerate(("control", "treatment", "control")):
        here, there = browser[number % 2], browser[1 - number % 2]
        token = csrf_token(look(here, "/about"))
        assert here.post("/about/arm", data={"csrf_token": token, "arm": arm}).status_code == 303
        look(there)
        found = sites[1 - number % 2].extensions["visitor_book"].get(visitor)
        assert found.arm == arm
