"""What one finds by: suggestions of the search, filters that combine, others' eyes; and a way out that asks first."""

from __future__ import annotations

import pytest

from tests.browser.conftest import BROWSER, LiveSite, OpenPage

pytestmark = BROWSER


@pytest.mark.parametrize("width", [1440, 390])
def test_suggestions_are_chosen_with_the_arrow_keys(open_page: OpenPage, width: int) -> None:
    page = open_page("/", width=width, height=844)
    field = page.get_by_role("combobox")
    field.press_sequentially("weddi")
    options = page.get_by_role("option")
    options.first.wait_for()
    assert page.locator("[role='option'] img").count() > 0, "items have their picture"
    field.press("ArrowDown")
    chosen = page.locator("[role='option'][aria-selected='true']")
    assert field.get_attribute("aria-activedescendant") == chosen.get_attribute("id")
    field.press("Enter")
    page.wait_for_url("**/search?q=*")
    assert "wedding" in page.url.lower()


@pytest.mark.parametrize("scripts", [True, False])
def test_filters_combine_and_stay_in_the_address(open_page: OpenPage, scripts: bool) -> None:
    page = open_page("/search?q=wedding", scripts=scripts)
    for title in ("Type", "Style"):
        panel = page.locator("details.filter", has=page.locator("summary", has_text=title))
        panel.locator("summary").click()
        panel.locator(".filter-panel a").first.click()
        page.locator("summary[data-chosen]", has_text=title).wait_for()
    assert "type=" in page.url
    assert "style=" in page.url
    meta = page.locator(".grid .meta").all_inner_texts()
    assert meta
    assert len(set(meta)) == 1, "every result is of the one type and style"


@pytest.mark.parametrize("scripts", [True, False])
def test_other_eyes_cost_nothing_of_ones_own(open_page: OpenPage, live_site: LiveSite, scripts: bool) -> None:
    page = open_page("/side-by-side?as=new", scripts=scripts)
    before = len(live_site.events())
    page.get_by_role("link", name="Retro lover").click()
    page.locator(".chip[aria-current]", has_text="Retro lover").wait_for()
    assert "differ" in page.get_by_role("heading", level=1).inner_text()
    assert page.locator(".sides section").count() == 2
    assert len(live_site.events()) == before


@pytest.mark.parametrize("scripts", [True, False])
def test_forget_me_asks_first(open_page: OpenPage, scripts: bool) -> None:
    page = open_page("/", scripts=scripts)
    page.locator("[data-shelf='for-you'] .card > a").first.click()
    page.goto("/about")
    sure = page.locator(".sure")
    assert not sure.locator("button").first.is_visible()
    sure.locator("summary").click()
    sure.locator("button").first.click()
    page.get_by_role("heading", level=1).wait_for()
    page.goto("/about")
    assert page.locator("section[aria-labelledby^='shelf-']").count() == 0, "nothing of the visit is left"
