"""The law of the fold: what each event changes, given what stands; see docs/interactions.md."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.record.fold import CLICKS, GRAIN, UNTOUCHED, Change, Pair, Standing, applied, fold, is_hidden
from app.values.interaction import POSITIVE_KINDS

Act = tuple[str, bool]


def after(*acts: Act) -> Pair:
    pair = UNTOUCHED
    for kind, undo in acts:
        pair = applied(pair, fold(pair, kind, undo=undo))
    return pair


def did(kind: str) -> Act:
    return kind, False


def undone(kind: str) -> Act:
    return kind, True


def test_a_click_adds_and_every_further_one_half_of_what_is_missing_to_two() -> None:
    added = [sum(change.weight for change in fold(after(*[did("click")] * n), "click")) for n in range(12)]
    assert added == [2.0**-n for n in range(11)] + [0.0]
    assert after(*[did("click")] * 200)["click"].weight < CLICKS


@pytest.mark.parametrize("kind", ["like", "save", "use", "dislike"])
def test_saying_it_again_adds_nothing(kind: str) -> None:
    assert fold(after(did(kind)), kind) == []
    assert after(*[did(kind)] * 200)[kind] == Standing(1.0)


@pytest.mark.parametrize("kind", [*POSITIVE_KINDS, "dislike"])
def test_an_undo_takes_away_all_that_stands_of_its_kind_and_nothing_else(kind: str) -> None:
    others = [did(other) for other in POSITIVE_KINDS if other != kind]
    pair = after(*others, did(kind), did(kind), undone(kind))
    assert pair[kind].amount == 0.0
    assert all(pair[other] == Standing(1.0) for other, _ in others)
    assert fold(pair, kind, undo=True) == [], "there is nothing left to take back"


def test_like_like_undo_leaves_nothing() -> None:
    assert after(did("like"), did("like"), undone("like"))["like"] == Standing()


def test_a_dislike_takes_away_what_stands_and_its_undo_gives_that_back() -> None:
    pair = after(did("click"), did("like"))
    changes = fold(pair, "dislike")
    assert changes == [Change("click", -1.0, 1.0), Change("like", -1.0, 1.0), Change("dislike", 1.0)]
    hidden = applied(pair, changes)
    assert is_hidden(hidden)
    assert fold(hidden, "dislike", undo=True) == [
        Change("dislike", -1.0),
        Change("click", 1.0, -1.0),
        Change("like", 1.0, -1.0),
    ]


def test_a_like_lifts_a_dislike_and_gives_back_what_it_held() -> None:
    pair = after(did("click"), did("dislike"), did("like"))
    assert not is_hidden(pair)
    assert (pair["click"], pair["like"]) == (Standing(1.0), Standing(1.0))
    assert fold(pair, "dislike", undo=True) == [], "the like has lifted it already"
    assert after(did("like"), did("dislike"), did("like"))["like"] == Standing(1.0), "given back, not liked twice"


def test_what_is_done_with_a_hidden_item_is_held_back_until_it_is_shown_again() -> None:
    pair = after(did("dislike"), did("click"), did("save"))
    assert (pair["click"], pair["save"]) == (Standing(0.0, 1.0), Standing(0.0, 1.0))
    assert applied(pair, fold(pair, "dislike", undo=True))["save"] == Standing(1.0)
    taken_back = applied(pair, fold(pair, "save", undo=True))
    assert applied(taken_back, fold(taken_back, "dislike", undo=True))["save"] == Standing()


def test_a_view_changes_nothing_and_an_event_without_strength_neither() -> None:
    assert fold(UNTOUCHED, "view") == []
    for strength in (0.0, -1.0, float("nan"), GRAIN / 2):
        assert fold(UNTOUCHED, "like", strength=strength) == []


def test_strength_is_kept_within_bounds_and_of_two_the_stronger_stands() -> None:
    assert fold(UNTOUCHED, "like", strength=1e39) == [Change("like", 10.0)]
    assert fold(after(did("like")), "like", strength=2.5) == [Change("like", 1.5)]
    assert fold(after(did("like")), "like", strength=0.5) == []


def test_what_a_slate_brought_is_still_known_when_it_is_given_back() -> None:
    pair = applied(UNTOUCHED, fold(UNTOUCHED, "click", served=True))
    hidden = applied(pair, fold(pair, "dislike"))
    assert Change("click", 1.0, -1.0, True) in fold(hidden, "dislike", undo=True)


ACTS = st.lists(
    st.tuples(
        st.sampled_from(["view", "click", "like", "dislike", "save", "use"]), st.booleans(), st.floats(0.0, 20.0)
    ),
    max_size=60,
)


@given(ACTS)
def test_what_stands_is_bounded_never_negative_and_all_or_nothing_while_hidden(
    acts: list[tuple[str, bool, float]],
) -> None:
    pair, rows = UNTOUCHED, 0
    for kind, undo, strength in acts:
        changes = fold(pair, kind, undo=undo, strength=strength)
        pair, rows = applied(pair, changes), rows + len(changes)
        for standing in pair.values():
            assert 0.0 <= standing.weight <= 10.0
            assert 0.0 <= standing.held <= 10.0
            assert standing.amount / GRAIN == int(standing.amount / GRAIN), "exact in every order"
        stands = [pair[kind].weight for kind in POSITIVE_KINDS if kind in pair]
        held = [pair[kind].held for kind in POSITIVE_KINDS if kind in pair]
        assert not any(stands if is_hidden(pair) else held)
    assert rows <= 5 * len(acts)
