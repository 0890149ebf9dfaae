"""What a browser waits for and loads: time to the largest picture or text (LCP), cold and warm, and bytes by kind.

python -m benchmarks.site.page_times [--site http://127.0.0.1:8000] [--rounds 7] [--out FOLDER]

It needs a running site (`make demo`) and Chromium. Cold is a browser that never was here; warm is the same browser
coming again to the page from elsewhere, with what it kept; within is the same from another page of the site, as by a
click. Times are medians over rounds in milliseconds, at 1440 by 1000 pixels;
bytes are those that went over the wire, pictures apart. Writes JSON.
"""

from __future__ import annotations

import argparse
import statistics
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from benchmarks.machine import RESULTS, keep

CHROMIUM = "/usr/bin/chromium"
COLD_MS, WARM_MS, HOME_BYTES = 400.0, 200.0, 60_000
PAGES = ("/", "/search?q=wedding", "/about")
ELSEWHERE = "/you"
_LCP = """() => new Promise((done) => {
  let latest = 0;
  new PerformanceObserver((list) => { for (const entry of list.getEntries()) latest = entry.startTime; })
    .observe({ type: "largest-contentful-paint", buffered: true });
  setTimeout(() => done(latest), 700);
})"""


def visit(page: Page, address: str) -> tuple[float, dict[str, int]]:
    """LCP in ms, and bytes over the wire: of pictures, and of all else."""
    sizes = {"pictures": 0, "beside": 0}
    requests: list[Any] = []

    def note(request: Any) -> None:
        requests.append(request)

    page.on("requestfinished", note)
    page.goto(address)
    page.wait_for_load_state("networkidle")
    lcp = float(page.evaluate(_LCP))
    page.remove_listener("requestfinished", note)
    for request in requests:
        got = request.sizes()
        kind = "pictures" if request.resource_type == "image" else "beside"
        sizes[kind] += got["responseBodySize"] + got["responseHeadersSize"]
    return lcp, sizes


def measure(browser: Browser, site: str, path: str, rounds: int) -> dict[str, Any]:
    """One page: medians of LCP, cold and warm, and the bytes of a cold and a warm visit."""
    cold, warm, within = [], [], []
    cold_bytes: dict[str, int] = {}
    warm_bytes: dict[str, int] = {}
    for _ in range(rounds):
        context = browser.new_context(viewport={"width": 1440, "height": 1000})
        page = context.new_page()
        lcp, cold_bytes = visit(page, site + path)
        cold.append(lcp)
        page.goto("about:blank")
        lcp, warm_bytes = visit(page, site + path)
        warm.append(lcp)
        visit(page, site + ELSEWHERE)
        within.append(visit(page, site + path)[0])
        context.close()
    return {
        "path": path,
        "cold_ms": statistics.median(cold),
        "warm_ms": statistics.median(warm),
        "within_ms": statistics.median(within),
        "cold_bytes": cold_bytes,
        "warm_bytes": warm_bytes,
    }


def main() -> None:
    """Measure, print and keep."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--site", default="http://127.0.0.1:8000")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--out", type=Path, default=RESULTS)
    asked = parser.parse_args()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        rows = [measure(browser, asked.site, path, asked.rounds) for path in PAGES]
        browser.close()
    print("LCP in ms, bytes over the wire")
    print(f"{'page':24}{'cold':>8}{'warm':>8}{'within':>8}{'beside pictures':>17}{'warm':>9}{'pictures':>10}")
    for row in rows:
        beside, again, pictures = (
            row["cold_bytes"]["beside"],
            row["warm_bytes"]["beside"],
            row["cold_bytes"]["pictures"],
        )
        times = "".join(f"{row[f'{how}_ms']:>8.0f}" for how in ("cold", "warm", "within"))
        print(f"{row['path']:24}{times}{beside:>17,}{again:>9,}{pictures:>10,}")
    print(f"targets of the home page: {COLD_MS:.0f} ms, {WARM_MS:.0f} ms, {HOME_BYTES:,} bytes beside pictures")
    targets = {"cold_ms": COLD_MS, "warm_ms": WARM_MS, "home_bytes": HOME_BYTES}
    keep("page-times", {"rounds": asked.rounds, "targets": targets, "rows": rows}, asked.out)


if __name__ == "__main__":
    main()
