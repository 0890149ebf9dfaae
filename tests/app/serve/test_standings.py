"""What a card says to somebody of whom nothing is known: its place among its like, and how many chose it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.catalog import Catalog
from app.serve.insight.standings import Standings, ordinal
from app.serve.popularity import PopularityBoard
from app.values.visitor import Visitor
from app.visitors import new_visitor
from app.visitors.contribution import contribution_rules
from tests.app.serve.conftest import Stage
from tests.conftest import NOW


def trusted(stage: Stage, number: int) -> Visitor:
    """Somebody who first came two hours ago."""
    return new_visitor(stage.settings, now=NOW - 7200, visitor_id=f"t{number}")


def board_of(stage: Stage, catalog: Catalog) -> PopularityBoard:
    rules = contribution_rules(stage.settings)
    return PopularityBoard(stage.serve._store, catalog, rules, epoch=NOW, refresh_s=0.0, now=lambda: NOW)


def test_cards_of_a_newcomer_say_place_and_visitors_and_differ(stage: Stage, catalog: Catalog) -> None:
    posters = [item for item in catalog.items if item.type == "poster"][:3]
    for number in range(3):
        stage.open(trusted(stage, number), *(item.item_id for item in posters[: 3 - number]))
    stage.settle()
    newcomer = new_visitor(replace(stage.settings, control_share=0.0, holdout_share=0.0), now=NOW, visitor_id="n")
    row = next(shelf for shelf in stage.serve.home(newcomer, NOW).shelves if shelf.key == "for-you")
    assert [entry.reason for entry in row.entries][:4] == [
        "The most popular poster now, chosen by 3 visitors, newest counting most",
        "2nd most popular poster now, chosen by 2 visitors, newest counting most",
        "3rd most popular poster now, chosen by 1 visitor, newest counting most",
        "Nobody has chosen it yet",
    ]


def test_a_row_in_order_of_popularity_says_so_once(stage: Stage, catalog: Catalog) -> None:
    posters = [item.item_id for item in catalog.items if item.type == "poster"]
    stage.open(trusted(stage, 0), *posters)
    stage.settle()
    newcomer = new_visitor(replace(stage.settings, control_share=0.0, holdout_share=0.0), now=NOW, visitor_id="n")
    rows = [shelf for shelf in stage.serve.home(newcomer, NOW).shelves if shelf.key.startswith("type-")]
    assert rows
    assert not any(row.has_many_reasons for row in rows)


def test_further_down_the_place_is_left_out_and_kinds_are_named_as_their_catalog_does(
    stage: Stage, catalog: Catalog
) -> None:
    first = next(item for item in catalog.items if item.type == "poster")
    stage.open(trusted(stage, 0), first.item_id)
    stage.settle()
    standings = Standings(board_of(stage, catalog))
    assert standings.sentence(first) == "The most popular poster now, chosen by 1 visitor, newest counting most"
    assert standings.sentence(replace(first, year=1994, type="sci-fi")) == (
        "The most popular film in Sci-Fi now, chosen by 1 visitor, newest counting most"
    )
    assert standings.sentence(replace(first, layout="", type="garden")) == (
        "The most popular in Garden now, chosen by 1 visitor, newest counting most"
    )
    many = [item for item in catalog.items if item.type == first.type]
    if len(many) > 21:
        stage.open(trusted(stage, 1), *(item.item_id for item in many))
        stage.settle()
        last = many[-1]
        assert Standings(board_of(stage, catalog)).sentence(last) == "1 visitor chose it lately"


@pytest.mark.parametrize(
    ("number", "told"),
    [(1, "1st"), (2, "2nd"), (3, "3rd"), (4, "4th"), (11, "11th"), (12, "12th"), (22, "22nd"), (113, "113th")],
)
def test_ordinals(number: int, told: str) -> None:
    assert ordinal(number) == told
