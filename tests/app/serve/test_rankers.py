"""What a ranker chose, as columns, is what the same choices are one by one."""

from __future__ import annotations

import numpy as np
import pytest

from app.serve.rankers import Ranked, Ranking, ids_of
from recommender.interactions.lookups import Picked

CHOSEN = [Ranked("a", "als", 3.0), Ranked("b", "als", 2.0), Ranked("c", "als", 1.0)]
RANKING = Ranking(["a", "b", "c"], "als", np.array([3.0, 2.0, 1.0]))


def test_a_ranking_is_the_sequence_of_its_choices() -> None:
    assert list(RANKING) == CHOSEN
    assert [RANKING[place] for place in range(len(RANKING))] == CHOSEN
    assert list(RANKING[1:]) == CHOSEN[1:]
    assert list(ids_of(RANKING)) == ids_of(CHOSEN) == ["a", "b", "c"]


@pytest.mark.parametrize("places", [[2, 0, 1], [2, 0], [1], []])
def test_each_choice_keeps_its_score_in_another_order(places: list[int]) -> None:
    picked = Ranking(Picked(("c", "a", "b"), np.array([1, 2, 0], np.int32)), "als", RANKING.scores)
    for ranking in (RANKING, picked):
        assert list(ranking.in_order(np.array(places, np.int64))) == [CHOSEN[place] for place in places]
