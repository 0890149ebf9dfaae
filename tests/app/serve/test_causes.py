"""Causes add up to a hundred, and a page claims of people only what people did."""

from __future__ import annotations

from collections.abc import Callable

from hypothesis import given
from hypothesis import strategies as st

from app.catalog import Catalog
from app.serve.causes import MAX_CAUSES, WISH, cause_words, causes_of, causes_with_popularity
from app.serve.co_openings import CoOpenings
from app.settings import Settings
from app.store import Store
from app.values.visitor import Visitor
from app.visitors import new_visitor
from tests.app.serve.conftest import Stage
from tests.conftest import NOW

Publish = Callable[[int], None]
AMOUNTS = st.lists(st.floats(-5, 5), max_size=9)


@given(AMOUNTS, st.floats(-1, 5))
def test_shares_add_up_to_a_hundred_and_none_is_negative(amounts: list[float], wish: float) -> None:
    found = [(("item", f"item-{number}"), amount) for number, amount in enumerate(amounts)]
    causes = causes_of([*found, (WISH, wish)])
    if causes:
        assert sum(cause.percent for cause in causes) == 100
        assert all(0 <= cause.percent <= 100 and cause.share > 0 for cause in causes)
        assert len([cause for cause in causes if cause.kind != "rest"]) <= MAX_CAUSES
    else:
        assert max([*amounts, wish], default=0) <= 0


def test_what_takes_away_from_a_score_is_no_cause() -> None:
    causes = causes_of([(("item", "a"), 1.01), (("item", "b"), -0.01)])
    assert [(cause.key, cause.percent) for cause in causes] == [("a", 100)]


@given(AMOUNTS, st.floats(-1, 5))
def test_popularity_is_taken_out_of_the_rest_and_changes_no_other_cause(amounts: list[float], rate: float) -> None:
    found = [*((("item", f"item-{number}"), amount) for number, amount in enumerate(amounts)), (None, rate)]
    plain, told = causes_of(found), causes_with_popularity(found, rate)
    named = [cause for cause in plain if cause.kind != "rest"]
    assert list(told[: len(named)]) == named
    assert sum(cause.percent for cause in told) == sum(cause.percent for cause in plain)
    assert all(cause.share > 0 and cause.percent >= 0 for cause in told)


def test_what_most_of_a_score_comes_from_is_never_laid_to_what_a_visitor_opened(catalog: Catalog) -> None:
    causes = causes_with_popularity([(("item", "a"), 1.0), (("item", "b"), 0.01), (None, 2.0), (None, 0.5)], 2.0)
    told = [(cause_words(cause, catalog), cause.percent) for cause in causes]
    assert told == [("something that is gone", 28), ("how often people open it", 57), ("everything else", 15)]


def test_the_trend_a_wish_and_a_trait_are_causes_like_items() -> None:
    causes = causes_of([(("item", "a"), 2.0), (("trend", ""), 1.0), (("trait", "style:retro"), 3.0), (WISH, 4.0)])
    assert [cause.kind for cause in causes] == ["wish", "trait", "item", "rest"]


def test_only_what_somebody_opened_is_said_of_people(
    stage: Stage, treated: Visitor, store: Store, catalog: Catalog, settings: Settings
) -> None:
    both = CoOpenings(store, kept_s=0.0)
    stage.open(treated, "item-001", "item-004")
    assert both.evidence("item-001", "item-004", catalog) == "1 other person opened both"
    assert both.evidence("item-001", "item-004", catalog, without_self=True).startswith("looks alike: ")
    stage.open(new_visitor(settings, now=NOW, visitor_id="another"), "item-001", "item-004")
    assert both.evidence("item-001", "item-004", catalog) == "2 other people opened both"
    alike = both.evidence("item-001", "item-007", catalog)
    assert alike.startswith("looks alike: ")
    assert "Retro" in alike


def test_a_card_names_its_causes_with_the_shares_that_its_bar_shows(
    stage: Stage, publish: Publish, treated: Visitor
) -> None:
    publish(1)
    stage.open(treated, "item-001", "item-002", "item-003")
    learned = [entry for entry in stage.serve.home(treated, NOW).shelves[0].entries if entry.source == "als"]
    assert all(sum(cause.percent for cause in entry.causes) == 100 for entry in learned)
    shared = [entry for entry in learned if entry.causes[0].percent < 90 and len(entry.causes) > 1]
    assert all(entry.reason.startswith(f"{entry.causes[0].percent} % “") for entry in shared)
