"""What a search tries, step by step: few settings, each with a reason, in the order in which they matter most."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from recommender.config import ALSConfig
from recommender.tuning.profile import HALF_LIVES, LogProfile
from recommender.tuning.rules import TOGETHER


@dataclass(frozen=True, slots=True)
class Step:
    """One question of a search. `propose` makes the settings to try of the best so far; `more` says which of them have
    a part more than those, which has to be proved.
    """

    question: str
    propose: Callable[[ALSConfig], Sequence[ALSConfig]]
    more: Callable[[ALSConfig, ALSConfig], bool] = lambda best, tried: False


def steps_for(profile: LogProfile) -> list[Step]:
    """The steps of a search for a log that looks like this."""
    if not profile.order_carries:
        return _without_order()
    return [*(_ageing(profile) if profile.half_life else []), *_with_order(profile)]


def _each(name: str, *values: Any) -> Callable[[ALSConfig], Sequence[ALSConfig]]:
    """Propose each of these values of one setting."""
    return lambda best: [replace(best, **{name: value}) for value in values]


def _times(name: str, *factors: float) -> Callable[[ALSConfig], Sequence[ALSConfig]]:
    """Propose multiples of one setting."""

    def propose(best: ALSConfig) -> Sequence[ALSConfig]:
        changes: list[dict[str, Any]] = [{name: _rounded(getattr(best, name) * by)} for by in factors]
        return [replace(best, **change) for change in changes]

    return propose


def _rounded(value: float) -> float:
    """Three digits: enough for a setting, and pleasant to read."""
    return float(f"{value:.3g}")


def _wider(best: ALSConfig, tried: ALSConfig) -> bool:
    return tried.factors > best.factors


def _trend_added(best: ALSConfig, tried: ALSConfig) -> bool:
    return tried.trend_weight > 0 and not best.trend_weight


def _confidence(best: ALSConfig) -> Sequence[ALSConfig]:
    """Confidence and regularization together, since the one goes with the other, and both ways to regularize."""
    unit = best.regularization / best.alpha
    ways = ((1.0, 0.25), (1.0, 1.0), (1.0, 4.0), (0.0, 0.7), (0.0, 3.0))
    return [
        replace(best, alpha=alpha, regularization=_rounded(unit * alpha * share), regularization_exponent=exponent)
        for alpha in (_rounded(best.alpha / 4.0), best.alpha, _rounded(best.alpha * 4.0))
        for exponent, share in ways
    ]


def _without_order() -> list[Step]:
    return [
        Step("how much a row says, and how smooth tastes are", _confidence),
        Step("how much what goes together counts beside taste", _each("transition_weight", 0.0, 0.12, 0.25, 0.5, 1.0)),
        Step(
            "how many vectors' numbers",
            lambda best: [replace(best, factors=best.factors * 2), replace(best, factors=best.factors * 4)],
            _wider,
        ),
        Step("how much what goes together counts, once more", _times("transition_weight", 0.5, 0.7, 1.4)),
        Step("smoother or less", _times("regularization", 0.5, 0.7, 1.4, 2.0)),
        Step("a row says more or less", _times("alpha", 0.5, 2.0)),
        Step("smoother or less, once more", _times("regularization", 0.6, 1.6)),
        Step("how soon what goes together is believed", _each("transition_shrinkage", 3.0, 30.0)),
        Step("how much the unusual is favoured", _each("transition_damping", 0.3, 0.4, 0.6)),
        Step("whether popularity is a part of it", _each("trend_weight", 0.1, 0.3), _trend_added),
    ]


def _with_order(profile: LogProfile) -> list[Step]:
    blend = (0.35, 0.5, 0.8, 1.0) if not profile.half_life else (1.5, 3.0, 9.0)
    steps = [
        Step("how much what comes next counts beside taste", _each("transition_weight", *blend)),
        Step("how much what comes before counts beside what comes next", _each("transition_backward", 0.0, 0.25, 1.0)),
        Step("how soon what comes next is believed", _each("transition_shrinkage", 30.0, 300.0, 1000.0)),
        Step("how much the unusual is favoured", _each("transition_damping", 0.0, 0.15, 0.5)),
        Step("how many next items are kept", _each("transition_neighbours", 100, 400, 1000)),
        Step("how far back something led to the next", _each("transition_window", 3, 20)),
        Step("how fast the newest of a history fades", _each("transition_recency", 0.5, 0.9)),
        Step("how much the newest counts in taste", lambda best: [
            replace(best, recency_boost=boost, recency_decay=decay)
            for boost, decay in ((0.0, 0.7), (5.0, 0.7), (20.0, 0.85), (50.0, 0.7), (50.0, 0.85))
        ]),
        Step("smoother or less", _times("regularization", 0.4, 2.5)),
        Step("a row says more or less", lambda best: [
            replace(best, alpha=best.alpha * by, regularization=best.regularization * by) for by in (0.5, 2.0, 5.0)
        ]),
        Step("how many vectors' numbers", lambda best: [replace(best, factors=best.factors * 2)], _wider),
    ]  # fmt: skip
    if not profile.half_life:
        steps.append(Step("whether popularity is a part of it", _each("trend_weight", 0.03, 0.1, 0.3), _trend_added))
        steps.append(Step("whether both ways count", lambda best: [
            replace(best, **TOGETHER | {"transition_ordered": False, "transition_weight": best.transition_weight})
        ]))  # fmt: skip
    return steps


def _ageing(profile: LogProfile) -> list[Step]:
    near = [half_life for half_life in HALF_LIVES if 0.2 <= half_life / profile.half_life <= 6.0]
    return [
        Step("how fast the trend of the day fades", _each("trend_half_life", *near)),
        Step("how much the trend counts", _each("trend_weight", 0.5, 3.0, 6.0)),
        Step("how much of a history is doubted", _each("trend_doubt", 0.0, 3.0, 30.0)),
        Step("how fast what is old fades", _each("half_life", 0.0, 6 * 3600.0, 24 * 3600.0, 72 * 3600.0)),
    ]
