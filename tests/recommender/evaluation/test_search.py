"""The search finds what is best one setting at a time, and keeps everything it tried."""

from __future__ import annotations

from typing import Any

import pytest

from recommender import ALSConfig, Interactions, PopularityModel, Recommender, train
from recommender.evaluation import (
    NextItemCase,
    evaluate_next_items,
    next_item_cases,
    search,
    search_windows,
    split_by_time,
)

CASES = [NextItemCase("u", (), "wanted")]


def ranked(place: int) -> Recommender:
    """A model that puts the wanted item at this place, from 0."""
    ids = [f"other-{number}" for number in range(9)]
    ids.insert(place, "wanted")
    return PopularityModel(ids, [0.0] * 10)  # type: ignore[arg-type]


def test_each_setting_is_tried_while_the_others_stay_at_the_best_so_far() -> None:
    asked: list[dict[str, Any]] = []

    def make(**settings: Any) -> Recommender:
        asked.append(settings)
        return ranked({1: 5, 2: 3, 3: 4}[settings["a"]] - (2 if settings["b"] == "y" else 0))

    found = search(make, {"a": (1, 2, 3), "b": ("x", "y")}, CASES)
    assert found.best == {"a": 2, "b": "y"}
    assert asked == [
        {"a": 1, "b": "x"},
        {"a": 2, "b": "x"},
        {"a": 3, "b": "x"},
        {"a": 2, "b": "y"},
    ]
    assert [trial.settings for trial in found.trials] == asked
    assert max(trial.ndcg for trial in found.trials) == found.trials[-1].ndcg


def test_of_equals_the_first_is_kept() -> None:
    assert search(lambda a: ranked(2), {"a": (7, 8)}, CASES).best == {"a": 7}


def test_a_search_on_the_past_is_at_least_as_good_there(rows: list[tuple[str, str, float, float]]) -> None:
    earlier, _ = split_by_time(rows, 0.8)
    cases = next_item_cases(rows, len(earlier))
    log = Interactions.from_rows(earlier)

    def make(**settings: Any) -> Recommender:
        return train(log, ALSConfig(factors=8, threads=1, **settings))

    found = search(make, {"transition_weight": (0.5, 0.0), "regularization": (10.0, 1.0)}, cases)
    assert evaluate_next_items(make(**found.best), cases).mean() == max(trial.ndcg for trial in found.trials)
    assert len(found.trials) == 3


def test_windows_count_alike_and_each_has_its_own_past() -> None:
    places = {("monday", 1): 0, ("tuesday", 1): 9, ("monday", 2): 1, ("tuesday", 2): 0}
    windows = [("monday", CASES * 5), ("tuesday", CASES)]
    found = search_windows(lambda past, a: ranked(places[past, a]), {"a": (1, 2)}, windows)
    assert found.best == {"a": 2}, "by its cases alone, monday would have won"
    with pytest.raises(ValueError, match="nothing to search on"):
        search_windows(lambda past, a: ranked(0), {"a": (1,)}, [("monday", CASES), ("tuesday", [])])


def test_an_easy_window_does_not_outvote_a_hard_one() -> None:
    places = {("easy", 1): 0, ("hard", 1): 8, ("easy", 2): 1, ("hard", 2): 2}
    found = search_windows(lambda past, a: ranked(places[past, a]), {"a": (1, 2)}, [("easy", CASES), ("hard", CASES)])
    first, second = found.trials
    assert first.ndcg > second.ndcg, "by the plain mean the easy window decides"
    assert found.best == {"a": 2}


def test_nothing_to_search_is_named() -> None:
    with pytest.raises(ValueError, match="'a' has none"):
        search(lambda a: ranked(0), {"a": ()}, CASES)
    with pytest.raises(ValueError, match="give at least one case"):
        search(lambda a: ranked(0), {"a": (1,)}, [])
