"""`make demo` makes what is missing, goes on wherever an earlier start ended, and says what it cannot do."""

from __future__ import annotations

import os
import shutil
import socket
from pathlib import Path

import pytest

from app import create_app
from app.cli.artwork import items_without_image
from app.cli.demo import main, prepare, require_free_port
from app.cli.shop.shop_folder import DemoError, shop_folder
from app.models.publish import read_current
from app.settings import Settings, load_settings
from app.store import Store
from app.store.items import all_items
from app.store.measures.baselines import latest_baselines
from app.store.measures.hypotheses import all_hypotheses

SHOP = Path(__file__).parents[3] / "examples" / "shop"


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


@pytest.mark.whole
def test_a_folder_of_a_shop_becomes_the_site_with_its_words_and_use_case(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shop = shutil.copytree(SHOP, tmp_path / "my")
    ran: list[str] = []
    served: list[Settings] = []

    def run_here(settings: Settings, *words: str) -> None:
        done = create_app(settings).test_cli_runner().invoke(args=words)
        assert done.exit_code == 0, done.output
        ran.append(words[0])

    for name in [name for name in os.environ if name.startswith("FLYWHEEL_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("FLYWHEEL_VAR", str(tmp_path / "var"))
    monkeypatch.setattr("app.cli.demo.flask_command", run_here)
    monkeypatch.setattr("app.cli.demo.run", served.append)
    monkeypatch.setattr("signal.signal", lambda *ignored: None)
    main(["--catalog", str(shop)])
    assert ran == ["import-catalog", "import-history", "baseline", "trainer"]
    [settings] = served
    assert (settings.words, settings.use_case) == (shop / "words.toml", shop / "usecase.toml")
    assert read_current(settings.models_folder) is not None
    site = create_app(settings)
    assert "Put on my list" in site.test_client().get("/item/pa%2F000").text
    site.extensions["flywheel"].close()
    main(["--catalog", str(shop)])
    assert f"Using the {shop} catalog in {settings.var}." in capsys.readouterr().out
    assert len(ran) == 4, "nothing is imported twice"


def test_what_is_no_catalog_is_named(tmp_path: Path) -> None:
    with pytest.raises(DemoError, match=r"is neither templates nor movielens nor a folder with items\.csv"):
        shop_folder(str(tmp_path))
    (tmp_path / "products.jsonl").write_text("{}")
    found = shop_folder(str(tmp_path))
    assert found is not None
    with pytest.raises(DemoError, match="has no file of what customers did"):
        found.imports(None)
    assert found.imports(Path("log.csv"))[1] == ["import-history", "log.csv"]


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
