"""What a model works out from its factors once, and keeps in its artifact so that loading need not pass over them."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from recommender.als.principal_axes import axes_to_turn_to, gram_of, turn
from recommender.model.checked_arrays import LARGEST_NORM, check_sizes, frozen
from recommender.topk.index import row_norms


@dataclass(frozen=True, slots=True, eq=False)
class Derived:
    """gram float64 (factors, factors) = Y'Y; norms float64 (items,) of the rows of Y; popular int32 (items,), the items
    from the most popular down, ties in catalog order.
    """

    gram: NDArray[np.float64]
    norms: NDArray[np.float64]
    popular: NDArray[np.int32]

    @classmethod
    def of(cls, item_factors: NDArray[np.float32], popularity: NDArray[np.float32]) -> Derived:
        """Work them out from item_factors float32 (items, factors) and popularity float32 (items,)."""
        popular = np.argsort(-popularity, kind="stable").astype(np.int32)
        return cls(gram_of(item_factors), row_norms(item_factors), popular)

    @classmethod
    def known(
        cls, found: Derived | None, item_factors: NDArray[np.float32], popularity: NDArray[np.float32]
    ) -> Derived:
        """What an artifact had of it, checked; worked out where it had nothing."""
        if found is None:
            return cls.of(item_factors, popularity)
        found.check(*item_factors.shape)
        return found

    def arrays(self) -> dict[str, NDArray[np.generic]]:
        """The arrays by name, for an artifact."""
        return {field.name: getattr(self, field.name) for field in fields(self)}

    def check(self, items: int, factors: int) -> None:
        """Raise ValueError unless the arrays belong to a model of this size; kernels trust them blindly."""
        found = [(array.shape, array.dtype.str) for array in self.arrays().values()]
        if found != [((factors, factors), "<f8"), ((items,), "<f8"), ((items,), "<i4")]:
            raise ValueError(f"a model of {items} items and {factors} factors cannot have gram, norms, popular {found}")
        if not ((self.norms >= 0) & (self.norms < LARGEST_NORM)).all():
            raise ValueError(f"norms must be numbers from 0 to {LARGEST_NORM:g}")
        total = float((self.norms**2).sum())
        if not (np.abs(self.gram) <= 1.000001 * total).all() or not np.isclose(np.trace(self.gram), total, rtol=1e-6):
            raise ValueError("gram and norms must be of the same item factors")
        if np.linalg.eigvalsh(self.gram)[:1].sum() < -1e-6 * total or not np.allclose(self.gram, self.gram.T):
            raise ValueError("gram must be a symmetric matrix without negative eigenvalues")
        if not np.array_equal(np.sort(self.popular), np.arange(items)):
            raise ValueError("the order of popularity must name every item once")


def along_axes(
    item_factors: NDArray[np.float32], popularity: NDArray[np.float32], regularization: float, derived: Derived | None
) -> tuple[NDArray[np.float32], Derived]:
    """Item factors along the axes on which their Gram matrix is diagonal, and what follows from them: themselves where
    they lie along these, or cannot be turned (see `principal_axes`), else a copy. `derived` is what an artifact had of
    them. Raises ValueError for factors that float32 scores do not survive.
    """
    known = Derived.known(derived, item_factors, popularity)
    check_sizes(item_factors, known.norms)
    axes = axes_to_turn_to(known.gram, regularization)
    if axes is None:
        return item_factors, known
    turned = frozen(turn(item_factors, axes))
    return turned, Derived.of(turned, popularity)


NAMES = tuple(field.name for field in fields(Derived))
