"""Schemathesis calls the running site in every way that its description allows or forbids, and finds nothing wrong."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from waitress.server import create_server

from app.secret import api_key
from tests.app.web.conftest import MakeSite

MAX_SHOWN = 6_000
SEED = 7


@dataclass(frozen=True, slots=True)
class Running:
    """A site that answers over HTTP."""

    address: str
    key: str


@pytest.fixture
def running(make_site: MakeSite) -> Iterator[Running]:
    """The site without limits, on a free port."""
    site = make_site(rate_limit="1000000 per minute", address_rate_limit="1000000 per minute")
    site.extensions["flywheel"].open()
    server = create_server(site, host="127.0.0.1", port=0, threads=4)
    thread = threading.Thread(target=server.run, name="http")
    thread.start()
    yield Running(f"http://127.0.0.1:{server.effective_port}", api_key(site.config["SETTINGS"]))
    server.close()
    thread.join()


def check(running: Running, folder: Path, *options: str, with_key: bool = True) -> None:
    """Run every check that there is; fails with what was found."""
    key = ["--header", f"Authorization: Bearer {running.key}"] if with_key else []
    command = [sys.executable, "-m", "schemathesis.cli", "run", f"{running.address}/api/openapi.json"]
    ran = subprocess.run(
        [*command, "--checks", "all", "--seed", str(SEED), "--no-color", *key, *options],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout[:MAX_SHOWN] + ran.stdout[-MAX_SHOWN:] + ran.stderr[-MAX_SHOWN:]


def test_a_few_calls_of_every_kind_are_answered_as_described(running: Running, tmp_path: Path) -> None:
    check(running, tmp_path, "--phases", "examples,fuzzing,stateful", "--max-examples", "5")


@pytest.mark.slow
@pytest.mark.parametrize("with_key", [True, False], ids=["with-key", "without-key"])
def test_many_calls_of_every_kind_are_answered_as_described(running: Running, tmp_path: Path, with_key: bool) -> None:
    check(
        running, tmp_path, "--phases", "examples,coverage,fuzzing,stateful", "--max-examples", "200", with_key=with_key
    )
