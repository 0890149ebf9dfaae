"""What is popular now: newer choices count more, everybody counts a little, and whoever is excluded not at all."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from app.catalog import Catalog
from app.record.filling import store_events
from app.serve.popularity import HALF_LIFE_DAYS, MAX_CHOICES, PopularityBoard
from app.settings import Settings
from app.store import Store, Writer
from app.store.events import NewEvent
from app.store.measures.exclusions import NewExclusion, exclude, lift
from app.store.visitors import ensure_visitor, erase_visitor
from app.values.visitor import Visitor
from app.visitors.contribution import ContributionRules, contribution_rules
from tests.conftest import NOW

DAY = 86_400.0
WEEK = 7 * DAY
RULES = ContributionRules({"click": 1.0, "like": 3.0})

Do = Callable[..., None]


@pytest.fixture
def do(writer: Writer) -> Do:
    """Record one event of a visitor who first came a day before their first event."""
    numbers = iter(range(10_000))

    def record(
        visitor_id: str, item: int, kind: str = "click", at: float = NOW, *, undo: bool = False, age_s: float = DAY
    ) -> None:
        visitor = Visitor(visitor_id, at - age_s, "control", "assigned", "real", holdout=False)
        event = NewEvent(f"e{next(numbers)}", visitor_id, f"item-{item:03}", kind, at, "real", undo)
        writer.run(lambda db: (ensure_visitor(db, visitor), store_events(db, [event], at)))

    return record


@pytest.fixture
def top(store: Store, catalog: Catalog) -> Callable[..., list[int]]:
    """The first items of a board that follows the database."""
    board = PopularityBoard(store, catalog, RULES, epoch=NOW, refresh_s=0.0, now=lambda: NOW + 30 * 365 * DAY)
    return lambda count=3: [int(item_id[-3:]) for item_id in list(board.order())[:count]]


Top = Callable[..., list[int]]


def test_nothing_clicked_is_editorial_order(store: Store, catalog: Catalog) -> None:
    board = PopularityBoard(store, catalog, RULES, epoch=NOW)
    assert tuple(board.order()) == tuple(item.item_id for item in catalog.items)
    assert not board.any_clicks()


def test_the_most_chosen_is_first_and_ties_keep_editorial_order(do: Do, top: Top) -> None:
    for visitor_id, item in (("ann", 2), ("ann", 3), ("bob", 3), ("cy", 1)):
        do(visitor_id, item)
    assert top() == [3, 1, 2]


def test_a_choice_is_worth_half_after_a_half_life(do: Do, top: Top) -> None:
    later = NOW + HALF_LIFE_DAYS * DAY
    for visitor_id, item, at in (
        ("ann", 0, NOW),
        ("bob", 0, NOW),
        ("cy", 1, later),
        ("di", 1, later),
        ("ed", 2, later),
    ):
        do(visitor_id, item, at=at)
    assert top() == [1, 0, 2]


def test_years_of_decay_neither_overflow_nor_forget_the_newest(do: Do, top: Top) -> None:
    for year in range(30):
        do(f"v{year}", 1, at=NOW + year * 365 * DAY)
        assert top(1) == [1]
    do("newest", 2, "like", at=NOW + 29 * 365 * DAY)
    assert top(2) == [2, 1]


def test_a_like_undone_after_28_days_leaves_nothing(do: Do, top: Top) -> None:
    do("ann", 3, "like")
    do("bob", 2, at=NOW - 10 * WEEK)
    do("ann", 3, "like", at=NOW + 4 * WEEK, undo=True)
    assert top() == [2, 0, 1], "an item of nothing stands in editorial order, neither above nor below"
    do("cy", 3, at=NOW + 4 * WEEK)
    assert top(1) == [3], "and nothing is owed"


@pytest.mark.parametrize("acts", [["like", "like", "-like"], ["like", "dislike"]])
def test_what_was_taken_back_or_is_disliked_leaves_nothing(do: Do, top: Top, acts: list[str]) -> None:
    for act in acts:
        do("ann", 3, act.removeprefix("-"), undo=act.startswith("-"))
    assert top(4) == [0, 1, 2, 3]


def test_200_likes_of_one_visitor_count_as_one(do: Do, top: Top) -> None:
    for _ in range(200):
        do("fan", 3, "like")
    for visitor_id in ("ann", "bob"):
        do(visitor_id, 2, "like")
    assert top(2) == [2, 3]


def test_a_visitor_adds_no_more_than_the_limit(do: Do, store: Store, catalog: Catalog, settings: Settings) -> None:
    for kind in ("click", "like", "save", "use"):
        do("fan", 3, kind)
    for visitor_id in ("ann", "bob", "cy"):
        do(visitor_id, 2)
    board = PopularityBoard(store, catalog, contribution_rules(settings), epoch=NOW, now=lambda: NOW)
    assert list(board.order())[:2] == ["item-002", "item-003"]


def test_a_swarm_of_fresh_visitors_moves_nothing_and_those_who_come_back_count_with_all_they_did(
    do: Do, store: Store, catalog: Catalog, settings: Settings
) -> None:
    board = PopularityBoard(store, catalog, contribution_rules(settings), epoch=NOW, refresh_s=0.0, now=lambda: NOW)
    do("ann", 2)
    for number in range(100):
        do(f"bot-{number}", 3, "like", age_s=1.0)
    assert next(iter(board.order())) == "item-002"
    for number in range(2):
        do(f"bot-{number}", 5, at=NOW + 300.0)
    assert list(board.order())[:3] == ["item-003", "item-005", "item-002"]


def test_excluded_visitors_are_gone_at_once_and_back_when_the_exclusion_is_lifted(
    do: Do, top: Top, writer: Writer
) -> None:
    for number in range(3):
        do(f"bot-{number}", 3, "like")
    do("ann", 2)
    assert top(1) == [3]
    bots = [NewExclusion(f"bot-{number}", "by hand", "a test", {}) for number in range(3)]
    ids = writer.run(lambda db: exclude(db, bots, "test", NOW))
    assert top(2) == [2, 0]
    do("bot-1", 4, "like")
    assert top(2) == [2, 0], "what they do later does not count either"
    writer.run(lambda db: lift(db, ids[1], "a mistake", "test", NOW))
    assert top(3) == [3, 4, 2]


def test_an_erased_visitor_is_forgotten_at_once(do: Do, top: Top, writer: Writer) -> None:
    do("ann", 3, "like")
    do("bob", 2)
    assert top(1) == [3]
    writer.run(lambda db: erase_visitor(db, "ann"))
    assert top(2) == [2, 0]


def test_a_click_stamped_years_ahead_counts_as_of_now(do: Do, store: Store, catalog: Catalog, writer: Writer) -> None:
    board = PopularityBoard(store, catalog, RULES, epoch=NOW, refresh_s=0.0, now=lambda: NOW)
    visitor = Visitor("wrong", NOW - DAY, "control", "assigned", "imported", holdout=False)
    ahead = NewEvent("ahead", "wrong", "item-003", "click", NOW + 5 * 365 * DAY, "imported")
    writer.run(lambda db: (ensure_visitor(db, visitor), store_events(db, [ahead], NOW)))
    for visitor_id in ("ann", "bob"):
        do(visitor_id, 2)
    assert list(board.order())[:2] == ["item-002", "item-003"]


def test_a_board_made_later_has_the_same_order(do: Do, store: Store, catalog: Catalog) -> None:
    following = PopularityBoard(store, catalog, RULES, epoch=NOW, refresh_s=0.0, now=lambda: NOW)
    for step in range(60):
        do(f"v{step % 7}", step % 11, ("click", "like", "dislike")[step % 3], undo=step % 5 == 0, at=NOW - step * DAY)
        following.order()
    fresh = PopularityBoard(store, catalog, RULES, epoch=NOW + 99 * DAY, now=lambda: NOW)
    assert tuple(following.order()) == tuple(fresh.order())


def test_memory_is_bounded_and_the_oldest_visitors_make_room(
    do: Do, store: Store, catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.serve.popularity.MAX_CHOICES", 3)
    board = PopularityBoard(store, catalog, RULES, epoch=NOW, refresh_s=0.0, now=lambda: NOW)
    for number in range(5):
        do(f"v{number}", 10 + number)
        board.order()
    assert list(board.order())[:4] == ["item-012", "item-013", "item-014", "item-000"]
    assert MAX_CHOICES >= 100_000


def test_the_order_is_taken_again_only_after_the_refresh_time(do: Do, store: Store, catalog: Catalog) -> None:
    now = [0.0]
    board = PopularityBoard(store, catalog, RULES, epoch=NOW, refresh_s=1.0, clock=lambda: now[0], now=lambda: NOW)
    do("ann", 3)
    assert next(iter(board.order())) == "item-003"
    do("bob", 2)
    do("cy", 2)
    assert next(iter(board.order())) == "item-003"
    now[0] = 1.0
    assert next(iter(board.order())) == "item-002"


def test_an_order_that_is_kept_beside_the_pages_changes_only_when_it_is_sorted(
    do: Do, store: Store, catalog: Catalog
) -> None:
    board = PopularityBoard(store, catalog, RULES, epoch=NOW, refresh_s=0.0, now=lambda: NOW)
    do("ann", 3)
    board.sort_beside()
    assert next(iter(board.order())) == "item-003", "what was there before is sorted by then"
    do("bob", 2)
    do("cy", 2)
    assert next(iter(board.order())) == "item-003"
    board.sort()
    assert next(iter(board.order())) == "item-002"


def test_a_round_that_fails_is_made_up_for(
    do: Do, store: Store, catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*arguments: object) -> None:
        raise MemoryError

    board = PopularityBoard(store, catalog, RULES, epoch=NOW, refresh_s=0.0, now=lambda: NOW)
    do("ann", 3)
    with monkeypatch.context() as patch:
        patch.setattr("app.serve.popularity.interactions_of", fail)
        with pytest.raises(MemoryError):
            board.sort()
    board.sort()
    assert next(iter(board.order())) == "item-003"
