"""A small generated world: people with one of three tastes, items of one of three kinds, all of it seeded."""

from __future__ import annotations

from collections.abc import Iterator

import hypothesis
import numpy as np
import pytest
from numba.core import config

from recommender import ALSConfig, FactorModel, Interactions, train
from recommender.kernel import compiled_at_once

KINDS = 3

# These tests are run by themselves as well, where the first example of a kernel compiles it.
hypothesis.settings.register_profile("untimed-library", parent=hypothesis.settings(), deadline=None)
hypothesis.settings.load_profile("untimed-library")


def generated_rows(
    users: int = 120, items: int = 90, per_user: int = 14, seed: int = 3
) -> list[tuple[str, str, float, float]]:
    """Rows in order of time; nine in ten of a user's items are of the user's kind, popular ones more often."""
    rng = np.random.default_rng(seed)
    appeal = 1.0 / (1.0 + np.arange(items // KINDS)) ** 0.7
    rows = []
    for user in range(users):
        kinds = np.where(rng.random(per_user) < 0.9, user % KINDS, rng.integers(KINDS, size=per_user))
        ranks = rng.choice(len(appeal), size=per_user, p=appeal / appeal.sum())
        days = np.sort(rng.random(per_user)) * 30
        rows += [
            (f"user-{user}", f"item-{KINDS * rank + kind}", 1.0, float(day))
            for kind, rank, day in zip(kinds, ranks, days, strict=True)
        ]
    return sorted(rows, key=lambda row: row[3])


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip what is about compiled kernels where nothing is compiled, with the reason that its mark gives."""
    mark = item.get_closest_marker("jit")
    if mark is not None and getattr(config, "DISABLE_JIT"):  # noqa: B009
        pytest.skip(str(mark.args[0]))


@pytest.fixture(scope="session", autouse=True)
def compiled() -> Iterator[None]:
    """What is tested is compiled code, however small the data of a test."""
    with compiled_at_once():
        yield


@pytest.fixture(scope="session")
def rows() -> list[tuple[str, str, float, float]]:
    return generated_rows()


@pytest.fixture(scope="session")
def model(rows: list[tuple[str, str, float, float]]) -> FactorModel:
    return train(Interactions.from_rows(rows), ALSConfig(factors=16, threads=1), seed=7)


def random_model(items: int, factors: int, seed: int, *, repeated: bool = False) -> FactorModel:
    """A model of random factors of mixed norms; `repeated` gives half of the items a twin with the same vector."""
    rng = np.random.default_rng(seed)
    item_factors = rng.normal(size=(items, factors)) * rng.lognormal(sigma=0.8, size=(items, 1))
    if repeated:
        item_factors = item_factors[rng.integers(max(1, items // 2), size=items)]
    popularity = rng.integers(0, 5, size=items).astype(np.float32)
    ids = [f"item-{index}" for index in range(items)]
    return FactorModel(ids, item_factors.astype(np.float32), popularity, ALSConfig(factors=factors))
