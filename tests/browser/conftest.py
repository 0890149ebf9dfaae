"""The seeded site with a trained model, served to a real browser."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from werkzeug.serving import WSGIRequestHandler, make_server

from app import create_app
from app.settings import Settings, load_settings
from app.store import Store
from app.store.events import EventRow, events_since

OpenPage = Callable[..., Page]

SNIPPET = Path(__file__).parents[2] / "examples" / "snippet.js"
PATIENCE_MS = 120_000
"""How long a page may take to come: the first ones compile kernels, on a machine that may have much else to do."""
_SHOP_PAGE = """<!doctype html><title>Shop</title>
<div data-flywheel="{site}" data-k="4" data-link="#{{id}}"></div>
<script src="/snippet.js" defer></script>"""

BROWSER = [
    pytest.mark.browser,
    # A browser that leaves a page hangs up on files that are still being sent; the server then drops them unclosed.
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


class QuietHandler(WSGIRequestHandler):
    """Does not log requests: a page of artwork would bury what a failing test has to say."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing."""


@dataclass(frozen=True, slots=True)
class LiveSite:
    """A running site: its address, its settings, and the application behind it."""

    address: str
    settings: Settings
    app: Flask

    def events(self) -> list[EventRow]:
        """What real visitors did so far, oldest first."""
        with closing(Store(self.settings.event_database)) as store:
            return [row for row in events_since(store.reader(), 0, 1_000_000) if row.origin == "real"]


@pytest.fixture(scope="session")
def other_website() -> Iterator[str]:
    """Address of another website, whose page shows what the site named in its query recommends."""

    def answer(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        is_page = environ["PATH_INFO"] == "/"
        start_response("200 OK", [("Content-Type", "text/html" if is_page else "text/javascript")])
        return [_SHOP_PAGE.format(site=environ["QUERY_STRING"]).encode() if is_page else SNIPPET.read_bytes()]

    server = make_server("127.0.0.1", 0, answer, request_handler=QuietHandler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="session")
def live_site(tmp_path_factory: pytest.TempPathFactory, other_website: str) -> Iterator[LiveSite]:
    """Templates, two weeks of simulated clicks, a baseline, one trained model; everyone is in the treatment arm."""
    settings = load_settings(
        environment={},
        overrides={
            "var": tmp_path_factory.mktemp("browser") / "var",
            "control_share": 0.0,
            "secret_key": "browser",
            "admin_password": "open sesame",
            "cors_origins": other_website,
        },
    )
    with served(settings, ["seed"]) as site:
        assert site.app.extensions["flywheel"].serve.state().model_version == 1, "the gate let the first model through"
        yield site


@contextmanager
def served(settings: Settings, fill: list[str]) -> Iterator[LiveSite]:
    """A site that `flask FILL` fills, with a baseline and what the trainer learns at once."""
    runner = create_app(settings).test_cli_runner()
    for command in (fill, ["baseline"], ["trainer", "--once"]):
        outcome = runner.invoke(args=command)
        assert outcome.exit_code == 0, outcome.output
    # Visitors of the seed judge the model; those of the tests see what it chose, never a page drawn by lot.
    settings = replace(settings, holdout_share=0.0)
    app = create_app(settings)
    app.extensions["flywheel"].open()
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=QuietHandler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield LiveSite(f"http://127.0.0.1:{server.server_port}", settings, app)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
        app.extensions["flywheel"].close()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Headless Chromium."""
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("there is no chromium on the path; install Debian's package `chromium`")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()


@pytest.fixture
def open_page(browser: Browser, live_site: LiveSite) -> Iterator[OpenPage]:
    """Opens a path as a fresh visitor; the test fails when a page logs an error, such as a breach of the policy."""
    contexts: list[BrowserContext] = []
    errors: list[str] = []

    def open_one(path: str, width: int = 1440, height: int = 1200, scheme: str = "light", scripts: bool = True) -> Page:
        context = browser.new_context(
            base_url=live_site.address,
            viewport={"width": width, "height": height},
            color_scheme="dark" if scheme == "dark" else "light",
            reduced_motion="reduce",
            java_script_enabled=scripts,
        )
        context.set_default_navigation_timeout(PATIENCE_MS)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
        page.goto(path)
        return page

    yield open_one
    for context in contexts:
        context.close()
    assert errors == []
