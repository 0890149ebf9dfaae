"""`make demo`: seed what is missing, train a first model, run site and trainer, end both on Ctrl-C."""

from __future__ import annotations

import argparse
import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import FrameType
from typing import IO

from app.cli.artwork import DRAWN_AT_ONCE, items_without_image
from app.cli.shop.shop_folder import DemoError, ShopFolder, shop_folder
from app.models.current import POINTER
from app.models.registry import Registry
from app.secret import password_hint
from app.settings import SettingError, Settings, load_settings, settings_environment
from app.store import Store
from app.store.items import all_items
from app.store.measures.baselines import latest_baselines
from app.store.measures.hypotheses import all_hypotheses

DEMO_ENVIRONMENT = {
    "FLYWHEEL_DEMO": "yes",
    "FLYWHEEL_BOARD_INTERVAL_S": "1.5",
    "FLYWHEEL_UPDATE_INTERVAL_S": "1",
    "FLYWHEEL_PUBLISH_MAX_WAIT_S": "2",
}
"""What a demo sets unless the environment says otherwise: whoever watches sees a click learned while they watch."""
READY_WITHIN_S = 60.0
END_WITHIN_S = 15.0
_TRAINER_RESTARTS = 5


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the demo until Ctrl-C."""
    parser = argparse.ArgumentParser(prog="make demo", description=__doc__)
    parser.add_argument(
        "--catalog", default="templates", help="templates, movielens, or a folder such as examples/shop (docs/adopt.md)"
    )
    parser.add_argument("--data", type=Path, help="folder of MovieLens, or the file of what customers did")
    options = parser.parse_args(arguments)
    # SIGINT too: a shell starts background jobs with it ignored, and `kill -INT` must end the demo all the same.
    for ending in (signal.SIGTERM, signal.SIGINT):
        signal.signal(ending, _interrupt)
    try:
        settings, shop = load_settings(DEMO_ENVIRONMENT | os.environ), shop_folder(options.catalog)
        if shop is not None:
            settings = shop.adopted(settings)
        prepare(settings, options.catalog, options.data, shop)
        run(settings)
    except (DemoError, SettingError) as error:
        sys.exit(f"error: {error}")
    except KeyboardInterrupt:
        print("\nThe demo has ended. Run `make demo` again to go on where it stopped.")


def _interrupt(signal_number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def prepare(settings: Settings, catalog: str, data: Path | None, shop: ShopFolder | None = None) -> None:
    """Make catalog, history, baseline, first model and first verdicts, each only where it is missing: an earlier start
    may have ended anywhere.
    """
    is_there = bool(settings.database_url) or settings.event_database.is_file()
    if is_there and not Store(settings.database).initialised():
        flask_command(settings, "init-db")  # made by older code, or cut short while it was made
    present, has_baseline, has_images = _what_is_there(settings)
    if present is None:
        if catalog == "movielens" and data is None:
            raise DemoError("CATALOG=movielens needs the data set: add DATA=path/to/ml-100k")
        if shop is not None:
            for words in shop.imports(data):
                flask_command(settings, *words)
        else:
            flask_command(settings, *(["seed"] if catalog == "templates" else ["import-movielens", str(data)]))
    elif present != (catalog if shop is None else "shop"):
        raise DemoError(
            f"the folder {settings.var} holds the {present} catalog, not {catalog}; "
            f"choose another with VAR=folder or remove it"
        )
    else:
        print(f"Using the {catalog} catalog in {settings.var}.", flush=True)
        if not has_images:
            flask_command(settings, "draw-artwork", "--limit", str(DRAWN_AT_ONCE))
    if not has_baseline:
        flask_command(settings, "baseline")
    if Registry(settings).storage.signature(POINTER) is None:
        flask_command(settings, "trainer", "--once")
    if _has_unjudged_claims(settings):
        flask_command(settings, "hypothesis", "judge")


def _has_unjudged_claims(settings: Settings) -> bool:
    """Whether claims were filed and no one has looked at any evidence for them yet, as after seeding."""
    with Store(settings.database) as store:
        found = all_hypotheses(store.reader())
    return bool(found) and all(hypothesis.judgement is None for hypothesis in found)


def _what_is_there(settings: Settings) -> tuple[str | None, bool, bool]:
    """The name of the catalog in the database, None without one; whether a baseline is stored; whether every item has
    its picture.
    """
    with Store(settings.database) as store:
        if not store.initialised():
            return None, False, False
        items = all_items(store.reader())
        if not items:
            return None, False, False
        has_images = not items_without_image(items, settings)
        if not items[0].layout:
            return "shop", bool(latest_baselines(store.reader())), has_images
        films = any(item.year is not None for item in items)
        return ("movielens" if films else "templates"), bool(latest_baselines(store.reader())), has_images


def _environment(settings: Settings) -> dict[str, str]:
    return {**os.environ, **settings_environment(settings), "PYTHONUNBUFFERED": "1"}


def flask_command(settings: Settings, *words: str) -> None:
    """Run `flask WORDS` to its end. Raises DemoError when it fails."""
    command = [sys.executable, "-m", "flask", "--app", "app", *words]
    result = subprocess.run(command, env=_environment(settings), check=False)
    if result.returncode:
        raise DemoError(f"`flask {' '.join(words)}` failed; the lines above say why")


def run(settings: Settings) -> None:
    """Run site and trainer until Ctrl-C. A trainer that dies is started again; a site that dies ends the demo."""
    address = f"http://{settings.host}:{settings.port}"
    require_free_port(settings)
    with contextlib.ExitStack() as ending:
        site = ending.enter_context(process(settings, "-m", "app"))
        wait_until_ready(address, site)
        trainer = ending.enter_context(process(settings, "-m", "flask", "--app", "app", "trainer"))
        print(
            f"\n  The site is ready:     {address}/\n"
            f"  The flywheel, turning: {address}/flywheel\n"
            f"  Its buttons need:      {password_hint(settings)}\n\n"
            "  Open three things you like, then look at “For you”. Ctrl-C ends the demo.\n",
            flush=True,
        )
        restarts = 0
        while True:
            time.sleep(0.5)
            if site.poll() is not None:
                raise DemoError(f"the site ended with code {site.returncode}; the lines above say why")
            if trainer.poll() is not None:
                restarts += 1
                if restarts > _TRAINER_RESTARTS:
                    raise DemoError(f"the trainer ended {restarts} times, last with code {trainer.returncode}")
                print(f"The trainer ended with code {trainer.returncode}; starting it again.", flush=True)
                trainer = ending.enter_context(process(settings, "-m", "flask", "--app", "app", "trainer"))


@contextlib.contextmanager
def process(settings: Settings, *words: str, log: IO[bytes] | None = None) -> Iterator[subprocess.Popen[bytes]]:
    """Run `python WORDS` beside us, and end it with the block: politely first. What it says goes to `log` if given."""
    # A session of its own, so that Ctrl-C in the terminal reaches only this process, which ends the others in order.
    process = subprocess.Popen(
        [sys.executable, *words], env=_environment(settings), start_new_session=True, stdout=log, stderr=log
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.terminate()
            try:
                process.wait(END_WITHIN_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def require_free_port(settings: Settings) -> None:
    """Raise DemoError when somebody listens on our port, who would answer in the site's place."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            raise DemoError(
                f"port {settings.port} on {settings.host} is not free ({error.strerror}); choose another with PORT=8001"
            ) from error


def wait_until_ready(address: str, site: subprocess.Popen[bytes], within_s: float = READY_WITHIN_S) -> None:
    """Return when the site answers that it is ready. Raises DemoError when it ends or takes too long."""
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline:
        if site.poll() is not None:
            raise DemoError(f"the site could not start (code {site.returncode}); the lines above say why")
        if _answers(f"{address}/readyz"):
            return
        time.sleep(0.2)
    raise DemoError(f"the site did not answer on {address}/readyz within {within_s:.0f} s")


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, ConnectionError, TimeoutError):
        return False


if __name__ == "__main__":
    main()
