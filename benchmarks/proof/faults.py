"""Faults that are planted on purpose: an outage, a swarm of bots with poisoned clicks, an assignment that is broken."""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np

from app.record import Event, EventBatch
from app.visitors import new_visitor
from benchmarks.proof.site import ProofSite

CLICKS_OF_A_BOT = 120
"""All within a second or two: far above what the velocity rule allows in a minute."""

KINDS = ("click", "use")


PATIENCE_S = 3_600.0
"""How long ago a bot fetched its cookie: what visitors do at their first visit hardly counts for others."""


@dataclass(frozen=True, slots=True)
class Swarm:
    """What a swarm did. bots: their visitor ids. events: recorded ones."""

    bots: tuple[str, ...]
    events: int


def swarm(site: ProofSite, bots: int, seed: int) -> Swarm:
    """Bots that choose the best-liked items together with what nobody wants, as somebody would who sells the latter.

    They use the front door, as organic events, which need no slate.
    """
    rng = np.random.default_rng(seed)
    catalog = site.flywheel.catalog
    chosen = [choice.item_id for choice in site.flywheel.serve.recommend_for((), len(catalog)).ranked]
    wanted = chosen[:300]
    unwanted = list({item.item_id for item in catalog.items} - set(chosen[:1500]))
    unwanted.sort()
    ids, stored = [], 0
    for number in range(bots):
        bot = new_visitor(site.settings, "simulated", now=time.time() - PATIENCE_S, visitor_id=f"bot-{seed}-{number}")
        half = CLICKS_OF_A_BOT // 2
        items = [*rng.choice(wanted, half, replace=False), *rng.choice(unwanted, half, replace=False)]
        rng.shuffle(items)
        events = [
            Event.model_validate({"event_id": f"{kind}-{seed}-{number}-{place}", "kind": kind, "item_id": str(item)})
            for place, item in enumerate(items)
            for kind in KINDS
        ]
        most = site.settings.max_event_batch
        for start in range(0, len(events), most):
            batch = EventBatch(events=events[start : start + most])
            stored += site.flywheel.recorder.record(batch, bot, received_at=time.time()).stored
        ids.append(bot.visitor_id)
    return Swarm(tuple(ids), stored)
