"""Compiled code that is called without a look at its arguments gives what it gives when they are looked at."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pytest

from recommender.kernel import direct_call
from recommender.topk import twins
from recommender.topk.scan_kernels import rank_one
from tests.recommender.conftest import random_model


def test_compiled_code_is_called_directly_with_the_same_answers() -> None:
    model = random_model(300, 8, 3)
    rng = np.random.default_rng(5)
    users = rng.standard_normal((20, 8), dtype=np.float32)
    hidden = np.sort(rng.choice(300, 25, replace=False)).astype(np.int32)
    apart = np.zeros((20, 16), dtype=np.float32)
    apart[:, ::2] = users
    frozen_hidden = hidden.copy()
    frozen_hidden.setflags(write=False)
    for number, user in enumerate(users):
        scores = twins.exact_scores(user, model.item_factors)
        scores[hidden] = -np.inf
        best = np.lexsort((np.arange(300), -scores))[:10].tolist()
        asked: list[tuple[Any, Any]] = [(user, hidden), (apart[number, ::2], frozen_hidden)]
        for vector, without in [*asked, (user, hidden.astype(np.int64))]:
            ids, found = model.rank(vector, 10, without)
            assert ids.tolist() == best
            assert np.array_equal(found, scores[best])


def test_what_was_unpickled_is_taken_as_sorted_like_any_int32() -> None:
    model, user = random_model(300, 8, 3), np.ones(8, dtype=np.float32)
    descending = np.sort(model.rank(user, 40)[0])[::-1].copy()  # so that sorting it again is seen in the answer
    unpickled = pickle.loads(pickle.dumps(descending))
    assert unpickled.dtype is not descending.dtype
    assert np.array_equal(model.rank(user, 10, unpickled)[0], model.rank(user, 10, descending)[0])


def test_arrays_of_another_width_are_refused() -> None:
    model = random_model(300, 8, 3)
    user, hidden = np.ones(8, dtype=np.float32), np.empty(0, dtype=np.int32)
    room = np.empty(3, dtype=np.int32), np.empty(3)
    arguments = user, model.item_factors, *model._index.laid_out, hidden, *room
    rank_one(*arguments)
    call = direct_call(rank_one, arguments)
    if call is None:
        pytest.skip("nothing is compiled here")
    assert call(*arguments) == 3
    with pytest.raises(TypeError):
        call(user.astype(np.float64), *arguments[1:])
    assert direct_call(rank_one, (user.astype(np.float64), *arguments[1:])) is None
