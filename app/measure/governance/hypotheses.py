"""Hypotheses: “model X trained on data Y gives metric >= Z”, judged by what is measured, never deleted."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.measure.evaluation.holdout import BENT, BENT_METRIC, METRIC
from app.measure.evaluation.portfolio import PORTFOLIO_MODELS, Portfolio
from app.store.measures.hypotheses import Claim, Judgement
from app.values.interval import Interval
from recommender.evaluation import paired_interval

FIRST_HYPOTHESES_FILE = Path(__file__).resolve().parents[2] / "hypotheses.toml"
FILM_HYPOTHESES_FILE = FIRST_HYPOTHESES_FILE.with_name("hypotheses_films.toml")
"""What is claimed of a site of templates, and of one of films."""

SITE = "site"
SITE_EVENTS = "site events"
CLICK_THROUGH = "click-through over control"
AUDIENCES: Mapping[str, str] = {"real visitors": "real", "simulated visitors": "simulated"}
"""Data of a click-through claim, and the origin that it means."""

_OVER = re.compile(rf"{re.escape(METRIC)} over (?P<model>[a-z-]+)")
_DAY_S = 86_400.0
_SEED = 7


class ClaimError(ValueError):
    """A claim cannot be judged by anything that is measured here; the message says why and what could be."""


@dataclass(frozen=True, slots=True)
class ClaimMeasurement:
    """What claims are judged by. portfolio: a run on the site's events, None when there was too little to make one.

    lifts: by origin, the share by which treatment's click-through is above control's, with its always-valid interval.
    """

    portfolio: Portfolio | None
    lifts: Mapping[str, Interval]


def check_claim(claim: Claim) -> Claim:
    """The claim, if it can be judged. Raises ClaimError otherwise."""
    if not claim.statement.strip():
        raise ClaimError("statement is empty; say in a sentence what you expect")
    if claim.deadline <= claim.filed_at:
        raise ClaimError("the date must lie ahead: a claim is filed before there is evidence")
    if claim.metric == CLICK_THROUGH:
        if claim.model != SITE or claim.data not in AUDIENCES:
            raise ClaimError(
                f"metric {CLICK_THROUGH!r} is of model {SITE!r} on data {' or '.join(map(repr, AUDIENCES))}; "
                f"got model {claim.model!r} on data {claim.data!r}"
            )
        return claim
    published = _OVER.fullmatch(claim.metric)
    if claim.metric != METRIC and published is None:
        raise ClaimError(f"metric {claim.metric!r} is not one of {METRIC!r}, '{METRIC} over MODEL', {CLICK_THROUGH!r}")
    for model in (claim.model, *([published["model"]] if published else [])):
        if model not in PORTFOLIO_MODELS:
            raise ClaimError(f"model {model!r} is not in the portfolio; it has {', '.join(PORTFOLIO_MODELS)}")
    if claim.data != SITE_EVENTS:
        raise ClaimError(f"data {claim.data!r} must be {SITE_EVENTS!r} for this metric")
    return claim


def first_claims(filed_at: float, path: Path = FIRST_HYPOTHESES_FILE) -> list[Claim]:
    """The claims that a new site starts with. filed_at: Unix seconds. Raises ClaimError, naming the claim."""
    stated: list[dict[str, Any]] = tomllib.loads(path.read_text(encoding="utf-8"))["hypotheses"]
    return [
        check_claim(
            Claim(
                filed_at=filed_at,
                filed_by="the catalog's first hypotheses",
                statement=row["statement"],
                model=row["model"],
                data=row["data"],
                metric=row["metric"],
                threshold=float(row["threshold"]),
                deadline=filed_at + row["within_days"] * _DAY_S,
                max_train_s=row.get("max_train_s"),
            )
        )
        for row in stated
    ]


def judge_claim(claim: Claim, measured: ClaimMeasurement, now: float) -> Judgement:
    """Judge one claim. now: Unix seconds.

    It holds when the whole 95 % interval reaches the threshold and the model cost no more than allowed; it fails when
    the whole interval stays below, when it cost too much, or when its date has passed without proof; else it is open.
    """
    found = _measure(claim, measured)
    if found is None:
        why = "nothing was measured yet that it could be judged by"
        if claim.metric.startswith(BENT_METRIC):
            why = f"{BENT_METRIC} on pages that rankings had filled is {BENT}, and no longer measured"
        return _unproven(claim, now, None, None, why, {})
    figure, train_s, evidence = found
    # How much better than something else is a share of what the other has.
    tell = "{:.4f}".format if claim.metric == METRIC else "{:+.0%}".format
    low, value, high = map(tell, (figure.low, figure.value, figure.high))
    said = f"{claim.metric} {value}, {low} to {high}; claimed was {tell(claim.threshold)}"
    if claim.max_train_s is not None and train_s is not None and train_s > claim.max_train_s:
        note = f"It took {train_s:.1f} s to train and was to take {claim.max_train_s:g} s at most. {said}."
        return Judgement(now, "fails", figure.value, figure.low, figure.high, train_s, note, evidence)
    if figure.low >= claim.threshold:
        note = f"Shown: {said}."
        return Judgement(now, "holds", figure.value, figure.low, figure.high, train_s, note, evidence)
    if figure.high < claim.threshold:
        note = f"Refuted: {said}."
        return Judgement(now, "fails", figure.value, figure.low, figure.high, train_s, note, evidence)
    return _unproven(claim, now, figure, train_s, said, evidence)


def _unproven(
    claim: Claim, now: float, figure: Interval | None, train_s: float | None, said: str, evidence: Mapping[str, Any]
) -> Judgement:
    value, low, high = (None, None, None) if figure is None else (figure.value, figure.low, figure.high)
    if now > claim.deadline:
        return Judgement(now, "fails", value, low, high, train_s, f"Not shown by its date: {said}.", evidence)
    return Judgement(now, "open", value, low, high, train_s, f"Not settled: {said}.", evidence)


def _measure(claim: Claim, measured: ClaimMeasurement) -> tuple[Interval, float | None, dict[str, Any]] | None:
    if claim.metric == CLICK_THROUGH:
        origin = AUDIENCES[claim.data]
        lift = measured.lifts.get(origin)
        return None if lift is None else (lift, None, {"origin": origin, "interval": "always valid"})
    portfolio = measured.portfolio
    if portfolio is None or claim.metric.startswith(BENT_METRIC):
        return None
    row = portfolio.row(claim.model)
    evidence = {
        "watermark": row.watermark,
        "rows": row.rows,
        "cases": row.cases,
        "visitors": row.visitors,
        "origin": row.origin,
        "measured_at": row.measured_at,
    }
    published = _OVER.fullmatch(claim.metric)
    if published is None:
        return row.interval, row.train_s, evidence
    base = portfolio.values[published["model"]]
    mean = float(base.mean())
    if mean == 0.0:
        return None
    gain = paired_interval(portfolio.values[claim.model], base, groups=portfolio.visitors, seed=_SEED)
    evidence |= {published["model"]: mean, claim.model: row.value}
    return Interval(gain.mean / mean, gain.low / mean, gain.high / mean), row.train_s, evidence
