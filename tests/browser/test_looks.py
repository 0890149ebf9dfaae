"""What every page keeps to: labels, landmarks, contrast, and a width that fits."""

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

_NAMELESS = """() => {
  const problems = [];
  const name = element => (element.getAttribute('aria-label') || element.textContent || '').trim();
  for (const image of document.images) if (!image.alt) problems.push('image without words: ' + image.src);
  for (const element of document.querySelectorAll('a, button')) {
    if (element.closest('[aria-hidden="true"]')) continue;
    if (!name(element)) problems.push('nameless: ' + element.outerHTML.slice(0, 120));
  }
  for (const input of document.querySelectorAll('input:not([type=hidden])'))
    if (!input.labels.length) problems.push('no label: ' + input.outerHTML);
  for (const landmark of ['header', 'nav', 'main', 'footer'])
    if (!document.querySelector(landmark)) problems.push('no ' + landmark);
  if (document.querySelectorAll('h1').length !== 1) problems.push('not exactly one h1');
  if (!document.documentElement.lang) problems.push('no language');
  const seen = new Set();
  for (const element of document.querySelectorAll('[id]')) {
    if (seen.has(element.id)) problems.push('id twice: ' + element.id);
    seen.add(element.id);
  }
  for (const element of document.querySelectorAll('[aria-labelledby]'))
    if (!document.getElementById(element.getAttribute('aria-labelledby'))) problems.push('label of nothing');
  for (const header of document.querySelectorAll('th')) if (!header.scope) problems.push('th without scope');
  return problems;
}"""

# Text against the nearest opaque background; WCAG 2.2, 1.4.3. Buttons over artwork bring a background of their own.
_FAINT = """() => {
  const parse = colour => (colour.match(/[\\d.]+/g) || []).map(Number);
  const channel = value => { value /= 255; return value <= .04045 ? value / 12.92 : ((value + .055) / 1.055) ** 2.4; };
  const light = ([r, g, b]) => .2126 * channel(r) + .7152 * channel(g) + .0722 * channel(b);
  const ground = element => {
    for (let at = element; at; at = at.parentElement) {
      const colour = parse(getComputedStyle(at).backgroundColor);
      if (colour.length === 3 || colour[3] === 1) return colour;
    }
    return [255, 255, 255];
  };
  const faint = new Set();
  for (const element of document.querySelectorAll('body *')) {
    const text = [...element.childNodes].filter(node => node.nodeType === 3).map(node => node.data.trim()).join('');
    if (!text || element.closest('.unseen, svg, .card-acts, .skip') || !element.offsetParent) continue;
    const style = getComputedStyle(element);
    const [a, b] = [light(parse(style.color)), light(ground(element))].sort((x, y) => y - x);
    const ratio = (a + .05) / (b + .05);
    const size = parseFloat(style.fontSize);
    const large = size >= 24 || (size >= 18.66 && style.fontWeight >= 700);
    const where = element.className || element.tagName;
    if (ratio < (large ? 3 : 4.5)) faint.add(`${ratio.toFixed(2)} ${where}: ${text.slice(0, 40)}`);
  }
  return [...faint];
}"""

# Where everything of a page is that a picture could push away.
_PLACES = """() => [...document.querySelectorAll('h1, h2, .card, .frame, .stage, .foot')].map(element => {
  const box = element.getBoundingClientRect();
  return [element.className || element.textContent, box.left, box.top + scrollY, box.width, box.height].join(' ');
})"""


@pytest.mark.parametrize("path", PAGES)
def test_everything_has_a_name_stands_out_and_fits(open_page: OpenPage, path: str) -> None:
    page = open_page(path)  # once for all that is looked at, for most of the time goes into loading
    assert page.evaluate(_NAMELESS) == []
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        assert page.evaluate(_FAINT) == [], f"in {scheme}"
    for width in (1440, 768, 390, 320):
        page.set_viewport_size({"width": width, "height": 844})
        assert page.evaluate("document.documentElement.scrollWidth") <= width, f"in a window of {width} pixels"


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
