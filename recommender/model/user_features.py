"""What is known of people beside their histories: country, age, plan; for those who have no history yet."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recommender.interactions.checks import check_count, check_number
from recommender.interactions.history import History, resolve_history
from recommender.model.answers import Recommendation
from recommender.model.factor_model import FactorModel


class UserFeatures:
    """Vectors of users' features, learned from users whose histories are known, and rankings for those with few.

    A user's vector is taken for the mean of all users plus a vector for each feature, by ridge regression on folded-in
    histories (the attribute-to-feature map of Gantner, Drumond, Freudenthaler, Rendle, Schmidt-Thieme, "Learning
    Attribute-to-Feature Mappings for Cold-Start Recommendations", 2010). With a history of n items the vector is
    the mean of what the history says, n times, and of what the features say, `trust` times. Holds nobody's history.
    """

    def __init__(
        self,
        model: FactorModel,
        features: Mapping[Any, Iterable[str]],
        histories: Mapping[Any, History],
        *,
        damping: float = 10.0,
        trust: float = 2.0,
    ) -> None:
        """features: names such as "age=20s" by user id; histories by user id, of the users to learn from (those in
        both). damping: users of a feature at which its vector is believed by half. trust: items that the features are
        worth. Raises ValueError when no user is in both with a history that says something, for features that are no
        list of texts, and for numbers below zero.
        """
        self.model = model
        damping = check_number(damping, "damping", 1e-6, 1e9)
        self.trust = check_number(trust, "trust", 0.0, 1e9)
        known = {user: _names(user, names) for user, names in features.items() if user in histories}
        vectors = {user: model.fold_in(histories[user]) for user in known}
        users = [user for user, vector in vectors.items() if vector.any()]
        if not users:
            raise ValueError("features and histories have no user in common whose history says something")
        self._number = {name: n for n, name in enumerate(dict.fromkeys(name for user in users for name in known[user]))}
        matrix = np.zeros((len(users), len(self._number)))
        for row, user in enumerate(users):
            matrix[row, [self._number[name] for name in known[user]]] = 1.0
        targets = np.stack([vectors[user] for user in users]).astype(np.float64)
        self._mean = targets.mean(axis=0)
        gram = matrix.T @ matrix + damping * np.eye(matrix.shape[1])
        self._vectors = np.linalg.solve(gram, matrix.T @ (targets - self._mean))

    def vector(self, features: Iterable[str], history: History = ()) -> NDArray[np.float32]:
        """The vector float32 (factors,) of somebody with these features and this history; unknown ones say nothing."""
        numbers = [self._number[name] for name in _names("somebody", features) if name in self._number]
        expected = self._mean + self._vectors[numbers].sum(axis=0)
        items, _ = resolve_history(history, self.model.index_of)
        own, count = self.model.fold_in(history), len(items)
        if not own.any() or not count:
            return expected.astype(np.float32)
        return ((count * own + self.trust * expected) / (count + self.trust)).astype(np.float32)

    def recommend(self, features: Iterable[str], history: History = (), k: int = 10) -> list[Recommendation]:
        """The k items of largest dot product with that vector, those of the history left out: by taste alone, for the
        first visits; `FactorModel.recommend` knows more of what comes next once there is a history.
        """
        items, _ = resolve_history(history, self.model.index_of)
        ids, scores = self.model.rank(self.vector(features, history), check_count(k), np.unique(items))
        names = self.model.item_ids
        return [Recommendation(names[item], score) for item, score in zip(ids.tolist(), scores.tolist(), strict=True)]


def _names(user: Any, names: Iterable[str]) -> list[str]:
    """Features, each once; ValueError for one text, whose letters would be taken for features, for a mapping, whose
    values would be lost, and for other kinds.
    """
    if isinstance(names, str | bytes | Mapping) or not isinstance(names, Iterable):
        raise ValueError(f"the features of {user!r} must be a list such as ['age=20s'], got {names!r}")
    found = list(dict.fromkeys(names))
    wrong = next((name for name in found if not isinstance(name, str)), None)
    if wrong is not None:
        raise ValueError(f"a feature must be text such as 'age=20s', got {wrong!r}")
    return found
