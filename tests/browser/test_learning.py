"""A click moves the page, the bar says by how much, and undo takes it back; on a desk, on a phone, without scripts."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import BROWSER, OpenPage

pytestmark = BROWSER

_SAID = re.compile(r"moved (\d+) of 12 in [\d.]+\sms")


def _order(page: Page) -> list[str]:
    cards = page.locator('[data-shelf="for-you"] .card')
    return [str(item_id) for item_id in cards.evaluate_all("cards => cards.map(card => card.dataset.item)")]


def _open_and_come_back(page: Page, number: int) -> str:
    card = page.locator('[data-shelf="for-you"] .card').nth(number)
    item_id = str(card.get_attribute("data-item"))
    page.goto(str(card.locator("> a").get_attribute("href")))
    page.goto("/")
    return item_id


@pytest.mark.parametrize(("width", "scripts"), [(1440, True), (390, True), (1440, False), (390, False)])
def test_the_bar_says_what_each_click_moved(open_page: OpenPage, width: int, scripts: bool) -> None:
    page = open_page("/", width=width, height=844, scripts=scripts)
    assert not page.locator("#learning").count()
    for number in (0, 1, 2):
        opened = _open_and_come_back(page, number)
        said = page.locator("#learning .learning-said").inner_text()
        found = _SAID.search(" ".join(said.split()))
        moved = int(found.group(1)) if found else 0
        assert found or "moved nothing" in said
        marked = page.locator('[data-shelf="for-you"] .moved').count()
        assert marked <= moved, "a wild card may have taken the place of what moved"
        assert marked >= moved - 4
        assert opened not in _order(page)
    box = page.locator("#learning").bounding_box()
    assert box is not None
    assert box["height"] < 130, "it is slim"

    page.locator(".learning-undo").click()
    page.locator("#learning", has_text="Taking that back").wait_for()
    assert not page.locator(".learning-undo").count(), "what was taken back is not taken back again"


def test_the_bar_closes_and_comes_back(open_page: OpenPage) -> None:
    page = open_page("/")
    _open_and_come_back(page, 0)
    page.get_by_role("button", name="Close the learning bar").press("Enter")
    assert not page.locator("#learning").is_visible()
    page.reload()
    assert not page.locator("#learning").is_visible(), "it stays closed"
    page.get_by_role("button", name="Open the learning bar").press("Enter")
    assert page.locator("#learning").is_visible()


@pytest.mark.parametrize("width", [1440, 390])
def test_who_closed_the_bar_gets_pages_that_come_without_it(open_page: OpenPage, width: int) -> None:
    page = open_page("/", width=width, height=844)
    _open_and_come_back(page, 0)
    page.get_by_role("button", name="Close the learning bar").click()
    html = page.request.get(page.url).text()
    assert re.search(r'<aside class="learning"[^>]* hidden>', html), "nothing moves once the page is there"
    page.get_by_role("button", name="Open the learning bar").click()
    assert not re.search(r'<aside class="learning"[^>]* hidden>', page.request.get(page.url).text())


def test_on_a_phone_the_bar_covers_nothing(open_page: OpenPage) -> None:
    page = open_page("/", width=390, height=844)
    page.goto(str(page.locator('[data-shelf="for-you"] .card > a').first.get_attribute("href")))
    bar = page.locator("#learning").bounding_box()
    assert bar is not None
    assert bar["y"] + bar["height"] < 400, "it is on the first screen"
    covered = page.locator("main :is(a, button, h1, img):visible").evaluate_all(
        """(found, bar) => found.map(one => one.getBoundingClientRect())
            .filter(box => box.top < bar.y + bar.height && box.bottom > bar.y).length""",
        bar,
    )
    assert not covered
    page.evaluate("scrollTo(0, 600)")
    assert page.locator("#learning").evaluate("bar => bar.getBoundingClientRect().bottom") < 0, "it goes with the page"


def test_a_like_on_a_card_moves_the_rows_at_once(open_page: OpenPage) -> None:
    page = open_page("/")
    _open_and_come_back(page, 0)
    before = _order(page)
    card = page.locator('[data-shelf="for-you"] .card').nth(2)
    card.hover()
    card.get_by_role("button", name="Like").click()
    page.locator("#learning", has_text="Your like").wait_for()
    assert _order(page) != before


@pytest.mark.parametrize(("width", "scripts"), [(1440, True), (390, True), (1440, False)])
def test_a_chip_moves_the_page_and_is_taken_back(open_page: OpenPage, width: int, scripts: bool) -> None:
    page = open_page("/", width=width, height=844, scripts=scripts)
    for number in (0, 1, 2):
        _open_and_come_back(page, number)
    assert "You seem to like" in page.locator("#learning").inner_text()
    before = _order(page)
    chip = page.locator(".taste-chip").first
    words = chip.locator(".taste-name").inner_text()
    chip.get_by_role("button", name=f"Leave out {words}").click()
    page.locator(".taste-chip--off", has_text=words).wait_for()
    page.locator("#learning", has_text="Your wish").wait_for()
    assert words not in "".join(page.locator(".learning-likes").all_inner_texts()), "it was asked to be left out"
    assert _order(page) != before
    page.goto("/about")
    assert page.locator(".taste-chip--off", has_text=words).is_visible()
    page.get_by_role("button", name=f"As it was: {words}").click()
    page.locator(".taste-chip--off", has_text=words).wait_for(state="detached")
