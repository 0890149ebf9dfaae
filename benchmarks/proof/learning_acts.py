"""The last acts of the proof: what is planted in the learning itself, and who finds it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import asdict

from app.learn.candidate import Candidate, evaluate_and_publish
from app.measure.evaluation.evidence import Evidence, read_evidence
from app.measure.evaluation.holdout import Holdout
from app.models.current import load_current
from app.models.lineage import adopt
from app.models.registry_rows import ModelVersion
from benchmarks.proof.finding import Finding
from benchmarks.proof.plants import DECAY, plant_echo, plant_position_effect, poisoned_stage
from benchmarks.proof.site import ProofSite
from benchmarks.statistics.exam import neutral_holdout
from recommender import FactorModel, Interactions, PopularityModel, Recommender
from recommender.evaluation import Interval, paired_interval

BY_LOT_VISITORS = 800
GROWTH_VISITORS = 2_500
"""So many more, as two models of one site differ less than a model and an order for everybody."""
WITHIN = 0.1
"""A planted effect of positions counts as recovered when every place is within this share of it."""


def learning_acts(site: ProofSite) -> Iterator[Finding]:
    """An echo, an effect of positions and a poisoned second stage; the site's trainer may go on meanwhile."""
    evidence = read_evidence(site.flywheel.store, site.settings)
    yield echo_is_caught(site, evidence)
    yield position_effect_is_recovered(site)
    yield poisoned_stage_is_refused(site, evidence)


def model_has_grown(site: ProofSite, first: FactorModel | None) -> Finding:
    """What growth and the trial made of the first model is better than it, on the same choices.

    Readings of the growth curve are of different choices: the first model was judged by the visitors of the seed, later
    ones by the newest from pages drawn by lot. Here both rank for visitors whom neither met, of pages drawn by lot.
    """
    claim = "the model of the end beats the first one"
    published = load_current(site.settings.models_folder)
    if published is None or first is None:
        return Finding(claim, False, "nothing is published", {})
    evidence = read_evidence(site.flywheel.store, site.settings)
    exam = _by_lot(site, _popularity(evidence), GROWTH_VISITORS)
    gained = _over(exam, published[1], first, site.seed)
    seen = (
        f"{_signed(gained)} over the first model on {len(exam.cases):,} choices from pages drawn by lot, with version "
        f"{published[0].version} after {evidence.watermark:,} events"
    )
    return Finding(claim, gained.low > 0, seen, {"over_first": asdict(gained), "cases": len(exam.cases)})


def echo_is_caught(site: ProofSite, evidence: Evidence) -> Finding:
    """A model that learned from its own slates alone wins the exam that these set, and no exam that others do.

    The site's own holdout may hold few choices from pages drawn by lot; as many again as are needed are simulated.
    """
    echo, popularity = plant_echo(site.population, site.seed), _popularity(evidence)
    by_lot = _by_lot(site, popularity, BY_LOT_VISITORS)
    own, neutral = (_over(exam, echo.model, popularity, site.seed) for exam in (echo.own, by_lot))
    version = _judged(site, evidence, echo.model, echo.rows)
    seen = (
        f"over popularity {_signed(own)} on {len(echo.own.cases)} choices from its own slates, {_signed(neutral)} on "
        f"{len(by_lot.cases):,} from pages drawn by lot; version {version.version}: {version.verdict}"
    )
    return Finding(
        "a planted echo gains on its own slates, nothing by lot, and is refused",
        own.low > 0 and neutral.low <= 0 and version.state == "refused",
        seen,
        {"own": asdict(own), "by lot": asdict(neutral)},
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
    """The champion's factors under an order that is turned round do not pass the gate."""
    claim = "a poisoned second stage is refused"
    published = load_current(site.settings.models_folder)
    if published is None:
        return Finding(claim, False, "nothing is published that could be poisoned", {})
    model = poisoned_stage(published[1], site.population.items)
    version = _judged(site, evidence, model, len(evidence.rows))
    return Finding(
        claim,
        version.state == "refused",
        f"version {version.version}: {version.verdict}",
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


def _by_lot(site: ProofSite, popularity: Recommender, visitors: int) -> Holdout:
    """The exam that so many simulated visitors set who are shown pages drawn by lot."""
    order = [str(hit.item_id) for hit in popularity.recommend((), k=len(site.population.items))]
    return neutral_holdout(site.population, order, site.settings, visitors)[0]


def _over(exam: Holdout, model: Recommender, other: Recommender, seed: int) -> Interval:
    visitors = [case.user_id for case in exam.cases]
    return paired_interval(exam.examine(model), exam.examine(other), visitors, seed=seed)


def _signed(interval: Interval) -> str:
    return f"{interval.mean:+.4f} ({interval.low:+.4f} to {interval.high:+.4f})"


def _popularity(evidence: Evidence) -> PopularityModel:
    return PopularityModel.from_interactions(Interactions.from_rows(evidence.rows.values()))
