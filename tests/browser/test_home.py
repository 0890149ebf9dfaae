"""Pick three of twelve, then scroll on: on a desk and on a phone, with scripts and without."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import BROWSER, OpenPage

pytestmark = BROWSER


def _cards(page: Page) -> list[str]:
    cards = page.locator(".card[data-slate]").evaluate_all("cards => cards.map(card => card.dataset.item)")
    return [str(item_id) for item_id in cards]


@pytest.mark.parametrize(("width", "scripts"), [(1440, True), (390, True), (390, False)])
def test_three_picks_and_the_page_follows(open_page: OpenPage, width: int, scripts: bool) -> None:
    page = open_page("/", width=width, height=844, scripts=scripts)
    assert page.locator(".pick").count() == 12
    without_picture = page.locator(".pick:has(.art:not([src*='?v=']))")
    assert page.locator(".pick-title").count() == without_picture.count(), "initials alone tell nobody what to like"
    before = _cards(page)[:12]
    for number in range(3):
        page.locator(".pick[aria-pressed='false']").nth(number).click()
        page.locator("#learning", has_text="Your like").wait_for()
        if number < 2:
            page.locator(".picks-count", has_text=f"{number + 1} of 3").wait_for()
    page.locator(".picks-tiles").wait_for(state="hidden")
    page.locator("#learning", has_text="You seem to like").wait_for()
    assert _cards(page)[:12] != before
    assert page.evaluate("document.documentElement.scrollWidth") <= width, "nothing is scrolled sideways"


def test_scrolling_on_brings_rows_without_repeats(open_page: OpenPage) -> None:
    page = open_page("/")
    first = len(_cards(page))
    while page.locator(".shelf").count() < 14:
        page.mouse.wheel(0, 4000)
        page.wait_for_function(
            "before => document.querySelectorAll('.shelf').length > before", arg=page.locator(".shelf").count()
        )
    cards = _cards(page)
    assert len(cards) > first
    assert len(cards) == len(set(cards))


def test_a_row_keeps_its_place_on_the_way_back(open_page: OpenPage) -> None:
    page = open_page("/")
    row = page.locator('[data-shelf="new"] .row')
    row.evaluate("row => { row.scrollLeft = 300; }")
    page.goto("/about")
    page.go_back()
    page.wait_for_function("document.querySelector('[data-shelf=\"new\"] .row').scrollLeft > 200")


def test_a_row_is_one_stop_and_arrow_keys_go_through_it(open_page: OpenPage) -> None:
    page = open_page("/")
    first = page.locator('[data-shelf="for-you"] .card > a').first
    first.focus()
    page.keyboard.press("ArrowRight")
    focused = "document.activeElement.closest('.card')?.dataset.item"
    assert page.evaluate(focused) == page.locator('[data-shelf="for-you"] .card').nth(1).get_attribute("data-item")
    # Its own two buttons, then the next row: what is between is reached by arrows.
    for _ in range(3):
        page.keyboard.press("Tab")
    shelf = page.evaluate("document.activeElement.closest('[data-shelf]')?.dataset.shelf")
    assert shelf != "for-you"
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "q"


def test_on_a_phone_like_hide_and_you_are_within_reach(open_page: OpenPage) -> None:
    page = open_page("/", width=390, height=844)
    assert page.get_by_role("link", name="You", exact=True).is_visible()
    page.get_by_role("link", name="You", exact=True).click()
    page.wait_for_url("**/about")
    page.get_by_role("button", name="Dark theme").click()
    page.wait_for_url("**/about")
    assert page.locator("html").get_attribute("data-theme") == "dark"
