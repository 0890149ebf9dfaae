"""The real web process on a small catalog, and raw connections to it."""

from __future__ import annotations

import json
import os
import resource
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import pytest

from app.cli.demo import wait_until_ready
from app.settings import Settings, load_settings, settings_environment
from app.store import Store
from app.store.connections import connect_reader
from app.store.items import insert_items
from app.store.visitors import ensure_visitor
from app.visitors import COOKIE_NAME, VisitorCookie, new_visitor
from tests.conftest import NOW, make_items

ROOT = Path(__file__).parents[3]
PATIENCE_S = 30.0
_KEY = "test"
_VISITOR_ID = "visitor-1"


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def until(holds: Callable[[], bool], what: str) -> None:
    """Return once `holds()`; fail, naming `what`, when it takes too long."""
    deadline = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < deadline, f"{what} did not come within {PATIENCE_S:g} s"
        time.sleep(0.02)


def is_running(pid: int) -> bool:
    """Whether the process lives; one that ended and was not waited for does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


@dataclass(frozen=True, slots=True)
class Site:
    """A running web process. process: what a supervisor sees; worker: the process that answers requests."""

    settings: Settings
    process: subprocess.Popen[bytes]
    worker: int

    def connect(self) -> socket.socket:
        """A connection that gives up after some seconds of silence."""
        return socket.create_connection(("127.0.0.1", self.settings.port), timeout=PATIENCE_S)

    def ask(self, path: str) -> int:
        """The status of one GET over a connection of its own."""
        with self.connect() as connection:
            connection.sendall(f"GET {path} HTTP/1.1\r\nHost: site\r\nConnection: close\r\n\r\n".encode())
            return status_of(connection)

    def answers(self, path: str) -> bool:
        """Whether a GET is answered with 200 now."""
        try:
            return self.ask(path) == 200
        except OSError:
            return False

    def stored(self) -> int:
        """Events in the database."""
        with closing(connect_reader(self.settings.event_database)) as reader:
            found: int = reader.execute("SELECT count(*) FROM events").fetchone()[0]
            return found

    def has_ended(self) -> bool:
        """Whether nothing of it runs any more."""
        return self.process.poll() is not None and not is_running(self.worker)


def batch_of(event_ids: list[str]) -> bytes:
    """A batch of clicks on the first item."""
    return json.dumps(
        {"events": [{"event_id": name, "kind": "click", "item_id": "item-000"} for name in event_ids]}
    ).encode()


def post_head(body: bytes) -> bytes:
    """The head of the visitor's POST of events with this body."""
    cookie = f"{COOKIE_NAME}={VisitorCookie(_KEY).write(_VISITOR_ID)}"
    head = f"POST /api/v1/events HTTP/1.1\r\nHost: site\r\nCookie: {cookie}\r\nContent-Type: application/json\r\n"
    return f"{head}Content-Length: {len(body)}\r\nConnection: close\r\n\r\n".encode()


def status_of(connection: socket.socket) -> int:
    """The status of the answer; 0 when the connection ended without one."""
    try:
        first = connection.makefile("rb").readline()
    except (ConnectionError, TimeoutError):
        return 0
    return int(first.split()[1]) if first else 0


@contextmanager
def running(
    settings: Settings, *command: str, log: IO[bytes] | None = None, most_files: int | None = None
) -> Iterator[Site]:
    """Run the site; what of it still runs at the end is killed. log: where it writes. most_files: that it may open."""
    if not Path("/proc/self/task").exists():
        pytest.skip("needs /proc to find the worker of a master")
    environment = {**os.environ, **settings_environment(settings)}
    process = subprocess.Popen(
        [sys.executable, *(command or ("-m", "app"))],
        env=environment,
        cwd=ROOT,
        stdout=log,
        stderr=log,
    )
    with ExitStack() as ending:
        ending.callback(process.wait)
        ending.callback(process.kill)
        if most_files is not None:  # the worker, which comes seconds later, inherits it
            resource.prlimit(process.pid, resource.RLIMIT_NOFILE, (most_files, most_files))
        wait_until_ready(f"http://127.0.0.1:{settings.port}", process)
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        worker = int(children[0]) if children else process.pid
        ending.callback(_kill, worker)
        yield Site(settings, process, worker)


def _kill(pid: int) -> None:
    if is_running(pid):
        os.kill(pid, 9)


def _small_site(var: Path) -> Settings:
    var.mkdir()
    changes = {"var": var, "secret_key": _KEY, "port": free_port(), "threads": 6, "grace_s": 0}
    settings = load_settings(environment={}, overrides=changes)
    visitor = new_visitor(settings, now=NOW, visitor_id=_VISITOR_ID)
    with Store.create(settings.event_database) as store, store.open_writer() as writer:
        writer.run(lambda db: insert_items(db, make_items()))
        writer.run(lambda db: ensure_visitor(db, visitor))
    return settings


@pytest.fixture(scope="session")
def small_site() -> Callable[[Path], Settings]:
    """Makes a site of sixty items and one visitor in a folder; returns its settings, with a port of its own."""
    return _small_site


@pytest.fixture
def site_settings(tmp_path: Path) -> Settings:
    """The settings of a small site."""
    return _small_site(tmp_path / "small")
