"""Users whose tastes are alike, by what their histories say; a model knows nobody, so histories come with the call."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from recommender.interactions.checks import UserId, check_count
from recommender.interactions.history import History
from recommender.model.factor_model import FactorModel


class SimilarUser(NamedTuple):
    """A user and the cosine of their vector with that of the history that was asked about, from -1 to 1."""

    user_id: UserId
    cosine: float


def similar_users(
    model: FactorModel, history: History, histories: Mapping[Any, History], k: int = 10
) -> list[SimilarUser]:
    """The k users of `histories` whose vectors have the largest cosine with that of `history`, best first, ties in the
    order of the mapping.

    Everybody is folded in, so that a call costs as many fold-ins as there are histories. A history that says nothing
    has no like and is nobody's. Raises ValueError for a k below 1 and for histories that a model refuses.
    """
    count = check_count(k)
    asked = model.fold_in(history).astype(np.float64)
    users = list(histories)
    if not users or not asked.any():
        return []
    vectors = np.stack([model.fold_in(histories[user]) for user in users]).astype(np.float64)
    norms = np.linalg.norm(vectors, axis=1)
    says_something = norms > 0
    cosines = np.where(says_something, vectors @ asked, 0.0) / np.where(says_something, norms, 1.0)
    cosines /= np.linalg.norm(asked)
    best = np.argsort(np.where(says_something, -cosines, np.inf), kind="stable")[
        : min(count, int(says_something.sum()))
    ]
    return [SimilarUser(users[place], float(cosines[place])) for place in best]
