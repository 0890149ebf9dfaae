"""Kill -9 under load, again and again: whatever was acknowledged is stored once, and the file is sound."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.promises.accounts import Account, settle_account
from benchmarks.promises.senders import Senders
from benchmarks.promises.sites import Site, SiteError, make_site_folder, wait_until

ORPHAN_ENDS_WITHIN_S = 30.0
WAYS = ("worker", "arbiter", "both", "politely")


@dataclass(slots=True)
class Kills:
    """cycles by way: who was killed. account: at the end, after every batch was sent until it was acknowledged.

    unsound: the first cycle after which something was wrong, with what. ready_s: until the site answered again.
    """

    cycles: dict[str, int] = field(default_factory=dict)
    account: Account | None = None
    unsound: str = ""
    ready_s: list[float] = field(default_factory=list)
    unanswered: int = 0
    problems: list[str] = field(default_factory=list)


def kill_again_and_again(
    var: Path, cycles: int, seed: int = 7, on_cycle: Callable[[int, Account], None] | None = None
) -> Kills:
    """Kill the site `cycles` times at random moments under load: the worker, the arbiter or both, or by SIGTERM."""
    settings = make_site_folder(var)
    rng = random.Random(seed)
    found = Kills()
    ways = Counter[str]()
    with Site(settings) as site, Senders(settings, item_ids(), seed=seed, pause_s=0.02) as senders:
        ledger = senders.ledger
        for cycle in range(cycles):
            ledger.await_acknowledged(len(ledger.acknowledged) + rng.randint(1, 150))
            time.sleep(rng.uniform(0.0, 0.03))
            way = WAYS[cycle % len(WAYS)] if cycles < len(WAYS) else rng.choice(WAYS)
            ways[way] += 1
            found.ready_s.append(_kill(site, way))
            account = settle_account(ledger, settings.event_database)
            if on_cycle is not None:
                on_cycle(cycle, account)
            if not account.is_right:
                found.unsound = f"cycle {cycle + 1}, {way} killed: {account}"
                break
        if not found.unsound:
            ledger.await_acknowledged(len(ledger.acknowledged) + 1)
            senders.stop()
        found.account = settle_account(ledger, settings.event_database)
        found.unanswered = ledger.statuses.get(0, 0)
        found.problems = ledger.problems
    found.cycles = dict(ways)
    return found


def item_ids() -> list[str]:
    """Ids of the template catalog that events are about."""
    from seed_data.templates import load_templates

    return [item.item_id for item in load_templates()[:400]]


def _kill(site: Site, way: str) -> float:
    """End the site this way and have it ready again; returns the seconds until then."""
    if way == "worker":
        site.kill_worker()
        return site.await_ready()
    if way == "arbiter":
        left = site.kill_arbiter()
        began = time.monotonic()
        try:
            wait_until(
                "the end of a worker whose arbiter was killed",
                lambda: not any(one.is_running() and one.status() != "zombie" for one in left),
                ORPHAN_ENDS_WITHIN_S,
            )
        except SiteError as error:
            raise SiteError(f"{error}; it may go on writing beside the next one, see {site.log}") from None
        return time.monotonic() - began + site.start()
    if way == "both":
        site.kill_all()
    else:
        site.terminate()
    return site.start()
