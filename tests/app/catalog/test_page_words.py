"""Pages call items what their shop calls them."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.catalog import Catalog
from app.catalog.page_words import WordsError, page_words
from app.values.item import Item
from seed_data.templates import load_templates
from tests.app.web.conftest import MakeSite, make_site

__all__ = ["make_site"]  # a fixture of the web's tests

GROCERIES = Catalog.from_items([Item("tea", 0, "Green tea", "drinks", "hot", "", "", (), 0.0, 0)])


def test_a_file_says_what_groceries_are_called_and_done_with(make_site: MakeSite, tmp_path: Path) -> None:
    file = tmp_path / "words.toml"
    file.write_text('item = "product"\nitems = "products"\nuse = "Put on my list"\n', encoding="utf-8")
    words = page_words(GROCERIES, file)
    assert (words.item, words.searched, words.use, words.used) == ("product", "products", "Put on my list", "Used")
    client = make_site(words=file).test_client()
    assert "Search products" in client.get("/").text
    assert "Put on my list" in client.get("/item/item-001").text


def test_without_a_file_a_shop_has_plain_words_and_the_bundled_catalog_its_own() -> None:
    assert page_words(GROCERIES, None).items == "items"
    assert page_words(Catalog.from_items(load_templates()[:3]), None).items == "designs"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("item = 3", "item = 3 must be a text of at most 60 characters"),
        ('thing = "x"', "'thing' is no word of pages; known are item, items"),
        ('use_icon = "rocket"', "use_icon = 'rocket' must be one of pen, play"),
        ("item =", "cannot be read as TOML"),
    ],
)
def test_a_wrong_file_is_refused_with_word_and_fix(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "words.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(WordsError, match=said):
        page_words(GROCERIES, file)
