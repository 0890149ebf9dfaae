"""What the second stage learns from what was shown: tastes, positions, and no more than the data tell."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from recommender import FactorModel, Interactions, train
from recommender.second_stage.exposures import Exposures
from recommender.second_stage.learning import StageTrainer
from recommender.second_stage.stage import SecondStage
from recommender.second_stage.weights import PLACES, fit_weights
from tests.recommender.second_stage.conftest import CONFIG, World, made_world


def worth(model: FactorModel, world: World) -> np.ndarray:
    """Mean chance of a click on the ten best after three items taken, float64 (150,): for each of the first users."""
    place = {item_id: int(str(item_id)[1:]) for item_id in model.item_ids}
    found = []
    for user in range(150):
        history = list(world.log.history(f"u{user}"))[:3]
        ten = model.recommend(history, k=10)
        found.append(np.mean([world.chances[user, place[hit.item_id]] for hit in ten]))
    return np.array(found)


def test_tastes_for_attributes_are_learned_beyond_what_factors_see(
    world: World, model: FactorModel, learned: tuple[StageTrainer, SecondStage]
) -> None:
    trainer, stage = learned
    gained = worth(model.with_second_stage(stage), world) - worth(model, world)
    assert gained.mean() - 2 * gained.std() / np.sqrt(len(gained)) > 0.02
    assert stage.examples > 5_000
    assert trainer.report is not None
    assert trainer.report.prior == "attributes"
    weights = dict(zip(stage.feature_names, stage.weights, strict=True))
    assert weights["style"] + weights["classes"] > 3 * abs(weights["size"]), "size means nothing"


def test_attributes_that_say_nothing_do_no_harm() -> None:
    noise = made_world(users=500, told=False, seed=11)
    model = train(noise.log, CONFIG, seed=3)
    stage = StageTrainer(3).fit(model, noise.log, noise.known(model), noise.attributes)
    gained = worth(model.with_second_stage(stage), noise) - worth(model, noise)
    assert gained.mean() + 2 * gained.std() / np.sqrt(len(gained)) > 0.0, "never worse than factors alone beyond noise"


def test_a_log_without_times_teaches_by_all_else_that_a_user_took() -> None:
    timed = made_world(users=60, seed=8)
    log = Interactions.from_rows([(user, item) for user, item, taken, *_ in timed.exposures if taken])
    log.describe({item: ["item=yes"] for item in timed.attributes}, 1e-6)
    model = train(log, CONFIG, seed=3)
    stage = StageTrainer(3).fit(model, log, timed.known(model), timed.attributes)
    assert stage.examples > 2_000
    assert dict(zip(stage.feature_names, stage.weights, strict=True))["style"] > 0.1


def test_with_next_to_nothing_the_order_stays_that_of_the_first_stage() -> None:
    little = made_world(users=4, shown=10, seed=2)
    model = train(little.log, CONFIG, seed=3)
    stage = StageTrainer(3).fit(model, little.log, little.known(model), little.attributes)
    staged = model.with_second_stage(stage)
    for history in (["i1"], ["i3", "i8"]):
        ids = [hit.item_id for hit in staged.recommend(history, k=40)]
        assert ids == [hit.item_id for hit in model.recommend(history, k=40)]
    assert stage.examples == 0


def test_an_update_follows_new_clicks_at_the_classes_of_the_last_fit(
    world: World, model: FactorModel, learned: tuple[StageTrainer, SecondStage]
) -> None:
    trainer, before = learned
    more = [*world.exposures, *((f"new{n}", "i7", True, 90_000.0 + n, 1, "row") for n in range(40))]
    after = trainer.update(model, world.log, Exposures.from_rows(more, model.index_of), world.attributes)
    item = model.index_of["i7"]
    assert after.log_rates[item] > before.log_rates[item]
    assert after.classes is before.classes


def test_a_history_that_hardly_anybody_shares_counts_for_little(world: World) -> None:
    """Scores of the first stage have one unit for all histories, whose scores are long where much is known."""
    rows = [
        (user, item, 1.0, at) for user, item, taken, at, *_ in world.exposures if taken and item not in ("i0", "i2")
    ]
    log = Interactions.from_rows([*sorted(rows, key=lambda row: row[3]), ("u1", "i0", 1.0, 99_000.0)])
    log.describe({item: ["item=yes"] for item in world.attributes}, 1e-6)
    model = train(log, CONFIG, seed=3)
    stage = StageTrainer(3).fit(model, log, world.known(model), world.attributes)

    def length(item_id: str) -> float:
        item = np.array([model.index_of[item_id]], np.int32)
        user, every = model.ranker.folding.fold_in(item, np.ones(1, np.float32)), np.arange(len(model), dtype=np.int32)
        totals = model.ranker.scores(user, item, np.ones(1, np.float32), every)
        norm = model.ranker.folding.score_norm(user)
        view = stage.view(item, np.ones(1, np.float32))
        found = stage.features(view, every, totals, user, model.item_factors, norm)
        return float((found[:, 0] ** 2).mean() ** 0.5)

    assert stage.score_unit > 0
    assert length("i0") < 0.3 * length("i4")
    assert length("i4") < 1.5, "a typical history, of ten items or so, has a length of 1"


def test_a_planted_effect_of_the_position_is_recovered_within_a_tenth() -> None:
    """Entries are looked at with chance 1 / (1 + 0.15 (position - 1)), and where an entry stands is chance."""
    rng = np.random.default_rng(4)
    count = 400_000
    positions = rng.integers(1, 13, count).astype(np.int32)
    liking = rng.standard_normal((count, 1))
    odds = -3.5 + 0.8 * liking[:, 0]
    examined = 1.0 / (1.0 + 0.15 * (positions - 1))
    taken = rng.random(count) < examined / (1 + np.exp(-odds))
    fitted = fit_weights(liking, taken, positions, np.zeros(count, np.int32), np.zeros(1))
    at = [1 / (1 + 0.15 * (place - 1)) for place in PLACES[:4]]
    groups = [(5, 6), (7, 8), (9, 12)]
    at += [float(np.mean([1 / (1 + 0.15 * (p - 1)) for p in range(low, high + 1)])) for low, high in groups]
    np.testing.assert_allclose(fitted.examination[:7], at, rtol=0.1)
    assert fitted.weights[0] == pytest.approx(0.8, rel=0.05), "and the liking is not mistaken for it"


def test_what_lists_were_filled_by_never_counts_against_an_item() -> None:
    """Lists show what a liking or something unknown speaks for: of what they show, the less liked is better known."""
    rng = np.random.default_rng(6)
    liking, unknown, rate = rng.standard_normal((3, 200_000))
    shown = liking + unknown > 1.5
    odds = -2.0 + 0.3 * liking + 1.5 * unknown + 0.5 * rate
    taken = rng.random(len(odds)) < 1 / (1 + np.exp(-odds))
    features, count = np.stack([liking, rate], axis=1)[shown], int(shown.sum())
    ones = np.ones(count, np.int32)
    lifted = features[:, 0] - features[:, 0].mean()
    assert lifted @ taken[shown] < 0, "the data alone say that the liking counts against"
    fitted = fit_weights(features, taken[shown], ones, 0 * ones, np.array([0.2, 0.2]))
    assert fitted.weights[0] == fitted.deviations[0] == 0.0
    assert fitted.weights[1] == pytest.approx(0.5, rel=0.2)
    none = fit_weights(-features[:, 1:], taken[shown], ones, 0 * ones, np.zeros(1))
    assert none.weights.tolist() == [0.0]


def test_an_example_that_counts_twice_is_two_examples() -> None:
    rng = np.random.default_rng(7)
    features = rng.standard_normal((900, 2))
    taken = rng.random(900) < 1 / (1 + np.exp(1.0 - features[:, 0]))
    positions = rng.integers(1, 9, 900).astype(np.int32)
    contexts = rng.integers(0, 3, 900).astype(np.int32)
    times = rng.integers(1, 4, 900)
    prior = np.array([0.2, 0.2])
    one = fit_weights(features, taken, positions, contexts, prior, times.astype(np.float64))
    every = np.repeat(np.arange(900), times)
    other = fit_weights(features[every], taken[every], positions[every], contexts[every], prior)
    np.testing.assert_allclose(one.weights, other.weights, rtol=1e-8)
    np.testing.assert_allclose(one.examination, other.examination, rtol=1e-8)
    assert (one.evidence, one.precision) == pytest.approx((other.evidence, other.precision), rel=1e-8)


def test_examples_of_a_models_own_lists_count_the_less_the_more_others_there_are() -> None:
    shown = [(f"u{number}", "a", False, 1.0, 1, "own" if number < 4 else "new") for number in range(1_004)]
    every = Exposures.from_rows(shown, {"a": 0}, own_contexts={"own", "of another site"})
    worths = every.worths(np.arange(len(every)))
    assert worths[every.contexts == 0].tolist() == [0.5] * 4
    assert worths[every.contexts == 1].tolist() == [1.0] * 1_000
    alone = Exposures.from_rows(shown[:4], {"a": 0}, own_contexts={"own"})
    assert alone.worths(np.arange(4)).tolist() == [1.0] * 4, "there is nothing else to learn from"
    assert Exposures.from_rows(shown, {"a": 0}).worths(np.arange(1_004)).tolist() == [1.0] * 1_004
    some = every.of_users(np.arange(1_004) % 2 == 0)
    assert some.worths(np.arange(len(some)))[0] == 1_000 / 1_500, "half of the users, and lists go on being own"


def test_one_item_shown_twice_to_a_user_is_one_exposure_that_was_taken_if_it_ever_was() -> None:
    rows = [("u", "a", False, 5.0, 3), ("u", "a", True, 9.0, 2), ("u", "b", False, 7.0, 1), ("v", "a", False)]
    found = Exposures.from_rows([*rows, ("v", "unknown", True)], {"a": 0, "b": 1})
    table = zip(found.users.tolist(), found.items.tolist(), found.taken.tolist(), found.positions.tolist(), strict=True)
    assert list(table) == [(0, 0, True, 2), (0, 1, False, 1), (1, 0, False, 1)]


def test_what_is_taken_has_the_history_that_its_neighbours_had_when_the_list_was_shown() -> None:
    """Who takes two entries of one list has taken the first before the second, but was shown both with neither."""
    rows = [("u", item, False, 10.0, place) for place, item in enumerate("abcd", 1)]
    taken = [("u", "a", True, 11.0, 1), ("u", "b", True, 12.0, 2), ("u", "a", False, 20.0, 3), ("u", "e", True, 30.0)]
    found = Exposures.from_rows([*rows, *taken], {item: number for number, item in enumerate("abcde")})
    assert found.times.tolist() == [10.0, 10.0, 10.0, 10.0, 30.0]
    assert dict(zip(found.items.tolist(), found.taken.tolist(), strict=True)) == {0: 1, 1: 1, 2: 0, 3: 0, 4: 1}
    assert found.positions.tolist()[0] == 1, "the position is that of the entry that was taken"


@pytest.mark.parametrize(
    ("row", "named"),
    [
        (("u",), "exposure 0 must be"),
        (("u", "a", 1), "taken of exposure 0"),
        (("u", "a", True, float("nan")), "timestamp of exposure 0"),
        (("u", "a", True, 1.0, 0), "position of exposure 0"),
    ],
)
def test_an_exposure_of_another_form_is_refused_by_name(row: tuple[object, ...], named: str) -> None:
    with pytest.raises(ValueError, match=named):
        Exposures.from_rows([row], {"a": 0})


def test_what_is_no_log_and_no_exposures_is_refused_with_the_way_to_them(world: World, model: FactorModel) -> None:
    rows: Any = world.exposures
    with pytest.raises(ValueError, match=r"exposures must be Exposures, got list; .*from_rows\(rows, model.index_of\)"):
        StageTrainer().fit(model, world.log, rows, world.attributes)
    with pytest.raises(ValueError, match="log must be Interactions, got list"):
        StageTrainer().fit(model, rows, world.known(model), world.attributes)
