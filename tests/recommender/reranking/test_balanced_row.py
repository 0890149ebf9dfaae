"""A row follows what its user turns to, and away from what they turned down or passed over."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.reranking.balanced_row import BalancedRow, RowRules, Taste
from recommender.reranking.traits import ItemTraits

TYPES, STYLES, PALETTES = ("poster", "menu", "logo", "story"), ("retro", "bold", "minimal"), ("warm", "cool")
ITEMS = {
    f"{kind}-{style}-{palette}-{number}": [(kind,), (style,), (palette,)]
    for kind in TYPES
    for style in STYLES
    for palette in PALETTES
    for number in range(6)
}
IDS = list(ITEMS)
TRAITS = ItemTraits(dict(ITEMS.items()), ("type", "style", "palette"))


def taste_of(
    chosen: dict[str, float], rejected: list[str] | None = None, passes: dict[str, int] | None = None
) -> Taste:
    return Taste(dict(chosen.items()), rejected or (), dict(passes.items()) if passes else None)


def row_of(taste: Taste, ids: list[str] = IDS, k: int = 12, rules: RowRules | None = None) -> list[str]:
    scores = np.linspace(1.0, 0.0, len(ids)).tolist()
    found = BalancedRow(TRAITS, [2.0, 4.0, 100.0], rules or RowRules()).arrange(ids, scores, k, taste)
    assert sorted(found.order) == list(range(len(ids))), "nothing is lost, nothing comes twice"
    return [ids[place] for place in found.order[:k]]


def of(ids: list[str], place: int) -> Counter[str]:
    return Counter(item_id.split("-")[place] for item_id in ids)


def mixed(seed: int = 3) -> list[str]:
    return [IDS[place] for place in np.random.default_rng(seed).permutation(len(IDS))]


def test_choices_of_one_style_fill_the_row_with_it_and_leave_several_types() -> None:
    ids = mixed()
    liked = ["poster-retro-warm-0", "menu-retro-cool-1", "logo-retro-warm-2"]
    before, after = row_of(taste_of({}), ids), row_of(taste_of(dict.fromkeys(liked, 1.0)), ids)
    assert of(before, 1)["retro"] < 8 <= of(after, 1)["retro"]
    assert len(of(after, 0)) >= 3


def test_no_type_takes_more_than_its_share_unless_the_user_turns_to_it_more_often() -> None:
    menus_first = sorted(mixed(), key=lambda item_id: not item_id.startswith("menu"))
    one_menu = taste_of({"menu-retro-warm-0": 1.0, "poster-bold-warm-0": 1.0})
    assert of(row_of(one_menu, menus_first), 0)["menu"] <= 7
    only_menus = taste_of(
        {f"menu-{style}-{palette}-{n}": 1.0 for style in STYLES for palette in PALETTES for n in (0, 1)}
    )
    assert 7 < of(row_of(only_menus, menus_first), 0)["menu"] <= 10


def test_hiding_three_of_six_alike_leaves_at_most_one_and_its_undo_brings_them_back() -> None:
    ids = sorted(mixed(), key=lambda item_id: not item_id.startswith("menu-retro"))
    chosen = {"menu-retro-warm-5": 1.0, "menu-bold-cool-5": 1.0}
    left = [item_id for item_id in ids if item_id not in chosen]
    before = row_of(taste_of(chosen), left)
    alike = [item_id for item_id in before if item_id.startswith("menu-retro")]
    assert len(alike) >= 6
    rejected = alike[:3]
    after = row_of(taste_of(chosen, rejected), [item_id for item_id in left if item_id not in rejected])
    assert sum(item_id.startswith("menu-retro") for item_id in after) <= 1
    assert row_of(taste_of(chosen), left) == before


def test_one_refusal_amid_many_choices_of_the_same_kind_moves_little() -> None:
    ids = mixed()
    many = dict.fromkeys((item_id for item_id in IDS if item_id.startswith("menu-retro-warm")), 1.0)
    left = [item_id for item_id in ids if item_id not in many and item_id != "menu-retro-cool-0"]
    before, after = row_of(taste_of(many), left), row_of(taste_of(many, ["menu-retro-cool-0"]), left)
    assert of(after, 1)["retro"] >= of(before, 1)["retro"] - 3


def test_an_item_that_was_passed_over_five_times_leaves_and_one_seen_less_often_fades() -> None:
    ids = mixed()
    first = row_of(taste_of({}), ids)
    taste = taste_of({}, passes=dict.fromkeys(first[:4], 5))
    assert not set(first[:4]) & set(row_of(taste, ids))
    found = BalancedRow(TRAITS, [2.0, 4.0, 100.0], RowRules()).arrange(
        ids, np.linspace(1.0, 0.0, len(ids)).tolist(), 12, taste
    )
    assert set(found.tired) == set(first[:4])
    faded = row_of(taste_of({}, passes={first[0]: 3}), ids)
    assert first[0] not in faded or faded.index(first[0]) > 0
    everything = taste_of({}, passes=dict.fromkeys(ids, 9))
    assert row_of(everything, ids) == first, "where all were passed over, their own order stands"


def test_what_the_balance_put_there_names_what_carried_it() -> None:
    ids = mixed()
    found = BalancedRow(TRAITS, [2.0, 4.0, 100.0], RowRules()).arrange(
        ids,
        np.linspace(1.0, 0.0, len(ids)).tolist(),
        12,
        taste_of({"poster-retro-warm-0": 1.0, "menu-retro-cool-1": 1.0}),
    )
    assert set(found.lifted) == {ids[place] for place in found.order[:12] if place >= 12}
    carried = [(item_id, carrier) for item_id, carrier in found.lifted.items() if carrier is not None]
    assert carried
    for item_id, (name, value) in carried:
        assert str(item_id).split("-")[TRAITS.traits.index(next(t for t in TRAITS.traits if t.name == name))] == value


@given(st.integers(0, 10_000), st.integers(1, 15), st.integers(0, 4))
def test_any_taste_gives_a_whole_row_that_is_the_same_every_time(seed: int, k: int, refusals: int) -> None:
    rng = np.random.default_rng(seed)
    ids = [IDS[place] for place in rng.permutation(len(IDS))[: int(rng.integers(1, 60))]]
    chosen = {IDS[place]: float(rng.integers(1, 5)) for place in rng.choice(len(IDS), 5, replace=False)}
    taste = taste_of(chosen, [IDS[place] for place in rng.choice(len(IDS), refusals, replace=False)])
    assert row_of(taste, ids, k) == row_of(taste, ids, k)
    assert len(row_of(taste, ids, k)) == min(k, len(ids))


def test_misuse_is_named() -> None:
    with pytest.raises(ValueError, match="strengths must be 3, one for each attribute; got 1"):
        BalancedRow(TRAITS, [1.0], RowRules())
    with pytest.raises(ValueError, match="'a' has values of 1 attributes, and names has 2: type, style"):
        ItemTraits({"a": [("x",)]}, ("type", "style"))
    with pytest.raises(KeyError, match="unknown"):
        BalancedRow(TRAITS, [1.0, 1.0, 1.0], RowRules()).arrange(["unknown"], [1.0], 1, taste_of({}))


def test_refusals_push_down_what_they_have_in_common_beyond_the_catalog() -> None:
    """Films of which most are of one decade: who hides three horror films of it does not mean the decade."""
    genres = [("horror", "drama"), ("horror",), ("comedy",), ("comedy", "drama"), ("western",), ("war", "drama")]
    decades = ("1990s", "1990s", "1990s", "1970s")
    films = {f"film-{n}": [genres[n % 6], (decades[n // 6 % 4],)] for n in range(240)}
    horror = {film for film, (genre, _) in films.items() if "horror" in genre}
    refused = sorted(film for film in horror if films[film][1] == ("1990s",))[:3]
    ids = [film for film in sorted(films, key=lambda film: film not in horror) if film not in refused]
    row = BalancedRow(ItemTraits(dict(films.items()), ("type", "style")), [120.0, 17.0], RowRules(affinity=0.1))
    found = row.arrange(ids, np.linspace(1.0, 0.0, len(ids)).tolist(), 12, taste_of({refused[0]: 1.0}, refused))
    shown = [ids[place] for place in found.order[:12]]
    assert horror.isdisjoint(shown)
    assert {films[film][1] for film in shown} == {("1990s",), ("1970s",)}
