"""The real site as its supervisor holds it: started, ended, killed at a moment of our choice, started again."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import psutil

from app.settings import Settings, settings_environment
from app.store import Store
from app.store.items import insert_items
from benchmarks.site.running import address_of, benchmark_settings
from seed_data.templates import load_templates

READY_WITHIN_S = 60.0
_LOOK_EVERY_S = 0.02
_START_AGAIN_AFTER_S = 0.1


class SiteError(RuntimeError):
    """The site did not do what a supervisor waits for; the message says what, and where its log is."""


def make_site_folder(var: Path, **changes: Any) -> Settings:
    """Settings of a site on `var` with the template catalog and no visitors, on a free port of 127.0.0.1."""
    settings = benchmark_settings(var.absolute(), **changes)
    with Store.create(settings.event_database) as store, store.open_writer() as writer:
        writer.run(lambda db: insert_items(db, load_templates()))
    return settings


class Site:
    """`python -m app` (gunicorn's arbiter and its worker) and whatever it starts; all are gone after the block.

    environment: added to that of the process. command: what python runs in place of `-m app`.
    """

    def __init__(
        self, settings: Settings, environment: Mapping[str, str] | None = None, command: tuple[str, ...] = ("-m", "app")
    ) -> None:
        self.settings = settings
        self.address = address_of(settings)
        self.log = settings.var / "site.log"
        self._environment = {**os.environ, **settings_environment(settings), **(environment or {})}
        self._command = [sys.executable, *command]
        self._arbiter: subprocess.Popen[bytes] | None = None
        self._known: dict[int, psutil.Process] = {}

    def __enter__(self) -> Site:
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *details: object) -> None:
        self.stop()

    @property
    def arbiter(self) -> psutil.Process:
        """The process that was started."""
        assert self._arbiter is not None
        return psutil.Process(self._arbiter.pid)

    @property
    def worker(self) -> psutil.Process:
        """The process that answers requests. Raises SiteError when there is none."""
        self._look()
        for child in self.arbiter.children():
            return child
        raise SiteError(f"the site has no worker; see {self.log}")

    def start(self, within_s: float = READY_WITHIN_S) -> float:
        """Start the site, again and again as a supervisor does while it ends by itself, until it is ready.

        Returns the seconds until then. Raises SiteError after `within_s`.
        """
        began = time.monotonic()
        while time.monotonic() - began < within_s:
            self._spawn()
            assert self._arbiter is not None
            while time.monotonic() - began < within_s:
                if self._arbiter.poll() is not None:
                    break
                if self.is_ready():
                    self._look()
                    return time.monotonic() - began
                time.sleep(_LOOK_EVERY_S)
            time.sleep(_START_AGAIN_AFTER_S)
        raise SiteError(f"the site was not ready within {within_s:.0f} s: {_last_lines(self.log)}")

    def await_ready(self, within_s: float = READY_WITHIN_S) -> float:
        """Wait until the site is ready, starting nothing by hand; returns the seconds. Raises SiteError."""
        return wait_until(f"a ready site (see {self.log})", self.is_ready, within_s)

    def is_ready(self) -> bool:
        """Whether /readyz says so."""
        return get_status(f"{self.address}/readyz") == 200

    def kill_worker(self) -> None:
        """SIGKILL the worker; its arbiter starts another."""
        worker = self.worker
        _kill(worker)
        _await_end([worker])

    def kill_arbiter(self) -> list[psutil.Process]:
        """SIGKILL the arbiter alone; returns the processes that it leaves behind, which should end by themselves."""
        self._look()
        left: list[psutil.Process] = self.arbiter.children()
        self._kill_arbiter()
        return left

    def kill_all(self) -> None:
        """SIGKILL arbiter and worker together, as when the machine goes down."""
        self._look()
        left = self.arbiter.children()
        self._kill_arbiter()
        for one in left:
            _kill(one)
        _await_end(left)

    def stop(self) -> None:
        """SIGKILL everything that was started and still runs, also what a killed arbiter left: it costs nothing."""
        self._look()
        if self._arbiter is not None:
            self._kill_arbiter()
        for one in self._known.values():
            _kill(one)
        _await_end(list(self._known.values()))
        self._known.clear()

    def terminate(self) -> int:
        """End the site politely and return its exit code. Raises SiteError when it does not end within 30 s."""
        assert self._arbiter is not None
        self._look()
        self._arbiter.terminate()
        try:
            return self._arbiter.wait(30.0)
        except subprocess.TimeoutExpired:
            raise SiteError(f"the site did not end within 30 s of SIGTERM: {_last_lines(self.log)}") from None

    def _spawn(self) -> None:
        self.settings.var.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            self._arbiter = subprocess.Popen(
                self._command, env=self._environment, start_new_session=True, stdout=log, stderr=log
            )

    def _look(self) -> None:
        """Remember every process of the site, so that none is left when it ends."""
        if self._arbiter is not None and self._arbiter.poll() is None:
            with contextlib.suppress(psutil.NoSuchProcess):
                self._known |= {child.pid: child for child in self.arbiter.children(recursive=True)}
        self._known = {pid: one for pid, one in self._known.items() if one.is_running()}

    def _kill_arbiter(self) -> None:
        assert self._arbiter is not None
        if self._arbiter.poll() is None:
            os.kill(self._arbiter.pid, signal.SIGKILL)
        self._arbiter.wait()


def wait_until(what: str, holds: Callable[[], bool], within_s: float) -> float:
    """Wait until something holds; returns the seconds. Raises SiteError, naming it, after `within_s`."""
    began = time.monotonic()
    while not holds():
        if time.monotonic() - began > within_s:
            raise SiteError(f"{what} did not come within {within_s:.0f} s")
        time.sleep(_LOOK_EVERY_S)
    return time.monotonic() - began


def get_status(url: str, timeout_s: float = 5.0) -> int:
    """The status of a GET, 0 when nothing answers."""
    try:
        with urllib.request.urlopen(url, timeout=timeout_s) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        with error:
            return error.code
    except OSError:
        return 0


def _kill(one: psutil.Process) -> None:
    with contextlib.suppress(psutil.NoSuchProcess):
        one.kill()  # psutil checks that the pid still belongs to the process that we started


def _await_end(those: list[psutil.Process]) -> None:
    _, left = psutil.wait_procs(those, timeout=20.0)
    if left:
        raise SiteError(f"processes {[one.pid for one in left]} did not end within 20 s of SIGKILL")


def _last_lines(log: Path) -> str:
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines() if log.exists() else []
    return f"{log} ends with {lines[-5:]}"
