"""`make traffic`: Locust with its own web page against a running `make demo`, to watch the flywheel page move.

    python -m benchmarks.site.traffic [--site http://127.0.0.1:8000] [--port 8089] [--visitors 20]

Visitors of the population start at once; the page on 127.0.0.1 shows them and lets you have more or fewer.
"""

from __future__ import annotations

# Locust patches sockets when imported, so it comes before anything that opens one.
from locust import events  # isort: skip
from locust.env import Environment  # isort: skip

import argparse
import itertools
import json
import os
import signal
import sys
import time
import urllib.error
import urllib.request

import gevent
from gevent.event import Event

from app.secret import API_KEY_FILE, api_key
from app.settings import load_settings
from benchmarks.simulated import KEY_VARIABLE, simulated_headers, why_no_visitors
from benchmarks.site.load.browsing import Browser
from benchmarks.site.load.users import Visitor
from seed_data.population import Population
from seed_data.templates import load_templates

DAY = 14.0


def main() -> None:
    """Serve Locust's page until Ctrl-C; refuse when no site answers."""
    parser = argparse.ArgumentParser(prog="make traffic", description=__doc__)
    parser.add_argument("--site", default=f"http://127.0.0.1:{os.environ.get('FLYWHEEL_PORT', '8000')}")
    parser.add_argument("--port", type=int, default=8089, help="of Locust's own page")
    parser.add_argument("--visitors", type=int, default=20, help="at once")
    options = parser.parse_args()
    del sys.argv[1:]  # Locust's page reads the command line as well, and knows other options
    if not _is_ready(options.site):
        sys.exit(f"error: no site answers at {options.site}; run `make demo` in another terminal, or give --site")
    os.environ[KEY_VARIABLE] = _key_of(options.site)
    _check_catalog(options.site, os.environ[KEY_VARIABLE])
    population = Population(load_templates())
    # Numbers that no earlier run had, or the same people would come back as strangers.
    numbers = itertools.count(int(time.time()))
    newcomers = staticmethod(lambda: Browser(population.visitor(next(numbers)), seed=7, day=DAY))
    visitor = type("Visitors", (Visitor,), {"host": options.site, "newcomers": newcomers})
    environment = Environment(user_classes=[visitor], host=options.site, events=events)
    runner = environment.create_local_runner()
    web = environment.create_web_ui("127.0.0.1", options.port)
    runner.start(options.visitors, spawn_rate=5)
    print(
        f"\n  {options.visitors} simulated visitors browse {options.site}\n"
        f"  Locust's page:  http://127.0.0.1:{options.port}/\n"
        f"  The flywheel:   {options.site}/flywheel\n\n  Ctrl-C ends the traffic; the demo goes on.\n",
        flush=True,
    )
    ended = Event()
    for ending in (signal.SIGINT, signal.SIGTERM):
        gevent.signal_handler(ending, ended.set)
    ended.wait()
    runner.quit()
    web.stop()  # type: ignore[no-untyped-call]


def _check_catalog(site: str, key: str) -> None:
    """End with a sentence where the site's items are none that simulated visitors have a taste for."""
    asked = urllib.request.Request(f"{site}/api/v1/items?per_page=1", headers=simulated_headers(key))
    with urllib.request.urlopen(asked, timeout=5) as answer:
        refusal = why_no_visitors(json.load(answer)["items"])
    if refusal:
        sys.exit(f"error: {site} {refusal}")


def _key_of(site: str) -> str:
    """The site's key; ends with a sentence when this folder's is another."""
    settings = load_settings()
    if not settings.api_key and not (settings.var / API_KEY_FILE).exists():
        sys.exit(f"error: no key in {settings.var}; give the demo's folder with VAR=, or its key with {KEY_VARIABLE}")
    key = api_key(settings)
    try:
        urllib.request.urlopen(urllib.request.Request(f"{site}/healthz", headers=simulated_headers(key)), timeout=5)
    except urllib.error.HTTPError as error:
        sys.exit(f"error: {site} refuses the key of {settings.var} ({error.code}); give the demo's folder with VAR=")
    return key


def _is_ready(site: str) -> bool:
    try:
        with urllib.request.urlopen(f"{site}/readyz", timeout=5) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, ConnectionError, TimeoutError, ValueError):
        return False


if __name__ == "__main__":
    main()
