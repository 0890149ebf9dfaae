"""axe-core finds nothing on any page, in both themes, on a desk and on a phone; nor does what it does not ask."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.conftest import BROWSER, LiveSite, OpenPage
from tests.browser.test_looks import PAGES

pytestmark = BROWSER

_AXE = Path(__file__).parent / "vendor" / "axe-core-4.14.1"
_SIZES = {"desk": (1440, 1000), "phone": (390, 844)}
_THEMES = ("light", "dark")
_VISITOR_PAGES = ("/side-by-side?as=new", "{more}", "/about/forgotten")

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

_WIDTH = "document.documentElement.scrollWidth"

# Rules of WCAG A and AA, and axe's best practices; what it cannot decide by itself is not counted.
_RUN = """async only => {
  const found = await axe.run(document, {
    resultTypes: ['violations'],
    ...(only ? { runOnly: { type: 'rule', values: only } } : {}),
  });
  const said = node => `${node.target.join(' ')} (${node.any.map(check => check.message).join('; ').slice(0, 160)})`;
  return found.violations.map(rule => `${rule.id}: ${rule.nodes.slice(0, 4).map(said).join(' | ')}`);
}"""


def test_the_vendored_axe_is_the_one_that_was_checked() -> None:
    sums = dict(line.split()[::-1] for line in (_AXE / "SHA256SUMS").read_text("ascii").splitlines())
    assert set(sums) == {path.name for path in _AXE.iterdir()} - {"SHA256SUMS"}
    assert sums == {name: hashlib.sha256((_AXE / name).read_bytes()).hexdigest() for name in sums}


def _findings(page: Page) -> dict[str, Any]:
    """What axe finds on the page as it is, by size and theme. What a theme changes is colour alone."""
    found = {}
    for size, (width, height) in _SIZES.items():
        page.set_viewport_size({"width": width, "height": height})
        assert page.evaluate(_WIDTH) <= width, f"in a window of {width} pixels"
        for theme in _THEMES:
            page.emulate_media(color_scheme="dark" if theme == "dark" else "light", reduced_motion="reduce")
            only = ["color-contrast", "link-in-text-block"] if theme == "dark" else None
            if problems := page.evaluate(_RUN, only):
                found[f"{size}, {theme}"] = problems
    return found


def test_axe_finds_nothing_for_a_newcomer(open_page: OpenPage) -> None:
    page = open_page("/")
    page.evaluate((_AXE / "axe.min.js").read_text("utf-8"))
    assert page.evaluate(_NAMELESS) == []
    assert _findings(page) == {}


@pytest.fixture(scope="module")
def visited(browser: Browser, live_site: LiveSite) -> Iterator[Page]:
    """A page of somebody who has opened something: with the learning bar, chips of taste, and rows of their own."""
    context = browser.new_context(base_url=live_site.address)
    page = context.new_page()
    page.goto("/")
    page.goto(str(page.locator("[data-shelf='for-you'] .card > a").first.get_attribute("href")))
    yield page
    context.close()


@pytest.mark.parametrize("path", [*PAGES, *_VISITOR_PAGES])
def test_axe_finds_nothing_for_a_visitor(visited: Page, path: str) -> None:
    if path == "{more}":
        visited.goto("/")
        path = str(visited.locator("#more a").get_attribute("href"))
    visited.goto(path)
    visited.evaluate((_AXE / "axe.min.js").read_text("utf-8"))
    assert visited.evaluate(_NAMELESS) == []
    for width in (320, 768):
        visited.set_viewport_size({"width": width, "height": 844})
        assert visited.evaluate(_WIDTH) <= width, f"in a window of {width} pixels"
    assert _findings(visited) == {}


def test_axe_finds_nothing_while_the_admin_tries_a_rule(browser: Browser, live_site: LiveSite) -> None:
    context = browser.new_context(base_url=live_site.address)
    page = context.new_page()
    page.goto("/flywheel/login?next=/flywheel/rules")
    page.get_by_label("Password").fill("open sesame")
    page.get_by_role("button", name="Log in").click()
    page.get_by_label("What it does").select_option("hide")
    page.get_by_label("Field to").fill("type")
    page.get_by_label("Value of").fill("poster")
    page.get_by_role("button", name="See what it changes").click()
    page.get_by_role("heading", name="It would change").wait_for()
    for name, words in (("Put it in force", "In force: hide"), ("Switch off rule", "is switched off.")):
        page.evaluate((_AXE / "axe.min.js").read_text("utf-8"))
        assert page.evaluate(_NAMELESS) == []
        assert _findings(page) == {}
        page.get_by_role("button", name=re.compile(name)).click()
        page.get_by_text(words).wait_for()
    page.evaluate((_AXE / "axe.min.js").read_text("utf-8"))
    assert _findings(page) == {}
    context.close()
