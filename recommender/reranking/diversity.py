"""A list that trades score for variety: maximal marginal relevance over the best candidates of a model."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from recommender.interactions.checks import check_count, check_number
from recommender.model.answers import Recommendation
from recommender.model.factor_model import FactorModel


def marginal_relevance(
    scores: NDArray[np.float64], vectors: NDArray[np.float32], k: int, diversity: float
) -> NDArray[np.intp]:
    """Places of at most k candidates, chosen one after the other by (1 - diversity) * relevance - diversity * likeness.

    Carbonell and Goldstein, "The Use of MMR, Diversity-Based Reranking for Reordering Documents and Producing
    Summaries" (1998). scores float64 (n,), best first; relevance is the score relative to the range of all of them, 1
    for the best and 0 for the last; likeness is the largest cosine of the candidate's vector, float32 (n, factors), to
    one chosen before, at least 0. Ties go to the earlier candidate. Costs n * k products of vectors.
    """
    count = min(check_count(k), len(scores))
    share = check_number(diversity, "diversity", 0.0, 1.0)
    if not count:
        return np.empty(0, dtype=np.intp)
    norms = np.linalg.norm(vectors, axis=1)
    unit = vectors / np.where(norms > 0, norms, 1.0)[:, None]
    span = float(scores.max() - scores.min())
    relevance = (scores - scores.min()) / span if span > 0 else np.ones(len(scores))
    likeness, left = np.zeros(len(scores)), np.ones(len(scores), dtype=np.bool_)
    chosen = np.empty(count, dtype=np.intp)
    for place in range(count):
        value = np.where(left, (1.0 - share) * relevance - share * likeness, -np.inf)
        best = int(value.argmax())
        chosen[place], left[best] = best, False
        likeness = np.maximum(likeness, unit @ unit[best])
    return chosen


def diversify(
    model: FactorModel, ranked: list[Recommendation], k: int = 10, diversity: float = 0.3
) -> list[Recommendation]:
    """The k of `ranked` that are good and unlike each other, in the order in which `marginal_relevance` chooses them.

    ranked: more of the model's own recommendations than are wanted, say ten times k, best first; they keep their
    scores. diversity 0 gives the first k of them, 1 looks at likeness alone. Raises ValueError for an item that the
    model does not know, a k below 1 and a diversity outside 0 to 1.
    """
    index_of = model.index_of
    unknown = next((hit.item_id for hit in ranked if hit.item_id not in index_of), None)
    if unknown is not None:
        raise ValueError(f"item {unknown!r} is not in the model; give what this model recommended")
    places = np.array([index_of[hit.item_id] for hit in ranked], dtype=np.intp)
    scores = np.array([hit.score for hit in ranked], dtype=np.float64)
    return [ranked[place] for place in marginal_relevance(scores, model.item_factors[places], k, diversity)]
