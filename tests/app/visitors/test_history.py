"""A history is what the visitor stands by, newest last; opinions are what stands after all that was taken back."""

from __future__ import annotations

from hypothesis import given, strategies

from app.visitors import History, Opinions
from app.visitors.history import RunningHistory, history_of, opinions_of, rows_before
from tests.app.interactions import Did, rows_of

WEIGHTS = {"click": 1.0, "like": 3.0, "save": 2.0, "use": 4.0}


def history(*done: Did, length: int = 10) -> History:
    return history_of(rows_of(*done), WEIGHTS, length)


def opinions(*done: Did) -> Opinions:
    return opinions_of(rows_of(*done))


def test_the_newest_interaction_is_last_and_kinds_add_up() -> None:
    found = history(Did("a"), Did("b"), Did("a", "like"))
    assert list(found.weights.items()) == [("b", 1.0), ("a", 4.0)]
    assert found.opinions.liked == {"a"}


def test_an_undone_like_counts_for_nothing_and_keeps_the_item_where_it_was() -> None:
    found = history(Did("a"), Did("a", "like"), Did("b"), Did("a", "like", undo=True))
    assert list(found.weights.items()) == [("a", 1.0), ("b", 1.0)]


def test_the_last_row_that_raised_an_item_gives_its_place_though_it_was_taken_back() -> None:
    found = history(Did("a"), Did("b"), Did("a", "like"), Did("a", "like", undo=True))
    assert list(found.weights.items()) == [("b", 1.0), ("a", 1.0)]


def test_an_item_whose_only_event_was_undone_leaves_the_history() -> None:
    assert not history(Did("a", "save"), Did("a", "save", undo=True)).weights


def test_an_item_marked_not_interested_leaves_the_history_until_that_is_undone() -> None:
    done = [Did("a"), Did("b"), Did("a", "dislike")]
    assert list(history(*done).weights) == ["b"]
    assert history(*done).opinions.hidden == {"a"}
    assert list(history(*done, Did("a", "dislike", undo=True)).weights) == ["b", "a"]


def test_like_dislike_undo_is_a_like_again_in_history_and_opinions_alike() -> None:
    found = history(Did("a", "like"), Did("a", "dislike"), Did("a", "dislike", undo=True))
    assert found == History({"a": 3.0}, Opinions(liked=frozenset("a")), last_at=103.0, start={"a": 3.0})


def test_only_the_newest_items_are_kept_and_opinions_reach_further_back() -> None:
    done = [Did("z", "dislike"), *(Did(f"i{n}") for n in range(9))]
    found = history(*done, length=3)
    assert list(found.weights) == ["i6", "i7", "i8"]
    assert found.opinions.hidden == {"z"}


def test_a_kind_that_is_worth_nothing_raises_nothing() -> None:
    found = history_of(rows_of(Did("a"), Did("b"), Did("a", "save")), WEIGHTS | {"save": 0.0}, 10)
    assert list(found.weights.items()) == [("a", 1.0), ("b", 1.0)]
    assert found.opinions.saved == {"a"}


def test_a_history_of_then_has_what_stood_then() -> None:
    rows = rows_of(Did("a", "like", at=1.0), Did("b", at=2.0), Did("a", "like", undo=True, at=3.0))
    assert list(history_of(rows_before(rows, 3.0), WEIGHTS, 10).weights) == ["a", "b"]
    assert list(history_of(rows, WEIGHTS, 10).weights) == ["b"]


def test_a_running_history_says_at_every_moment_when_an_item_was_last_raised() -> None:
    running = RunningHistory(WEIGHTS)
    for row in rows_of(Did("a", at=1.0), Did("a", "like", at=5.0), Did("a", "like", undo=True, at=9.0)):
        running.add(row)
    assert running.choices() == {"a": (1.0, 5.0)}
    assert "a" in running
    assert len(running) == 1


anything = strategies.builds(
    Did,
    strategies.sampled_from(["a", "b", "c"]),
    strategies.sampled_from(["view", "click", "like", "dislike", "save", "use"]),
    strategies.booleans(),
)


def test_nothing_done_is_no_opinion() -> None:
    assert opinions() == opinions(Did("a", "view"), Did("a")) == Opinions()


def test_each_kind_has_its_place() -> None:
    found = opinions(Did("a", "like"), Did("b", "save"), Did("c", "use"), Did("d", "dislike"))
    assert found == Opinions(frozenset("a"), frozenset("b"), frozenset("c"), frozenset("d"))


def test_an_undo_takes_back_its_own_kind_on_its_own_item() -> None:
    found = opinions(
        Did("a", "like"), Did("b", "like"), Did("a", "save"), Did("a", "like", undo=True), Did("c", "dislike")
    )
    assert found == Opinions(liked=frozenset("b"), saved=frozenset("a"), hidden=frozenset("c"))


def test_what_was_taken_back_can_be_said_again() -> None:
    done = [Did("a", "dislike"), Did("a", "dislike", undo=True)]
    assert opinions(*done).hidden == frozenset()
    assert opinions(*done, Did("a", "dislike")).hidden == frozenset("a")


def test_of_a_like_and_a_dislike_the_later_one_holds() -> None:
    assert opinions(Did("a", "dislike"), Did("a", "like")) == Opinions(liked=frozenset("a"))
    assert opinions(Did("a", "like"), Did("a", "dislike")) == Opinions(hidden=frozenset("a"))


def test_saved_and_used_hold_while_an_item_is_hidden() -> None:
    found = opinions(Did("a", "save"), Did("a", "use"), Did("a", "dislike"))
    assert found == Opinions(saved=frozenset("a"), used=frozenset("a"), hidden=frozenset("a"))


@given(done=strategies.lists(anything))
def test_nothing_is_liked_and_hidden_at_once_and_saying_it_twice_is_saying_it_once(done: list[Did]) -> None:
    found = opinions(*done)
    assert not found.liked & found.hidden
    assert opinions(*(did for did in done for _ in range(2))) == found


@given(done=strategies.lists(anything), last=anything)
def test_the_last_word_on_an_item_counts(done: list[Did], last: Did) -> None:
    found = opinions(*done, last)
    place = {"like": found.liked, "save": found.saved, "use": found.used, "dislike": found.hidden}
    if last.kind in place:
        assert (last.item_id in place[last.kind]) is not last.undo
