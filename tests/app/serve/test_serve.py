"""What goes on a page, for whom, why, and what is logged of it."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable

from app.catalog import label
from app.models.current import POINTER
from app.serve.page import Page, Shelf
from app.serve.rules.want import Want
from app.serve.serve import NO_MODEL_NOTICE
from app.settings import Settings
from app.store import Store
from app.store.slates import get_slate
from app.values.visitor import Visitor
from app.visitors import new_visitor
from recommender import FactorModel
from tests.app.serve.conftest import Stage
from tests.conftest import NOW

Publish = Callable[[int], None]
RETRO = ["item-001", "item-004", "item-007"]


def ids(shelf: Shelf) -> list[str]:
    return [entry.item.item_id for entry in shelf.entries]


def for_you(page: Page) -> Shelf:
    return page.shelves[0]


def test_a_click_counts_on_the_very_next_page(stage: Stage, publish: Publish, treated: Visitor) -> None:
    publish(1)
    before = for_you(stage.serve.home(treated, NOW))
    stage.open(treated, *RETRO)
    after = for_you(stage.serve.home(treated, NOW))
    assert ids(before) != ids(after)
    assert not set(RETRO) & set(ids(after))
    ranked = [entry for entry in after.entries if entry.source == "als"]
    assert sum(entry.item.style == "retro" for entry in ranked) >= len(ranked) / 2
    because = [entry for entry in ranked if re.match("Because you opened “|[0-9]+ % “", entry.reason)]
    assert because
    carried = [entry for entry in ranked if entry not in because]
    assert all(
        entry.reason in {"Retro, like three you opened", f"Something else: {label(entry.item.type)}"}
        or entry.reason.endswith((" you opened", "Close to your taste as a whole"))
        for entry in carried
    )


def test_no_item_stands_twice_on_a_page_and_positions_count_from_one(
    stage: Stage, publish: Publish, treated: Visitor
) -> None:
    publish(1)
    stage.open(treated, *RETRO)
    page = stage.serve.home(treated, NOW)
    shown = [item_id for shelf in page.shelves for item_id in ids(shelf)]
    assert len(shown) == len(set(shown))
    for shelf in page.shelves:
        assert [entry.position for entry in shelf.entries] == list(range(1, len(shelf.entries) + 1))


def test_near_items_stand_in_the_order_that_suits_the_visitor(stage: Stage, publish: Publish, treated: Visitor) -> None:
    publish(1)
    stage.open(treated, *RETRO)
    shelves = stage.serve.shelves(treated)
    size, model, weights = shelves.size, shelves.model, shelves.history.weights
    assert isinstance(model, FactorModel)
    near = [hit.item_id for hit in model.similar(RETRO[-1], k=5 * size) if hit.item_id not in weights]
    suits = [hit.item_id for hit in model.recommend(weights, k=size, candidates=near)]
    shown = [choice.item_id for choice in shelves.neighbours(RETRO[-1], size)]
    assert shown[:size] == suits
    assert suits != near[:size], "otherwise nothing is shown by this"


def test_every_shelf_is_logged_as_it_was_shown(stage: Stage, publish: Publish, treated: Visitor, store: Store) -> None:
    publish(3)
    stage.open(treated, *RETRO)
    page = stage.serve.home(treated, NOW)
    stage.settle()
    for shelf in page.shelves:
        assert shelf.slate_id is not None
        slate = get_slate(store.reader(), shelf.slate_id)
        assert slate is not None
        assert list(slate.items) == ids(shelf)
        assert list(slate.propensities) == [entry.propensity for entry in shelf.entries]
        assert (slate.visitor_id, slate.arm, slate.model_version) == (treated.visitor_id, "treatment", 3)


def test_explored_slots_are_marked_and_carry_their_propensity(
    stage: Stage, publish: Publish, treated: Visitor, settings: Settings
) -> None:
    publish(1)
    stage.open(treated, *RETRO)
    days = [NOW + 86_400 * day for day in range(60)]
    visits = []
    for day in days:  # a day later is another visit, whose wild cards are drawn anew
        visits.append(for_you(stage.serve.home(treated, day)))
        stage.recorder.record_one(treated, "click", RETRO[0], received_at=day)
    entries = [entry for shelf in visits for entry in shelf.entries]
    explored = [entry for entry in entries if entry.source == "explore"]
    share = settings.exploration_share
    assert explored
    assert all(0 < entry.propensity < share for entry in explored)
    first = settings.exploration_first_place
    assert all(entry.position >= first for entry in explored)
    for entry in entries:
        if entry.source != "explore":
            least, most = (1 - share, 1 - share / 2) if entry.position >= first else (1.0, 1.0)
            assert least <= entry.propensity <= most, "a slot explores but what is ranked itself"


def test_control_sees_what_is_popular_whatever_they_open(stage: Stage, publish: Publish, untreated: Visitor) -> None:
    publish(1)
    stage.open(untreated, "item-010", "item-010", *RETRO)
    page = stage.serve.home(untreated, NOW)
    assert page.model_version is None
    assert {entry.source for shelf in page.shelves for entry in shelf.entries} <= {"popularity", "new"}
    assert {shelf.policy for shelf in page.shelves} <= {"popularity", "newest"}


def test_an_item_marked_not_interested_is_shown_nowhere_until_that_is_undone(
    stage: Stage, publish: Publish, treated: Visitor
) -> None:
    publish(1)
    shown = ids(for_you(stage.serve.home(treated, NOW)))[0]
    stage.open(treated, shown, kind="dislike")
    pages = [stage.serve.home(treated, NOW), stage.serve.browse(treated, NOW)]
    assert all(shown not in ids(shelf) for page in pages for shelf in page.shelves)
    stage.recorder.record_one(treated, "dislike", shown, undo=True, received_at=NOW)
    assert shown in ids(for_you(stage.serve.home(treated, NOW)))


def test_without_clicks_and_before_the_first_model_the_editors_order_is_shown(stage: Stage, treated: Visitor) -> None:
    page = stage.serve.home(treated, NOW)
    assert ids(for_you(page))[:3] == ["item-000", "item-001", "item-002"]
    assert {entry.source for entry in for_you(page).entries} == {"editorial"}
    assert page.notice is None
    assert stage.serve.state().fallback == "editorial"


def test_a_notice_says_so_where_the_published_model_cannot_be_read(stage: Stage, treated: Visitor) -> None:
    stage.settings.models_folder.mkdir(parents=True, exist_ok=True)
    (stage.settings.models_folder / POINTER).write_text("{", encoding="utf-8")
    stage.models.poll()
    assert stage.serve.home(treated, NOW).notice == NO_MODEL_NOTICE


def test_without_a_published_model_what_goes_with_what_was_opened_is_shown(
    stage: Stage, settings: Settings, treated: Visitor
) -> None:
    for number in range(30):
        passer = new_visitor(settings, now=NOW - 3600, visitor_id=f"passer-{number}")
        stage.open(passer, "item-020", "item-030")
    stage.open(treated, "item-020")
    page = stage.serve.home(treated, NOW)
    assert for_you(page).entries[0].item.item_id == "item-030"
    assert for_you(page).entries[0].source == "first-factors"
    assert stage.serve.state().fallback == "first-factors"


def test_a_damaged_artifact_leaves_the_old_model_in_use_and_is_reported(
    stage: Stage, publish: Publish, treated: Visitor, settings: Settings
) -> None:
    publish(1)
    pointer = settings.models_folder / "current.json"
    pointer.write_text(
        pointer.read_text(encoding="utf-8").replace('"version": 1', '"version": 2')[:-20], encoding="utf-8"
    )
    stage.models.poll()
    state = stage.serve.state()
    assert state.model_version == 1
    assert state.problem
    stage.open(treated, *RETRO)
    assert for_you(stage.serve.home(treated, NOW)).entries[0].source in {"als", "explore"}


def test_a_full_queue_costs_the_slate_log_and_not_the_page(stage: Stage, publish: Publish, treated: Visitor) -> None:
    publish(1)
    hold, held = threading.Event(), threading.Event()

    def block(db: object) -> None:
        held.set()
        hold.wait(10)

    stage.writer.submit(block)
    held.wait(10)
    try:
        for _ in range(100):
            stage.writer.submit(lambda db: None)
        page = stage.serve.home(treated, NOW)
        assert page.shelves
        assert all(shelf.slate_id is None for shelf in page.shelves)
    finally:
        hold.set()


def test_a_grid_shows_each_item_of_a_type_once_over_its_pages(stage: Stage, publish: Publish, treated: Visitor) -> None:
    publish(1)
    stage.open(treated, *RETRO)
    pages = [stage.serve.browse(treated, NOW, page=number) for number in (1, 2, 3)]
    shown = [item_id for page in pages for item_id in ids(page.shelves[0])]
    assert len(shown) == len(set(shown)) == 60
    assert [page.more for page in pages] == [True, True, False]
    assert not stage.serve.browse(treated, NOW, page=4).shelves


def test_more_like_this_never_shows_the_item_itself(stage: Stage, publish: Publish, treated: Visitor) -> None:
    publish(1)
    page = stage.serve.item(treated, "item-001", NOW)
    assert page is not None
    assert "item-001" not in ids(page.shelves[0])
    assert stage.serve.item(treated, "item-999", NOW) is None


def test_search_finds_words_and_says_when_nothing_has_them(stage: Stage, treated: Visitor) -> None:
    page = stage.serve.search(treated, "bakery poster", NOW)
    assert all("Bakery poster" in entry.item.title for entry in page.shelves[0].entries)
    assert not stage.serve.search(treated, "zeppelin", NOW).shelves


def test_recommendations_for_a_bare_history_are_those_of_the_model_and_logged_nowhere(
    stage: Stage, publish: Publish, store: Store
) -> None:
    publish(1)
    recommended = stage.serve.recommend_for(RETRO, 5)
    assert recommended.model_version == 1
    ranked = recommended.ranked
    assert len(ranked) == 5
    assert not {choice.item_id for choice in ranked} & set(RETRO)
    stage.settle()
    assert store.reader().execute("SELECT count(*) FROM slates").fetchone()[0] == 0


def test_a_narrowed_recommendation_keeps_to_its_type(stage: Stage, publish: Publish, treated: Visitor) -> None:
    publish(1)
    stage.open(treated, *RETRO)
    page = stage.serve.recommend(treated, NOW, 5, Want(type="poster"))
    assert page.model_version == 1, "what an answer calls its version is what ranked it"
    (shelf,) = page.shelves
    assert {entry.item.type for entry in shelf.entries} == {"poster"}
