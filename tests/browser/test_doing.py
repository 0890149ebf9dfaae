"""What one does with an item: hide it and see its place filled, use it, share it; on a phone from its sheet."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import BROWSER, LiveSite, OpenPage

pytestmark = BROWSER

ROW = "[data-shelf='for-you'] .card:visible"


def _row(page: Page) -> list[str]:
    return [str(one) for one in page.locator(ROW).evaluate_all("cards => cards.map(card => card.dataset.item)")]


@pytest.mark.parametrize("width", [1440, 390])
def test_the_place_of_what_is_hidden_is_filled_at_once_and_given_back(open_page: OpenPage, width: int) -> None:
    page = open_page("/", width=width, height=844)
    before = _row(page)
    card = page.locator(ROW).nth(1)
    if width < 600:
        card.locator(".card-more").click()
        assert page.locator(".sheet").get_by_role("link", name="Open, and see why it is here").is_visible()
        page.locator(".sheet").get_by_role("button", name="Not interested").click()
    else:
        card.hover()
        card.locator("[data-act='dislike']").click()
    page.locator(".card--came").wait_for()
    after = _row(page)
    assert len(after) == len(before)
    assert after[1] not in before
    assert after[:1] + after[2:] == before[:1] + before[2:], "the others stay where they are"
    page.locator(".hidden-note").get_by_role("button", name="Undo").click()
    page.locator(".hidden-note").wait_for(state="detached")
    assert _row(page) == before


def test_a_like_from_the_sheet_acts_at_once(open_page: OpenPage) -> None:
    page = open_page("/", width=390, height=844)
    before = _row(page)
    page.locator(ROW).first.locator(".card-more").click()
    page.locator(".sheet").get_by_role("button", name="Like").click()
    page.locator("#learning", has_text="Your like").wait_for()
    assert _row(page) != before
    assert page.locator(".sheet").count() == 0
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


@pytest.mark.parametrize("scripts", [True, False])
def test_using_it_leads_to_the_designs_and_to_what_goes_with_it(open_page: OpenPage, scripts: bool) -> None:
    page = open_page("/", scripts=scripts)
    page.locator(f"{ROW} > a").first.click()
    title = page.locator("h1").inner_text().replace("\n", " ")
    style = page.locator(".crumbs li").nth(2).inner_text()
    assert not page.locator(".success").is_visible()
    page.locator("[data-act='use']").click()
    page.locator(".success").wait_for()
    kinds = page.locator("[data-shelf='pairs'] .meta").all_inner_texts()
    assert len({kind.split(" · ")[0] for kind in kinds}) >= 3
    assert {kind.split(" · ")[1] for kind in kinds} == {style}
    page.locator(".success a", has_text="See them all").click()
    page.wait_for_url("**/about#shelf-used")
    assert title in page.locator("section[aria-labelledby='shelf-used'] .card-title").all_inner_texts()


def test_a_link_that_was_shared_brings_a_friend_by_themselves(open_page: OpenPage, live_site: LiveSite) -> None:
    page = open_page("/")
    page.locator(f"{ROW} > a").first.click()
    link = str(page.locator("a[data-share]").get_attribute("href"))
    open_page(link).wait_for_load_state()
    friend = next(event for event in reversed(live_site.events()) if event.kind == "click")  # views come beside it
    assert (friend.slate_id, friend.position) == (None, None)


def test_the_tour_has_three_steps_and_ends_when_one_says_so(open_page: OpenPage) -> None:
    page = open_page("/")
    page.get_by_role("button", name="A tour of three steps").click()
    told = []
    for _ in range(3):
        told.append(page.locator("#tour h3:visible").inner_text())
        assert page.locator(".tour-target").count() == 1
        page.locator("[data-tour-step='1']").click()
    assert len(set(told)) == 3
    assert page.locator("#tour").is_hidden()
    page.goto("/#tour")
    page.locator("#tour h3:visible").wait_for()
    page.keyboard.press("Escape")
    assert page.locator("#tour").is_hidden()
    assert page.locator(".tour-target").count() == 0


def test_risks_are_cards_on_a_phone(open_page: OpenPage) -> None:
    page = open_page("/flywheel/risks", width=390, height=844)
    table = page.locator("#risks .table")
    if table.count():
        assert table.evaluate("table => table.scrollWidth <= table.clientWidth"), "nothing is scrolled sideways"
        assert page.locator("#risks tbody tr").first.evaluate("row => getComputedStyle(row).display") == "grid"
