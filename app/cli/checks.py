"""What `flask doctor` checks of a deployment. A check returns a sentence, or raises an error that says what to do."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

from app.backup.restoring import restores_kept
from app.backup.taking import SECRET_FILES
from app.cli.artwork import items_without_image
from app.files import PART, is_locked, open_to_others
from app.keys import KEYS_FILE, read_keys
from app.models.locks import TRAINER_LOCK
from app.models.registry import Registry
from app.models.storage import load_published
from app.secret import ADMIN_PASSWORD_FILE, SECRET_KEY_FILE, secret_key
from app.settings import Settings
from app.store import Store, StoreError
from app.store.erasing.tombstones import KEY_FILE, erasure_key
from app.store.health import check_integrity, newest_event_at
from app.store.items import all_items
from app.store.sqlite_faults import OLDEST, has_wal_reset_race, sqlite_version
from app.store.writing.lock import refuse_half_restored
from app.values.counted import counted
from app.visitors.contribution import contribution_rules
from app.visitors.unlearned import read_unlearned
from recommender import ArtifactError

Check = Callable[[Settings, float], str]

FREE_BYTES = 256 * 1024 * 1024
"""Least room on the disk: the log, one more model, and a copy of a small database."""
CLOCK_AHEAD_S = 300.0
"""How far after now an event may have come before the clock is said to be wrong."""
WAITING_ROUNDS = 20
"""Rounds of publishing that an event may wait for a model before the model is stale."""
SHORTEST_SECRET = 16
"""Characters of a key that signs cookies."""
SHORTEST_KEPT = 12
"""Characters of a secret that is kept in a file."""


class CheckError(StoreError):
    """Something about the deployment is wrong; the message says what to do."""


def check_sqlite(settings: Settings, now: float) -> str:
    """Whether SQLite is new enough, and what is known of its faults."""
    version = sqlite_version()
    said = ".".join(map(str, version))
    if version < OLDEST:
        raise CheckError(f"SQLite {said} is too old; use a Python with {'.'.join(map(str, OLDEST))} or newer")
    if settings.database_url:
        return f"{said}, for the registry; the events are in {settings.database}"
    if has_wal_reset_race(version):
        return f"{said} has the WAL-reset race, which one writer avoids: let no other program write {settings.var}"
    return said


def check_rights(settings: Settings, now: float) -> str:
    """Whether the var folder is this user's and no file in it is open to others."""
    var = settings.var
    if not var.is_dir():
        raise CheckError(f"there is no folder {var}; run `flask init-db`")
    if not os.access(var, os.W_OK | os.X_OK):
        raise CheckError(f"{var} cannot be written by user {os.getuid()}; give it to the user that runs the site")
    foreign = [path.name for path in sorted(var.iterdir()) if path.stat(follow_symlinks=False).st_uid != os.getuid()]
    if foreign:
        raise CheckError(f"{var / foreign[0]} belongs to another user; run doctor and site as the same user")
    # A private folder protects all that is in it; in another one each file must be private itself.
    reachable = [path for path in sorted(var.iterdir()) if open_to_others(path)] if open_to_others(var) else []
    if reachable:
        raise CheckError(f"{reachable[0]} can be read by others; run `chmod -R go= {var}`")
    return f"{var} is for user {os.getuid()} only"


def check_disk(settings: Settings, now: float) -> str:
    """Whether there is room for the log, models and a copy of the events."""
    free = shutil.disk_usage(settings.var if settings.var.is_dir() else settings.var.parent).free
    database = settings.event_database
    needed = FREE_BYTES + (database.stat().st_size if database.exists() else 0)
    if free < needed:
        raise CheckError(
            f"{free // 2**20:,} MiB are free and {needed // 2**20:,} MiB should be; make room before events are refused"
        )
    return f"{free // 2**20:,} MiB are free"


def check_clock(settings: Settings, now: float) -> str:
    """Whether time went on since what is on disk was written."""
    with Store(settings.database) as store:
        newest = newest_event_at(store.reader())
    written = Path(__file__).stat().st_mtime
    latest = max(written, newest or 0.0)
    if latest > now + CLOCK_AHEAD_S:
        what = "the newest event" if latest == newest else "this code"
        raise CheckError(f"the clock is {latest - now:,.0f} s before {what}; set it (NTP) before the site starts")
    return "not before anything that is stored"


def check_database(settings: Settings, now: float) -> str:
    """Whether the event database is there, of this code's schema, and sound."""
    with Store(settings.database) as store:
        return check_integrity(store.reader())


def check_lock(settings: Settings, now: float) -> str:
    """Who writes, and whether a restore was left half done."""
    refuse_half_restored(settings.event_database)
    with Store(settings.database) as store:
        processes = store.engine.writers()
    site = "does not run" if not processes else "runs" if processes == 1 else f"runs in {processes} processes"
    trainer = "runs" if is_locked(settings.var / TRAINER_LOCK) else "does not run"
    return f"the site {site}, the trainer {trainer}"


def check_registry(settings: Settings, now: float) -> str:
    """Whether the registry is sound and names the version that is published."""
    registry = Registry(settings)
    said = registry.check()
    champion, current = registry.champion(), registry.storage.read_pointer()
    named = (champion and champion.version, current and current.version)
    if named[0] != named[1]:
        raise CheckError(
            f"the registry names version {named[0]}, the pointer {named[1]}; start the trainer, it fixes that"
        )
    return said


def check_model(settings: Settings, now: float) -> str:
    """Whether the published model loads, and whether it is stale: events wait and nobody learns from them."""
    registry = Registry(settings)
    storage = registry.storage
    storage.check()
    loaded = load_published(storage)
    if loaded is None:
        tried = [row for row in registry.versions(1) if row.state == "refused"]
        fix = f"version {tried[0].version}: {tried[0].verdict}" if tried else "run `flask trainer --once`"
        raise ArtifactError(f"no model is published in {storage.name}; {fix}")
    current, model = loaded
    with Store(settings.database) as store:
        waiting = read_unlearned(store.reader(), current.watermark, contribution_rules(settings))
    behind, waited = waiting.changes, 0.0 if waiting.since is None else now - waiting.since
    if behind >= settings.publish_min_events and waited > WAITING_ROUNDS * settings.publish_max_wait_s:
        fix = "see `flask models list` for what the gate said"
        if not is_locked(settings.var / TRAINER_LOCK):
            fix = "no trainer runs: start `flask trainer`"
        raise CheckError(
            f"version {current.version} is stale: {counted(behind, 'new change')} would train, "
            f"the first {waited / 3600:,.1f} h ago; {fix}"
        )
    items = counted(len(model.item_ids), "item")
    return f"version {current.version} with {items}, learned up to event {current.watermark:,}"


def check_secrets(settings: Settings, now: float) -> str:
    """Whether every secret is there, long enough, and its owner's."""
    given = {SECRET_KEY_FILE: settings.secret_key, ADMIN_PASSWORD_FILE: settings.admin_password}
    kept = [name for name in SECRET_FILES if (settings.var / name).exists()]
    for name in kept:
        path = settings.var / name
        text = path.read_text(encoding="utf-8", errors="replace").strip()
        if name not in {KEY_FILE, KEYS_FILE} and not given.get(name) and len(text) < SHORTEST_KEPT:
            raise CheckError(
                f"{path} is empty or shorter than {SHORTEST_KEPT} characters; remove it and a new one is made"
            )
        if open_to_others(path):
            raise CheckError(f"{path} can be read by others; run `chmod 600 {path}`")
    if len(secret_key(settings)) < SHORTEST_SECRET:
        raise CheckError(
            f"the secret key has fewer than {SHORTEST_SECRET} characters; give a longer FLYWHEEL_SECRET_KEY"
        )
    erasure_key(settings.event_database)
    read_keys(settings.var / KEYS_FILE)
    return ", ".join(kept) or "given by settings"


def check_leftovers(settings: Settings, now: float) -> str:
    """What is on disk that an erasure does not reach."""
    damaged = sorted(settings.var.glob("registry.db.damaged-*")) if settings.var.is_dir() else []
    unfinished = sorted(settings.var.glob(f".*{PART}")) if settings.var.is_dir() else []
    if unfinished:
        raise CheckError(f"{unfinished[0]} was left by a command that was killed; remove it")
    kept = [*restores_kept(settings.var), *damaged]
    if kept:
        return f"{', '.join(path.name for path in kept)} may be removed; an erasure does not reach into them"
    return "none"


def check_pictures(settings: Settings, now: float) -> str:
    """How many items show a placeholder, which is no fault: a large catalog is drawn bit by bit."""
    with Store(settings.database) as store:
        items = all_items(store.reader())
    missing = len(items_without_image(items, settings))
    if missing:
        return f"{missing:,} of {len(items):,} items show a placeholder; `flask draw-artwork` draws their pictures"
    return f"each of {len(items):,} items has its picture"


CHECKS: Mapping[str, Check] = {
    "sqlite": check_sqlite,
    "rights": check_rights,
    "disk": check_disk,
    "lock": check_lock,
    "database": check_database,
    "pictures": check_pictures,
    "clock": check_clock,
    "registry": check_registry,
    "model": check_model,
    "secrets": check_secrets,
    "leftovers": check_leftovers,
}
"""Checks by the name that their line begins with."""
