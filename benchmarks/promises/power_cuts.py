"""Power cuts under load: what was acknowledged is on a disk that forgets everything nobody asked it to keep."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from benchmarks.promises.accounts import Account, settle_account
from benchmarks.promises.disk import Disk, compile_disk
from benchmarks.promises.kills import item_ids
from benchmarks.promises.senders import Senders
from benchmarks.promises.sites import Site, make_site_folder

CARELESS = ("-m", "benchmarks.promises.careless_site")
"""The same site with `PRAGMA synchronous = OFF`, which must lose what it acknowledged, or the cuts prove nothing."""


@dataclass(slots=True)
class PowerCuts:
    """cuts: done. forgotten: writes and bytes that the disk forgot. syncs: of database and log, while it ran.

    account: at the end, after every batch was sent until it was acknowledged; `unsound`: the first cut after which
    something was wrong, with what.
    """

    cuts: int = 0
    forgotten_writes: int = 0
    forgotten_bytes: int = 0
    syncs: int = 0
    account: Account | None = None
    unsound: str = ""


def cut_again_and_again(
    folder: Path,
    cuts: int,
    seed: int = 7,
    command: tuple[str, ...] = ("-m", "app"),
    on_cut: Callable[[int, Account], None] | None = None,
) -> PowerCuts:
    """Cut the power `cuts` times at random moments under load.

    At every second cut, the sectors of writes that were not synced have reached the disk by chance, in no order.
    """
    settings = make_site_folder(folder / "var")
    disk = Disk(compile_disk(folder), str(settings.event_database), folder / "disk", remembers=True)
    rng = random.Random(seed)
    found = PowerCuts()
    with (
        Site(settings, disk.environment(), command) as site,
        Senders(settings, item_ids(), seed=seed, pause_s=0.005) as senders,
    ):
        ledger = senders.ledger
        for cut in range(cuts):
            ledger.await_acknowledged(len(ledger.acknowledged) + rng.randint(1, 400))
            time.sleep(rng.uniform(0.0, 0.02))
            site.kill_all()
            lost = disk.cut_power(random.Random(rng.random()) if cut % 2 else None)
            found.cuts += 1
            found.forgotten_writes += lost.writes
            found.forgotten_bytes += lost.bytes
            account = settle_account(ledger, settings.event_database)
            if on_cut is not None:
                on_cut(cut, account)
            if not account.is_right:
                found.unsound = f"cut {cut + 1}: {account}"
                break
            site.start()
        if not found.unsound:
            ledger.await_acknowledged(len(ledger.acknowledged) + 1)
            senders.stop()
            account = settle_account(ledger, settings.event_database)
        found.account = account
        found.syncs = disk.syncs
    return found
