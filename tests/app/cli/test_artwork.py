"""`draw-artwork` draws what is missing, whatever ended an earlier run, and the commands that fill a site use it."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import Result

from app import create_app
from app.catalog.images import image_file
from app.settings import Settings
from app.store import Store
from app.store.items import all_items, insert_items
from app.values.item import Item
from seed_data.artwork import artwork_svg
from seed_data.templates import load_templates
from tests.conftest import make_items

ODD_IDS = ["a/b", "../up", ".", "Łódź", "東京 🎉", "x" * 400, "per%cent", "CON", "a\\b", "line\nbreak"]


def run(settings: Settings, *words: str) -> Result:
    return create_app(settings).test_cli_runner().invoke(args=list(words))


def stored(settings: Settings) -> list[Item]:
    with Store(settings.event_database) as store:
        return all_items(store.reader())


def drawn(settings: Settings) -> list[Item]:
    """Items that have a picture that is really there."""
    return [item for item in stored(settings) if image_file(settings.images_folder, item.image)]


def test_every_item_gets_its_own_picture_whatever_its_id(settings: Settings, database: Path) -> None:
    odd = [replace(item, item_id=name, seed=500 + number, position=1000 + number)
           for number, (item, name) in enumerate(zip(make_items(10), ODD_IDS, strict=True))]  # fmt: skip
    with Store(database) as store, store.open_writer() as writer:
        writer.run(lambda db: insert_items(db, odd))
    result = run(settings, "draw-artwork")
    assert result.exit_code == 0, result.output
    assert f"70 pictures drawn into {settings.images_folder} in " in result.output
    for item in stored(settings):
        file = image_file(settings.images_folder, item.image)
        assert file is not None
        assert file.resolve().is_relative_to(settings.images_folder.resolve())
        svg = file.read_text(encoding="utf-8")
        assert svg == artwork_svg(item)
        width, height = item.image_size
        assert ElementTree.fromstring(svg).attrib["viewBox"] == f"0 0 {width} {height}"
    assert {path.suffix for path in settings.images_folder.rglob("*") if path.is_file()} == {".svg"}


def test_a_limit_draws_the_first_and_the_next_run_goes_on(settings: Settings, database: Path) -> None:
    first = run(settings, "draw-artwork", "--limit", "25")
    assert "25 pictures drawn" in first.output
    assert "35 items show a placeholder until `flask draw-artwork` draws them" in first.output
    assert [item.position for item in drawn(settings)] == list(range(25))
    assert "35 of 60 items show a placeholder" in run(settings, "doctor").output
    assert "35 pictures drawn" in run(settings, "draw-artwork").output
    assert len(drawn(settings)) == 60
    assert run(settings, "draw-artwork").output == "every item has its picture\n"
    assert "ok    pictures: each of 60 items has its picture" in run(settings, "doctor").output


def test_a_picture_whose_file_was_lost_is_drawn_again(settings: Settings, database: Path) -> None:
    run(settings, "draw-artwork")
    before = stored(settings)
    lost = before[7].image
    assert lost is not None
    (settings.images_folder / lost).unlink()
    assert "1 pictures drawn" in run(settings, "draw-artwork").output
    assert stored(settings) == before
    assert len(drawn(settings)) == 60


def test_while_the_site_runs_the_command_refuses_and_draws_nothing(settings: Settings, database: Path) -> None:
    with Store(database) as store, store.open_writer():
        result = run(settings, "draw-artwork")
    assert result.exit_code == 1
    assert "and writes events.db; stop it" in result.output
    assert not settings.images_folder.exists()


def test_a_folder_that_cannot_be_written_is_named_with_what_to_do(settings: Settings, database: Path) -> None:
    settings.images_folder.write_text("in the way")
    result = run(settings, "draw-artwork")
    assert result.exit_code == 1
    assert f"pictures cannot be written to {settings.images_folder}" in result.output
    assert "run `flask draw-artwork`, which goes on from here" in result.output
    assert drawn(settings) == []


def test_without_a_database_nothing_is_drawn(settings: Settings) -> None:
    result = run(settings, "draw-artwork")
    assert result.exit_code == 1
    assert "run `flask init-db`" in result.output


@pytest.mark.slow
def test_seeding_draws_every_template(settings: Settings) -> None:
    result = run(settings, "seed", "--visitors", "3")
    assert "2,400 pictures drawn" in result.output
    seeded = drawn(settings)
    assert [replace(item, image=None) for item in seeded] == load_templates(), "sizes were right before"
    assert len({item.image for item in seeded}) == 2_400


def test_seeding_may_leave_the_drawing_for_later(settings: Settings) -> None:
    result = run(settings, "seed", "--visitors", "3", "--draw", "0")
    assert result.exit_code == 0, result.output
    assert "2,400 items show a placeholder until `flask draw-artwork` draws them" in result.output
    assert not settings.images_folder.exists()
    assert stored(settings) == load_templates()
