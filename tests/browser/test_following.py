"""Someone clicks three things in a real browser, and the page follows."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

import pytest
from playwright.sync_api import Page

from seed_data.templates import load_templates
from tests.browser.conftest import BROWSER, LiveSite, OpenPage

pytestmark = BROWSER

_STYLE = {item.item_id: item.style for item in load_templates()}
_TYPE = {item.item_id: item.type for item in load_templates()}


def _cards(page: Page, shelf: str = "") -> list[str]:
    within = f'[data-shelf="{shelf}"] ' if shelf else ""
    ids = page.eval_on_selector_all(f"{within}.card[data-item]", "cards => cards.map(card => card.dataset.item)")
    return [str(item_id) for item_id in ids]


def test_for_you_follows_three_clicks_of_one_style(open_page: OpenPage, live_site: LiveSite) -> None:
    page = open_page("/")
    assert page.get_by_role("heading", level=1).inner_text().startswith("Open three things you like.")
    before = _cards(page, "for-you")
    style = Counter(_STYLE[item_id] for item_id in _cards(page)).most_common(1)[0][0]

    clicked: list[str] = []
    for _ in range(3):
        item_id = next(item_id for item_id in _cards(page) if _STYLE[item_id] == style and item_id not in clicked)
        page.locator(f'.card[data-item="{item_id}"] > a').first.click()
        page.wait_for_url("**/item/**")
        clicked.append(item_id)
        page.goto("/")

    page.reload()
    after = _cards(page, "for-you")
    assert after != before
    assert not set(after) & set(clicked)
    types = {_TYPE[item_id] for item_id in clicked}
    alike = [item_id for item_id in after if _STYLE[item_id] == style or _TYPE[item_id] in types]
    assert len(alike) >= len(after) / 2, f"{len(alike)} of {len(after)} share type or style"
    reasons = page.locator('[data-shelf="for-you"] .reason').all_inner_texts()
    assert len(reasons) == len(after)
    said = "Because you|[0-9]+ % “|Close to your taste|A wild card|Something else: |.+, like [a-z0-9]+ you opened"
    assert all(re.match(said, reason) for reason in reasons), reasons

    visitor_id = next(row.visitor_id for row in reversed(live_site.events()) if row.item_id == clicked[-1])
    clicks = [row for row in live_site.events() if row.visitor_id == visitor_id and row.kind == "click"]
    assert [row.item_id for row in clicks] == clicked
    assert all(row.slate_id and row.position for row in clicks)


def test_what_was_on_screen_is_recorded_once(open_page: OpenPage, live_site: LiveSite) -> None:
    page = open_page("/", height=700)
    with page.expect_response("**/api/v1/events") as answer:
        page.locator('[data-shelf="for-you"]').evaluate("shelf => shelf.scrollIntoView()")
    assert answer.value.status == 202
    assert answer.value.json()["quarantined"] == []
    posted: Any = answer.value.request.post_data_json
    sent = posted["events"]
    shown = {(event["slate_id"], event["position"]) for event in sent}
    assert len(shown) == len(sent) > 3
    stored = [row for row in live_site.events() if row.kind == "view" and (row.slate_id, row.position) in shown]
    assert len(stored) == len(sent)
    assert all(row.item_id in _cards(page) for row in stored)
    below = page.locator(".card[data-slate]").last.get_attribute("data-slate")
    assert below not in {row.slate_id for row in stored}, "what is far below was not on screen"


def test_leaving_the_page_sends_what_waits(open_page: OpenPage, live_site: LiveSite) -> None:
    page = open_page("/type/logo", height=700)
    slate_id = page.locator(".card[data-slate]").first.get_attribute("data-slate")
    # Half a second on screen makes an impression; the regular batch would leave only after four.
    page.wait_for_timeout(900)
    page.goto("/about")
    for _ in range(100):
        if any(row.slate_id == slate_id and row.kind == "view" for row in live_site.events()):
            break
        page.wait_for_timeout(50)
    else:
        pytest.fail("no impression of the page that was left arrived within five seconds")


def test_going_back_shows_what_the_click_did(open_page: OpenPage) -> None:
    page = open_page("/")
    item_id = _cards(page, "for-you")[0]
    page.locator(f'[data-shelf="for-you"] .card[data-item="{item_id}"] > a').click()
    page.wait_for_url("**/item/**")
    page.go_back()
    page.locator('[data-shelf="because"]').wait_for()
    assert item_id not in _cards(page, "for-you")


def test_an_item_is_hidden_in_place_and_brought_back(open_page: OpenPage, live_site: LiveSite) -> None:
    page = open_page("/")
    card = page.locator('[data-shelf="for-you"] .card').first
    item_id = card.get_attribute("data-item")
    card.hover()
    card.get_by_role("button", name="Not interested").click()
    page.locator(".hidden-note").get_by_role("button", name="Undo").click()
    page.locator(f'[data-shelf="for-you"] .card[data-item="{item_id}"]').wait_for()
    undone = [row.undo for row in live_site.events() if row.item_id == item_id and row.kind == "dislike"]
    assert undone == [False, True]


def test_a_like_needs_no_reload(open_page: OpenPage) -> None:
    page = open_page("/item/" + load_templates()[5].item_id)
    like = page.locator("#actions").get_by_role("button", name="Like", exact=True)
    like.click()
    pressed = page.locator("#actions").get_by_role("button", name="Liked")
    pressed.wait_for()
    assert pressed.get_attribute("aria-pressed") == "true"
    page.reload()
    assert page.locator("#actions").get_by_role("button", name="Liked").is_visible()


def test_without_scripts_everything_still_works(open_page: OpenPage, live_site: LiveSite) -> None:
    page = open_page("/", scripts=False)
    link = page.locator('[data-shelf="for-you"] .card > a').first
    item_id = page.locator('[data-shelf="for-you"] .card').first.get_attribute("data-item")
    link.click()
    actions = page.locator("#actions")
    actions.get_by_role("button", name="Save").click()
    actions.get_by_role("button", name="Saved").click()  # waits for the page that the press brought
    actions.get_by_role("button", name="Save", exact=True).wait_for()
    actions.get_by_role("button", name="Not interested").click()
    page.get_by_role("button", name="Undo").click()
    page.locator("#actions").get_by_role("button", name="Not interested").wait_for()
    mine = [row.visitor_id for row in live_site.events() if row.item_id == item_id][-1]
    done = [(row.kind, row.undo) for row in live_site.events() if row.visitor_id == mine]
    assert done == [("click", False), ("save", False), ("save", True), ("dislike", False), ("dislike", True)]
