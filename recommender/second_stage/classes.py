"""Latent classes: groups of users who like the same attributes, found from what was shown and taken or passed over.

A mixture of Poisson rates (a latent class model, Goodman 1974; fitted by the EM algorithm of Dempster, Laird and Rubin
1977). In class c, item i is taken at the rate

    rate[i, c] = base[i] * own[i, c] * product over its attributes a of effect[a, c]

so that few numbers are learned for each class, and an item that nobody has touched has a rate in every class: its own
effects, of what no attribute says, are shrunken to none. A history says which classes are likely; an item's *lift* in a
class is its rate there relative to everybody's. Several runs from different beginnings are averaged, because each finds
other groups.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.sparse
from numpy.typing import NDArray

from recommender.second_stage.attributes import ItemAttributes
from recommender.second_stage.class_kernels import count_by_class, expect_classes
from recommender.second_stage.exposures import Exposures

CLASSES = 48
RUNS = 3
SWEEPS = 25
WARM_SWEEPS = 4
WIDEST_KIND = 64
"""A kind of more attributes than this has no effects of its own: there would be too little about each."""

MIN_TAKEN = 200
"""Taken pairs below which no classes are sought."""

_BEGIN, _COOLING = 2.0, 0.2  # temperature of the first sweep, and by how much it falls with each, down to 1
_SPREAD = 0.5  # of the logarithms of the effects that a run begins with
_EFFECT_PRIOR = 4.0  # takings of no effect that each effect is shrunken by
_OWN_PRIOR = 10.0  # the same for the own effect of an item
_BASE_PRIOR = 20.0  # the same for the base rate of an item
_OWN_FROM = 6  # sweep from which items have own effects: before, classes are still to part by attributes
_CLASS_PRIOR = 3.0  # users in every class from the start
_BLOCK = np.float32(1e-12)

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class EverybodysRates:
    """What everybody takes, as classes have it when they are fitted. rates float64 (items,): takings a view of each
    item. like float64 (items,): the rate of items with the same attributes, relative to the mean.
    """

    rates: Floats
    like: Floats


@dataclass(frozen=True, slots=True, eq=False)
class LatentClasses:
    """lift float32 (items, runs * classes): rate in a class relative to everybody's; log_prior float32 (runs *
    classes,): log share of users in each class of its run; effects float32 (attributes, runs * classes): log of how
    much oftener than others a class takes what has an attribute.
    """

    lift: NDArray[np.float32]
    log_prior: NDArray[np.float32]
    effects: NDArray[np.float32]
    runs: int

    @classmethod
    def none(cls, items: int, attributes: int) -> LatentClasses:
        """No classes at all, for so many items and attributes."""
        empty = (np.empty((rows, 0), np.float32) for rows in (items, attributes))
        return cls(next(empty), np.empty(0, np.float32), next(empty), 1)

    @classmethod
    def fit(
        cls,
        exposures: Exposures,
        attributes: ItemAttributes,
        *,
        seed: int = 7,
        classes: int = CLASSES,
        runs: int = RUNS,
        warm_start: LatentClasses | None = None,
    ) -> LatentClasses:
        """Classes of the users of `exposures`, in `runs` runs; none where there is too little, or no attributes.

        warm_start: classes of the same attributes, which spares most sweeps.
        """
        return fit_classes(exposures, attributes, seed=seed, classes=classes, runs=runs, warm_start=warm_start)[0]


def fit_classes(
    exposures: Exposures,
    attributes: ItemAttributes,
    *,
    seed: int = 7,
    classes: int = CLASSES,
    runs: int = RUNS,
    warm_start: LatentClasses | None = None,
) -> tuple[LatentClasses, EverybodysRates | None]:
    """`LatentClasses.fit`, and everybody's rates, the mean of the runs; None without classes."""
    size, wide = len(attributes.names), runs * classes
    sizes = np.bincount(attributes.kind_of, minlength=len(attributes.kinds))
    narrow = [kind for kind in range(len(sizes)) if 1 < sizes[kind] <= WIDEST_KIND]
    if not narrow or int(exposures.taken.sum()) < MIN_TAKEN:
        return LatentClasses.none(len(attributes.values), size), None
    kinds = [attributes.one_hot(kind) for kind in narrow]
    design = scipy.sparse.hstack(kinds, format="csr")
    members = np.concatenate([np.flatnonzero(attributes.kind_of == kind) for kind in narrow])
    warm = warm_start is not None and warm_start.runs == runs and warm_start.effects.shape == (size, wide)
    effects = np.zeros((size, wide))
    lifts, priors, rates, like = [], [], [], []
    for run in range(runs):
        part = slice(run * classes, (run + 1) * classes)
        if warm_start is not None and warm:
            begin = warm_start.effects[members, part].astype(np.float64)
        else:
            begin = _SPREAD * np.random.default_rng((seed, run)).standard_normal((len(members), classes))
        found = _Run(exposures, kinds, design, begin, WARM_SWEEPS if warm else SWEEPS, warm)
        by_class, shares = found.rates(), np.exp(found.log_prior)
        everybody = by_class @ shares
        lifts.append(by_class / everybody[:, None])
        priors.append(found.log_prior)
        rates.append(everybody)
        like.append(np.exp(design @ found.effects) @ shares)
        effects[members, part] = found.effects - (found.effects @ shares)[:, None]
    learned = LatentClasses(
        np.ascontiguousarray(np.hstack(lifts), dtype=np.float32),
        np.concatenate(priors).astype(np.float32),
        effects.astype(np.float32),
        runs,
    )
    return learned, EverybodysRates(np.mean(rates, axis=0), np.mean(like, axis=0))


class _Run:
    """One run of EM: effects float64 (attributes, classes) as logarithms, base float64 (items,)."""

    def __init__(
        self,
        exposures: Exposures,
        kinds: list[scipy.sparse.csr_matrix],
        design: scipy.sparse.csr_matrix,
        effects: Floats,
        sweeps: int,
        warm: bool,
    ) -> None:
        items, classes = design.shape[0], effects.shape[1]
        self._kinds = kinds
        self._design = design
        self.effects = effects.copy()
        self._own = np.zeros((items, classes))
        self.log_prior: Floats = np.full(classes, -np.log(classes))
        rate = max(exposures.click_rate(), 1e-6)
        shown = np.bincount(exposures.items, minlength=items)
        taken = np.bincount(exposures.items, weights=exposures.taken, minlength=items)
        self._base = (taken + 20 * rate) / (shown + 20)
        indptr = exposures.indptr()
        shares = np.empty((len(indptr) - 1, classes), np.float32)
        for sweep in range(sweeps):
            temperature = 1.0 if warm else max(1.0, _BEGIN - _COOLING * sweep)
            rates = np.maximum(self.rates().astype(np.float32), _BLOCK)
            prior = self.log_prior.astype(np.float32)
            expect_classes(
                indptr, exposures.items, exposures.taken, rates, np.log(rates), prior, np.float32(temperature), shares
            )
            by_class = shares.sum(axis=0, dtype=np.float64) + _CLASS_PRIOR
            self.log_prior = np.log(by_class / by_class.sum())
            was_shown, was_taken = (np.zeros((items, classes), np.float32) for _ in range(2))
            count_by_class(indptr, exposures.items, exposures.taken, shares, was_shown, was_taken)
            self._maximize(was_shown.astype(np.float64), was_taken.astype(np.float64), warm or sweep >= _OWN_FROM)

    def rates(self) -> Floats:
        """Rates float64 (items, classes)."""
        return self._base[:, None] * self._lifts()

    def _lifts(self) -> Floats:
        lifts: Floats = np.exp(self._design @ self.effects + self._own)
        return lifts

    def _maximize(self, shown: Floats, taken: Floats, own: bool) -> None:
        """One pass over the kinds, each shrunken towards no effect, then over own effects if `own`, and base rates."""
        start = 0
        for kind in self._kinds:
            part = slice(start, start + kind.shape[1])
            expected = kind.T @ (shown * self.rates()) / np.exp(self.effects[part])
            self.effects[part] = np.log((kind.T @ taken + _EFFECT_PRIOR) / (expected + _EFFECT_PRIOR))
            start = part.stop
        if own:
            expected = shown * self.rates() / np.exp(self._own)
            self._own = np.log((taken + _OWN_PRIOR) / (expected + _OWN_PRIOR))
        expected = (shown * self._lifts()).sum(axis=1)
        rate = max(float(taken.sum()), 1e-9) / max(float(expected.sum()), 1e-9)
        self._base = rate * (taken.sum(axis=1) + _BASE_PRIOR) / (rate * expected + _BASE_PRIOR)
