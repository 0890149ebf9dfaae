"""The dashboard as someone without scripts meets it, and the same values for programs."""

from __future__ import annotations

import hashlib
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

import app.web
from app.models.registry_file import open_registry_to_write
from app.settings import Settings
from app.web.dashboard.computed import Computed, explanations
from tests.app.web.conftest import key_headers, load_artwork, slate_links

PAGES = ("", "/experiment", "/models", "/risks", "/data", "/bets", "/slates", "/rules", "/login")


@pytest.mark.parametrize("page", PAGES)
def test_every_page_stands_on_a_fresh_database(client: FlaskClient, page: str) -> None:
    answer = client.get("/flywheel" + page)
    assert answer.status_code == 200
    assert "could not be measured" not in answer.text


def test_the_first_page_says_in_one_line_whether_the_wheel_turns(client: FlaskClient) -> None:
    assert "<h1>Not turning yet.</h1>" in client.get("/flywheel").text


def test_real_and_simulated_visitors_are_told_apart_by_a_switch(site: Flask) -> None:
    for _ in range(2):
        client = site.test_client()
        client.get("/", headers={"X-Flywheel-Origin": "simulated"} | key_headers(site))
        load_artwork(client)
    real = site.test_client()
    real.get("/")
    load_artwork(real)
    site.extensions["flywheel"].writer.run(lambda db: None)
    html = site.test_client().get("/flywheel").text
    assert '<a href="/flywheel?origin=simulated" aria-current="true">' in html, "there are more of them"
    assert 'id="whose-simulated" data-live>2<' in html
    chosen = site.test_client().get("/flywheel?origin=real").text
    assert '<a href="/flywheel?origin=real" aria-current="true">' in chosen
    assert 'id="whose-real" data-live>1<' in chosen


def test_looking_at_the_dashboard_makes_nobody_a_visitor(client: FlaskClient) -> None:
    assert "Set-Cookie" not in client.get("/flywheel/board.json").headers
    client.get("/flywheel")
    overview = client.get("/flywheel/board.json?section=overview").get_json()["sections"]["overview"]["value"]
    assert overview["visitors_per_arm"] == []


def test_the_board_is_there_as_json_whole_or_by_section(client: FlaskClient) -> None:
    whole = client.get("/flywheel/board.json").get_json()
    assert whole["sections"]["overview"]["value"]["events_total"] == 0
    assert list(client.get("/flywheel/board.json?section=use_case").get_json()["sections"]) == ["use_case"]
    assert client.get("/flywheel/board.json?section=wheels").status_code == 404


def test_a_section_that_fails_leaves_the_page_standing(site: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.measure.dashboard.board.overview", lambda *args, **options: 1 / 0)
    answer = site.test_client().get("/flywheel/models")
    assert answer.status_code == 200
    assert "could not be measured: ZeroDivisionError" in answer.text
    assert site.test_client().get("/flywheel").status_code == 200


@pytest.mark.parametrize("entry", explanations().values(), ids=explanations())
def test_every_explanation_names_code_and_values_that_exist(client: FlaskClient, entry: Computed) -> None:
    assert Path(entry.code).is_file()
    assert client.get("/flywheel/board.json", query_string={"section": entry.sections}).status_code == 200


@pytest.mark.parametrize("entry", explanations().values(), ids=explanations())
def test_every_query_that_is_shown_runs(database: Path, settings: Settings, entry: Computed) -> None:
    open_registry_to_write(settings.registry_database).close()
    path = settings.registry_database if entry.database == "registry" else database
    with closing(sqlite3.connect(path)) as conn:
        conn.execute(entry.sql)


def test_vendored_files_are_those_that_were_checked() -> None:
    vendor = Path(app.web.__file__).parent / "static" / "vendor"
    folders = [folder for folder in vendor.iterdir() if folder.is_dir()]
    assert folders
    for folder in folders:
        lines = [line.split() for line in (folder / "SHA256SUMS").read_text("ascii").splitlines()]
        sums = {name: checksum for checksum, name in lines}
        assert set(sums) == {path.name for path in folder.iterdir()} - {"SHA256SUMS"}
        assert sums == {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in sums}


def test_a_slate_is_replayed_for_the_visitor_who_saw_it_and_for_nobody_else(site: Flask) -> None:
    visitor = site.test_client()
    link = slate_links(visitor.get("/").text)[0]
    slate_id = link.split("slate=")[1].split("&")[0]
    visitor.get(link)
    html = visitor.get(f"/flywheel/slates/{slate_id}").text
    assert "Why you saw this" in html
    assert html.count(">clicked</span>") == 1
    assert f"/flywheel/slates/{slate_id}" in visitor.get("/flywheel/slates").text
    stranger = site.test_client()
    assert stranger.get(f"/flywheel/slates/{slate_id}").status_code == 403
    assert slate_id not in stranger.get("/flywheel/slates?whose=real").text
    assert stranger.get("/flywheel/slates/nothing").status_code == 404


def test_slates_of_simulated_visitors_are_open_to_all(site: Flask) -> None:
    client = site.test_client()
    home = client.get("/", headers={"X-Flywheel-Origin": "simulated"} | key_headers(site)).text
    load_artwork(client)
    slate_id = slate_links(home)[0].split("slate=")[1].split("&")[0]
    site.extensions["flywheel"].writer.run(lambda db: None)
    assert "Why this was shown" in site.test_client().get(f"/flywheel/slates/{slate_id}").text
    assert slate_id in site.test_client().get("/flywheel/slates?whose=simulated").text
