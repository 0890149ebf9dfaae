"""What every page keeps to: a width that fits, pictures that move nothing, a header that stays out of the way."""

from __future__ import annotations

import pytest
from playwright.sync_api import Route

from seed_data.templates import load_templates
from tests.browser.conftest import BROWSER, OpenPage

pytestmark = BROWSER

PAGES = (
    "/",
    "/type/poster",
    "/type/presentation?style=minimal",
    "/item/" + load_templates()[0].item_id,
    "/search?q=wedding",
    "/search?q=zzzz",
    "/flywheel",
    "/flywheel/experiment",
    "/flywheel/models",
    "/flywheel/risks",
    "/flywheel/data",
    "/flywheel/bets",
    "/flywheel/rules",
    "/flywheel/slates",
    "/flywheel/login",
    "/about",
)

# One of each shape, and pages with many of them.
_SHAPES = ("story", "poster", "logo", "presentation")
PICTURED = (
    *("/", "/type/poster", "/search?q=wedding"),
    *("/item/" + next(item.item_id for item in load_templates() if item.type == type) for type in _SHAPES),
)

# Where everything of a page is that a picture could push away.
_PLACES = """() => [...document.querySelectorAll('h1, h2, .card, .frame, .stage, .foot')].map(element => {
  const box = element.getBoundingClientRect();
  return [element.className || element.textContent, box.left, box.top + scrollY, box.width, box.height].join(' ');
})"""


@pytest.mark.parametrize("width", [320, 390, 768, 1440])
@pytest.mark.parametrize("path", PICTURED)
def test_pictures_move_nothing_as_they_come(open_page: OpenPage, path: str, width: int) -> None:
    page = open_page("about:blank", width=width, height=844)
    waiting: list[Route] = []
    held_back = True

    def hold_back(route: Route) -> None:
        if held_back:
            waiting.append(route)
        else:
            route.continue_()

    page.route("**/image/**", hold_back)
    page.goto(path, wait_until="domcontentloaded")
    page.evaluate("document.fonts.ready")
    before = page.evaluate(_PLACES)
    assert page.evaluate("[...document.images].every(image => !image.naturalWidth)"), "no picture is there yet"
    held_back = False
    for route in waiting:
        route.continue_()
    page.wait_for_load_state("networkidle")
    assert page.evaluate("[...document.images].some(image => image.naturalWidth)")
    assert page.evaluate("[...document.images].every(image => !image.complete || image.naturalWidth)")
    assert page.evaluate(_PLACES) == before


@pytest.mark.parametrize("scripts", [True, False])
def test_rows_that_the_first_frame_leaves_out_come_by_themselves_and_stay(open_page: OpenPage, scripts: bool) -> None:
    page = open_page("/", scripts=scripts)
    last = page.locator("#shelves > .shelf").last
    last.scroll_into_view_if_needed()
    last.locator(".card img").first.wait_for(state="visible")
    rows = page.locator("#shelves > .shelf")
    assert rows.count() > 3
    kept = rows.evaluate_all("rows => rows.map(row => getComputedStyle(row).contentVisibility)")
    assert set(kept) == {"visible", "auto"}
    if scripts:  # a row that an act brings anew is not left out again
        page.wait_for_function("document.documentElement.dataset.loaded")
        assert set(rows.evaluate_all("rows => rows.map(row => getComputedStyle(row).animationName)")) == {"none"}


def test_the_first_key_press_offers_to_skip_the_header(open_page: OpenPage) -> None:
    page = open_page("/")
    page.keyboard.press("Tab")
    skip = page.locator(".skip")
    assert skip.evaluate("element => element === document.activeElement")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


def test_on_a_phone_the_header_leaves_the_screen_to_the_gallery(open_page: OpenPage) -> None:
    page = open_page("/", width=390, height=844)
    page.mouse.wheel(0, 1500)
    box = page.locator(".top").bounding_box()
    assert box is not None
    assert box["y"] == 0, "it stays"
    assert box["height"] <= 64


# Scrolling is smooth, so it goes on while we look: look again with every frame, for some seconds at most.
SCROLLED = """row => new Promise(done => {
    const look = left => {
        if (row.scrollLeft > 100 || !left) done(row.scrollLeft);
        else requestAnimationFrame(() => look(left - 1));
    };
    look(300);
})"""


def test_a_row_scrolls_by_its_arrows(open_page: OpenPage) -> None:
    page = open_page("/")
    wrap = page.locator('[data-shelf="for-you"] .row-wrap')
    wrap.hover()
    wrap.locator(".row-step--on").click()
    wrap.locator(".row-step--back:not([hidden])").wait_for()
    assert wrap.locator(".row").evaluate(SCROLLED) > 100
