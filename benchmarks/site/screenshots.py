"""Pictures of every page of a running site, in both themes, on a desk and on a phone; three clicks, moving; and, for
the documentation, the growth curve and three answers to "why", small.

    python -m benchmarks.site.screenshots --site http://127.0.0.1:8000 --out build/pictures
    python -m benchmarks.site.screenshots --site http://127.0.0.1:8000 --clicks docs/images/three-clicks.webp
    python -m benchmarks.site.screenshots --site http://127.0.0.1:8000 --details docs/images/details

Needs Debian's Chromium on the path. Visitors are made anew for each picture, and are real ones to the site: use a demo.
"""

from __future__ import annotations

import argparse
import io
import re
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Locator, Page, sync_playwright

PAGES = {
    "home": "/",
    "search": "/search?q=retro",
    "you": "/about",
    "side-by-side": "/side-by-side?as=new",
    "flywheel": "/flywheel",
    "experiment": "/flywheel/experiment",
    "models": "/flywheel/models",
    "risks": "/flywheel/risks",
    "data": "/flywheel/data",
    "bets": "/flywheel/bets",
    "slates": "/flywheel/slates",
}
_LATER = ("item", "home-after", "type")
_DETAILS = ("growth", "why")
SIZES = {"desk": (1440, 1000), "phone": (390, 844)}
THEMES = ("light", "dark")
_PHONE_BELOW = 600
_FRAME = (1280, 800)
_SHOWN = (800, 500)
_CLICKS = 3
_MOST_VISITORS = 20
_LONG_MS, _SHORT_MS = 1300, 90
_SETTLES_MS = 600
_COLOURS = 64
WHYS = {"opened": ", [0-9]+ % “|^Because you", "trait": "like [a-z]+ you opened", "wild-card": "^A wild card"}
"""By name, the reasons whose answer on the item's page is taken: what was opened, what that has in common, chance."""
_MOST_LOOKS = 12


def main() -> None:
    """Take the pictures that are asked for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.site.screenshots", description=__doc__)
    parser.add_argument("--site", default="http://127.0.0.1:8000", help="address of a running site")
    parser.add_argument("--out", type=Path, help="folder for pictures of every page")
    parser.add_argument("--clicks", type=Path, help="file for the moving picture of three clicks, .webp")
    parser.add_argument(
        "--details", type=Path, help="folder for small pictures of the growth curve and of three answers"
    )
    parser.add_argument("--only", nargs="*", choices=[*PAGES, *_LATER, *_DETAILS], help="some alone")
    options = parser.parse_args()
    chromium = shutil.which("chromium")
    if chromium is None:
        sys.exit("error: there is no chromium on the path; install Debian's package `chromium`")
    if options.out is None and options.clicks is None and options.details is None:
        sys.exit("error: say what to take: --out FOLDER, --clicks FILE or --details FOLDER")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        site = options.site.rstrip("/")
        if options.out is not None:
            take_pages(browser, site, options.out, options.only)
        if options.clicks is not None:
            take_clicks(browser, site, options.clicks)
        if options.details is not None:
            take_details(browser, site, options.details, options.only or _DETAILS)
        browser.close()


def take_pages(browser: Browser, site: str, out: Path, only: list[str] | None) -> None:
    """One picture of each page, size and theme; the home page and an item's page also after three clicks."""
    out.mkdir(parents=True, exist_ok=True)
    for size, (width, height) in SIZES.items():
        for theme in THEMES:
            page = _visitor(browser, site, width, height, theme)
            for name, path in PAGES.items():
                if only is None or name in only:
                    _save(page, site + path, out / f"{name}-{size}-{theme}.png")
            if only is None or {*_LATER} & {*only}:
                _click_three(page, site)
                for name, address in _known_addresses(page, site).items():
                    if only is None or name in only:
                        _save(page, address, out / f"{name}-{size}-{theme}.png")
            page.context.close()
            print(f"{size}, {theme}: done", flush=True)


def _visitor(browser: Browser, site: str, width: int, height: int, theme: str, motion: bool = False) -> Page:
    context = browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme="dark" if theme == "dark" else "light",
        reduced_motion="no-preference" if motion else "reduce",
        is_mobile=width < _PHONE_BELOW,
        has_touch=width < _PHONE_BELOW,
    )
    page = context.new_page()
    for _ in range(_MOST_VISITORS):
        page.goto(site + "/")
        if not page.get_by_role("button", name="Switch to the page that learns").count():
            return page
        context.clear_cookies()  # of the control group, or of those whose pages are drawn by lot: no page that learns
    sys.exit(f"error: {_MOST_VISITORS} visitors of {site} in a row see no page that learns; set control_share below 1")


def _save(page: Page, address: str, path: Path) -> None:
    page.goto(address)
    page.wait_for_load_state("load")
    page.wait_for_timeout(_SETTLES_MS)
    page.screenshot(path=path)


def _links(page: Page) -> list[str]:
    cards = page.locator("[data-shelf='for-you'] .card > a")
    return [str(link) for link in cards.evaluate_all("links => links.map(link => link.getAttribute('href'))")]


def _click_three(page: Page, site: str) -> None:
    for number in range(_CLICKS):
        page.goto(site + "/")
        page.goto(site + _links(page)[2 * number])


def _known_addresses(page: Page, site: str) -> dict[str, str]:
    page.goto(site + "/")
    kind = page.locator(".tabs a").nth(1).get_attribute("href")
    return {"home-after": site + "/", "item": site + _links(page)[0], "type": f"{site}{kind}"}


def take_clicks(browser: Browser, site: str, path: Path) -> None:
    """The home page before and after each of three clicks, with what slides in between, as an animated WebP."""
    page = _visitor(browser, site, *_FRAME, "light", motion=True)
    page.wait_for_timeout(_SETTLES_MS)
    frames: list[tuple[bytes, int]] = []

    def look(duration_ms: int) -> None:
        frames.append((page.screenshot(), duration_ms))

    look(_LONG_MS)
    for _ in range(_CLICKS):
        # Of the item's own page one look; coming back, the cards slide while the pictures are taken.
        page.goto(site + _links(page)[1])
        page.wait_for_timeout(_SETTLES_MS)
        look(_LONG_MS)
        page.goto(site + "/")
        page.locator("[data-shelf='for-you']").evaluate("shelf => scrollTo(0, shelf.offsetTop - 160)")
        for _ in range(3):
            look(_SHORT_MS)
        page.wait_for_timeout(_SETTLES_MS)
        look(2 * _LONG_MS)
    page.context.close()
    pictures = [
        Image.open(io.BytesIO(taken)).convert("RGB").resize(_SHOWN, Image.Resampling.LANCZOS) for taken, _ in frames
    ]
    path.parent.mkdir(parents=True, exist_ok=True)
    durations = [duration for _, duration in frames]
    pictures[0].save(path, save_all=True, append_images=pictures[1:], duration=durations, loop=0, quality=78, method=6)
    print(f"{path}: {len(frames)} frames, {path.stat().st_size / 1024:.0f} KiB")


def take_details(browser: Browser, site: str, folder: Path, only: Sequence[str]) -> None:
    """The growth curve as the dashboard shows it, and three answers to "why", each an element of its page alone."""
    folder.mkdir(parents=True, exist_ok=True)
    if "growth" in only:
        page = browser.new_page(viewport={"width": _FRAME[0], "height": _FRAME[1]}, reduced_motion="reduce")
        for origin in ("simulated", "real"):
            page.goto(f"{site}/flywheel?origin={origin}")
            page.wait_for_timeout(_SETTLES_MS)
            if page.locator("#growth canvas").count():
                break
        _save_small(page.locator("#growth"), folder / "growth.webp")
        page.close()
    if "why" not in only:
        return
    wanted = dict(WHYS)
    for _ in range(_MOST_LOOKS):
        page = _visitor(browser, site, *_FRAME, "light")
        _click_three(page, site)
        page.goto(site + "/")
        cards = page.locator("[data-shelf='for-you'] .card")
        said = [" ".join(text.split()) for text in cards.locator(".reason").all_inner_texts()]
        found = {
            name: links
            for name, pattern in wanted.items()
            if (links := [link for link, text in zip(_links(page), said, strict=True) if re.search(pattern, text)])
        }
        for name, links in found.items():
            page.goto(site + links[0])
            page.locator(".why summary").first.evaluate("summary => { summary.parentElement.open = true; }")
            page.wait_for_timeout(_SETTLES_MS)
            _save_small(page.locator(".why").first, folder / f"why-{name}.webp")
            del wanted[name]
        page.context.close()
        if not wanted:
            return
    print(f"No visitor of {_MOST_LOOKS} was shown a reason of: {', '.join(wanted)}")


def _save_small(part: Locator, path: Path) -> None:
    """One element as a picture of a few colours."""
    picture = Image.open(io.BytesIO(part.screenshot())).convert("RGB")
    picture.quantize(_COLOURS).convert("RGB").save(path, lossless=True, quality=100, method=6)
    print(f"{path}: {path.stat().st_size / 1024:.0f} KiB")


if __name__ == "__main__":
    main()
