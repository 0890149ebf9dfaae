"""Order is known, not assumed: by times, or by what the caller says; without it recency and direction are off."""

from __future__ import annotations

import numpy as np

from recommender import ALSConfig, ALSTrainer, FactorModel, Interactions, reblend, train
from tests.recommender.conftest import generated_rows

CONFIG = ALSConfig(factors=8, transition_shrinkage=10.0, transition_window=50, threads=1)


def untimed(seed: int = 0) -> list[tuple[str, str]]:
    """The rows of the small world without their times; in their order for seed 0, else shuffled."""
    pairs = [row[:2] for row in generated_rows()]
    order = np.random.default_rng(seed).permutation(len(pairs)) if seed else range(len(pairs))
    return [pairs[place] for place in order]


def scores(model: FactorModel, history: list[str]) -> dict[str, float]:
    return {str(hit.item_id): hit.score for hit in model.recommend(history, k=200)}


def test_rows_with_times_are_ordered_and_rows_without_are_not() -> None:
    rows = generated_rows()
    assert Interactions.from_rows(rows).ordered
    assert not Interactions.from_rows(untimed()).ordered
    assert Interactions.from_rows(untimed(), ordered=True).ordered
    assert not Interactions.from_rows(rows, ordered=False).ordered
    assert not Interactions().ordered
    mixed = Interactions.from_rows(untimed()[:100])
    mixed.append(rows)
    assert mixed.ordered
    assert mixed.copy().ordered


def test_rows_with_times_may_come_in_any_order() -> None:
    rows = generated_rows()
    shuffled = [rows[place] for place in np.random.default_rng(5).permutation(len(rows))]
    logs = Interactions.from_rows(rows), Interactions.from_rows(shuffled)
    for user in {row[0] for row in rows}:
        assert list(logs[0].history(user)) == list(logs[1].history(user))


def test_without_order_the_newest_of_a_history_counts_as_the_others() -> None:
    model = train(Interactions.from_rows(untimed()), CONFIG)
    history = ["item-0", "item-4", "item-8", "item-1"]
    one, other = scores(model, history), scores(model, history[::-1])
    assert one.keys() == other.keys()
    assert np.allclose([one[key] for key in one], [other[key] for key in one], rtol=1e-4)
    said = train(Interactions.from_rows(untimed(), ordered=True), CONFIG)
    first, second = scores(said, history), scores(said, history[::-1])
    assert not np.allclose([first[key] for key in first], [second[key] for key in first], rtol=1e-2)


def test_without_order_pairs_lead_both_ways_and_the_model_says_so() -> None:
    model = train(Interactions.from_rows(untimed()), CONFIG)
    config = model.config
    assert (config.recency_boost, config.transition_decay, config.transition_recency) == (0.0, 1.0, 1.0)
    assert not config.transition_ordered
    assert config.transition_history >= 1000
    assert config.factors == CONFIG.factors
    following = model.transitions
    pairs = {
        (source, int(target))
        for source in range(len(model))
        for target in following.next_ids[following.indptr[source] : following.indptr[source + 1]]
    }
    assert pairs == {(target, source) for source, target in pairs}


def test_updates_and_blends_keep_to_the_order_of_the_fit() -> None:
    pairs = untimed()
    trainer = ALSTrainer(CONFIG)
    trainer.fit(Interactions.from_rows(pairs[:1000]))
    trainer.update(pairs[1000:])
    assert not trainer.model().config.transition_ordered
    whole = train(Interactions.from_rows(pairs), CONFIG)
    assert np.allclose(trainer.model().transitions.next_weights, whole.transitions.next_weights)
    again = reblend(whole, Interactions.from_rows(pairs), CONFIG)
    assert again.config == whole.config
    assert np.array_equal(again.transitions.next_ids, whole.transitions.next_ids)


def test_a_trainer_that_begins_with_an_update_asks_for_the_order_too() -> None:
    trainer = ALSTrainer(CONFIG)
    trainer.update(untimed())
    assert trainer.model().config.recency_boost == 0.0
    timed = ALSTrainer(CONFIG)
    timed.update(generated_rows())
    assert timed.model().config.recency_boost == CONFIG.recency_boost


def test_a_model_without_order_is_the_same_after_saving(tmp_path: object) -> None:
    model = train(Interactions.from_rows(untimed()), CONFIG)
    model.save(f"{tmp_path}/model")
    loaded = FactorModel.load(f"{tmp_path}/model")
    assert loaded.config == model.config
    assert loaded.recommend(["item-3", "item-0"]) == model.recommend(["item-3", "item-0"])
