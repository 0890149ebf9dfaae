"""The dashboard of a site that is in use: visits of the population, a refused event, an excluded visitor, a trial."""

from __future__ import annotations

import time

import pytest
from flask import Flask

from app.catalog import Item
from app.store.measures.exclusions import NewExclusion, exclude
from app.store.measures.quarantine import read_quarantine
from benchmarks.bulk import run_visits
from seed_data.population import Population
from tests.app.web.conftest import MakeSite
from tests.app.web.dashboard.test_login import log_in, press

ENOUGH = 240
"""Visitors that leave more than a hundred in each arm, from which on a verdict is given."""


@pytest.fixture
def busy(make_site: MakeSite) -> Flask:
    """A site of which half is control."""
    return make_site(control_share=0.5, admin_password="pass")


def visit(site: Flask, items: list[Item], visitors: int) -> None:
    """Let so many of the population visit."""
    run_visits(site.extensions["flywheel"], Population(items), range(visitors), pages=1)


def test_the_experiment_is_shown_with_sentence_intervals_split_and_guardrails(busy: Flask, items: list[Item]) -> None:
    visit(busy, items, ENOUGH)
    html = busy.test_client().get("/flywheel/experiment").text
    assert "of what they see than control visitors" in html
    assert "Always-valid interval" in html
    assert "For one look only" in html
    assert "nothing speaks against the split" in html
    assert "could not be measured" not in html
    front = busy.test_client().get("/flywheel").text
    assert "clicks against control" in front
    assert 'data-spec="' in front


def test_an_aa_test_says_so_before_any_figure(make_site: MakeSite, items: list[Item]) -> None:
    site = make_site(control_share=0.5, aa_mode=True)
    visit(site, items, 4)
    html = site.test_client().get("/flywheel/experiment").text
    card = html[html.index('id="experiment"') :].partition("</section>")[0]
    assert card.index("A/A mode") < card.index("too early to say")
    assert "Both arms get the same pages now" in card
    plain = make_site(control_share=0.5).test_client().get("/flywheel/experiment").text
    assert "A/A mode</span>" not in plain


def test_the_page_of_risks_says_whose_they_are(busy: Flask) -> None:
    assert "real and simulated visitors are counted together" in busy.test_client().get("/flywheel/risks").text


def test_a_visitor_who_is_excluded_is_shown_without_their_id_and_can_be_let_back_in(
    busy: Flask, items: list[Item]
) -> None:
    visit(busy, items, 2)
    flywheel = busy.extensions["flywheel"]
    found = [NewExclusion("sim-7-1", "clicks everything", "opened 40 of 40 entries", {"entries": 40})]
    flywheel.writer.run(lambda db: exclude(db, found, "a test", time.time()))
    client = busy.test_client()
    html = client.get("/flywheel/data").text
    assert "opened 40 of 40 entries" in html
    assert "sim-7-1<" not in html
    assert "sim-7-1" not in client.get("/flywheel/board.json").text
    assert log_in(client, "pass") == 303
    html = client.get("/flywheel/data").text
    assert 'name="reason" form="act"' in html
    assert 0 <= html.find('<button form="act" disabled hidden>') < html.index("/flywheel/logout"), (
        "Enter presses nothing"
    )
    assert "is lifted" in press(client, "/flywheel/exclusions/1/lift", reason="It was  our own\ntest")
    assert "by the dashboard: It was our own test<" in client.get("/flywheel/data").text
    assert "Lifted" in client.get("/flywheel/data").text
    assert "was lifted before" in press(client, "/flywheel/exclusions/1/lift")


def test_a_quarantined_event_is_released_or_dropped(busy: Flask) -> None:
    client = busy.test_client()
    client.get("/")
    for number in range(2):
        event = {"event_id": f"odd-{number}", "kind": "click", "item_id": "item-001", "slate_id": "no", "position": 1}
        assert client.post("/api/v1/events", json={"events": [event]}).get_json()["quarantined"]
    assert "The newest 2 that are held" in client.get("/flywheel/data").text
    assert log_in(client, "pass") == 303
    (visitor_id,) = {held.visitor_id for held in read_quarantine(busy.extensions["flywheel"].store.reader())}
    serve = busy.extensions["flywheel"].serve
    assert serve.history_items(visitor_id) == []
    assert "was recorded after all" in press(client, "/flywheel/quarantine/1/release")
    assert serve.history_items(visitor_id) == ["item-001"], "the next page knows it"
    assert "stays out" in press(client, "/flywheel/quarantine/2/drop", reason="It is odd")
    html = client.get("/flywheel/data").text
    assert ">released<" in html
    assert ">dropped<" in html
    reasons = [row.settled_reason for row in read_quarantine(busy.extensions["flywheel"].store.reader(), None)]
    assert sorted(filter(None, reasons)) == ["It is odd", "decided on the dashboard"]
    assert "was dropped before" in press(client, "/flywheel/quarantine/2/release")
