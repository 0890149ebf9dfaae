"""Business rules: what a shop decides holds on every page, with honest propensities, and teaches no model."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

import pytest

from app.catalog.conditions import has
from app.record import EventBatch
from app.serve.rules.want import ANYTHING, Want
from app.store import StoreError
from app.store.interactions import placed_entries, visitor_interactions
from app.store.rules import add_rule, end_rule, read_rules
from app.store.slates import get_slate
from app.values.item import Item
from app.values.rule import ACTIONS, Rule, RuleError
from app.values.visitor import Visitor
from app.visitors.contribution import contribution_rules, popular_choices, training_rows
from tests.app.site_by_hand import Site, open_site
from tests.conftest import NOW, make_items

SOMEBODY = Visitor("somebody", NOW, "treatment", "assigned", "real", False)
JUDGE = replace(SOMEBODY, visitor_id="a-judge", holdout=True)


@pytest.fixture
def site() -> Iterator[Site]:
    with open_site(60) as found:
        yield found


def rule(site: Site, *stated: object) -> int:
    number = site.writer.run(partial(add_rule, rule=Rule(*stated), by="a test", at=NOW))  # type: ignore[arg-type]
    site.serve.rules.refresh()
    return number


def shown(site: Site, visitor: Visitor = SOMEBODY, k: int = 10, want: Want = ANYTHING) -> list[str]:
    page = site.serve.recommend(visitor, NOW, k, want)
    return [entry.item.item_id for shelf in page.shelves for entry in shelf.entries]


def test_what_is_hidden_is_on_no_page_until_the_rule_ends(site: Site) -> None:
    number = rule(site, "hide", "type", "poster")
    rule(site, "hide", "item_id", "item-000")
    for visitor in (SOMEBODY, JUDGE, replace(SOMEBODY, arm="control")):
        page = site.serve.home(visitor, NOW)
        items = [entry.item for shelf in page.shelves for entry in shelf.entries]
        assert items
        assert not [item for item in items if item.type == "poster" or item.item_id == "item-000"]
    site.writer.run(partial(end_rule, rule_id=number, by="a test", at=NOW))
    site.serve.rules.refresh()
    assert "item-001" in shown(site)
    with pytest.raises(StoreError, match=f"rule {number} was ended before"):
        site.writer.run(partial(end_rule, rule_id=number, by="a test", at=NOW))
    assert [row.rule.rule_id for row in read_rules(site.store.reader())] == [number + 1]


def test_a_pin_stands_at_its_place_for_sure_and_the_others_around_it(site: Site) -> None:
    before = shown(site)
    rule(site, "pin", "", "item-059", 3)
    rule(site, "pin", "", "item-058", 3)  # of two pins to a place the first stays
    page = site.serve.recommend(SOMEBODY, NOW, 10)
    [shelf] = page.shelves
    entries = {entry.position: entry for entry in shelf.entries}
    assert [entry.item.item_id for entry in shelf.entries] == [*before[:2], "item-059", *before[2:9]]
    assert (entries[3].source, entries[3].propensity, entries[3].reason) == ("pinned", 1.0, "Picked by the shop")
    assert site.serve.home(SOMEBODY, NOW).shelves[0].entries[2].item.item_id == "item-059"
    site.writer.run(lambda db: None)
    logged = get_slate(site.store.reader(), shelf.slate_id or "")
    assert logged is not None
    assert logged.rules == (1, 2), "which rules were in force is on record"


def test_a_pin_is_left_out_of_the_exam_of_learning_and_of_what_is_popular(site: Site) -> None:
    rule(site, "pin", "", "item-059", 1)
    for visitor in (SOMEBODY, JUDGE):
        [shelf] = site.serve.recommend(visitor, NOW, 5).shelves
        chances = [entry.propensity for entry in shelf.entries]
        assert chances[0] == 1.0
        if visitor is JUDGE:
            assert all(chance < 1 for chance in chances[1:]), "drawn by lot"
        events = [
            {
                "event_id": f"e{entry.position}",
                "kind": "like",
                "item_id": entry.item.item_id,
                "slate_id": shelf.slate_id,
            }
            for entry in shelf.entries[:2]
        ]
        assert site.recorder.record(EventBatch.model_validate({"events": events}), visitor, NOW + 1000).stored == 2
        pinned, other = visitor_interactions(site.store.reader(), visitor.visitor_id)
        assert (pinned.propensity, pinned.served) == (None, False)
        assert other.served
        assert (other.propensity is not None) == visitor.holdout
        rules = contribution_rules(site.settings)
        placed = placed_entries(site.store.reader(), [visitor.visitor_id])
        assert placed == {pinned.seq: "pinned"}
        trains = training_rows([pinned, other], rules, placed)
        assert [row.item_id for row in trains.values()] == [other.item_id]
        popular = popular_choices([pinned, other], rules)
        assert popular["item-059"].weight == site.settings.steered_weight < popular[other.item_id].weight


def test_boosts_caps_and_what_was_bought(site: Site) -> None:
    rule(site, "boost", "type", "resume", 8.0)
    assert {item_of(item_id).type for item_id in shown(site)} == {"resume"}
    rule(site, "cap", "style", "", 2)
    styles = [item_of(item_id).style for item_id in shown(site)]
    assert max(styles.count(style) for style in styles) == 2
    first = shown(site)[0]
    used = {"event_id": "u", "kind": "use", "item_id": first}
    site.recorder.record(EventBatch.model_validate({"events": [used]}), SOMEBODY, NOW)
    rule(site, "unbought", "", "use")
    assert first not in shown(site)
    page = site.serve.browse(SOMEBODY, NOW)
    assert first not in {entry.item.item_id for shelf in page.shelves for entry in shelf.entries}
    assert first in shown(site, replace(SOMEBODY, visitor_id="another"))


def test_a_question_has_rules_of_its_own_and_goes_on_without_repeats(site: Site) -> None:
    want = Want(
        filters=(("style", "retro"),),
        exclude=frozenset({"item-001"}),
        rules=(Rule("pin", "", "item-004", 2), Rule("boost", "type", "poster", 5.0)),
    )
    found = shown(site, want=want)
    assert found[1] == "item-004"
    assert "item-001" not in found
    assert {item_of(item_id).style for item_id in found} == {"retro"}
    seen: list[str] = []
    cursor = None
    for _ in range(7):
        page = site.serve.recommend(SOMEBODY, NOW, 10, Want(after=cursor))
        site.writer.run(lambda db: None)
        seen += [entry.item.item_id for shelf in page.shelves for entry in shelf.entries]
        cursor = page.page_id
    assert sorted(seen) == [item.item_id for item in make_items(60)], "everything once"


def test_a_preview_changes_nothing(site: Site) -> None:
    found = site.serve.preview(Rule("hide", "type", "poster"), ["item-001"], 5)
    assert found.hidden == 15
    assert len(found.after) == len(found.before) == 5
    assert set(found.before) != set(found.after)
    assert read_rules(site.store.reader()) == []
    assert {item_of(item_id).type for item_id in found.before} == {
        item_of(item_id).type for item_id in shown(site, k=5)
    }


@pytest.mark.parametrize(
    ("stated", "said"),
    [
        (("burn",), f"action = 'burn' must be one of {', '.join(ACTIONS)}"),
        (("hide", "type"), "a rule to hide needs field and value; value is ''"),
        (("pin", "", "a", 0), "number = 0 must be the place: a whole number from 1 to 100"),
        (("cap", "type", "", 1.5), "must be the most items of a value: a whole number from 1 to 100"),
        (("boost", "type", "a", 11.0), "number = 11.0 must be from -10 to 10"),
        (("hide", "type", "a", 2.0), "means nothing to hide; leave it out"),
    ],
)
def test_a_wrong_rule_is_refused_with_the_value_and_the_fix(stated: tuple[object, ...], said: str) -> None:
    with pytest.raises(RuleError) as refused:
        Rule(*stated)  # type: ignore[arg-type]
    assert said in str(refused.value)


def test_fields_are_those_of_the_catalog_and_numbers_may_be_ranges() -> None:
    item = replace(make_items(1)[0], attributes=(("price", 4.5), ("brand", "Acme"), ("colours", ("red", "blue"))))
    for field, value in (
        ("item_id", "item-000"),
        ("category", "minimal"),
        ("tag", "wedding"),
        ("price", "4.5"),
        ("price", "..5"),
        ("price", "4..5"),
        ("price", "4.."),
        ("brand", "Acme"),
        ("colours", "blue"),
    ):
        assert has(item, field, value), (field, value)
    for field, value in (("price", "5..6"), ("price", "cheap"), ("brand", "acme"), ("nothing", "x"), ("tag", "wed")):
        assert not has(item, field, value), (field, value)


def item_of(item_id: str) -> Item:
    return next(item for item in make_items(60) if item.item_id == item_id)
