"""Every command has help, is documented, and speaks plainly when it cannot work."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from app import create_app
from app.cli.command_reference import command_reference
from app.settings import Settings

ROOT = Path(__file__).parents[3]


def test_the_documented_commands_are_the_commands(settings: Settings) -> None:
    assert (ROOT / "docs" / "commands.md").read_text(encoding="utf-8") == command_reference(create_app(settings))


@pytest.mark.parametrize("command", [["baseline"], ["trainer", "--once"], ["export-visitor", "x"], ["doctor"]])
def test_without_a_database_a_command_says_what_to_do(settings: Settings, command: list[str]) -> None:
    result = create_app(settings).test_cli_runner().invoke(args=command)
    assert result.exit_code != 0
    assert "run `flask init-db`" in result.output
    assert "Traceback" not in result.output


NUMBERED = (
    ["models", "show"],
    ["models", "promote"],
    ["models", "list", "--limit"],
    ["rules", "end"],
    ["quarantine", "list", "--limit"],
    ["quarantine", "release", "--reason", "x"],
    ["quarantine", "drop", "--reason", "x"],
    ["exclusions", "lift", "--reason", "x"],
)
CLAIM = ["--statement", "s", "--model", "m", "--data", "d", "--metric", "m"]
FINITE = (
    ["usecase", "power", "--lift"],
    ["usecase", "power", "--visitors-per-day"],
    ["challenge", "--tune"],
    ["hypothesis", "file", *CLAIM, "--threshold"],
)
NAMING = (["export-visitor"], ["erase-visitor", "--yes"], ["exclusions", "add", "--reason", "x"], ["lineage"])


def test_a_number_that_no_row_has_and_one_without_end_are_refused_in_a_sentence(settings: Settings) -> None:
    runner = create_app(settings).test_cli_runner()
    for command in NUMBERED:
        for number in ("9" * 25, "-1", "nan"):
            value = [number] if command[-1].startswith("--") else ["--", number]
            result = runner.invoke(args=[*command, *value])
            assert result.exit_code == 2, command
            assert "Invalid value" in result.output
    for command in FINITE:
        for number in ("nan", "inf", "1e999"):
            result = runner.invoke(args=[*command, number])
            assert result.exit_code == 2, command
            assert f"'{number}' is not a finite number" in result.output


def test_bytes_of_a_terminal_that_are_no_text_are_refused(settings: Settings) -> None:
    runner = create_app(settings).test_cli_runner()
    for command in NAMING:
        result = runner.invoke(args=[*command, "\udcff"])
        assert result.exit_code == 2, command
        assert r"'\udcff' is no text in UTF-8" in result.output


def test_a_second_seed_is_refused_and_the_first_is_left_alone(settings: Settings) -> None:
    runner = create_app(settings).test_cli_runner()
    first = runner.invoke(args=["seed", "--visitors", "3", "--draw", "0"])
    assert first.exit_code == 0, first.output
    assert first.output.startswith("2,400 items, 3 visitors")
    second = runner.invoke(args=["seed", "--visitors", "3", "--draw", "0"])
    assert second.exit_code == 1
    assert "has a catalog already" in second.output
    doctor = runner.invoke(args=["doctor"])
    assert "ok    database: 2,400 items, 3 visitors" in doctor.output
    assert "FAIL  model: no model is published" in doctor.output


def test_a_folder_without_films_is_named(settings: Settings, tmp_path: Path) -> None:
    result = create_app(settings).test_cli_runner().invoke(args=["import-movielens", str(tmp_path)])
    assert result.exit_code == 1
    assert "holds no films; one of these pairs is looked for: u.item" in result.output


def test_films_are_imported_with_their_ratings_in_time_order(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "u.genre").write_text("".join(f"genre{n}|{n}\n" for n in range(19)), encoding="latin-1")
    flags = "|".join("1" if n == 5 else "0" for n in range(19))
    films = "".join(f"{n}|Film {n}, The (1995)|01-Jan-1995||address|{flags}\n" for n in (1, 2))
    (tmp_path / "u.item").write_text(films, encoding="latin-1")
    (tmp_path / "u.data").write_text("7\t2\t5\t200\n7\t1\t3\t100\n7\t2\t1\t150\n", encoding="latin-1")
    result = create_app(settings).test_cli_runner().invoke(args=["import-movielens", str(tmp_path)])
    assert result.exit_code == 0, result.output
    assert result.output.startswith("2 items, 1 visitors, 0 slates and 2 events")
    assert "1 ratings gave way to a newer one of the same film by the same user" in result.output
    exported = create_app(settings).test_cli_runner().invoke(args=["export-visitor", "imported-7"])
    assert exported.output.index('"film-1"') < exported.output.index('"film-2"')
    assert '"kind": "like"' in exported.output


def test_a_refused_import_leaves_nothing_behind(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "items.csv.gz").write_bytes(gzip.compress(b"item_id,title,year,genres\n1,Heat,1995,Crime\n"))
    rated = b"user_id,item_id,value,timestamp\n7,1,5,100\n7,1,nan,200\n"
    (tmp_path / "interactions.csv.gz").write_bytes(gzip.compress(rated))
    runner = create_app(settings).test_cli_runner()
    refused = runner.invoke(args=["import-movielens", str(tmp_path)])
    assert refused.exit_code == 1
    assert "interactions.csv.gz, line 3: value 'nan' is not a number that rates" in refused.output
    assert not settings.event_database.exists()
    (tmp_path / "interactions.csv.gz").write_bytes(gzip.compress(rated.replace(b"nan", b"4")))
    assert runner.invoke(args=["import-movielens", str(tmp_path)]).exit_code == 0


def test_the_secret_is_made_once_and_not_shown(var: Path) -> None:
    from app.secret import secret_key
    from app.settings import load_settings

    settings = load_settings({}, overrides={"var": var})
    key = secret_key(settings)
    assert len(key) == 64
    assert secret_key(settings) == key
    assert (var / "secret_key").stat().st_mode & 0o077 == 0
    shown = create_app(settings).test_cli_runner().invoke(args=["settings"]).output
    assert key not in shown
    assert "FLYWHEEL_SECRET_KEY=(secret)" in shown
