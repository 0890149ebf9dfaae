"""Opinions are what stands after everything that was done and taken back."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import given, strategies

from app.visitors import Opinions, fold_opinions


@dataclass(frozen=True)
class Did:
    kind: str
    item_id: str
    undo: bool = False


anything = strategies.builds(
    Did,
    strategies.sampled_from(["view", "click", "like", "dislike", "save", "use"]),
    strategies.sampled_from(["a", "b", "c"]),
    strategies.booleans(),
)


def test_nothing_done_is_no_opinion() -> None:
    assert fold_opinions([]) == fold_opinions([Did("view", "a"), Did("click", "a")]) == Opinions()


def test_each_kind_has_its_place() -> None:
    opinions = fold_opinions([Did("like", "a"), Did("save", "b"), Did("use", "c"), Did("dislike", "d")])
    assert opinions == Opinions(frozenset("a"), frozenset("b"), frozenset("c"), frozenset("d"))


def test_an_undo_takes_back_its_own_kind_on_its_own_item() -> None:
    opinions = fold_opinions(
        [Did("like", "a"), Did("like", "b"), Did("save", "a"), Did("like", "a", undo=True), Did("dislike", "c")]
    )
    assert opinions == Opinions(liked=frozenset("b"), saved=frozenset("a"), hidden=frozenset("c"))


def test_what_was_taken_back_can_be_said_again() -> None:
    done = [Did("dislike", "a"), Did("dislike", "a", undo=True)]
    assert fold_opinions(done).hidden == frozenset()
    assert fold_opinions([*done, Did("dislike", "a")]).hidden == frozenset("a")


def test_of_a_like_and_a_dislike_the_later_one_holds() -> None:
    assert fold_opinions([Did("dislike", "a"), Did("like", "a")]) == Opinions(liked=frozenset("a"))
    assert fold_opinions([Did("like", "a"), Did("dislike", "a")]) == Opinions(hidden=frozenset("a"))


@given(done=strategies.lists(anything))
def test_nothing_is_liked_and_hidden_at_once_and_doing_it_twice_is_doing_it_once(done: list[Did]) -> None:
    opinions = fold_opinions(done)
    assert not opinions.liked & opinions.hidden
    assert fold_opinions([event for event in done for _ in range(2)]) == opinions


@given(done=strategies.lists(anything), last=anything)
def test_the_last_word_on_an_item_counts(done: list[Did], last: Did) -> None:
    opinions = fold_opinions([*done, last])
    place = {"like": opinions.liked, "save": opinions.saved, "use": opinions.used, "dislike": opinions.hidden}
    if last.kind in place:
        assert (last.item_id in place[last.kind]) is not last.undo
