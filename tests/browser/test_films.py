"""A site of films: the first of "For you" is a billboard, the row goes on after it, and both follow clicks."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from playwright.sync_api import Page

from app.settings import load_settings
from tests.browser.conftest import BROWSER, LiveSite, OpenPage, served
from tests.seed_data.movielens_folders import write_csv

pytestmark = BROWSER

GENRES = ("Comedy|Romance", "Drama", "Action|Thriller", "Horror", "Sci-Fi|Action", "Children's|Comedy")
FILMS, PEOPLE = 72, 60


@pytest.fixture(scope="module")
def film_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveSite]:
    """72 films and people who each rate twelve, most of them of one genre; everyone is in the treatment arm."""
    folder = tmp_path_factory.mktemp("films")
    data = folder / "csv"
    data.mkdir()
    films = [f'{n},"Story of the {n}th Night, The",{1960 + n % 40},{GENRES[n % 6]}' for n in range(FILMS)]
    write_csv(data / "items.csv.gz", "\n".join(["item_id,title,year,genres", *films]) + "\n")
    rng = np.random.default_rng(5)
    rated = ["user_id,item_id,value,timestamp"]
    for person in range(PEOPLE):
        liked = np.where(np.arange(FILMS) % 6 == person % 6, 6.0, 1.0)
        chosen = rng.choice(FILMS, 12, replace=False, p=liked / liked.sum())
        rated += [f"{person},{film},5,{880_000_000 + 1_000 * person + at}" for at, film in enumerate(chosen)]
    write_csv(data / "interactions.csv.gz", "\n".join(rated) + "\n")
    settings = load_settings(
        environment={}, overrides={"var": folder / "var", "control_share": 0.0, "secret_key": "films"}
    )
    with served(settings, ["import-movielens", str(data)]) as site:
        yield site


def row(page: Page) -> list[str]:
    """Items of the row below the billboard."""
    cards = page.locator("[data-shelf='for-you'] .card")
    return [str(one) for one in cards.evaluate_all("cards => cards.map(card => card.dataset.item)")]


@pytest.mark.parametrize(("width", "scripts"), [(1440, True), (390, True), (1440, False)])
def test_the_billboard_is_the_first_of_for_you_and_opens_as_such(
    open_page: OpenPage, film_site: LiveSite, width: int, scripts: bool
) -> None:
    page = open_page(film_site.address + "/", width=width, height=844, scripts=scripts)
    board = page.locator(".billboard")
    item_id = str(board.get_attribute("data-item"))
    assert board.get_attribute("data-position") == "1"
    assert item_id not in row(page), "the row goes on with place two"
    assert page.locator("[data-shelf='for-you'] .card").first.get_attribute("data-position") == "2"
    assert "chosen by" in board.locator(".billboard-why").inner_text()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    board.get_by_role("link", name="See the film").click()
    page.wait_for_url("**/item/**")
    opened = next(event for event in reversed(film_site.events()) if event.kind == "click")  # views come beside it
    assert (opened.kind, opened.item_id, opened.position) == ("click", item_id, 1)


def test_after_clicks_the_billboard_says_why_and_its_like_moves_the_page(
    open_page: OpenPage, film_site: LiveSite
) -> None:
    page = open_page(film_site.address + "/")
    for _ in range(3):
        page.locator("[data-shelf='for-you'] .card > a").first.click()
        page.wait_for_url("**/item/**")
        page.goto(film_site.address + "/")
    board = page.locator(".billboard")
    why = board.locator(".billboard-why").inner_text()
    assert "chosen by" not in why
    assert why
    before = [str(board.get_attribute("data-item")), *row(page)]
    like = board.get_by_role("button", name="Like")
    like.click()
    page.locator("#learning", has_text="Your like").wait_for()
    after = [str(page.locator(".billboard").get_attribute("data-item")), *row(page)]
    assert after != before
    liked = [row for row in film_site.events() if row.kind == "like"][-1]
    assert (liked.item_id, liked.position) == (before[0], 1)


def test_what_the_billboard_shows_counts_as_seen(open_page: OpenPage, film_site: LiveSite) -> None:
    page = open_page(film_site.address + "/", height=1600)
    item_id = page.locator(".billboard").get_attribute("data-item")
    with page.expect_response("**/api/v1/events") as answer:
        page.locator(".billboard").evaluate("board => board.scrollIntoView()")
    assert answer.value.status == 202
    sent = answer.value.request.post_data_json["events"]  # type: ignore[index]
    assert (item_id, 1) in {(event["item_id"], event["position"]) for event in sent}
