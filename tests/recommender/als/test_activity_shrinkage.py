"""Rows of users who took little count less: alike at a fit, in updates and in a log whose rows say so themselves."""

from __future__ import annotations

from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest

from recommender import ALSConfig, ALSTrainer, FactorModel, Interactions, train
from recommender.als import twins
from tests.recommender.conftest import generated_rows

SHRUNKEN = ALSConfig(
    factors=8, regularization=0.5, activity_shrinkage=4.0, recency_boost=0.0, transition_weight=0.0, threads=1
)
ATTRIBUTES = {f"item-{number}": [f"sort={number % 3}"] for number in range(0, 40, 2)}
Rows = list[tuple[str, str, float, float]]


@pytest.fixture
def uneven() -> Rows:
    """Users who took from 1 to 20 items, by weights of 0.5 to 3."""
    rows = generated_rows(users=60, items=40, per_user=20, seed=3)
    kept: dict[str, int] = {}
    found = []
    for number, (user, item, _, at) in enumerate(rows):
        kept[user] = kept.get(user, 0) + 1
        if kept[user] <= 1 + int(user.split("-")[1]) % 20:
            found.append((user, item, (0.5, 1.0, 3.0)[number % 3], at))
    return found


def log_of(rows: Rows) -> Interactions:
    log = Interactions.from_rows(rows)
    log.describe(ATTRIBUTES)
    return log


def weighed(rows: Rows, shrinkage: float) -> Rows:
    """The rows with each user's share in their weights."""
    activity: dict[str, float] = {}
    for user, _, weight, _ in rows:
        activity[user] = activity.get(user, 0.0) + weight
    return [(user, item, weight * activity[user] / (activity[user] + shrinkage), at) for user, item, weight, at in rows]


def test_a_fit_is_that_of_rows_multiplied_beforehand_and_attributes_keep_their_weight(uneven: Rows) -> None:
    shrunken = train(log_of(uneven), SHRUNKEN)
    beforehand = train(log_of(weighed(uneven, 4.0)), replace(SHRUNKEN, activity_shrinkage=0.0))
    np.testing.assert_allclose(shrunken.item_factors, beforehand.item_factors, rtol=1e-3, atol=1e-3)
    alike = train(log_of(uneven), replace(SHRUNKEN, activity_shrinkage=0.0))
    assert not np.allclose(shrunken.item_factors, alike.item_factors, atol=0.01)
    assert shrunken.popularity.tolist() == alike.popularity.tolist()


@pytest.mark.parametrize("exponent", [0.0, 1.0])
def test_updates_solve_the_twins_equations_of_shrunken_rows(uneven: Rows, exponent: float) -> None:
    trainer = ALSTrainer(replace(SHRUNKEN, regularization_exponent=exponent))
    trainer.fit(log_of(uneven[:-30]))
    trainer.update(uneven[-30:])
    log, learned = trainer.log, trainer._factors
    matrix = log.to_csr().toarray()
    users = np.array([log.user_index(row[0]) for row in uneven], dtype=np.int64)
    sums = np.bincount(users, [row[2] for row in uneven], len(matrix))
    attributes = sums == 0.0
    assert attributes.sum() == 3
    confidences = (matrix * np.where(attributes, 1.0, sums / (sums + 4.0))[:, None]).astype(np.float32)
    for user in np.unique(users[-30:]):
        taken = np.flatnonzero(confidences[user]).astype(np.int32)
        scale = (1.0 + len(taken) / log.items) ** exponent
        expected = np.empty(8, dtype=np.float32)
        twins.fold_in(
            learned.item_gram, learned.regularization * scale, learned.items, taken, confidences[user][taken], expected
        )
        np.testing.assert_allclose(learned.users[user], expected, rtol=1e-3, atol=1e-5)


def test_updates_then_sweeps_end_where_one_fit_ends(uneven: Rows) -> None:
    long = replace(SHRUNKEN, regularization=2.0, iterations=60, refit_iterations=60)
    trainer = ALSTrainer(long)
    trainer.fit(log_of(uneven[:-60]))
    trainer.update(uneven[-60:])
    trainer.discard("user-19")
    trainer.refit()
    left = [row for row in uneven if row[0] != "user-19"]
    cold = train(trainer.log, long)
    updated = trainer.model().item_factors
    np.testing.assert_allclose(updated @ updated.T, cold.item_factors @ cold.item_factors.T, atol=0.02)
    assert trainer.log.rows == len(left)
    assert trainer.model().config.regularization == pytest.approx(cold.config.regularization, rel=1e-5)


def test_regularization_is_held_to_what_shrunken_rows_can_bear() -> None:
    """One row a user: all are multiplied by a fifth, so that a bound of whole rows would leave nothing."""
    rows = [(f"user-{number}", f"item-{number % 3}", 1.0, float(number)) for number in range(60)]
    model = train(Interactions.from_rows(rows), replace(SHRUNKEN, regularization=1e6))
    alike = train(Interactions.from_rows(rows), replace(SHRUNKEN, regularization=1e6, activity_shrinkage=0.0))
    assert model.config.regularization == pytest.approx(alike.config.regularization / 5)
    assert model.item_factors.any()


def test_strength_follows_what_is_left_of_rows_beside_attributes() -> None:
    """Two users alike and one attribute on all items, so that nothing but popularity and activity decides."""
    log = Interactions.from_rows([(user, item, 2.0) for user in "ab" for item in "xyz"])
    assert log.strength(3.0) == pytest.approx(np.linalg.svd(log.to_csr().toarray() * 6 / 9, compute_uv=False)[0])
    log.describe({item: ["sort=poster"] for item in "xyz"})
    left = log.to_csr().toarray() * np.array([6 / 9, 6 / 9, 1.0])[:, None]
    for of in (log, log.copy(), log.part(np.arange(6))):
        assert of.strength(3.0) == pytest.approx(np.linalg.svd(left, compute_uv=False)[0])
        assert of.strength() == pytest.approx(np.sqrt(2 * 3) * 2.0), "attributes are left out where nothing shrinks"


def test_the_setting_travels_with_a_model_and_older_ones_have_none(uneven: Rows, tmp_path: Path) -> None:
    model = train(log_of(uneven), SHRUNKEN)
    model.save(tmp_path / "model")
    assert FactorModel.load(tmp_path / "model").config.activity_shrinkage == 4.0
    older = asdict(model.config)
    del older["activity_shrinkage"]
    assert ALSConfig(**older).activity_shrinkage == 0.0
