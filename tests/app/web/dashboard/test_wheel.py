"""The wheel, alive: what happens now, who may bring a crowd, and which way the worth leans."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.measure.experiment.experiments import Experiment
from app.settings import Settings
from app.web.dashboard.leaning import leaning
from tests.app.serve.conftest import publish_model
from tests.app.web.conftest import MakeSite, csrf_token, load_artwork
from tests.conftest import make_items


def test_the_pulse_tells_the_newest_acts_and_whose_they_are(client: FlaskClient) -> None:
    client.get("/")
    load_artwork(client)
    client.get("/item/item-003")
    state = client.get("/flywheel/pulse.json").json
    assert state is not None
    assert state["acts"][0]["words"].startswith("You opened “")
    assert (state["version"], state["crowd"]) == (None, False)
    assert state["fans"]["style"] == "Retro"
    other = client.application.test_client().get("/flywheel/pulse.json").json
    assert other is not None
    assert other["acts"][0]["words"].startswith("A visitor opened “")


def test_what_fans_see_next_is_the_row_that_the_home_page_shows_them(settings: Settings, make_site: MakeSite) -> None:
    items = make_items()
    first = next(item for item in items if item.style == "retro")
    # The model alone fills the row with items of the first one's type, which are not retro; the page bounds a type.
    alike = [item.item_id for item in items if item.type == first.type and item.style != "retro"]
    retro = [item.item_id for item in items if item.type != first.type and item.style == "retro"]
    kinds = {"alike": [first.item_id, *alike], "more alike": [first.item_id, *alike], "retro": [first.item_id, *retro]}
    publish_model(settings, 1, kinds)
    site = make_site(exploration_share=0.0)
    client = site.test_client()
    state = client.get("/flywheel/pulse.json").json
    assert state is not None
    client.get("/")
    load_artwork(client)
    client.get(f"/item/{first.item_id}")
    row = client.get("/api/v1/recommendations?k=12").json
    assert row is not None
    assert [row["model_version"], row["policy"]] == [1, "als+balance+explore"]
    styles = [entry["item"]["style"] for entry in row["items"]]
    assert state["fans"] == {"style": "Retro", "shown": styles.count("retro"), "of": 12}


def test_everybody_brings_a_crowd_on_a_demo_and_elsewhere_the_admin(make_site: MakeSite) -> None:
    sent: list[tuple[Any, ...]] = []
    demo = make_site(demo=True)
    parts = demo.extensions["flywheel"].open()

    def send(*words: Any) -> bool:
        sent.append(words)
        return True

    crowd = SimpleNamespace(running=False, send=send, stop=lambda: None)
    demo.extensions["flywheel"]._parts = replace(parts, crowd=cast(Any, crowd))
    visitor = demo.test_client()
    page = visitor.get("/flywheel").text
    assert "Add 30 retro fans" in page
    answer = visitor.post("/flywheel/crowd", data={"csrf_token": csrf_token(page), "do": "fans"})
    assert answer.status_code == 303
    assert sent[0][1:] == (30, "retro")
    assert visitor.post("/flywheel/crowd", data={"csrf_token": csrf_token(page), "do": "dance"}).status_code == 400

    site = make_site()
    stranger = site.test_client()
    page = stranger.get("/flywheel").text
    assert "Start traffic" not in page
    refused = stranger.post("/flywheel/crowd", data={"csrf_token": csrf_token(page), "do": "people"})
    assert "/flywheel/login" in refused.location


def test_a_fresh_site_shows_no_dash_for_an_answer(site: Flask) -> None:
    page = site.test_client().get("/flywheel").text
    answers = page[page.index('id="answers"') : page.index('id="wheel"')]
    assert ">–<" not in answers


@pytest.mark.parametrize(
    ("treatment", "control", "state", "more"),
    [
        ((76, 1000), (57, 1000), "early", True),
        ((50, 1000), (50, 1000), "open", False),
        ((5, 10), (0, 10), "early", None),
    ],
)
def test_the_worth_leans_with_the_figures_of_the_arms(
    treatment: tuple[int, int], control: tuple[int, int], state: str, more: bool | None
) -> None:
    arms = {
        name: SimpleNamespace(clicks=clicks, impressions=seen, visitors=30)
        for name, (clicks, seen) in (("treatment", treatment), ("control", control))
    }
    found = leaning(cast(Experiment, SimpleNamespace(verdict=SimpleNamespace(state=state), **arms)))
    if more is None:
        assert found is None
        return
    assert found is not None
    assert found.lift == pytest.approx(treatment[0] / control[0] - 1)
    assert (found.treatment, found.control) == pytest.approx((treatment[0] / 10, control[0] / 10))
    assert (found.more is not None and found.more >= 70) == more
    assert 0 <= found.progress <= 1
