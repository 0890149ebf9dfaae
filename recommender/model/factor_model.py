"""The model that applications hold: immutable item factors, and everything asked of them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray

from recommender.als.fold_in import Folding
from recommender.als.fold_in_state import FoldInState
from recommender.config import ALSConfig
from recommender.errors import ArtifactError
from recommender.interactions.checks import ItemId, check_count, check_ids
from recommender.interactions.histories import histories_from_arrays
from recommender.interactions.history import NOTHING, History, resolve_history, resolve_ids
from recommender.interactions.lookups import DenseIndices, Picked, in_ascending_order
from recommender.model.answers import Contribution, Recommendation, make_recommendation
from recommender.model.batches.answers import answer_arrays, answer_many
from recommender.model.batches.ranker import BatchRanker
from recommender.model.candidates import Candidates, resolve_candidates
from recommender.model.checked_arrays import check_vectors, checked_arrays, checked_vector, frozen, own
from recommender.model.derived import Derived, along_axes
from recommender.model.explainer import Explainer
from recommender.model.neighbours import Neighbours
from recommender.model.ranker import FLOAT32, INT32, Ranked, Ranker
from recommender.model.saving.artifact import read_artifact, write_artifact
from recommender.model.saving.saved_model import DAMAGE, model_arguments, model_artifact
from recommender.model.staged_explainer import StagedExplainer
from recommender.model.staged_ranker import StagedBatch, StagedRanker
from recommender.second_stage.stage import SecondStage
from recommender.topk.batch import rank_users
from recommender.topk.index import FactorIndex, best_layout
from recommender.transitions.boosting import Boosting
from recommender.transitions.transitions import Transitions


class FactorModel:
    """Item factors of a trained ALS model. Holds no user: a user is their history, folded in at request time.

    Immutable, safe to share between threads and to use after a fork. `history` is everywhere a mapping of item id to
    weight, or a sequence of item ids; the *last* entry is the newest. Unknown item ids in it are ignored.
    """

    __slots__ = (
        "__weakref__", "_boosting", "_derived", "_finder", "_folding", "_index", "_index_of", "_item_norms",
        "_neighbours", "_vector_shape", "config", "item_factors", "item_ids", "popularity", "ranker", "second_stage",
        "staged", "transitions",
    )  # fmt: skip

    config: ALSConfig
    item_ids: tuple[ItemId, ...]
    item_factors: NDArray[np.float32]
    popularity: NDArray[np.float32]
    transitions: Transitions
    second_stage: SecondStage | None

    def __init__(
        self,
        item_ids: Iterable[ItemId],
        item_factors: NDArray[np.float32],
        popularity: NDArray[np.float32],
        config: ALSConfig,
        *,
        index: FactorIndex | None = None,
        transitions: Transitions | None = None,
        derived: Derived | None = None,
        second_stage: SecondStage | None = None,
    ) -> None:
        """item_ids in catalog order; item_factors float32 (items, factors) and popularity float32 (items,) aligned
        with it; transitions between these items, none when left out. `index` and `derived` come from an artifact.

        Item factors are turned so that their Gram matrix is diagonal, which changes no product. Those of a model are,
        and are kept as all other arrays, not copied, made read-only. ValueError for arrays that do not fit together.
        """
        self.config, self.second_stage, self._vector_shape = config, second_stage, (config.factors,)
        self.item_ids = check_ids(item_ids)
        items = len(self.item_ids)
        given, self.popularity = checked_arrays(item_factors, popularity, items, config.factors)
        self._index_of = DenseIndices(zip(self.item_ids, range(items), strict=True))
        self.item_factors, self._derived = along_axes(given, self.popularity, config.regularization, derived)
        gram, self._item_norms, popular = map(frozen, self._derived.arrays().values())
        # An artifact may come from another kind of processor, or from a version that turned nothing.
        kept = index if index and index.layout == best_layout() and self.item_factors is given else None
        self._index = kept or FactorIndex.build(self.item_factors)
        self.transitions = Transitions.empty(items) if transitions is None else transitions
        self.transitions.check(items)
        self._folding = Folding(gram, self.item_factors, config)
        self._boosting = Boosting.of(self.transitions, config, self.popularity)
        arrays = self.item_factors, self._item_norms, self.popularity, popular
        self.ranker = Ranker(self._index, *arrays, self._folding, self._boosting)
        self._neighbours = Neighbours(self.item_factors, self._item_norms, self.item_ids, self._index_of)
        self.staged = None if second_stage is None else StagedRanker.of(self.ranker, second_stage)
        self._finder = self.ranker if self.staged is None else self.staged.first  # of what a list is chosen from

    def __len__(self) -> int:
        return len(self.item_ids)

    def __contains__(self, item_id: object) -> bool:
        return item_id in self._index_of

    def __repr__(self) -> str:
        return f"FactorModel({len(self)} items, {self.config.factors} factors)"

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError("a FactorModel is not pickled: model.save(path) writes it, FactorModel.load(path) maps it")

    @property
    def index_of(self) -> Mapping[ItemId, int]:
        """Dense index of each item id."""
        return MappingProxyType(self._index_of)

    def recommend(
        self,
        history: History,
        k: int = 10,
        exclude: Collection[ItemId] | None = None,
        candidates: Collection[ItemId] | Candidates | None = None,
        *,
        repeat: bool = False,
    ) -> list[Recommendation]:
        """The k items of largest score, best first, ties in catalog order; exact.

        The score is the dot product with the folded-in history plus what usually comes next: ``|s| * (transition_weight
        * t / |t| + trend_weight * g)``, where s are the dot products of all items, t sums the transitions from the
        newest items of the history (`transition_history`), faded by transition_recency**age, and g is the trend of the
        day, of length one, which counts more where those items are out of date (`trend_doubt`).

        Items of the history are left out unless `repeat`, those in `exclude` always; `candidates` narrows the choice
        to these (ids, or what `self.candidates` prepared of them). A history that says nothing (empty, unknown or only
        unwanted items) gets the order of popularity, with popularity as score. Fewer than k when fewer are left. Raises
        ValueError for a k below 1 and for ids or weights of the wrong kind.
        """
        names, scores = self.recommend_columns(history, k, exclude, candidates, repeat=repeat)
        return list(map(make_recommendation, zip(names, scores.tolist(), strict=True)))

    def recommend_columns(
        self, history: History, k: int = 10, exclude: Collection[ItemId] | None = None,
        candidates: Collection[ItemId] | Candidates | None = None, *, repeat: bool = False,
    ) -> tuple[Picked, NDArray[np.float64]]:  # fmt: skip
        """`recommend` as ids and an array of scores, for callers who make something else of hundreds of them."""
        items, weights = resolve_history(history, self._index_of)
        excluded = resolve_ids(exclude, self._index_of, "exclude")
        chosen = resolve_candidates(candidates, self._index_of)
        hidden = in_ascending_order(excluded) if repeat else in_ascending_order(items, excluded)
        top_ids, top_scores = (self.staged or self.ranker).rank(items, weights, check_count(k), hidden, chosen)
        return Picked(self.item_ids, top_ids), top_scores

    def recommend_many(
        self,
        histories: Iterable[History],
        k: int = 10,
        exclude: Collection[ItemId] | None = None,
        candidates: Collection[ItemId] | Candidates | None = None,
        *,
        repeat: bool = False,
        threads: int = 1,
    ) -> list[list[Recommendation]]:
        """`recommend` for each history, same results as one by one at a fraction of the cost; `exclude` and
        `candidates` hold for all. `threads` share the histories among them.
        """
        batch = self._batch(k, exclude, candidates, repeat)
        return answer_many(batch, list(histories), self._index_of, self.item_ids, check_count(threads, "threads"))

    def recommend_many_arrays(
        self,
        indptr: NDArray[Any],
        items: NDArray[Any],
        weights: NDArray[Any] | None = None,
        k: int = 10,
        exclude: Collection[ItemId] | None = None,
        candidates: Collection[ItemId] | Candidates | None = None,
        *,
        repeat: bool = False,
        threads: int = 1,
    ) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
        """`recommend_many` for those who hold dense indices: a CSR of histories in, arrays out.

        The history of user n is items[indptr[n]:indptr[n + 1]], oldest first, each once, with these weights (1 when
        left out): what a SciPy CSR holds as indptr, indices and data. Dense indices are places in `item_ids`. Returns
        indices int32 and scores float64 (n, k), best first; -1 and -inf where fewer than k are left. Raises
        ValueError for arrays that are no such CSR.
        """
        batch, given = self._batch(k, exclude, candidates, repeat), (indptr, items, weights, len(self))
        return answer_arrays(batch, histories_from_arrays(*given), check_count(k), check_count(threads, "threads"))

    def candidates(self, ids: Collection[ItemId]) -> Candidates:
        """Ids to choose among, looked up and laid out for a scan of their own once: give it as `candidates` to any
        number of calls of this model. Making it costs far more than a call, and holds their factors a second time.

        Unknown ids are left out. Raises ValueError when `ids` is not a collection of ids.
        """
        return Candidates.of(ids, self._index_of, self._finder.item_factors)

    def fold_in(self, history: History) -> NDArray[np.float32]:
        """The user's vector float32 (factors,): equation 4 of Hu, Koren, Volinsky (2008) solved for this history alone.

        The newest items weigh more: a weight is multiplied by ``1 + recency_boost * recency_decay**age``, where age
        counts the newer items of the history (settings on ALSConfig). Zeros when no known item has a positive weight.
        """
        return self._folding.fold_in(*resolve_history(history, self._index_of))

    def fold_in_state(self, history: History) -> FoldInState:
        """The fold-in of a history that goes on: its `append` costs the same however long the history is."""
        return FoldInState(self._folding, self._index_of, history)

    def rank(self, user: NDArray[np.float32], k: int = 10, hidden: NDArray[np.int32] = NOTHING) -> Ranked:
        """Exact top k for a user vector float32 (factors,): dense item indices int32 and scores float64, best first.

        `hidden`, dense indices to leave out: int32 sorted ascending, unchecked, or other types in any order.
        """
        if type(user) is not np.ndarray or user.dtype is not FLOAT32 or user.shape != self._vector_shape:
            user = checked_vector(user, self._vector_shape)
        if type(hidden) is not np.ndarray or (hidden.dtype is not INT32 and hidden.dtype != INT32):
            hidden = np.sort(np.asarray(hidden, INT32))
        user, hidden = (user, hidden) if user.flags.carray and hidden.flags.carray else (own(user), own(hidden))
        size = min(check_count(k), len(self.item_ids))
        top_ids, top_scores = np.empty(size, INT32), np.empty(size)
        found = self._index.rank(user, self.item_factors, hidden, top_ids, top_scores)
        return (top_ids, top_scores) if found == size else (top_ids[:found], top_scores[:found])

    def rank_many(
        self, users: NDArray[np.float32], k: int = 10, hidden: Sequence[NDArray[np.int32]] = (), *, threads: int = 1
    ) -> list[Ranked]:
        """`rank` for each row of users float32 (n, factors), the same answers, at a fraction of the cost.

        `hidden` is empty or holds an array for each user; `threads` share the users among them.
        """
        count, workers = check_count(k), check_count(threads, "threads")
        check_vectors(users, hidden, self.config.factors)
        return rank_users(self._index, self.item_factors, users, min(count, len(self)), hidden, workers)

    def similar(self, item_id: ItemId, k: int = 10, exclude: Collection[ItemId] | None = None) -> list[Recommendation]:
        """The k items whose vectors have the largest cosine with that of `item_id`, which is left out itself.

        Items about which nothing was learned (a vector of zeros) have no neighbours and are nobody's. Raises
        ValueError for an unknown item.
        """
        return self._neighbours.similar(item_id, check_count(k), resolve_ids(exclude, self._index_of, "exclude"))

    def similar_many(
        self, item_ids: Iterable[ItemId] | None = None, k: int = 10, *, threads: int = 1
    ) -> list[list[Recommendation]]:
        """`similar` for each of these items, or for the whole catalog, the same answers at a fraction of the cost."""
        return self._neighbours.similar_many(item_ids, check_count(k), check_count(threads, "threads"))

    def similar_arrays(self, k: int = 10, *, threads: int = 1) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
        """`similar` for all items: dense indices int32 and cosines float64 (items, k), best first, then -1 and -inf."""
        return self._neighbours.lists(check_count(k), check_count(threads, "threads"))

    def explain(self, history: History, item_id: ItemId) -> list[Contribution]:
        """What each item of the history adds to the score of `item_id`, largest first; the shares add up to the score.

        Section 5 of Hu, Koren, Volinsky (2008) for the dot product, and each item's own transitions. What the trend of
        the day adds comes from no item of the history: its contribution has None as item_id. Raises
        ValueError for an unknown item.
        """
        return self.explainer(history).explain(item_id)

    def explainer(self, history: History) -> Explainer:
        """`explain` for many items of one history: what they have in common is computed once."""
        parts = history, self.item_ids, self._index_of, self._folding, self._boosting
        return Explainer(*parts) if self.second_stage is None else StagedExplainer(*parts, self.second_stage)

    def with_second_stage(self, second_stage: SecondStage | None) -> FactorModel:
        """This model with another second stage, or with none. Raises ValueError for a stage of other items."""
        kept: Any = {"index": self._index, "transitions": self.transitions, "derived": self._derived}
        arrays = self.item_ids, self.item_factors, self.popularity
        return FactorModel(*arrays, self.config, **kept, second_stage=second_stage)

    def save(self, path: Path | str) -> None:
        """Write the model as a folder `path`: manifest.json with sizes and checksums, .npy arrays, ids as JSON.

        One step: whoever loads meanwhile gets the old model or this one. A saved model or an empty folder is replaced
        (where `path` is a link, what it leads to); for anything else ArtifactError, and nothing changes.
        """
        arrays = self.item_factors, self.popularity, self.config, self._index, self.transitions, self._derived
        write_artifact(Path(path), model_artifact(self.item_ids, *arrays, self.second_stage))

    @classmethod
    def load(cls, path: Path | str, mmap: bool = True) -> FactorModel:
        """Read a model that `save` wrote, every checksum checked; `mmap` leaves the arrays on disk until they are
        touched.

        Raises ArtifactError, saying what is wrong, for anything missing, damaged or foreign.
        """
        artifact = read_artifact(path := Path(path), mmap=mmap)
        try:
            return cls(**model_arguments(artifact, path))
        except DAMAGE as error:
            raise ArtifactError(f"{path} does not hold a whole model: {error}") from error

    def _batch(self, k: int, exclude: Any, candidates: Any, repeat: bool) -> BatchRanker:
        excluded = resolve_ids(exclude, self._index_of, "exclude")
        chosen = resolve_candidates(candidates, self._index_of)
        batch = BatchRanker.of(self._finder, check_count(k), excluded, chosen, repeat)
        return batch if self.staged is None else StagedBatch.over(batch, self.staged)
