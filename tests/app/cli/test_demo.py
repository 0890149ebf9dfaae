"""`make demo` makes what is missing, goes on wherever an earlier start ended, and says what it cannot do."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from app import create_app
from app.cli.artwork import items_without_image
from app.cli.demo import prepare, require_free_port
from app.cli.shop.shop_folder import DemoError
from app.models.publish import read_current
from app.settings import Settings, load_settings
from app.store import Store
from app.store.items import all_items
from app.store.measures.baselines import latest_baselines
from app.store.measures.hypotheses import all_hypotheses


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return load_settings({}, overrides={"var": tmp_path / "var", "iterations": 2})


@pytest.mark.whole
def test_a_start_that_was_cut_short_after_seeding_is_finished(
    settings: Settings, capfd: pytest.CaptureFixture[str]
) -> None:
    seeded = create_app(settings).test_cli_runner().invoke(args=["seed", "--visitors", "200", "--draw", "0"])
    assert seeded.exit_code == 0, seeded.output
    prepare(settings, "templates", None)
    current = read_current(settings.models_folder)
    assert current is not None
    with Store(settings.event_database) as store:
        assert latest_baselines(store.reader())
        assert all(found.judgement is not None for found in all_hypotheses(store.reader()))
        assert items_without_image(all_items(store.reader()), settings) == []
    capfd.readouterr()
    prepare(settings, "templates", None)
    assert capfd.readouterr().out == f"Using the templates catalog in {settings.var}.\n"
    assert read_current(settings.models_folder) == current
    with pytest.raises(DemoError, match="holds the templates catalog, not movielens; choose another with VAR=folder"):
        prepare(settings, "movielens", Path("anywhere"))


def test_films_need_their_data(settings: Settings) -> None:
    with pytest.raises(DemoError, match="add DATA=path/to/ml-100k"):
        prepare(settings, "movielens", None)
    assert not settings.var.exists(), "nothing is half made"


def test_a_command_that_fails_ends_the_demo(
    settings: Settings, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(DemoError, match=r"`flask import-movielens .*` failed; the lines above say why"):
        prepare(settings, "movielens", tmp_path)
    assert "holds no films; one of these pairs is looked for: u.item" in capfd.readouterr().err


def test_a_port_that_somebody_listens_on_is_named(settings: Settings, tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        taken = load_settings({}, overrides={"var": tmp_path, "port": other.getsockname()[1]})
        with pytest.raises(DemoError, match=r"port \d+ on 127.0.0.1 is not free .*; choose another with PORT=8001"):
            require_free_port(taken)
