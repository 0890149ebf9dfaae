"""The last acts of the proof: what is planted in the learning itself, and who finds it."""

from __future__ import annotations

import time
from collections.abc import Iterator

from app.learn.candidate import Candidate, evaluate_and_publish
from app.measure.evaluation.evidence import Evidence, read_evidence
from app.models.current import load_current
from app.models.lineage import adopt
from app.models.registry_rows import ModelVersion
from benchmarks.proof.finding import Finding
from benchmarks.proof.plants import DECAY, plant_echo, plant_position_effect, poisoned_stage
from benchmarks.proof.site import ProofSite
from recommender import FactorModel, Interactions, PopularityModel
from recommender.evaluation import paired_interval

WITHIN = 0.1
"""A planted effect of positions counts as recovered when every place is within this share of it."""


def learning_acts(site: ProofSite) -> Iterator[Finding]:
    """An echo, an effect of positions and a poisoned second stage; the site's trainer may go on meanwhile."""
    evidence = read_evidence(site.flywheel.store, site.settings)
    yield echo_is_caught(site, evidence)
    yield position_effect_is_recovered(site)
    yield poisoned_stage_is_refused(site, evidence)


def echo_is_caught(site: ProofSite, evidence: Evidence) -> Finding:
    """A model that learned from its own slates alone wins the exam that these set, and not the one that is in force."""
    echo = plant_echo(site.population, site.seed)
    popularity = _popularity(evidence)
    visitors = [case.user_id for case in echo.own.cases]
    own = paired_interval(echo.own.examine(echo.model), echo.own.examine(popularity), visitors, seed=site.seed)
    version = _judged(site, evidence, echo.model, echo.rows)
    over = version.metrics.get("over_popularity") or {}
    seen = (
        f"on {len(visitors)} choices from its own slates {own.mean:+.3f} over popularity ({own.low:+.3f} to "
        f"{own.high:+.3f}); in the exam, version {version.version}: {version.verdict}"
    )
    caught = version.state == "refused" and bool(over) and over["low"] <= 0
    return Finding(
        "a planted echo gains on its own slates and nothing in the exam",
        own.low > 0 and caught,
        seen,
        {"own": {"mean": own.mean, "low": own.low, "high": own.high}, "exam": over},
    )


def position_effect_is_recovered(site: ProofSite) -> Finding:
    """Lower entries are overlooked by a known share; the second stage's regression finds it."""
    found = plant_position_effect(site.population, site.seed)
    seen = ", ".join(
        f"{learned:.2f} ({planted:.2f})" for planted, learned in zip(found.planted, found.learned, strict=True)
    )
    return Finding(
        "a planted effect of positions is recovered within 10 %",
        found.largest_error <= WITHIN,
        f"odds of a click by place, learned (planted: looked at with 1 / (1 + {DECAY} (position - 1))): {seen}; "
        f"largest error {found.largest_error:.1%}, {found.clicks:,} clicks",
        {"planted": found.planted.tolist(), "learned": found.learned.tolist()},
    )


def poisoned_stage_is_refused(site: ProofSite, evidence: Evidence) -> Finding:
    """The champion's factors under an order that was learned from a reversed log do not pass the gate."""
    claim = "a poisoned second stage is refused"
    published = load_current(site.settings.models_folder)
    if published is None:
        return Finding(claim, False, "nothing is published that could be poisoned", {})
    model = poisoned_stage(published[1], evidence, site.flywheel.store, site.seed)
    version = _judged(site, evidence, model, len(evidence.rows))
    return Finding(
        claim,
        version.state == "refused",
        f"version {version.version}, the factors of version {published[0].version}: {version.verdict}",
        {"over_champion": version.metrics.get("over_champion")},
    )


def _judged(site: ProofSite, evidence: Evidence, model: FactorModel, rows: int) -> ModelVersion:
    """Take a planted model through the site's own gate, as if the trainer had made it."""
    champion = site.registry.champion()
    assert champion is not None
    newest = site.versions()[-1]
    candidate = Candidate(
        kind="fit",
        model=model,
        config=champion.config,
        popularity=_popularity(evidence),
        watermark=evidence.watermark,
        rows=rows,
        users=newest.users,
        items=newest.items,
        erasures=0,
        timings={},
    )
    return evaluate_and_publish(
        candidate,
        evidence.holdout,
        adopt(site.settings, champion.config),
        site.registry,
        has_baseline=True,
        now=time.time,
    )


def _popularity(evidence: Evidence) -> PopularityModel:
    return PopularityModel.from_interactions(Interactions.from_rows(evidence.rows.values()))
