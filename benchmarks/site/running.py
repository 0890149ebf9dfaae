"""The real site and trainer on a folder, watched while they run: memory, processor, event lag, model versions."""

from __future__ import annotations

import secrets
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from subprocess import Popen
from typing import IO, Any
from urllib.request import urlopen

import psutil

from app.cli.demo import process, wait_until_ready
from app.models.publish import read_current
from app.models.registry import Registry
from app.settings import Settings, load_settings
from app.store import Store
from app.store.events import last_seq

RUN_KEY = secrets.token_urlsafe(32)
"""Key of every site of this run, so that one load generator may send simulated visitors to each."""
_SAMPLE_S = 0.5
_READY_WITHIN_S = 180.0  # of a catalog of any size, on a machine that others use
_MIB = 1024 * 1024


def benchmark_settings(var: Path, **changes: Any) -> Settings:
    """The site's own defaults on a folder and a free port, without the rate limit, as all come from one address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    overrides = {
        "var": var,
        "port": port,
        "rate_limit": "1000000 per minute",
        "address_rate_limit": "1000000 per minute",
        "client_connections": 0,
        "api_key": RUN_KEY,
        **changes,
    }
    return load_settings(environment={}, overrides=overrides)


def address_of(settings: Settings) -> str:
    """Where the site answers."""
    return f"http://{settings.host}:{settings.port}"


@contextmanager
def running_site(settings: Settings) -> Iterator[psutil.Process]:
    """The site, ready; yields its worker process."""
    with _log(settings, "site") as log, process(settings, "-m", "app", log=log) as site:
        wait_until_ready(address_of(settings), site, _READY_WITHIN_S)
        yield worker_of(site)


def await_first_figures(address: str) -> None:
    """Wait until a site that has just started has counted every event once, for /flywheel; pages are slower until then.

    It is one start of many days, and would be a quarter of a stage.
    """
    with urlopen(f"{address}/flywheel", timeout=_READY_WITHIN_S) as page:
        page.read()


@contextmanager
def running_trainer(settings: Settings) -> Iterator[psutil.Process]:
    """The trainer."""
    words = ("-m", "flask", "--app", "app", "trainer")
    with _log(settings, "trainer") as log, process(settings, *words, log=log) as trainer:
        yield psutil.Process(trainer.pid)


def _log(settings: Settings, name: str) -> IO[bytes]:
    """Where a process of this run says what it has to say."""
    settings.var.mkdir(parents=True, exist_ok=True)
    return (settings.var / f"{name}.log").open("ab")


def worker_of(site: Popen[bytes]) -> psutil.Process:
    """The process that answers requests: gunicorn's one worker, or the site itself where there is no arbiter."""
    parent = psutil.Process(site.pid)
    children = parent.children()
    return children[0] if children else parent


@dataclass(slots=True)
class Watched:
    """What was seen while load was on. Memory in MiB, processor in shares of one core; machine_core: of everything that
    ran on the machine, ours or not.

    lag: events that no published model has learned from yet. lag_s: age of the model in use, counted from the newest
    event it holds, in samples where newer events wait.
    """

    site_mib: float = 0.0
    trainer_mib: float = 0.0
    site_core: float = 0.0
    trainer_core: float = 0.0
    machine_core: float = 0.0
    lag: list[int] = field(default_factory=list)
    versions: list[dict[str, Any]] = field(default_factory=list)
    database_mib: float = 0.0


class Watch:
    """Samples both processes and the databases twice a second until it is stopped."""

    def __init__(self, settings: Settings, site: psutil.Process, trainer: psutil.Process | None) -> None:
        self._settings = settings
        self._processes = {"site": site, **({"trainer": trainer} if trainer else {})}
        self._stop = threading.Event()
        self._peak = dict.fromkeys(self._processes, 0.0)
        self._lag: list[int] = []
        self._thread = threading.Thread(target=self._sample, name="watch", daemon=True)

    def __enter__(self) -> Watch:
        self._since = time.time()
        self._began = time.perf_counter()
        self._busy = {name: _busy_s(one) for name, one in self._processes.items()}
        self._machine_busy = _machine_busy_s()
        self._thread.start()
        return self

    def __exit__(self, *details: object) -> None:
        self._stop.set()
        self._thread.join()

    def watched(self) -> Watched:
        """What was seen so far."""
        lasted = time.perf_counter() - self._began
        cores = {name: (_busy_s(one) - self._busy[name]) / lasted for name, one in self._processes.items()}
        made = [row for row in Registry(self._settings).versions() if row.created_at >= self._since]
        return Watched(
            site_mib=round(self._peak["site"], 1),
            trainer_mib=round(self._peak.get("trainer", 0.0), 1),
            site_core=round(cores["site"], 3),
            trainer_core=round(cores.get("trainer", 0.0), 3),
            machine_core=round((_machine_busy_s() - self._machine_busy) / lasted, 3),
            lag=self._lag,
            versions=[{"kind": row.kind, "state": row.state, "rows": row.rows, **row.timings} for row in made],
            database_mib=round(_size(self._settings.event_database) / _MIB, 1),
        )

    def _sample(self) -> None:
        with Store(self._settings.event_database) as store:
            while not self._stop.wait(_SAMPLE_S):
                for name, one in self._processes.items():
                    self._peak[name] = max(self._peak[name], _rss_mib(one))
                current = read_current(self._settings.models_folder) if self._settings.models_folder.is_dir() else None
                if current is not None:
                    self._lag.append(last_seq(store.reader()) - current.watermark)


def _busy_s(one: psutil.Process) -> float:
    try:
        return float(sum(one.cpu_times()[:2]))
    except psutil.NoSuchProcess:
        return 0.0


def _machine_busy_s() -> float:
    """Seconds that all cores together have worked since the machine started."""
    times = psutil.cpu_times()
    return float(sum(times) - times.idle - getattr(times, "iowait", 0.0) - getattr(times, "guest", 0.0))


def _rss_mib(one: psutil.Process) -> float:
    try:
        return float(one.memory_info().rss / _MIB)
    except psutil.NoSuchProcess:
        return 0.0


def _size(database: Path) -> int:
    return sum(path.stat().st_size for path in database.parent.glob(database.name + "*"))


@contextmanager
def site_and_trainer(settings: Settings) -> Iterator[tuple[psutil.Process, psutil.Process]]:
    """Both, as `make demo` runs them."""
    with ExitStack() as ending:
        site = ending.enter_context(running_site(settings))
        yield site, ending.enter_context(running_trainer(settings))
