"""A PostgreSQL server of tests' and benchmarks' own: in a folder that goes with it, on a local socket, gone with us."""

from __future__ import annotations

import itertools
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg

_READY = "database system is ready to accept connections"
_ALWAYS = ("listen_addresses=", "max_connections=200")
# A test database may be lost with the machine.
_FAST = ("fsync=off", "full_page_writes=off", "shared_buffers=32MB")
_DURABLE = ("shared_buffers=128MB",)


class NoServerError(RuntimeError):
    """No server can be had here; the message says why."""


def postgres_programs() -> Path | None:
    """The folder of Debian's newest server, or of one on the path; None where there is none."""
    found = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/postgres")]
    if found:
        return max(found, key=lambda path: int(path.parent.name))
    on_path = shutil.which("postgres")
    return None if on_path is None else Path(on_path).resolve().parent


def why_no_server() -> str | None:
    """Why a server cannot be had here; None where it can."""
    if postgres_programs() is None:
        return "no PostgreSQL server is installed (Debian: apt-get install postgresql)"
    if os.geteuid() == 0 and _other_user() is None:
        return "PostgreSQL does not run as root, and there is neither a user postgres nor nobody"
    return None


def _other_user() -> pwd.struct_passwd | None:
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    return None


def _as_somebody() -> dict[str, Any]:
    """How a program is started by somebody else than root, who may not run a server."""
    user = _other_user() if os.geteuid() == 0 else None
    return {} if user is None else {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


@dataclass
class PostgresServer:
    """A server. Databases are copies of one that has the schema and nothing else."""

    folder: Path
    programs: Path
    durable: bool = False
    process: subprocess.Popen[str] | None = None
    _numbers: Iterator[int] = field(default_factory=itertools.count)

    def start(self) -> None:
        """Let it run; it ends with this process, however that ends, where that can be had."""
        chosen = _DURABLE if self.durable else _FAST
        options = [
            part for option in (*_ALWAYS, *chosen, f"unix_socket_directories={self.folder}") for part in ("-c", option)
        ]
        with_us = ["setpriv", "--pdeathsig", "INT"] if shutil.which("setpriv") else []
        serve = [*with_us, str(self.programs / "postgres"), "-D", str(self.folder / "data"), *options]
        self.process = subprocess.Popen(serve, stderr=subprocess.PIPE, text=True, cwd=self.folder, **_as_somebody())
        _await_ready(self.process)

    def stop(self) -> None:
        """End it at once, whoever is connected."""
        if self.process is not None:
            self.process.send_signal(signal.SIGQUIT)
            self.process.wait(30)
            self.process = None

    def url(self, database: str) -> str:
        """The address of a database."""
        return f"postgresql://flywheel@/{database}?host={self.folder}"

    def run(self, statement: str, database: str = "postgres") -> None:
        """Run a statement outside of a transaction."""
        with psycopg.connect(self.url(database), autocommit=True) as connection:
            connection.execute(statement)

    def new_database(self, template: str = "template0") -> str:
        """Make a database that is like another one; returns its URL."""
        name = f"test_{next(self._numbers)}"
        self.run(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy")
        return self.url(name)


@contextmanager
def own_server(durable: bool = False) -> Iterator[PostgresServer]:
    """A server for the time of the block. durable: whether what it acknowledged outlives the machine.

    Raises NoServerError where none can be had.
    """
    reason = why_no_server()
    if reason is not None:
        raise NoServerError(reason)
    programs, somebody = postgres_programs(), _as_somebody()
    assert programs is not None
    folder = Path(tempfile.mkdtemp(prefix="pg-"))
    try:
        if somebody:
            os.chown(folder, somebody["user"], somebody["group"])
        data = folder / "data"
        make = [
            str(programs / "initdb"),
            "-D",
            str(data),
            "-A",
            "trust",
            "-U",
            "flywheel",
            "-E",
            "UTF8",
            "--locale=C",
            "--no-sync",
        ]
        subprocess.run(make, check=True, capture_output=True, cwd=folder, **somebody)
        server = PostgresServer(folder, programs, durable)
        try:
            server.start()
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _await_ready(process: subprocess.Popen[str]) -> None:
    assert process.stderr is not None
    said = []
    for line in process.stderr:
        said.append(line)
        if _READY in line:
            break
    else:
        raise RuntimeError(f"PostgreSQL did not start: {''.join(said)}")
    threading.Thread(target=_drain, args=(process.stderr,), daemon=True).start()


def _drain(lines: Any) -> None:
    with lines:
        for _ in lines:
            pass
