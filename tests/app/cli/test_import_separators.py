"""Lists of one column may be written otherwise than those of the others."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask

from app.settings import Settings
from tests.app.cli.test_import_catalog import run, site, stored

__all__ = ["site"]


@pytest.mark.parametrize("by_flag", [True, False])
def test_a_path_of_categories_is_split_where_that_is_said_and_remarked_on_where_not(
    site: Flask, settings: Settings, tmp_path: Path, by_flag: bool
) -> None:
    feed, mapping = tmp_path / "feed.csv", tmp_path / "map.toml"
    feed.write_text("id,title,category,tags,sizes\n1,Boot,Shoes/Men/Winter,new|A/B,40;41\n2,Sock,Socks,,\n")
    mapping.write_text('[separators]\ncategories = "/"\nsizes = ";"\n')
    said = run(site, feed).output
    assert "categories: 'Shoes/Men/Winter' is taken as one category; where it is a path of categories" in said
    assert "give --split 'categories=/'" in said
    options = ("--split", "categories=/", "--split", "sizes=;") if by_flag else ("--mapping", mapping)
    said = run(site, feed, *options).output
    assert "is taken as one category" not in said, said
    boot, sock = stored(settings)
    assert (boot.type, boot.style, boot.tags) == ("Shoes", "Men", ("Winter", "new", "A/B")), "tags have the usual one"
    assert (dict(boot.attributes), sock.type) == ({"sizes": ("40", "41")}, "Socks")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--split", "categories"), "must be FIELD=TEXT, such as categories=/"),
        (("--split", "colour=/"), "a separator is given for 'colour', which is no field and no column of"),
    ],
)
def test_a_separator_of_nothing_is_refused(site: Flask, tmp_path: Path, options: tuple[str, str], message: str) -> None:
    feed = tmp_path / "feed.csv"
    feed.write_text("id,title,category\n1,Boot,Shoes\n")
    said = run(site, feed, *options)
    assert said.exit_code == 1
    assert message in " ".join(said.output.split())
