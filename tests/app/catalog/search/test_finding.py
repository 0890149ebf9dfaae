"""A text finds the items that have all of it, however it is written, and any text may be typed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from hypothesis import given, settings, strategies

from app.catalog import Catalog, CatalogSearch, Item
from app.catalog.facets import Facets
from app.catalog.search import Found
from app.catalog.search.synonyms import SynonymError, parse_synonyms
from app.store import Store, Writer
from app.store.items import insert_items
from tests.app.catalog.search.films import known_films

Find = Callable[[str], Found]


def searching(store: Store, items: list[Item]) -> CatalogSearch:
    catalog = Catalog.from_items(items)
    return CatalogSearch(catalog.items, Facets(catalog.items), store.reader)


@pytest.fixture
def words(store: Store, items: list[Item]) -> CatalogSearch:
    """The search of `items`."""
    return searching(store, items)


@pytest.fixture
def films(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CatalogSearch]:
    """The search of fifty films."""
    path = tmp_path_factory.mktemp("films") / "events.db"
    with Store.create(path) as store:
        with store.open_writer() as writer:
            writer.run(lambda db: insert_items(db, known_films()))
        yield searching(store, known_films())


def titles(found: Found, count: int = 5) -> list[str]:
    """The first titles, by relevance alone."""
    items = known_films()
    best = sorted(range(len(found)), key=lambda place: (-found.relevance[place], place))[:count]
    return [items[found.indices[place]].title for place in best]


@pytest.mark.parametrize(
    "text", ["wedding", "WEDDING", "weddings", "wed", "weddi", "Wéddin", '"wedding"', "wedding*", "-wedding", "weding"]
)
def test_a_word_is_found_whole_stemmed_unfinished_mistyped_and_however_written(words: CatalogSearch, text: str) -> None:
    assert words.find(text).indices.tolist() == list(range(0, 60, 5))


def test_all_words_must_be_there(words: CatalogSearch) -> None:
    found = words.find("bakery poster")
    assert found.indices.tolist() == [1, 21, 41]
    assert (found.meant, found.left_out) == (None, ())


def test_a_word_that_nothing_has_is_left_out_and_named(words: CatalogSearch) -> None:
    found = words.find("bakery zeppelin poster")
    assert (found.indices.tolist(), found.left_out) == ([1, 21, 41], ("zeppelin",))
    assert not len(words.find("zeppelin"))


def test_of_words_that_never_come_together_the_rarest_is_left_out(films: CatalogSearch) -> None:
    found = films.find("ghost western")
    assert found.left_out == ("ghost",)
    assert set(titles(found)) == {"Unforgiven", "High Noon"}


def test_a_slip_is_mended_and_the_mended_text_is_told(films: CatalogSearch) -> None:
    found = films.find("The Titannic")
    assert (titles(found)[0], found.meant) == ("Titanic", "the titanic")
    assert films.find("titanic").meant is None


def test_a_word_that_exists_is_mended_when_it_makes_no_sense_with_the_others(films: CatalogSearch) -> None:
    assert titles(films.find("forest gump")) == ["Forrest Gump"]
    assert titles(films.find("the forest"))[0] == "The Forest"


def test_words_are_parted_and_joined(films: CatalogSearch) -> None:
    assert titles(films.find("starwars"))[0] == "Star Wars"
    assert titles(films.find("super man"))[0] == "Superman"
    assert titles(films.find("gost busters"))[0] == "Ghostbusters"


def test_an_exact_title_comes_before_everything(films: CatalogSearch) -> None:
    assert titles(films.find("alien"))[0] == "Alien"
    assert titles(films.find("halloween"))[0] == "Halloween"
    assert titles(films.find("toy story 2"))[0] == "Toy Story 2"
    assert titles(films.find("it")) == ["It"]


def test_years_and_decades_are_terms(films: CatalogSearch) -> None:
    assert titles(films.find("comedy 1995"), 9) == ["Toy Story", "Clueless", "Father of the Bride Part II"]
    assert titles(films.find("1940s")) == ["Double Indemnity", "Casablanca"]
    assert titles(films.find("sci-fi 60s")) == ["2001: A Space Odyssey"]
    assert titles(films.find("2001"))[0] == "2001: A Space Odyssey"


def test_small_words_need_not_be_there(words: CatalogSearch) -> None:
    assert words.find("a poster for the bakery").indices.tolist() == [1, 21, 41]


def test_a_synonym_finds_what_it_stands_for(words: CatalogSearch) -> None:
    resumes = [n for n in range(60) if n % 4 == 3]
    assert words.find("cv").indices.tolist() == words.find("Curriculum Vitae").indices.tolist() == resumes
    assert words.find("instgram").indices.tolist() == [n for n in range(60) if n % 4 == 2]


def test_a_text_that_is_being_typed_becomes_words_and_items(films: CatalogSearch) -> None:
    suggested = films.suggest("toy st")
    assert titles(suggested.found)[0] == "Toy Story"
    assert suggested.texts == ("toy story",)
    assert titles(films.suggest("titann").found)[0] == "Titanic"
    assert "Ghostbusters" in titles(films.suggest("gh").found)
    assert films.suggest("").texts == () == films.suggest("x").texts


def test_items_that_came_after_the_catalog_was_read_are_left_out(
    store: Store, writer: Writer, words: CatalogSearch, items: list[Item]
) -> None:
    later = replace(items[0], item_id="later", position=1_000)
    writer.run(lambda db: insert_items(db, [later]))
    assert words.find("wedding").indices.tolist() == list(range(0, 60, 5))
    assert searching(store, [*items, later]).find("wedding").indices.tolist() == [*range(0, 60, 5), 60]


@pytest.mark.parametrize("text", ["", "   ", "🎉", '"', "***", "()", "^:-", "\0", "\ud800", "_", "´`"])
def test_a_text_without_a_word_finds_nothing(words: CatalogSearch, text: str) -> None:
    assert not len(words.find(text))


@pytest.mark.parametrize("text", ["wedding AND", "wedding OR OR", '"wedding" 🎉', "{(wedding)", "wedding\0"])
def test_signs_and_operators_beside_a_word_do_not_hide_it(words: CatalogSearch, text: str) -> None:
    assert words.find(text).indices.tolist() == list(range(0, 60, 5))


@pytest.fixture(scope="module")
def foreign(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CatalogSearch]:
    path = tmp_path_factory.mktemp("search") / "events.db"
    item = Item("a", 0, "L'été à Łódź – 日本 straße naïve", "poster", "art-deco", "x", "y", ("über", "東京"), 0.0, 0)
    with Store.create(path) as store:
        with store.open_writer() as writer:
            writer.run(lambda db: insert_items(db, [item]))
        yield searching(store, [item])


@given(text=strategies.text(strategies.characters(), max_size=60))
@settings(deadline=None)
def test_no_text_can_break_the_search(foreign: CatalogSearch, text: str) -> None:
    assert foreign.find(text).indices.tolist() in ([], [0])
    assert foreign.suggest(text).found.indices.tolist() in ([], [0])


@given(
    finished=strategies.lists(strategies.sampled_from(["été", "ETE", "łódź", "日本", "naive", "über", "art", "deco"])),
    unfinished=strategies.sampled_from(["ét", "Łó", "日", "na", "東京", "str", "post", "deco"]),
)
@settings(deadline=None)
def test_words_of_an_item_find_it_in_any_order_and_number(
    foreign: CatalogSearch, finished: list[str], unfinished: str
) -> None:
    assert foreign.find(" ".join([*finished, unfinished])).indices.tolist() == [0]


@pytest.mark.parametrize("text", ["cv = [", "cv = []", '"a b c d" = ["x"]', "cv = 3"])
def test_synonyms_that_cannot_be_used_are_refused(text: str) -> None:
    with pytest.raises(SynonymError, match=r"no TOML|must be a list of texts|has 4 words; write one to 3"):
        parse_synonyms(text)
