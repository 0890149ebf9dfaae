"""Choosing settings on the past: a small search whose every trial is kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from recommender.evaluation.replay import NextItemCase, evaluate_next_items
from recommender.model.baselines import Recommender


@dataclass(frozen=True, slots=True)
class Trial:
    """Settings that were tried, and the mean NDCG@k that they gave in each window."""

    settings: Mapping[str, Any]
    windows: tuple[float, ...]

    @property
    def ndcg(self) -> float:
        """The mean over windows."""
        return sum(self.windows) / len(self.windows)

    def over(self, first: Trial) -> float:
        """The mean over windows of the share of `first`; a window in which `first` found nothing counts as it is."""
        shares = [own / (other or 1.0) for own, other in zip(self.windows, first.windows, strict=True)]
        return sum(shares) / len(shares)


@dataclass(frozen=True, slots=True)
class Search:
    """The best settings found (the earlier of equals), and everything that was tried, in order."""

    best: Mapping[str, Any]
    trials: tuple[Trial, ...]


def search(
    make: Callable[..., Recommender],
    grid: Mapping[str, Sequence[Any]],
    cases: Sequence[NextItemCase],
    k: int = 10,
) -> Search:
    """Find settings with a large mean NDCG@k on `cases`, one setting at a time.

    All settings start at the first value of their list. Then, in the order of `grid`, each in turn is tried at its
    other values while the rest stay at the best so far; so a search costs one model more than there are other values,
    and the settings that matter most should come first. `make(**settings)` trains a model **on what came before the
    cases**; judge the choice on cases later than these, or it flatters itself:

        earlier, later = split_by_time(rows, 0.9)
        cases = next_item_cases(rows, len(earlier))
        log = Interactions.from_rows(earlier)
        found = search(lambda **settings: train(log, ALSConfig(**settings)), {"transition_weight": (0.5, 1.0)}, cases)

    Raises ValueError for a setting without values and for no cases.
    """
    return search_windows(lambda past, **settings: make(**settings), grid, [(None, cases)], k)


def search_windows(
    make: Callable[..., Recommender],
    grid: Mapping[str, Sequence[Any]],
    windows: Sequence[tuple[Any, Sequence[NextItemCase]]],
    k: int = 10,
) -> Search:
    """`search` on several windows of the past, each a pair of what came before it and its cases: for data of which one
    window is not like the next, such as news.

    `make(past, **settings)` trains a model on what came before a window. Windows count alike, easy ones and hard ones:
    settings are compared by the mean over windows of their NDCG@k divided by that of the first settings there. Raises
    what `search` raises, and ValueError for no windows.
    """
    empty = [name for name, values in grid.items() if not values]
    if empty:
        raise ValueError(f"every setting needs at least one value to try; {empty[0]!r} has none")
    if not windows or not all(cases for _, cases in windows):
        raise ValueError("there is nothing to search on: give at least one case, see next_item_cases")

    def attempt(settings: dict[str, Any]) -> Trial:
        return Trial(
            settings,
            tuple(float(evaluate_next_items(make(past, **settings), cases, k).mean()) for past, cases in windows),
        )

    first = best = attempt({name: values[0] for name, values in grid.items()})
    trials = [first]
    for name, values in grid.items():
        trials += [attempt({**best.settings, name: value}) for value in values[1:]]
        best = max(trials, key=lambda trial: trial.over(first))
    return Search(best.settings, tuple(trials))
