"""The gate: whether a candidate model may be published, by what the newest clicks of the holdout say.

Against popularity the burden of proof is on the first model: the site must surely be better off with one. Where pages
are ranked by a model of the first hour already, which nobody could judge, a candidate that is no worse than that one
replaces it as a later model replaces the champion: to ask for more would keep the lesser model, and in a benchmark did
so for 600,000 events. Whoever comes after must be better on average: an exam of a few hundred choices proves little,
the experiment goes on all the while, and a site that waited for proof again at every update would stand still. Against
the champion the burden is on whoever says that the candidate is worse: it knows more, and a few dozen holdout visitors
cannot prove that a model as good as the champion is not 2 % worse. Following the seed history from 2,000 rows on, that
proof was missing for 26 of 27 candidates a hundred rows apart (18 of 21 at four hundred), though the last was half as
good again as the first. Asking for proof of a loss, or for a mean short by 2 %, lets 11 (17) through, the newest among
them, and still refuses what poisoned data does to a model.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.measure.evaluation.holdout import METRIC, MIN_CASES, MIN_VISITORS, NEUTRAL, Holdout
from recommender import Recommender
from recommender.evaluation import Interval, paired_interval

K = 10
"""Length of the list that one answer is timed with, and that a page shows."""

NO_BASELINE = "no-baseline"
UNSIGNED = "unsigned"
SMALL_HOLDOUT = "small-holdout"
WORSE = "worse"
GOOD = "good"

PROBABLY = 0.8
"""Confidence of the two-sided interval that must leave out zero before a mean that is short counts: nine in ten."""


@dataclass(frozen=True, slots=True)
class GateVerdict:
    """What the gate decided.

    reason: ``good``; ``worse``: measured and found wanting; ``small-holdout``, ``no-baseline``: not measured;
    ``unsigned``: the use case is not signed as it stands.
    sentence: the decision in words, with its figures.
    metrics: metric, reason, cases, visitors and, when measured, the intervals {mean, low, high} of candidate, champion
    (None without one) and popularity, and of the paired differences over_champion and over_popularity.
    """

    passed: bool
    reason: str
    sentence: str
    metrics: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class SignOff:
    """Whether the use case is signed. problem: why it is not, as a sentence. forced: why it may be published anyway."""

    problem: str | None = None
    forced: str | None = None

    @property
    def forbids(self) -> bool:
        """Whether nothing may be published."""
        return self.problem is not None and not self.forced


SIGNED = SignOff()


@dataclass(frozen=True, slots=True)
class PublishedModel:
    """The champion that a candidate is measured against.

    tainted: it learned from visitors who are excluded since.
    """

    version: int
    model: Recommender
    tainted: bool = False


def judge(
    candidate: Recommender,
    champion: PublishedModel | None,
    popularity: Recommender,
    holdout: Holdout,
    *,
    has_baseline: bool,
    margin: float,
    seed: int,
    sign_off: SignOff = SIGNED,
    first_model: Callable[[], Recommender | None] = lambda: None,
) -> GateVerdict:
    """Decide about a candidate. All models rank all items for the same cases; 95 % intervals are paired, over visitors.

    first_model: what ranks pages while nothing is published, made only where it is needed.

    A candidate passes when it beats popularity (lower bound of the difference above 0; where there is a champion, or on
    pages drawn by lot a first model, the mean) and does not lose to that one: neither surely (upper bound of the
    difference below 0), nor probably (upper bound at `PROBABLY` below 0) and in the mean by more than `margin` times
    its mean. Where the cases are not from pages drawn by lot they grow no further, and whoever learns from newer
    visitors loses a little of them: there the margin alone decides. A tainted champion is shown and sets no standard:
    what it learned from the excluded has to go. Without a signed use case, a stored baseline, or a holdout large enough
    to tell models apart, nothing passes. A use case that was forced is judged as a signed one, and the verdict keeps
    why.
    """
    if sign_off.forbids:
        return _unmeasured(UNSIGNED, str(sign_off.problem).removesuffix("."), holdout)
    if not has_baseline:
        return _unmeasured(NO_BASELINE, "no baseline was measured for this data; run `flask baseline`", holdout)
    if not holdout.can_judge:
        return _unmeasured(
            SMALL_HOLDOUT,
            f"not enough holdout clicks: {len(holdout.cases)} cases of {holdout.visitors} visitors, "
            f"needed are {MIN_CASES} of {MIN_VISITORS}",
            holdout,
        )
    visitors = [case.user_id for case in holdout.cases]

    def interval(a: NDArray[np.float64], b: NDArray[np.float64], confidence: float = 0.95) -> Interval:
        return paired_interval(a, b, groups=visitors, confidence=confidence, seed=seed)

    own = holdout.examine(candidate)
    popular = holdout.examine(popularity)
    nothing = np.zeros(len(own))
    over_popularity = interval(own, popular)
    metrics: dict[str, Any] = {
        "metric": METRIC,
        "basis": holdout.basis,
        "cases": len(holdout.cases),
        "visitors": holdout.visitors,
        "candidate": asdict(interval(own, nothing)),
        "champion": None,
        "popularity": asdict(interval(popular, nothing)),
        "over_champion": None,
        "over_popularity": asdict(over_popularity),
    }
    found = f"{METRIC} {own.mean():.4f}, popularity {popular.mean():.4f} (difference {_signed(over_popularity)})"
    reasons, standing, name, key = [], None, "the first model", "first_model"
    if champion is not None:
        standing, name, key = champion.model, f"version {champion.version}", "champion"
    elif over_popularity.low <= 0 and holdout.basis == NEUTRAL:
        standing = first_model()
    if standing is None and over_popularity.low <= 0:
        reasons.append("it does not surely beat popularity")
    elif over_popularity.mean <= 0:
        reasons.append("it does not beat popularity")
    if standing is not None:
        gains = holdout.examine(standing)
        over = interval(own, gains)
        metrics |= {key: asdict(interval(gains, nothing)), f"over_{key}": asdict(over)}
        found += f", {name} {gains.mean():.4f} (difference {_signed(over)})"
        allowed = margin * float(gains.mean())
        short = over.mean < -allowed
        if champion is not None and champion.tainted:
            found += ", which learned from visitors who are excluded since and sets no standard"
        elif over.high < 0 and (short or holdout.basis == NEUTRAL):
            reasons.append(f"it is surely worse than {name}")
        elif short and (holdout.basis != NEUTRAL or interval(own, gains, PROBABLY).high < 0):
            reasons.append(f"it is worse than {name} by more than the {allowed:.4f} allowed")
    found += f"; {len(holdout.cases)} cases of {holdout.visitors} holdout visitors, {holdout.source}."
    passed = not reasons
    sentence = f"Passed: {found}" if passed else f"Refused, because {' and '.join(reasons)}: {found}"
    reason = GOOD if passed else WORSE
    if sign_off.problem:
        metrics["forced_unsigned"] = {"problem": sign_off.problem, "reason": sign_off.forced}
        sentence += f" Judged though the use case is not signed, because: {sign_off.forced}."
    return GateVerdict(passed, reason, sentence, metrics | {"reason": reason})


def _unmeasured(reason: str, why: str, holdout: Holdout) -> GateVerdict:
    metrics = {"metric": METRIC, "reason": reason, "cases": len(holdout.cases), "visitors": holdout.visitors}
    return GateVerdict(False, reason, f"Refused: {why}.", metrics)


def _signed(interval: Interval) -> str:
    return f"{interval.mean:+.4f}, {interval.low:+.4f} to {interval.high:+.4f}"
