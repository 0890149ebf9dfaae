"""The rate of an item is read against those whom it was shown."""

from __future__ import annotations

import numpy as np
import pytest

from recommender import FactorModel
from recommender.second_stage.attributes import ItemAttributes
from recommender.second_stage.audiences import audience_leanings
from recommender.second_stage.classes import LatentClasses, fit_classes
from recommender.second_stage.exposures import Exposures
from recommender.second_stage.rates import ItemRates
from tests.recommender.second_stage.conftest import ITEMS, STYLES, World, made_world


@pytest.fixture(scope="module")
def aimed(world: World, model: FactorModel) -> Exposures:
    """What `world` showed, and each odd item to 60 more, those alone who like its style, who take it as often as
    such users take anything of their style.
    """
    rng = np.random.default_rng(23)
    taste = world.chances.argmax(axis=1) % STYLES
    rows = list(world.exposures)
    for item in range(1, ITEMS, 2):
        friends = np.flatnonzero(taste == item % STYLES)
        for user in rng.choice(friends, min(60, len(friends)), replace=False).tolist():
            taken = bool(rng.random() < world.chances[user, item])
            rows.append((f"u{user}", f"i{item}", taken, 50_000.0, 1, "row"))
    return Exposures.from_rows(rows, model.index_of)


def test_items_shown_to_their_friends_lean_and_their_rate_is_what_everybody_would_take(
    world: World, model: FactorModel, aimed: Exposures
) -> None:
    described = ItemAttributes.of(world.attributes, model.item_ids)
    classes, everybody = fit_classes(aimed, described, seed=3, classes=8, runs=2)
    assert everybody is not None
    leanings = audience_leanings(aimed, classes, everybody.rates)
    number = np.array([int(str(item_id)[1:]) for item_id in model.item_ids])
    assert leanings[number % 2 == 1].mean() > 1.25 * leanings[number % 2 == 0].mean()
    truth = np.log(world.chances.mean(axis=0)[number])

    def distance(rates: ItemRates) -> float:
        off = rates.log_rates().astype(np.float64) - truth
        return float((off - off.mean()).std())

    assert distance(ItemRates(aimed, len(model), leanings)) < distance(ItemRates(aimed, len(model)))


def test_nobody_leans_without_classes_and_no_item_leans_that_nobody_saw(world: World, model: FactorModel) -> None:
    known = world.known(model)
    assert (audience_leanings(known, LatentClasses.none(ITEMS, 7), None) == 1.0).all()
    unseen = Exposures.from_rows([row for row in world.exposures if row[1] != "i3"], model.index_of)
    described = ItemAttributes.of(world.attributes, model.item_ids)
    classes, everybody = fit_classes(unseen, described, classes=4, runs=1)
    assert everybody is not None
    leanings = audience_leanings(unseen, classes, everybody.rates)
    assert leanings[model.index_of["i3"]] == 1.0
    assert (leanings > 0).all()


def test_an_item_of_its_own_class_is_told_from_its_like() -> None:
    """Attributes say nothing here, and still users of a class get items that only what was taken can tell apart."""
    blind = made_world(users=900, told=False, seed=31, liked=0.5)
    place: dict[str | int, int] = {f"i{item}": item for item in range(ITEMS)}
    found = Exposures.from_rows(blind.exposures, place)
    described = ItemAttributes.of(blind.attributes, [f"i{item}" for item in range(ITEMS)])
    classes = LatentClasses.fit(found, described, seed=3, classes=8, runs=1)
    lifts = np.log(classes.lift)
    styles = np.arange(ITEMS) % STYLES
    alike = np.corrcoef(lifts)
    same = styles[:, None] == styles
    np.fill_diagonal(same, False)
    assert alike[same].mean() > alike[styles[:, None] != styles].mean() + 0.1
