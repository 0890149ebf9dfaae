"""While a challenger is on trial, it fills the shelf "For you" together with the champion, for those who take part."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import binomtest

from app.catalog import Catalog
from app.models.publish import CHALLENGER_POINTER
from app.serve import Serve
from app.serve.first_row.interleaved import interleave, takes_part
from app.serve.first_row.row import FirstRowMaker
from app.serve.page import Shelf
from app.serve.popularity import PopularityBoard
from app.serve.rankers import Ranked
from app.settings import Settings
from app.store import Store, Writer
from app.store.measures.trials import TrialVisitor, has_visitors_since, trial_visitors
from app.store.slates import get_slate
from app.values.visitor import Visitor
from app.visitors import new_visitor
from app.visitors.contribution import contribution_rules
from tests.app.serve.conftest import Stage
from tests.conftest import NOW

Publish = Callable[..., None]
FALSE_ALARMS = 1e-5
"""How often the frequencies of a sound site would be called wrong, were the seed drawn anew; all entries together."""


@pytest.fixture
def everyone(
    settings: Settings, store: Store, writer: Writer, catalog: Catalog, stage: Stage
) -> Callable[[int], Serve]:
    """Makes a site on the stage's parts where all treatment visitors take part in trials, by the seed of its chance."""

    def make(seed: int) -> Serve:
        popularity = PopularityBoard(store, catalog, contribution_rules(settings), epoch=NOW, refresh_s=0.0)
        asked = replace(settings, trial_share=1.0)
        rng = np.random.default_rng(seed)
        return Serve(asked, store, writer, catalog, stage.models, popularity, rng=lambda: rng)

    return make


@pytest.fixture
def trial(publish: Publish) -> None:
    """Version 1 in use, version 2, which keeps to palettes instead of styles, on trial."""
    publish(1)
    publish(2, "palette", CHALLENGER_POINTER)


def for_you(serve: Serve, visitor: Visitor) -> Shelf:
    shelf = serve.home(visitor, NOW).shelves[0]
    assert shelf.key == "for-you"
    return shelf


@pytest.mark.usefixtures("trial")
def test_both_fill_the_shelf_and_the_slate_says_who_filled_what(
    everyone: Callable[[int], Serve], stage: Stage, treated: Visitor, store: Store
) -> None:
    stage.open(treated, "item-000")
    shelf = for_you(everyone(1), treated)
    stage.settle()
    slate = get_slate(store.reader(), shelf.slate_id or "")
    assert slate is not None
    assert (slate.model_version, slate.challenger_version, slate.policy) == (1, 2, "als+balance+interleave+explore")
    assert slate.teams == tuple(entry.team for entry in shelf.entries)
    assert set(slate.teams) >= {"champion", "challenger"}
    assert [team == "explore" for team in slate.teams] == [source == "explore" for source in slate.sources]
    others = [get_slate(store.reader(), other.slate_id or "") for other in everyone(1).home(treated, NOW).shelves[1:]]
    stage.settle()
    assert all(other is None or other.teams is None for other in others)


@pytest.mark.usefixtures("trial")
def test_logged_propensities_are_how_often_entries_stand_there(
    everyone: Callable[[int], Serve], stage: Stage, treated: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage.open(treated, "item-000", "item-006")
    serve, pages = everyone(2), 500
    seeds = itertools.count()
    monkeypatch.setattr(FirstRowMaker, "exploration_seed", lambda *_: next(seeds))  # each page as if of another visit
    seen: Counter[tuple[int, str]] = Counter()
    claimed: dict[tuple[int, str], float] = {}
    for _ in range(pages):
        for entry in for_you(serve, treated).entries:
            seen[entry.position, entry.item.item_id] += 1
            assert claimed.setdefault((entry.position, entry.item.item_id), entry.propensity) == entry.propensity
        stage.settle()
    # Most entries are wild cards, shown about once in so many pages: only the exact binomial law holds so far out.
    for shown, chance in claimed.items():
        assert binomtest(seen[shown], pages, chance).pvalue > FALSE_ALARMS / len(claimed), (shown, seen[shown], chance)
    coins = {round(chance, 6) for chance in claimed.values()}
    assert coins & {0.46, 0.23}, "one or two coins, and a slot that does not explore"


@pytest.mark.usefixtures("trial")
def test_control_newcomers_and_those_outside_the_share_see_no_trial(
    everyone: Callable[[int], Serve], stage: Stage, treated: Visitor, untreated: Visitor
) -> None:
    serve = everyone(3)
    stage.open(untreated, "item-000")
    assert for_you(serve, untreated).challenger_version is None
    assert for_you(serve, treated).challenger_version is None
    stage.open(treated, "item-000")
    serve.forget(treated.visitor_id)
    assert for_you(serve, treated).challenger_version == 2
    outside = next(replace(treated, visitor_id=f"o{n}") for n in range(99) if not takes_part(f"o{n}", 2, 0.5))
    stage.open(outside, "item-000")
    assert for_you(stage.serve, outside).challenger_version is None


@pytest.mark.usefixtures("trial")
def test_a_trial_that_ends_or_breaks_leaves_the_champion(
    everyone: Callable[[int], Serve], stage: Stage, treated: Visitor, settings: Settings, publish: Publish
) -> None:
    serve = everyone(4)
    stage.open(treated, "item-000")
    (settings.models_folder / CHALLENGER_POINTER).unlink()
    stage.models.poll()
    assert for_you(serve, treated).challenger_version is None
    publish(3, "type", CHALLENGER_POINTER)
    assert for_you(serve, treated).challenger_version == 3
    (settings.models_folder / CHALLENGER_POINTER).write_text("{")
    stage.models.poll()
    shelf = for_you(serve, treated)
    assert (shelf.challenger_version, shelf.policy) == (None, "als+balance+explore")


@pytest.mark.usefixtures("trial")
def test_clicks_count_for_the_side_that_put_the_entry_there_and_once(
    everyone: Callable[[int], Serve], stage: Stage, treated: Visitor, store: Store
) -> None:
    assert not has_visitors_since(store.reader(), NOW)
    stage.open(treated, "item-000")
    shelf = for_you(everyone(5), treated)
    stage.settle()
    sides = {entry.team: entry for entry in shelf.entries}
    for entry in (sides["challenger"], sides["challenger"], sides["champion"]):
        stage.recorder.record_one(
            treated, "click", entry.item.item_id, received_at=NOW, slate_id=shelf.slate_id, position=entry.position
        )
    assert trial_visitors(store.reader(), 2) == [TrialVisitor(treated.visitor_id, "real", 1, 1, 1)]
    assert trial_visitors(store.reader(), 3) == []
    assert has_visitors_since(store.reader(), NOW)
    assert not has_visitors_since(store.reader(), NOW + 1)


def test_no_type_fills_a_shelf_that_both_draft(
    everyone: Callable[[int], Serve], stage: Stage, publish: Publish, settings: Settings, catalog: Catalog
) -> None:
    publish(1, "type")
    publish(2, "palette", CHALLENGER_POINTER)
    serve = everyone(6)
    most = round(settings.row_largest_share * settings.shelf_size)
    posters = [item.item_id for item in catalog.items if item.type == "poster"]
    for number, item_id in enumerate(posters):
        visitor = replace(new_visitor(settings, now=NOW, visitor_id=f"v{number}"), arm="treatment", holdout=False)
        stage.open(visitor, item_id)
        shelf = for_you(serve, visitor)
        assert shelf.challenger_version == 2
        types = Counter(entry.item.type for entry in shelf.entries if entry.source != "explore")
        assert max(types.values()) <= most, types
        assert len(types) >= 3


def test_what_could_have_been_drafted_is_not_in_the_pool() -> None:
    champion = [Ranked(item_id, "als", 1.0) for item_id in "abcdef"]
    challenger = [Ranked(item_id, "als", 2.0) for item_id in "eab"]
    for seed in range(20):
        shelf = interleave(champion, challenger, 3, 9, np.random.default_rng(seed), list("dfb"))
        assert shelf.pool == ["d", "f"]
        assert len(shelf.ranked) == 3
        assert all((choice.score == 2.0) == shelf.draft.is_challengers(choice.item_id) for choice in shelf.ranked)


def test_a_share_takes_part_and_another_for_each_challenger() -> None:
    ids = [f"visitor-{n}" for n in range(4000)]
    first = {one for one in ids if takes_part(one, 7, 0.25)}
    assert len(first) / len(ids) == pytest.approx(0.25, abs=0.03)
    second = {one for one in ids if takes_part(one, 8, 0.25)}
    assert len(first & second) / len(ids) == pytest.approx(0.0625, abs=0.02)
