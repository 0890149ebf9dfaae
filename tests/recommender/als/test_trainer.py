"""Training: one obvious answer, the same bytes twice, updates that agree with refits, snapshots that stay."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from recommender import ALSConfig, ALSTrainer, Interactions, NotFittedError, PopularityModel, train
from recommender.evaluation import NextItemCase, evaluate_next_items
from tests.recommender.conftest import generated_rows

SMALL = ALSConfig(factors=16, threads=1)


def checkerboard(size: int = 50) -> list[tuple[int, int]]:
    """User u has taken item i when both are even or both are odd, apart from the diagonal."""
    return [(user, item) for user in range(size) for item in range(size) if (user + item) % 2 == 0 and user != item]


def test_the_missing_square_of_a_checkerboard_is_recommended() -> None:
    rows = checkerboard()
    model = train(Interactions.from_rows(rows), ALSConfig(factors=3, recency_boost=0.0, threads=1), seed=7)
    for user in range(50):
        history = [item for owner, item in rows if owner == user]
        assert model.recommend(history, k=1)[0].item_id == user


def test_the_same_input_gives_the_same_bytes(rows: list[tuple[str, str, float, float]]) -> None:
    first, second = (train(Interactions.from_rows(rows), SMALL, seed=11) for _ in range(2))
    assert first.item_factors.tobytes() == second.item_factors.tobytes()
    assert first.item_factors.tobytes() != train(Interactions.from_rows(rows), SMALL, seed=12).item_factors.tobytes()


def test_the_order_of_duplicates_does_not_matter() -> None:
    rows = [("a", "x", 1.0), ("b", "y", 2.0), ("a", "x", 3.0), ("a", "y", 1.0), ("b", "z", 1.0)]
    swapped = [rows[2], rows[1], rows[0], *rows[3:]]
    summed = [("a", "x", 4.0), *rows[1:2], *rows[3:]]
    factors = [
        train(Interactions.from_rows(given), ALSConfig(factors=2, threads=1)).item_factors
        for given in (rows, swapped, summed)
    ]
    np.testing.assert_allclose(factors[0], factors[1], rtol=1e-5)
    np.testing.assert_allclose(factors[0], factors[2], rtol=1e-5)


def test_progress_counts_sweeps_and_the_report_counts_rows(rows: list[tuple[str, str, float, float]]) -> None:
    seen: list[tuple[int, int]] = []
    log = Interactions.from_rows(rows)
    report = ALSTrainer(SMALL).fit(log, on_progress=lambda sweep, sweeps: seen.append((sweep, sweeps)))
    assert seen == [(sweep, SMALL.iterations) for sweep in range(1, SMALL.iterations + 1)]
    assert (report.rows, report.users, report.items) == (log.rows, log.users, log.items)
    assert report.seconds > 0


def test_a_fit_on_little_data_is_not_regularized_to_nothing() -> None:
    model = train(Interactions.from_rows([("a", "x"), ("a", "y"), ("b", "z")]), ALSConfig(factors=4, threads=1))
    assert model.config.regularization < ALSConfig().regularization
    assert model.recommend(["x"], k=1)[0].item_id == "y"


def test_a_snapshot_is_not_changed_by_what_is_learned_later(rows: list[tuple[str, str, float, float]]) -> None:
    trainer = ALSTrainer(SMALL)
    trainer.fit(Interactions.from_rows(rows))
    model = trainer.model()
    before = model.item_factors.tobytes(), model.popularity.tobytes(), model.recommend(["item-0"], k=5)
    trainer.update([("user-0", "item-1"), ("someone new", "something new")])
    trainer.refit()
    assert before == (model.item_factors.tobytes(), model.popularity.tobytes(), model.recommend(["item-0"], k=5))
    assert "something new" not in model
    assert "something new" in trainer.model()


def test_the_log_given_to_fit_stays_the_callers(rows: list[tuple[str, str, float, float]]) -> None:
    log = Interactions.from_rows(rows)
    trainer = ALSTrainer(SMALL)
    trainer.fit(log)
    trainer.update([("someone new", "something new")])
    assert log.rows == len(rows)
    assert trainer.log.rows == len(rows) + 1


def test_an_update_touches_only_the_users_and_items_in_its_rows(rows: list[tuple[str, str, float, float]]) -> None:
    trainer = ALSTrainer(SMALL)
    trainer.fit(Interactions.from_rows(rows))
    before = dict(zip(trainer.log.item_ids, trainer._factors.items.copy(), strict=False))
    report = trainer.update([("user-3", "item-5"), ("new", "item-5"), ("new", "brand new"), ("new", "brand new")])
    after = dict(zip(trainer.log.item_ids, trainer._factors.items, strict=False))
    assert (report.rows, report.touched_users, report.touched_items) == (4, 2, 2)
    assert (report.new_users, report.new_items) == (1, 1)
    assert {item_id for item_id, row in before.items() if not np.array_equal(row, after[item_id])} == {"item-5"}
    assert after["brand new"].any()


def test_user_factors_are_in_the_coordinates_of_the_model(rows: list[tuple[str, str, float, float]]) -> None:
    trainer = ALSTrainer(SMALL)
    trainer.fit(Interactions.from_rows(rows))
    for _ in range(2):
        learned = trainer._factors
        scores = learned.users[: trainer.log.user_slots] @ learned.items[: trainer.log.items].T
        found = trainer.user_factors @ trainer.model().item_factors.T
        np.testing.assert_allclose(found, scores, rtol=1e-3, atol=1e-4)
        trainer.update([("user-3", "item-5"), ("new", "item-5"), ("new", "brand new")])


def test_maintained_gram_matrices_stay_true_through_many_updates(rows: list[tuple[str, str, float, float]]) -> None:
    trainer = ALSTrainer(SMALL)
    trainer.fit(Interactions.from_rows(rows[:600]))
    for start in range(600, len(rows), 40):
        trainer.update(rows[start : start + 40])
    learned = trainer._factors
    for gram, factors in ((learned.item_gram, learned.items), (learned.user_gram, learned.users)):
        wide = factors.astype(np.float64)
        np.testing.assert_allclose(gram, wide.T @ wide, rtol=1e-8, atol=1e-8)


@pytest.mark.parametrize("share", [0.9, 0.5])
def test_updates_then_a_refit_rank_as_well_as_one_full_fit(share: float) -> None:
    rows = generated_rows(users=200, items=120, per_user=20, seed=5)
    held_out = {user: item for user, item, _, _ in rows}
    kept = [row for row in rows if held_out[row[0]] != row[1]]
    late = {f"user-{number}" for number in range(170, 200)}, {f"item-{number}" for number in range(9, 120, 10)}
    cut = int(len(kept) * share)
    known = [row for row in kept[:cut] if row[0] not in late[0] and row[1] not in late[1]]
    news = [row for row in kept[:cut] if row[0] in late[0] or row[1] in late[1]] + kept[cut:]
    histories: dict[str, list[str]] = {}
    for user, item, _, _ in kept:
        histories.setdefault(user, []).append(item)
    cases = [NextItemCase(user, histories[user], item) for user, item in held_out.items() if user in histories]

    config = replace(SMALL, transition_weight=0.0)  # these updates turn the order of a user's rows around
    trainer = ALSTrainer(config)
    trainer.fit(Interactions.from_rows(known))
    step = max(1, len(news) // 10)
    reports = [trainer.update(news[start : start + step]) for start in range(0, len(news), step)]
    assert sum(report.new_users for report in reports) >= 30
    assert sum(report.new_items for report in reports) >= 12
    updated = evaluate_next_items(trainer.model(), cases).mean()
    trainer.refit()
    refitted = evaluate_next_items(trainer.model(), cases).mean()
    full = evaluate_next_items(train(Interactions.from_rows(kept), config), cases).mean()
    popular = evaluate_next_items(PopularityModel.from_interactions(trainer.log), cases).mean()
    assert full > 1.2 * popular
    assert updated >= 0.97 * full
    assert refitted >= 0.97 * full


def test_a_trainer_can_start_from_updates_alone() -> None:
    rows = checkerboard(20)
    trainer = ALSTrainer(ALSConfig(factors=3, recency_boost=0.0, threads=1))
    trainer.update(rows)
    history = [item for user, item in rows if user == 4]
    assert trainer.model().recommend(history, k=1)[0].item_id == 4


def test_new_ids_are_welcome_in_any_order(rows: list[tuple[str, str, float, float]]) -> None:
    trainer = ALSTrainer(SMALL)
    trainer.fit(Interactions.from_rows(rows))
    trainer.update([("stranger", "unheard-of"), ("stranger", "unseen")])
    trainer.update([("user-0", "unseen"), ("other", "unseen"), ("user-0", "unheard-of")])
    model = trainer.model()
    assert model.item_ids[-2:] == ("unheard-of", "unseen")
    assert np.isfinite(model.item_factors).all()
    assert model.recommend(["unseen"], k=3)
    trainer.update([])
    assert trainer.model().item_factors.tobytes() == model.item_factors.tobytes()


def test_a_forgotten_user_leaves_no_trace_after_a_refit(rows: list[tuple[str, str, float, float]]) -> None:
    trainer = ALSTrainer(SMALL)
    trainer.fit(Interactions.from_rows(rows))
    common_start = trainer.model()
    report = trainer.discard("user-5")
    assert (report.rows, report.touched_users) == (14, 1)
    assert "user-5" not in trainer.log.user_ids
    never = ALSTrainer(SMALL, warm_start=common_start)
    never.fit(Interactions.from_rows([row for row in rows if row[0] != "user-5"]))
    for _ in range(8):
        trainer.refit()
        never.refit()
    ours, theirs = trainer.model(), never.model()
    aligned = [ours.index_of[item_id] for item_id in theirs.item_ids]
    scores = [
        np.array([model.item_factors @ model.fold_in([item_id]) for item_id in theirs.item_ids])
        for model in (ours, theirs)
    ]
    assert np.corrcoef(scores[0][:, aligned].ravel(), scores[1].ravel())[0, 1] > 0.998


def test_a_model_gives_the_next_trainer_its_factors(rows: list[tuple[str, str, float, float]]) -> None:
    model = train(Interactions.from_rows(rows), SMALL)
    trainer = ALSTrainer(SMALL, warm_start=model)
    report = trainer.fit(Interactions.from_rows(list(reversed(rows))))
    assert report.sweeps == SMALL.refit_iterations
    warm = dict(zip(trainer.log.item_ids, trainer._factors.items, strict=False))
    drift = [np.linalg.norm(warm[item] - model.item_factors[model.index_of[item]]) for item in model.item_ids]
    assert np.mean(drift) < 0.2 * np.linalg.norm(model.item_factors, axis=1).mean()


def test_misuse_is_named(model: object, rows: list[tuple[str, str, float, float]]) -> None:
    with pytest.raises(NotFittedError, match="call fit"):
        ALSTrainer().model()
    with pytest.raises(NotFittedError, match="call fit"):
        ALSTrainer().refit()
    with pytest.raises(ValueError, match="cannot fit an empty log"):
        ALSTrainer().fit(Interactions())
    with pytest.raises(ValueError, match="seed must be a whole number of at least 0, got -1"):
        ALSTrainer(seed=-1)
    with pytest.raises(ValueError, match=r"config must be an ALSConfig, .*got {'factors': 8}"):
        ALSTrainer({"factors": 8})  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"warm_start has 16 factors, config.factors is 8"):
        ALSTrainer(ALSConfig(factors=8), warm_start=model)  # type: ignore[arg-type]
    trainer = ALSTrainer(SMALL)
    trainer.fit(Interactions.from_rows(rows))
    before = trainer.model().item_factors.tobytes()
    with pytest.raises(ValueError, match="weight of row 0"):
        trainer.update([("user-0", "item-0", float("nan"))])
    assert trainer.model().item_factors.tobytes() == before


def test_drift_is_nothing_after_a_fit_and_grows_with_what_updates_change(
    rows: list[tuple[str, str, float, float]],
) -> None:
    trainer = ALSTrainer(SMALL)
    assert trainer.drift == 0.0
    trainer.fit(Interactions.from_rows(rows[:900]))
    assert trainer.drift == 0.0
    same = trainer.update([])
    little = trainer.update(rows[900:910])
    much = trainer.update([(f"new-{user}", f"item-{3 * item}") for user in range(40) for item in range(20)])
    assert same.drift == 0.0 < little.drift < 0.1 < much.drift
    before = trainer._factors.fitted_gram.copy()
    now = trainer._factors.items[: trainer.log.items].astype(np.float64)
    assert much.drift == pytest.approx(np.linalg.norm(now.T @ now - before) / np.linalg.norm(before), rel=1e-6)
    trainer.refit()
    assert trainer.drift == 0.0


def test_a_fit_after_forgetting_equals_one_that_never_knew(rows: list[tuple[str, str, float, float]]) -> None:
    log = Interactions.from_rows(rows)
    first_of_item = {item: user for user, item, _, _ in reversed(rows)}
    leaving = next(user for user, _, _, _ in rows if user not in first_of_item.values())
    log.discard(leaving)
    forgot = train(log, SMALL)
    never = train(Interactions.from_rows([row for row in rows if row[0] != leaving]), SMALL)
    assert forgot.item_ids == never.item_ids
    np.testing.assert_array_equal(forgot.popularity, never.popularity)
    np.testing.assert_allclose(forgot.item_factors, never.item_factors, rtol=1e-3, atol=1e-4)


def test_a_refit_takes_the_counts_that_updates_kept_unless_something_was_withdrawn(
    rows: list[tuple[str, str, float, float]],
) -> None:
    trainer = ALSTrainer(SMALL, seed=7)
    trainer.fit(Interactions.from_rows(rows[:900]))
    trainer.update(rows[900:])
    kept = trainer._transitions
    trainer.refit()
    assert trainer._transitions is kept
    anew = train(Interactions.from_rows(rows), SMALL).transitions
    found = trainer.model().transitions
    for name, array in anew.arrays().items():
        np.testing.assert_allclose(getattr(found, name), array, rtol=1e-6)
    trainer.discard("user-3")
    trainer.refit()
    assert trainer._transitions is not kept
