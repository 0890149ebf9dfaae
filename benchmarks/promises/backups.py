"""Backups of a site that stores events and publishes models all the time, each restored elsewhere and looked into."""

from __future__ import annotations

import time
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path

from app.cli.demo import flask_command
from app.models.current import load_current
from app.models.registry import Registry
from app.settings import Settings
from app.store.connections import connect_reader
from benchmarks.promises.accounts import settle_account
from benchmarks.promises.beside import Beside
from benchmarks.promises.kills import item_ids
from benchmarks.promises.publishing import publish_made_up
from benchmarks.promises.senders import Ledger, Senders
from benchmarks.promises.sites import Site, get_status, make_site_folder

_MORE_EVENTS = 200
_CHANGES_EVERY_S = 1.0


@dataclass(slots=True)
class Backups:
    """backups: taken and restored. events: in all of them. lost: acknowledged before a backup began, and not in it.

    gaps: backups whose events are not all up to one moment and none after it. unfit: whose published model is not the
    champion of their registry, or not whole. unsound: what SQLite says of one that is not. backup_s, restore_s: of each
    command. statuses: answers to the events sent meanwhile. home: status of the home page of the last one, when served.
    """

    backups: int = 0
    events: int = 0
    published: int = 0
    lost: int = 0
    gaps: int = 0
    unfit: int = 0
    unsound: list[str] = field(default_factory=list)
    backup_s: list[float] = field(default_factory=list)
    restore_s: list[float] = field(default_factory=list)
    statuses: dict[int, int] = field(default_factory=dict)
    home: int = 0


def back_up_under_load(folder: Path, rounds: int) -> Backups:
    """Take `rounds` backups with `flask backup` under load, and put each back with `flask restore`, in a new folder."""
    settings = make_site_folder(folder / "site")
    registry = Registry(settings)
    publish_made_up(settings, registry)
    found, promised = Backups(), list[set[str]]()
    with Site(settings), Senders(settings, item_ids(), pause_s=0.01) as senders:
        ledger = senders.ledger
        with _Publishing(settings, registry):
            for number in range(rounds):
                ledger.await_acknowledged(len(ledger.acknowledged) + _MORE_EVENTS)
                with ledger.lock:
                    promised.append(set(ledger.acknowledged))
                found.backup_s.append(_timed(settings, "backup", str(folder / f"backup-{number}")))
        found.statuses = dict(ledger.statuses)
    found.published = registry.next_version() - 1
    for number, before in enumerate(promised):
        elsewhere = replace(settings, var=folder / f"restored-{number}")
        found.restore_s.append(_timed(elsewhere, "restore", "--yes", str(folder / f"backup-{number}")))
        _look_into(elsewhere, ledger, before, found)
    with Site(elsewhere) as restored:
        found.home = get_status(f"{restored.address}/")
    return found


class _Publishing(Beside):
    """Publishes one version after another."""

    def __init__(self, settings: Settings, registry: Registry) -> None:
        self._settings, self._registry = settings, registry
        super().__init__(self._publish)

    def _publish(self) -> None:
        while not self._stop.wait(_CHANGES_EVERY_S):
            publish_made_up(self._settings, self._registry)


def _timed(settings: Settings, *words: str) -> float:
    began = time.monotonic()
    flask_command(settings, *words)
    return round(time.monotonic() - began, 2)


def _look_into(settings: Settings, ledger: Ledger, before: set[str], found: Backups) -> None:
    found.backups += 1
    account = settle_account(ledger, settings.event_database)
    if account.integrity != "ok" or account.doubled or account.changed:
        found.unsound.append(str(account))
    with closing(connect_reader(settings.event_database)) as reader:
        stored = {row[0] for row in reader.execute("SELECT event_id FROM events")}
        newest = reader.execute("SELECT max(seq) FROM events").fetchone()[0]
    found.events += len(stored)
    found.lost += len(before - stored)
    found.gaps += newest != len(stored)
    champion, loaded = Registry(settings).champion(), load_current(settings.models_folder)
    found.unfit += champion is None or loaded is None or loaded[0].version != champion.version
