"""The first row in use: what is hidden takes its like along, what is passed over steps back, and both can be undone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from functools import partial

import pytest

from app.catalog import Catalog
from app.models.balance import PRIOR_STRENGTHS, learn_strengths
from app.record import Event, EventBatch
from app.serve.first_row.row import FirstRowMaker, RowBalance
from app.serve.first_row.visit_pools import VisitPools
from app.serve.page import Shelf
from app.serve.rules.want import Want
from app.settings import Settings
from app.store import Store
from app.store.rules import add_rule
from app.store.slates import get_slate
from app.values.rule import Rule
from app.values.visitor import Visitor
from app.visitors import new_visitor
from app.visitors.history import VISIT_GAP_S
from tests.app.serve.conftest import Stage
from tests.app.serve.test_serve import RETRO, Publish, for_you, ids
from tests.conftest import NOW


def look(stage: Stage, visitor: Visitor, shelf: Shelf) -> None:
    """Every entry of the shelf is on screen."""
    views = [
        Event(
            event_id=f"v-{shelf.slate_id}-{entry.position}",
            kind="view",
            item_id=entry.item.item_id,
            slate_id=shelf.slate_id,
            position=entry.position,
        )
        for entry in shelf.entries
    ]
    stage.recorder.record(EventBatch(events=views), visitor, received_at=NOW)


def alike(shelf: Shelf, first: str) -> list[str]:
    kinds = {entry.item.item_id: (entry.item.type, entry.item.style) for entry in shelf.entries}
    return [item_id for item_id, kind in kinds.items() if kind == kinds[first]]


def test_what_is_like_three_hidden_cards_steps_back_with_them_and_comes_back_with_the_undo(
    stage: Stage, publish: Publish, treated: Visitor
) -> None:
    publish(1)
    stage.open(treated, "item-001", "item-013")
    before = for_you(stage.serve.home(treated, NOW))
    kind, count = Counter((entry.item.type, entry.item.style) for entry in before.entries).most_common(1)[0]
    of_kind = [e.item.item_id for e in before.entries if (e.item.type, e.item.style) == kind and e.source == "als"]
    hidden = of_kind[: max(1, count // 2)]
    for item_id in hidden:
        stage.open(treated, item_id, kind="dislike")
    after = for_you(stage.serve.home(treated, NOW))
    assert sum((entry.item.type, entry.item.style) == kind for entry in after.entries) <= 1
    assert "like what you hid stepped back" in after.reason
    for item_id in hidden:
        stage.recorder.record_one(treated, "dislike", item_id, undo=True, received_at=NOW)
    assert ids(for_you(stage.serve.home(treated, NOW))) == ids(before)


def test_what_was_on_screen_five_times_leaves_the_row_until_that_is_taken_back(
    stage: Stage, publish: Publish, treated: Visitor, settings: Settings
) -> None:
    publish(1)
    stage.open(treated, *RETRO)
    seen: Counter[str] = Counter()
    while True:
        shelf = for_you(stage.serve.home(treated, NOW))
        worn = [item_id for item_id, times in seen.items() if times >= settings.row_passes]
        ranked = {entry.item.item_id for entry in shelf.entries if entry.source != "explore"}
        assert not set(worn) & ranked
        if worn:
            break
        look(stage, treated, shelf)
        look(stage, treated, shelf)  # the same slate again is the same look
        seen.update(ids(shelf))
    assert "passed over" in shelf.reason
    assert set(worn) == set(stage.serve.passed_over(treated.visitor_id, NOW))
    for item_id in worn:
        stage.recorder.record_one(treated, "view", item_id, undo=True, received_at=NOW)
    assert not stage.serve.passed_over(treated.visitor_id, NOW)
    assert set(worn) & set(ids(for_you(stage.serve.home(treated, NOW))))


def test_what_was_on_screen_is_read_back_after_a_restart(stage: Stage, publish: Publish, treated: Visitor) -> None:
    publish(1)
    stage.open(treated, *RETRO)
    for _ in range(5):
        look(stage, treated, for_you(stage.serve.home(treated, NOW)))
    known = stage.serve.passed_over(treated.visitor_id, NOW)
    stage.serve.forget(treated.visitor_id)  # drops what is held in memory and nothing else
    assert set(stage.serve.passed_over(treated.visitor_id, NOW)) == set(known)


def test_a_visit_goes_on_through_whatever_is_done_in_it_and_ends_with_a_gap(stage: Stage, settings: Settings) -> None:
    visitor = new_visitor(settings, now=NOW, visitor_id="gap")
    marks = []
    for at in (NOW, NOW + 60, NOW + VISIT_GAP_S, NOW + 9 * VISIT_GAP_S, NOW + 9 * VISIT_GAP_S + 5):
        history = stage.serve._histories.get(visitor.visitor_id)
        marks.append(history.visit(at))
        stage.recorder.record_one(visitor, "click", RETRO[0], received_at=at)
        assert stage.serve._histories.get(visitor.visitor_id).visit(at) == marks[-1], "acting begins no new visit"
    assert len(set(marks[:3])) == 1
    assert len(set(marks)) == 2
    maker = FirstRowMaker(stage.serve.balance, "gap", lambda now: {}, {}, VisitPools())
    history = stage.serve._histories.get(visitor.visitor_id)
    assert maker.exploration_seed(history, NOW + 9 * VISIT_GAP_S) != maker.exploration_seed(history, NOW * 2)


def test_no_type_fills_a_row_whatever_is_pinned_capped_hidden_gone_or_drawn_but_one_that_was_asked_for(
    stage: Stage, publish: Callable[..., None], treated: Visitor, store: Store, settings: Settings
) -> None:
    publish(1, "type")
    stage.serve._settings = replace(settings, exploration_share=0.7)
    posters = [item.item_id for item in stage.serve.shelves(treated).catalog.items if item.type == "poster"]
    stage.open(treated, *posters[:3])

    def largest(shelf: Shelf) -> int:
        types = [entry.item.type for entry in shelf.entries]
        assert len(types) == settings.shelf_size
        assert len(set(types)) >= 3
        for length in range(4, len(types) + 1):
            assert max(Counter(types[:length]).values()) <= 0.6 * length + 1
        return max(Counter(types).values())

    def looks() -> list[Shelf]:
        serve, found = stage.serve, []
        for day in range(12):  # another visit each, with other wild cards
            found.append(for_you(serve.home(treated, NOW + 86_400 * day)))
            stage.recorder.record_one(treated, "click", posters[0], received_at=NOW + 86_400 * day)
            assert largest(found[-1]) <= 7
        stage.settle()
        for shelf in found:
            slate = get_slate(store.reader(), shelf.slate_id or "")
            assert slate is not None
            assert list(slate.items) == ids(shelf)
            assert list(slate.propensities) == [entry.propensity for entry in shelf.entries]
        return found

    plain = looks()
    assert max(map(largest, plain)) >= 6, f"the model wants posters {list(map(largest, plain))}"
    assert any(entry.source == "explore" for shelf in plain for entry in shelf.entries)
    one, other = [item_id for item_id in posters[9:] if item_id not in ids(plain[-1])][:2]
    for stated in (Rule("pin", "", one, 12), Rule("pin", "", other, 2), Rule("cap", "style", "", 5)):
        stage.writer.run(partial(add_rule, rule=stated, by="a test", at=NOW))
    stage.serve.rules.refresh()
    ruled = looks()
    assert {ids(shelf)[place] for shelf in ruled for place in (1, 11)} == {one, other}
    assert all(max(Counter(entry.item.style for entry in shelf.entries).values()) <= 5 for shelf in ruled)
    stage.open(treated, posters[5], posters[6], kind="dislike")
    catalog = stage.serve.shelves(treated).catalog
    gone = [replace(catalog[item_id], available=False) for item_id in posters[7:9]]
    stage.serve.use_catalog(catalog.with_changes(gone), [item.item_id for item in gone])
    assert not {*posters[5:9]} & {item_id for shelf in looks() for item_id in ids(shelf)}
    for want in (Want(type="poster"), Want(filters=(("type", "poster"),))):
        [asked] = stage.serve.recommend(treated, NOW, 5, want).shelves
        assert {entry.item.type for entry in asked.entries} == {"poster"}


def test_strengths_are_learned_from_choices_and_are_the_priors_before(stage: Stage, settings: Settings) -> None:
    assert stage.serve.balance.strengths == pytest.approx(PRIOR_STRENGTHS)
    for number in range(40):
        visitor = new_visitor(settings, now=NOW - 3600, visitor_id=f"faithful-{number}")
        if not visitor.holdout:
            stage.open(visitor, *[f"item-{place:03}" for place in range(number % 3, 24, 3)])
    stage.serve.balance.learn()
    learned = stage.serve.balance.strengths
    assert learned["style"] < PRIOR_STRENGTHS["style"] / 4, "everybody keeps to one style"
    assert learned["type"] > PRIOR_STRENGTHS["type"], "and opens all types alike"
    assert learn_strengths(stage.serve.balance._row.traits, []) == list(PRIOR_STRENGTHS.values())


def test_of_a_changed_catalog_only_what_changed_is_looked_at(
    settings: Settings, catalog: Catalog, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    balance = RowBalance(settings, catalog, store)
    first, second = catalog.items[:2]
    after = catalog.with_changes(
        [replace(first, item_id="new", position=len(catalog)), replace(second, style=first.style)],
        [catalog.items[5].item_id],
    )
    anew = RowBalance(settings, after, store)
    with monkeypatch.context() as patched:
        patched.setattr("app.serve.first_row.row.item_traits", None)
        balance.use_catalog(after, ["new", second.item_id, catalog.items[5].item_id])
    followed, made = balance._row.traits, anew._row.traits
    assert set(followed.row_of) == set(made.row_of) == {item.item_id for item in after.items}
    for item in after.items:
        place, other = followed.row_of[item.item_id], made.row_of[item.item_id]
        assert followed.codes[place].tolist() == made.codes[other].tolist()
    with monkeypatch.context() as patched:
        patched.setattr("app.serve.first_row.row.item_traits", None)
        balance.use_catalog(after.with_changes([replace(first, style="never-seen")]), [first.item_id])
    assert "never-seen" in balance._row.traits.traits[1].values, "a value that nothing had is made room for"
