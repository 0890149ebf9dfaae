"""A model that was trained elsewhere, on an export: checked, given a second stage, and put before the gate."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from math import inf
from pathlib import Path
from typing import Any

from app.catalog.attributes import item_attributes
from app.export import site_mark
from app.learn.candidate import Candidate, evaluate_and_publish
from app.learn.first_hour import first_hour_model
from app.learn.off_policy import with_estimates
from app.learn.stage import NEWEST_EVENTS, StageLearner
from app.learn.trial import Proposal, check_free
from app.measure.evaluation.gate import SIGNED, SignOff
from app.measure.evaluation.holdout import METRIC, build_holdout
from app.models.config import learning_settings
from app.models.current import artifact_checksum
from app.models.errors import LearnError
from app.models.lineage import adopt
from app.models.registry import Registry
from app.models.registry_rows import ModelVersion
from app.settings import Settings
from app.store import Store
from app.store.events import last_seq
from app.store.exposures import exposures_since
from app.store.interactions import interactions_of, interactions_since, placed_entries
from app.store.items import all_items
from app.store.measures.baselines import latest_baseline
from app.store.visitors import last_erasure
from app.visitors.contribution import contribution_rules, training_rows
from recommender import FactorModel, Interactions, PopularityModel

DOCUMENT, MODEL = "training.json", "model"
FORMAT, VERSION = "recommender-flywheel-training", 1
_NOBODY = "\n"  # no visitor's id


class SubmissionError(LearnError):
    """A model that was trained elsewhere cannot be judged here; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Submission:
    """A model and what it was made from. facts: ``training.json``, see docs/scale.md. erasures_since: erasures that
    came after the export it was trained on.
    """

    model: FactorModel
    facts: Mapping[str, Any]
    erasures_since: int


def read_submission(settings: Settings, store: Store, registry: Registry, folder: Path) -> Submission:
    """What a trainer elsewhere wrote to `folder`, after checking that it is whole and of this site.

    Raises SubmissionError when it is not, and when the published model has forgotten somebody whom this one has not;
    ArtifactError for a model that is damaged.
    """
    path = folder / DOCUMENT
    try:
        facts = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(facts, dict) or (facts["format"], facts["version"]) != (FORMAT, VERSION):
            raise ValueError("it is of another format")
        counts = {name: int(facts[name]) for name in ("watermark", "erasure", "curation", "rows", "users", "items")}
        if facts.get("exclusion") is not None:
            counts["exclusion"] = int(facts["exclusion"])
        facts |= counts | {"settings": dict(facts["settings"]), "seconds": dict(facts["seconds"])}
        facts["engine"] = str(facts["engine"])
    except FileNotFoundError:
        raise SubmissionError(
            f"{folder} has no {DOCUMENT}; train with `python -m recommender_spark EXPORT {folder}`"
        ) from None
    except (OSError, ValueError, KeyError, TypeError, OverflowError, RecursionError) as error:
        raise SubmissionError(f"{path} says of no training what it must ({error!r}); train again") from error
    if artifact_checksum(folder / MODEL) != facts.get("manifest_sha256"):
        raise SubmissionError(f"{folder / MODEL} is not the model that {DOCUMENT} is about; train again")
    conn = store.reader()
    if facts.get("site") != site_mark(settings) or facts["watermark"] > last_seq(conn):
        raise SubmissionError(f"{folder} was trained on another site's export; export this one and train again")
    champion, newest = registry.champion(), last_erasure(conn)
    known = 0 if champion is None else int(champion.metrics.get("erasures", 0))
    if facts["erasure"] < known:
        raise SubmissionError(
            f"version {champion.version if champion else 0} has forgotten visitors who were erased after this export; "
            "run `flask export-parquet` again, train, and submit that"
        )
    return Submission(FactorModel.load(folder / MODEL), facts, newest - facts["erasure"])


def submit(
    settings: Settings,
    store: Store,
    registry: Registry,
    submission: Submission,
    *,
    by: str,
    note: str = "",
    trial: bool = True,
    now: Callable[[], float] = time.time,
    sign_off: SignOff = SIGNED,
) -> ModelVersion:
    """Give the model a second stage if the settings ask for one, put it before the gate, and return its row.

    One that passes is put on trial beside the champion; where nothing is published yet, or without `trial`, it is
    published, as the trainer's own are. Raises VersionError when it would be put on trial while another is.
    """
    facts = submission.facts
    champion = registry.champion()
    on_trial = trial and champion is not None
    if on_trial:
        check_free(registry)
    tried = adopt(settings, facts["settings"])
    rules = contribution_rules(tried)
    conn = store.reader()
    model, stage_facts, timings = submission.model, {}, dict(facts["seconds"])
    if tried.second_stage:
        started = time.perf_counter()
        learner = StageLearner(rules, tried.seed)
        stage = learner.learn(store, _log_of_the_shown(store, tried, model), model, anew=True)
        model, stage_facts = model.with_second_stage(stage), learner.facts
        timings["second stage"] = round(time.perf_counter() - started, 4)
    candidate = Candidate(
        kind="fit",
        model=model,
        config=learning_settings(tried) | {"engine": facts["engine"]},
        popularity=PopularityModel(model.item_ids, model.popularity),
        watermark=facts["watermark"],
        rows=facts["rows"],
        users=facts["users"],
        items=facts["items"],
        erasures=facts["erasure"],
        timings=timings,
        curation=facts["curation"],
        excluded_visitors=int(facts.get("excluded_visitors", 0)),
        excluded_rows=int(facts.get("excluded_rows", 0)),
        exclusion=facts.get("exclusion"),
        second_stage=stage_facts,
    )
    said = f"trained by {facts['engine']}.{f' {note}' if note else ''}"
    return evaluate_and_publish(
        with_estimates(candidate, store, tried),
        build_holdout(
            list(interactions_since(conn, holdout=True)),
            rules,
            tried.gate_window_events,
            tried.history_length,
            tried.exam_min_history,
            tried.exam_min_cases,
        ),
        settings,
        registry,
        has_baseline=latest_baseline(conn, METRIC, "popularity") is not None,
        sign_off=sign_off,
        now=now,
        as_challenger=Proposal(by, said) if on_trial else None,
        first_model=partial(first_hour_model, store, settings),
    )


def _log_of_the_shown(store: Store, settings: Settings, model: FactorModel) -> Interactions:
    """What those did to whom the newest events showed something, with the items of `model` in its order.

    The second stage is learned from what was shown, and of that from so many events only: they bound the log.
    """
    conn = store.reader()
    visitors = {row.visitor_id for row in exposures_since(conn, 0, NEWEST_EVENTS)}
    rows = [row for of_one in interactions_of(conn, visitors).values() for row in of_one if not row.holdout]
    trains = training_rows(rows, contribution_rules(settings), placed_entries(conn, visitors))
    log = Interactions.from_rows(((_NOBODY, item_id) for item_id in model.item_ids), horizon=inf)
    log.append(row for row in trains.values() if row.item_id in model)
    log.discard(_NOBODY)
    if settings.attribute_weight:
        described = item_attributes(all_items(conn))
        log.describe({item: names for item, names in described.items() if item in model}, settings.attribute_weight)
    return log
