"""The act of the swarm: bots poison what models learn from, are found, and are excluded."""

from __future__ import annotations

from collections.abc import Iterator

from app.models.current import load_current
from app.models.registry_rows import ModelVersion
from app.store.events import last_seq
from benchmarks.proof.faults import swarm
from benchmarks.proof.finding import Finding, percent
from benchmarks.proof.readings import CALM, risk
from benchmarks.proof.site import ProofSite
from benchmarks.site.quality import judges, measure_quality

_ROUNDS = 5
LEAST_LEFT = 0.9
"""Of the true chance of a click, what is left at least while a swarm's clicks train a model that was not refused."""


def play_swarm(site: ProofSite, bots: int, visitors: int, patience_s: float) -> Iterator[Finding]:
    """What learns from a swarm's clicks is refused, or hardly worse by the hidden tastes; the bots are found and go.

    A model that a swarm made a twentieth worse passes the exam of a small site, whose few hundred cases cannot see it:
    what protects visitors is that nobody's clicks weigh much. visitors: of the ordinary kind who come after the swarm
    was found, until a model is published. patience_s: seconds to wait for the trainer.
    """
    name = "suspicious traffic"
    newest, before = site.versions()[-1].version, wanted(site)
    attack = swarm(site, bots, site.seed)
    poisoned_at = last_seq(site.flywheel.store.reader())

    def judged() -> bool:
        return any(version.watermark >= poisoned_at for version in site.judged_after(newest))

    site.wait("a version that has learned from the swarm", judged, patience_s)
    models, after = site.judged_after(newest), wanted(site)
    refused = [version for version in models if version.state == "refused"]
    told = (refused or models)[-1]
    yield Finding(
        f"bot swarm: its model is refused, or what is shown is wanted {percent(LEAST_LEFT)} as much or more",
        bool(refused) or after >= LEAST_LEFT * before,
        f"{len(attack.bots)} bots, {attack.events:,} events; true chance of a click on the ten best that are served: "
        f"{percent(before)} before, {percent(after)} after; version {told.version}: {told.verdict}",
        {"bots": len(attack.bots), "events": attack.events, "before": before, "after": after},
    )
    high = risk(site, name)
    yield Finding(
        f"bot swarm: {name} leaves {CALM}", high.state != CALM, high.note, {"state": high.state, "value": high.value}
    )
    excluded = site.exclude_suspects()
    found = len(set(attack.bots) & set(excluded))
    newest = site.versions()[-1].version
    healed: ModelVersion | None = None
    for _ in range(_ROUNDS):  # one exam of a few hundred choices may refuse a good model; the next has new ones
        judged_before = len(site.judged_after(newest))
        site.wait("a version without the bots", lambda: len(site.judged_after(newest)) > judged_before, patience_s)  # noqa: B023
        healed = site.judged_after(newest)[-1]
        if healed.state in ("champion", "retired"):
            break
        site.send(visitors, pages=1)
    assert healed is not None
    yield Finding(
        "the bots are excluded, and a model without them is published",
        found == len(attack.bots) and healed.state in ("champion", "retired"),
        f"{found} of {len(attack.bots)} bots and {len(excluded) - found} others excluded; "
        f"version {healed.version}: {healed.verdict}",
        {"bots": found, "others": len(excluded) - found},
    )


def wanted(site: ProofSite) -> float:
    """The true chance of a click on the ten best that the published model has for visitors whom it never met."""
    published = load_current(site.settings.models_folder)
    popular = [item.item_id for item in site.population.items]
    panel = judges(site.population)
    return measure_quality(None if published is None else published[1], popular, site.population, panel).model.value
