"""The snippet on another website shows recommendations there, and tells what was seen and clicked."""

from __future__ import annotations

from tests.browser.conftest import BROWSER, SNIPPET, LiveSite, OpenPage

pytestmark = BROWSER


def test_another_website_shows_what_is_recommended_and_its_clicks_are_recorded(
    open_page: OpenPage, live_site: LiveSite, other_website: str
) -> None:
    page = open_page("/about")
    with page.expect_response("**/api/v1/events") as seen:
        page.goto(f"{other_website}/?{live_site.address}")
    assert seen.value.status == 202
    links = page.locator("[data-flywheel] > a")
    assert links.count() == 4
    page.wait_for_function("[...document.querySelectorAll('[data-flywheel] img')].some(one => one.naturalWidth > 0)")
    with page.expect_response("**/api/v1/events") as clicked:
        links.first.click()
    assert clicked.value.status == 202
    events = live_site.events()
    chosen = events[-1]
    assert (chosen.kind, chosen.position) == ("click", 1)
    assert page.url.endswith(f"#{chosen.item_id}")
    seen_there = [event for event in events if event.slate_id == chosen.slate_id and event.kind == "view"]
    assert chosen.item_id in {event.item_id for event in seen_there}
    assert {event.visitor_id for event in seen_there} == {chosen.visitor_id}


def test_the_snippet_is_small() -> None:
    assert len(SNIPPET.read_bytes()) <= 3 * 1024
