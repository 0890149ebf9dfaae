"""Pictures of every page of a running site, in both themes, on a desk and on a phone; and three clicks, moving.

    python -m benchmarks.site.screenshots --site http://127.0.0.1:8000 --out build/pictures
    python -m benchmarks.site.screenshots --site http://127.0.0.1:8000 --clicks docs/pictures/three-clicks.webp

Needs Debian's Chromium on the path. Visitors are made anew for each picture, and are real ones to the site: use a demo.
"""

from __future__ import annotations

import argparse
import io
import shutil
import sys
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

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
SIZES = {"desk": (1440, 1000), "phone": (390, 844)}
THEMES = ("light", "dark")
_PHONE_BELOW = 600
_FRAME = (1280, 800)
_SHOWN = (800, 500)
_CLICKS = 3
_MOST_VISITORS = 20
_LONG_MS, _SHORT_MS = 1300, 90
_SETTLES_MS = 600


def main() -> None:
    """Take the pictures that are asked for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.site.screenshots", description=__doc__)
    parser.add_argument("--site", default="http://127.0.0.1:8000", help="address of a running site")
    parser.add_argument("--out", type=Path, help="folder for pictures of every page")
    parser.add_argument("--clicks", type=Path, help="file for the moving picture of three clicks, .webp")
    parser.add_argument("--only", nargs="*", choices=[*PAGES, "item", "home-after", "type"], help="some pages alone")
    options = parser.parse_args()
    chromium = shutil.which("chromium")
    if chromium is None:
        sys.exit("error: there is no chromium on the path; install Debian's package `chromium`")
    if options.out is None and options.clicks is None:
        sys.exit("error: say what to take: --out FOLDER for every page, --clicks FILE for three clicks")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        site = options.site.rstrip("/")
        if options.out is not None:
            take_pages(browser, site, options.out, options.only)
        if options.clicks is not None:
            take_clicks(browser, site, options.clicks)
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
            if only is None or {"item", "home-after", "type"} & set(only):
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


if __name__ == "__main__":
    main()
