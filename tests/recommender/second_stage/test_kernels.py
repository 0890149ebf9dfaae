"""The kernels of the second stage against their NumPy twins."""

from __future__ import annotations

import numpy as np
import pytest

from recommender.second_stage import class_kernels, feature_kernels, twins


@pytest.mark.parametrize("seed", range(5))
def test_classes_are_expected_and_counted_as_the_twins_do(seed: int) -> None:
    rng = np.random.default_rng(seed)
    items, classes, users = 30, 6, 12
    counts = rng.integers(0, 9, users)
    indptr = np.concatenate(([0], np.cumsum(counts))).astype(np.int64)
    shown = rng.integers(0, items, indptr[-1]).astype(np.int32)
    taken = rng.random(indptr[-1]) < 0.3
    rates = rng.random((items, classes), dtype=np.float32) * 0.3 + 0.01
    prior = np.log(rng.dirichlet(np.ones(classes))).astype(np.float32)
    found, expected = np.empty((2, users, classes), np.float32)
    for module, shares in ((class_kernels, found), (twins, expected)):
        module.expect_classes(indptr, shown, taken, rates, np.log(rates), prior, np.float32(2.0), shares)
    np.testing.assert_allclose(found, expected, rtol=2e-4, atol=1e-6)
    tables = np.zeros((2, 2, items, classes), np.float32)
    class_kernels.count_by_class(indptr, shown, taken, found, *tables[0])
    twins.count_by_class(indptr, shown, taken, found, *tables[1])
    np.testing.assert_allclose(tables[0], tables[1], rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(tables[0][0].sum(), len(shown), rtol=1e-4)
    lift, leanings = np.exp(rng.standard_normal((items, classes))).astype(np.float32), np.ones((2, items))
    class_kernels.add_leanings(indptr, shown, found, lift, leanings[0])
    twins.add_leanings(indptr, shown, found, lift, leanings[1])
    np.testing.assert_allclose(leanings[0], leanings[1], rtol=1e-4)


@pytest.mark.parametrize("arguments", [(0.0, 16, 2.0), (3.5, 16, 2.0), (0.0, 16, 0.0), (3.5, 16, 0.0)])
def test_scores_have_the_unit_that_was_learned_or_else_one_of_each_history(arguments: tuple[float, int, float]) -> None:
    unit, items, norm = arguments
    assert feature_kernels.unit_of_scores(*arguments) == twins.unit_of_scores(*arguments)
    assert feature_kernels.unit_of_scores(*arguments) == (unit or (np.sqrt(items) / norm if norm else 0.0))


def rng_weights(kinds: int, attributes: int, classes: int) -> tuple[np.ndarray, np.ndarray]:
    """Weights of features, and what each class makes of each attribute."""
    rng = np.random.default_rng(kinds + attributes)
    return rng.standard_normal(kinds + 4), rng.standard_normal((attributes, classes), dtype=np.float32)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("length", [0, 1, 7])
def test_features_are_what_the_twins_find(seed: int, length: int) -> None:
    rng = np.random.default_rng((seed, length))
    items, attributes, kinds, classes, factors, runs = 40, 9, 3, 8, 5, 2
    values = rng.integers(-1, attributes, (items, 4)).astype(np.int32)
    kind_of = np.sort(rng.integers(0, kinds, attributes)).astype(np.int32)
    shares = (rng.random(attributes) * 0.9 + 0.1).astype(np.float32)
    strength = (rng.random(kinds) * 8 + 0.5).astype(np.float32)
    history = rng.choice(items, length, replace=False).astype(np.int32)
    lift = np.exp(rng.standard_normal((items, classes))).astype(np.float32)
    prior = np.log(rng.dirichlet(np.ones(classes))).astype(np.float32)
    user, vectors = rng.standard_normal(factors, dtype=np.float32), rng.standard_normal((items, factors), np.float32)
    candidates = rng.permutation(items)[:15].astype(np.int32)
    totals, rates = rng.standard_normal(15), rng.standard_normal(items, dtype=np.float32)
    results = []
    for module in (feature_kernels, twins):
        affinities, posterior = np.empty(attributes, np.float32), np.empty(classes, np.float32)
        module.attribute_affinities(history, values, kind_of, shares, strength, affinities)
        module.class_posterior(history, np.log(lift), prior, runs, posterior)
        found = np.empty((15, kinds + 4))
        module.stage_features(
            candidates, totals, user, vectors, 1.7, affinities, values, kind_of, posterior, lift, rates, found
        )
        weights, effects = rng_weights(kinds, attributes, classes)
        of_history = found[:, :2] * weights[:2]
        amounts, sources = np.empty((15, 8)), np.empty((15, 8), np.int32)
        module.score_amounts(
            candidates, of_history, values, kind_of, weights, affinities, effects, posterior, lift, rates, 4, amounts,
            sources,
        )  # fmt: skip
        # What the history, attributes, classes and rate add to a score is what their features do.
        np.testing.assert_allclose(amounts.sum(axis=1), found @ weights, rtol=1e-4, atol=1e-4)
        results.append((affinities, posterior, found, amounts, sources))
    for compiled, plain in zip(*results, strict=True):
        np.testing.assert_allclose(compiled, plain, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(results[0][1].sum(), 1.0, rtol=1e-5)
