"""Screenshots of the flywheel's pages, wide and narrow, as a person would see them."""

from __future__ import annotations

import shutil
from pathlib import Path

PAGES = {
    "flywheel": "/flywheel",
    "experiment": "/flywheel/experiment",
    "models": "/flywheel/models",
    "risks": "/flywheel/risks",
    "data": "/flywheel/data",
    "bets": "/flywheel/bets",
}
WIDTHS = (1440, 390)


def take_screens(address: str, folder: Path) -> list[Path]:
    """Open every page in headless Chromium and keep a picture of each; none where there is no Chromium."""
    chromium = shutil.which("chromium")
    if chromium is None:
        print("No screenshots: there is no chromium on the path.")
        return []
    from playwright.sync_api import sync_playwright

    folder.mkdir(parents=True, exist_ok=True)
    taken = []
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        for width in WIDTHS:
            page = browser.new_page(viewport={"width": width, "height": 900})
            for name, path in PAGES.items():
                page.goto(address + path + "?origin=simulated", wait_until="networkidle")
                file = folder / f"{name}-{width}.png"
                page.screenshot(path=file, full_page=True)
                taken.append(file)
            page.close()
        browser.close()
    return taken
