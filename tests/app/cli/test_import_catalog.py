"""Anybody's catalog becomes the site's without a change of code, and what cannot be taken is named."""

from __future__ import annotations

import gzip
import json
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask

from app import create_app
from app.settings import Settings
from app.store import Store
from app.store.items import all_items
from app.values.item import Item
from app.web.addresses import quoted_id
from tests.app.catalog.feed.foreign import BOOKS, RECIPES, write_books, write_recipes


@pytest.fixture
def site(settings: Settings) -> Flask:
    """A site without a catalog."""
    return create_app(settings)


def run(site: Flask, *arguments: object) -> Result:
    """What the command prints."""
    return site.test_cli_runner().invoke(args=["import-catalog", *map(str, arguments)])


def stored(settings: Settings) -> list[Item]:
    """The items that are in the database."""
    with Store(settings.event_database) as store:
        return all_items(store.reader())


def test_nine_thousand_books_with_odd_ids_are_taken_and_each_fault_is_named(
    site: Flask, settings: Settings, tmp_path: Path
) -> None:
    faults = write_books(tmp_path / "books.csv")
    said = run(site, tmp_path / "books.csv", "--report", tmp_path / "notes.jsonl")
    assert said.exit_code == 0, said.output
    assert f"line {faults['no title']}: title '  ' is empty; give every item its title" in said.output
    assert f"line {faults['dots']}: id '..' cannot be part of an address" in said.output
    assert f"line {faults['twice']}: id 'bk/0' stands on line 2 too; give each item an id of its own" in said.output
    assert f"line {faults['price']}: Price 'on request' is no number, as the first values" in said.output
    assert f"line {faults['link']}: url 'javascript:alert(1)' is no address: it is left out" in said.output
    assert "8,997 of 9,000 lines taken, 3 refused: 8,997 new items" in said.output
    notes = [json.loads(line) for line in (tmp_path / "notes.jsonl").read_text().splitlines()]
    assert [(note["outcome"], note["line"]) for note in notes] == [
        ("refused", faults["no title"]),
        ("refused", faults["dots"]),
        ("refused", faults["twice"]),
        ("changed", faults["price"]),
        ("changed", faults["link"]),
    ]
    items = {item.item_id: item for item in stored(settings)}
    assert len(items) == BOOKS - 3
    book = dict(items["ISBN 1"].attributes)
    assert book["EAN"] == "0000000000001", "digits that begin with 0 name something"
    assert isinstance(book["Price"], float)
    assert book["Publisher"] == 'The "Quill"'
    assert items["ISBN 1"].type == "Crime"
    assert items["bk/0"].type == "other"
    assert "Publisher" not in dict(items["größe-12"].attributes)
    assert any(not item.available for item in items.values())
    client = site.test_client()
    assert client.get("/").status_code == 200
    for item_id in ("bk/10", "ISBN 11", "größe-12", "100%13?#&", "14.svg"):
        assert client.get(f"/item/{quoted_id(item_id)}").status_code == 200, item_id
        assert client.get(f"/api/v1/items/{quoted_id(item_id)}").get_json()["item_id"] == item_id
    site.extensions["flywheel"].close()


def test_recipes_with_lists_are_taken_and_each_fault_is_named(site: Flask, settings: Settings, tmp_path: Path) -> None:
    faults = write_recipes(tmp_path / "recipes.jsonl")
    said = run(site, tmp_path / "recipes.jsonl")
    assert said.exit_code == 0, said.output
    assert (
        f"line {faults['nested']}: minutes {{'active': 10, 'waiting': 20}} is an object: it is left out" in said.output
    )
    assert f"refused, line {faults['no JSON']}: line " in said.output
    assert f"refused, line {faults['a list']}: line [300] is no object" in said.output
    assert f"{RECIPES - 2:,} new items" in said.output
    recipe = next(item for item in stored(settings) if item.item_id == "3")
    assert (recipe.type, recipe.style, recipe.tags) == ("Dinner", "Soup", ("vegan",))
    assert dict(recipe.attributes) == {
        "ingredients": ("salt", "butter", "ginger", "olive oil", "lemon", "cream"),
        "minutes": 13.0,
        "spicy": "no",
    }


def test_a_second_import_changes_what_changed_and_hides_what_is_gone(
    site: Flask, settings: Settings, tmp_path: Path
) -> None:
    feed = tmp_path / "shop.csv"
    feed.write_text("id,title,price\na,Apple,1\nb,Bread,2\nc,Cheese,3\n")
    assert "3 new items, 0 changed, 0 as they were" in run(site, feed).output
    feed.write_text("id,title,price\nd,Dates,4\nc,Cheese,3.5\na,Apple,1\n")
    said = run(site, feed, "--hide-missing").output
    assert "1 new item, 1 changed, 1 as they were; 1 hidden, which the file no longer has" in said
    found = {item.item_id: item for item in stored(settings)}
    assert [item.item_id for item in found.values()] == ["a", "b", "c", "d"], "known ones keep their place"
    assert [item_id for item_id, item in found.items() if not item.available] == ["b"]


def test_a_mapping_says_what_the_names_of_columns_do_not(site: Flask, settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "map.toml").write_text(
        'separator = ", "\nignore = ["secret"]\ntext = ["size"]\n'
        '[fields]\nid = "no"\ntitle = "was"\ncategories = ["kind", "sort"]\n'
    )
    with gzip.open(tmp_path / "feed.csv.gz", "wb") as file:
        file.write("no\twas\tkind\tsort\tsecret\tsize\n1\tTëa\tDrinks\tHot, Green\tx\t42\n".encode("cp1252"))
    said = run(site, tmp_path / "feed.csv.gz", "--mapping", tmp_path / "map.toml", "--encoding", "cp1252")
    assert said.exit_code == 0, said.output
    (item,) = stored(settings)
    assert (item.title, item.type, item.style, item.tags) == ("Tëa", "Drinks", "Hot", ("Green",))
    assert item.attributes == (("size", "42"),)


def test_prices_with_a_comma_are_numbers_where_that_is_said_and_remarked_on_where_not(
    site: Flask, settings: Settings, tmp_path: Path
) -> None:
    feed = tmp_path / "feed.csv"
    feed.write_text(
        "id;title;price;since;stock\na;A;1.250,00;24.12.2025;ja\nb;B;7,5;1.2.2026;nein\nc;C;12;;\n", encoding="utf-8"
    )
    columns = ["--map", "added_at=since"]
    said = run(site, feed, *columns).output
    assert "price: values are taken as texts, which no range such as 5..20 finds" in said
    assert "such as '1.250,00' in line 2, give --decimal ," in said
    said = run(site, feed, *columns, "--decimal", ",").output
    assert "are taken as texts" not in said
    found = {item.item_id: item for item in stored(settings)}
    assert [dict(item.attributes)["price"] for item in found.values()] == [1250.0, 7.5, 12.0]
    assert found["a"].added_at == 1_766_534_400.0
    assert [item.available for item in found.values()] == [True, False, True]
    assert "decimal = ';' must be one of '.' and ','" in run(site, feed, "--decimal", ";").output


def test_one_word_among_prices_is_named_because_it_makes_texts_of_them_all(site: Flask, tmp_path: Path) -> None:
    feed = tmp_path / "feed.csv"
    feed.write_text("id,title,price\n" + "".join(f"i{n},T{n},{n}.5\n" for n in range(20)) + "x,X,on request\n")
    said = run(site, feed).output
    assert "price: values are taken as texts, which no range such as 5..20 finds; 'on request' in line 22" in said


@pytest.mark.parametrize(
    ("content", "arguments", "complaint"),
    [
        ("", [], "has no header"),
        (
            "a,b\n1,2\n",
            [],
            "has no column that is surely the id; its columns are 'a', 'b': say which with --map id=COLUMN",
        ),
        ("id,title\n", [], "has no line after its header; nothing was written"),
        ("id,title,title\n1,x,y\n", [], "has the column 'title' twice"),
        ("id,title\n1,x\n", ["--map", "name=title"], "'name' is no field; known are id, title, url"),
        ("id,title\n1,x\n", ["--map", "url=link"], "has no column 'link'"),
        ('id,title\n1,"x\n2,y\n', [], "the quotes of a field do not fit"),
        ("id,title\n1,\n2,\n3,x\n", [], "2 of 3 lines were refused, so nothing was written"),
        (b"id,title\n1,caf\xe9\n", [], "byte 0xe9 is no utf-8 text; save the file as UTF-8 or give --encoding"),
        ("id,title\n1,x\n", ["--encoding", "klingon"], "--encoding 'klingon' is not known"),
    ],
)
def test_a_file_that_cannot_be_taken_says_why_and_writes_nothing(
    site: Flask, settings: Settings, tmp_path: Path, content: str | bytes, arguments: list[str], complaint: str
) -> None:
    feed = tmp_path / "feed.csv"
    feed.write_bytes(content if isinstance(content, bytes) else content.encode())
    said = run(site, feed, *arguments)
    assert said.exit_code == 1
    assert complaint in said.output
    assert not settings.event_database.exists() or stored(settings) == []


def test_notes_of_a_refused_file_are_written_and_a_report_takes_nothing_of_the_users_away(
    site: Flask, settings: Settings, tmp_path: Path
) -> None:
    feed, notes = tmp_path / "feed.csv", tmp_path / "notes.jsonl"
    feed.write_text("id,title\n1,\n2,x\n")
    assert "so nothing was written" in run(site, feed, "--report", notes).output
    assert [json.loads(line)["line"] for line in notes.read_text().splitlines()] == [2]
    assert notes.stat().st_mode & 0o777 == 0o600, "notes hold what the file of a shop holds"
    said = run(site, feed, "--report", feed)
    assert f"{feed} is what is read, and would be lost" in said.output
    assert feed.read_text() == "id,title\n1,\n2,x\n"
    link = tmp_path / "link"
    link.symlink_to(feed)
    assert run(site, feed, "--report", link).exit_code == 1
    assert feed.read_text() == "id,title\n1,\n2,x\n"
    older = notes.read_bytes()
    assert run(site, tmp_path / "gone.csv", "--report", notes).exit_code == 1
    assert notes.read_bytes() == older
    assert [path.name for path in tmp_path.iterdir() if path.name.endswith(".part")] == []


def test_pictures_come_from_files_or_from_hosts_that_pages_may_load(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "pics").mkdir()
    (tmp_path / "pics" / "a.png").write_bytes(b"\x89PNG not really")
    (tmp_path / "feed.jsonl").write_text(
        "\n".join(
            json.dumps({"id": name, "title": name, "image": image})
            for name, image in (
                ("file", "a.png"),
                ("gone", "../secret.png"),
                ("cdn", "https://img.cdn.example/x.jpg"),
                ("other", "https://elsewhere.example/x.jpg"),
            )
        )
    )
    site = create_app(replace(settings, image_hosts="*.cdn.example"))
    said = run(site, tmp_path / "feed.jsonl", "--images", tmp_path / "pics").output
    assert "image '../secret.png' leads out of the folder of pictures: pages show a placeholder" in said
    assert "1 picture is on elsewhere.example, which pages do not load: add it to FLYWHEEL_IMAGE_HOSTS" in said
    assert "cdn.example, which" not in said.replace("img.", "")
    client = site.test_client()
    art = {
        name: client.get(f"/api/v1/items/{name}").get_json()["artwork"]["url"]
        for name in ("file", "gone", "cdn", "other")
    }
    with client.get(art["file"]) as picture:
        assert picture.data == b"\x89PNG not really"
    assert client.get(art["gone"]).mimetype == client.get(art["other"]).mimetype == "image/svg+xml"
    assert art["cdn"] == "https://img.cdn.example/x.jpg"
    page = client.get("/")
    assert 'src="https://img.cdn.example/x.jpg"' in page.text
    assert "img-src 'self' data: https://*.cdn.example;" in page.headers["Content-Security-Policy"]
    site.extensions["flywheel"].close()


def test_parquet_is_read_like_json_lines(site: Flask, settings: Settings, tmp_path: Path) -> None:
    pyarrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    table = pyarrow.table({"id": [1, 2], "name": ["One", None], "words": [["a", "b"], []], "price": [1.5, 2.5]})
    parquet.write_table(table, tmp_path / "feed.parquet")
    said = run(site, tmp_path / "feed.parquet", "--map", "tags=words", "--force")
    assert "refused, line 2: title '' is empty" in said.output.replace("None", "''")
    (item,) = stored(settings)
    assert (item.item_id, item.title, item.tags, item.attributes) == ("1", "One", ("a", "b"), (("price", 1.5),))


def test_a_running_site_is_not_written_behind_its_back(site: Flask, database: Path, tmp_path: Path) -> None:
    site.extensions["flywheel"].open()
    (tmp_path / "feed.csv").write_text("id,title\n1,x\n")
    said = run(create_app(site.config["SETTINGS"]), tmp_path / "feed.csv")
    assert said.exit_code == 1
    assert "the site is running" in said.output
    assert "POST /api/v1/items" in said.output
    site.extensions["flywheel"].close()


def test_names_that_no_terminal_can_show_are_said_in_escapes(site: Flask, settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "odd.jsonl").write_text('{"id": "a", "title": "One", "half a \\ud800": 1}\n')
    said = run(site, tmp_path / "odd.jsonl")
    assert said.exit_code == 0, said.output
    assert r"line 1: 'half a \ud800' 'half a \ud800' is no name of an attribute: it is left out" in said.output
    assert r"attributes: 'half a \ud800'." in said.output
    assert [item.attributes for item in stored(settings)] == [()]


@pytest.mark.parametrize("nested", ["[" * 100_000, '[{"id": ' + "[" * 100_000])
def test_a_file_that_is_nested_too_deeply_is_refused_in_words(site: Flask, tmp_path: Path, nested: str) -> None:
    (tmp_path / "deep.json").write_text(nested)
    said = run(site, tmp_path / "deep.json")
    assert said.exit_code == 1
    assert "is not JSON: maximum recursion depth exceeded" in said.output
