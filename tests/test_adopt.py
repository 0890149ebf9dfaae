"""docs/adopt.md does what it says: every command and program of it is run, in order, on the example shop."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from waitress.server import create_server

from app import create_app
from app.catalog.feed import Report, read_rows
from app.catalog.feed.columns import stated_columns
from app.catalog.feed.items import FIELDS, read_items
from app.record.catalog_import import import_items
from app.record.history_import import FIELDS as HISTORY_FIELDS
from app.settings import Settings, load_settings
from app.store import Store
from tests.app.measure.experiment.test_metrics import population, read

ROOT = Path(__file__).parent.parent
SHOP = ROOT / "examples" / "shop"
BLOCKS = re.findall(r"^```(sh|python)\n(.*?)^```", (ROOT / "docs" / "adopt.md").read_text("utf-8"), re.M | re.S)


@contextmanager
def serving() -> Iterator[str]:
    """The site of the environment on a free port; its address."""
    site = create_app(load_settings())
    site.extensions["flywheel"].open()
    server = create_server(site, host="127.0.0.1", port=0, threads=4)
    thread = threading.Thread(target=server.run, name="http")
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.effective_port}"
    finally:
        server.close()
        thread.join()
        site.extensions["flywheel"].close()


def obey(line: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """Run one line of a shell block, and return what it prints."""
    words = shlex.split(line)
    if words[:2] == ["cp", "-r"]:
        shutil.copytree(words[2], words[3])
        return ""
    if words[0] == "export":
        monkeypatch.setenv(*words[1].split("=", 1))
        return ""
    assert words[0] == "flask", f"{line}: how is this run?"
    done = create_app(load_settings()).test_cli_runner().invoke(args=words[1:])
    assert done.exit_code == 0, f"{line}: {done.output} {done.exception!r}"
    return done.output


def test_the_page_is_true_word_for_word(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(SHOP, tmp_path / "examples" / "shop")
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("FLYWHEEL_")]:
        monkeypatch.delenv(name)
    said: dict[str, str] = {}
    for kind, text in BLOCKS:
        if kind == "sh":
            for line in text.splitlines():
                if line != "python -m app":
                    said[line] = obey(line, monkeypatch)
            continue
        with serving() as address:
            done = subprocess.run(
                [sys.executable, "-c", text],
                env={**os.environ, "SITE": address},
                capture_output=True,
                text=True,
                timeout=120,
                check=False,
            )
        assert done.returncode == 0, done.stderr
        said["python"] = done.stdout
    assert "300 of 300 lines taken, 0 refused" in said["flask import-catalog my/items.csv --mapping my/mapping.toml"]
    assert "5,000 events stored, 0 known" in said["flask import-history my/purchases.csv"]
    assert "stands." in said["flask usecase check"]
    assert "days at your traffic" in said["flask usecase power --lift 15 --visitors-per-day 2000"]
    assert "champion" in said["flask models list"]
    program = said["python"]
    assert re.search(r"arm: (control|treatment) model: (1|None)", program)
    assert program.count(" | ") == 5
    for line in (
        "stored: 1",
        "new: Green olive oil",
        "hidden: False",
        "found: pa/new",
        "pinned: pa/new",
        "repeats: 0",
        "merged: True",
    ):
        assert line in program


def test_the_mapping_of_a_till_is_one(tmp_path: Path) -> None:
    written, separators = re.findall(
        r"^```toml\n(.*?)^```", (ROOT / "docs" / "adopt.md").read_text("utf-8"), re.M | re.S
    )
    (tmp_path / "map.toml").write_text(written, encoding="utf-8")
    stated = stated_columns(tmp_path / "map.toml", (), tuple(HISTORY_FIELDS))
    assert (stated.decimal, stated.kinds["Retoure"]) == (",", "undo purchase")
    (tmp_path / "map.toml").write_text(separators, encoding="utf-8")
    assert stated_columns(tmp_path / "map.toml", (), tuple(FIELDS)).separator_of("categories") == "/"


@pytest.mark.parametrize(("lift", "state"), [(0.15, "better"), (-0.15, "worse")])
def test_a_planted_change_of_the_shop_is_found_and_shown(
    settings: Settings, tmp_path: Path, lift: float, state: str
) -> None:
    settings = replace(settings, use_case=SHOP / "usecase.toml", words=SHOP / "words.toml")
    stated = stated_columns(SHOP / "mapping.toml", (), tuple(FIELDS))
    report = Report()
    with Store.create(settings.event_database) as store:
        feed = read_items(SHOP / "items.csv", read_rows(SHOP / "items.csv"), stated, report, save_picture=str)
        import_items(store, feed.items, report)
        with store.open_writer() as writer:
            writer.run(lambda db: population(db, settings, 20_000, lift, item_id="pa/000"), 300)
        found = read(store, settings)
    assert found.verdict.state == state, found.verdict.sentence
    assert "In value per visitor, treatment is" in found.verdict.sentence
    site = create_app(settings)
    page = site.test_client().get("/flywheel/experiment").text
    site.extensions["flywheel"].close()
    assert "In value per visitor, treatment is" in page
    assert "Value per visitor <small>decides</small>" in page


def test_the_shop_is_made_by_its_script_the_same_again(tmp_path: Path) -> None:
    subprocess.run([sys.executable, str(SHOP / "make.py"), str(tmp_path)], check=True, timeout=120)
    for name in ("items.csv", "purchases.csv"):
        assert (tmp_path / name).read_bytes() == (SHOP / name).read_bytes()
