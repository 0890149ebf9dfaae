"""Settings come from one table, and a value that does not fit is named."""

from __future__ import annotations

from dataclasses import Field, fields
from pathlib import Path
from typing import Any

import pytest

from app.cli.settings_reference import describe_settings, settings_table
from app.settings import SettingError, Settings, load_settings, settings_environment

ROOT = Path(__file__).parent.parent.parent


def test_the_environment_wins_over_toml_and_toml_over_defaults(tmp_path: Path) -> None:
    toml = tmp_path / "flywheel.toml"
    toml.write_text("port = 9000\nshelf_size = 6\nsecure_cookies = true\n", encoding="utf-8")
    settings = load_settings({"FLYWHEEL_PORT": "9001"}, toml)
    assert (settings.port, settings.shelf_size, settings.secure_cookies, settings.threads) == (9001, 6, True, 8)


def test_the_toml_file_can_be_named_in_the_environment(tmp_path: Path) -> None:
    toml = tmp_path / "flywheel.toml"
    toml.write_text("port = 9000\n", encoding="utf-8")
    assert load_settings({"FLYWHEEL_CONFIG": str(toml)}).port == 9000


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("PORT", "70000", "port = '70000' must be from 0 to 65535"),
        ("PORT", "eighty", "port = 'eighty' is not of kind int"),
        ("CONTROL_SHARE", "1.5", "control_share = '1.5' must be from 0 to 1"),
        ("CONTROL_SHARE", "nan", "control_share = 'nan' is not of kind float"),
        ("RATE_LIMIT", "junk", "rate_limit = 'junk' must be a rate such as '1200 per minute'"),
        ("RATE_LIMIT", "0 per minute", "rate_limit = '0 per minute' must be a rate"),
        ("RATE_LIMIT", "-5 per minute", "rate_limit = '-5 per minute' must be a rate"),
        ("ADDRESS_RATE_LIMIT", "1200", "address_rate_limit = '1200' must be a rate"),
        ("EXPERIMENT_START", "1700000000000", "experiment_start = '1700000000000' must be from 0 to 4102444800"),
        ("EXPERIMENT", "  ", "experiment = '  ' must be at least one character"),
        ("HOST", " ", "host = ' ' must be at least one character"),
        ("API_KEY", "sha256:abc", "api_key = (secret) must be sha256: and 64 hexadecimal digits"),
        ("API_KEY", "sha256:zz" + "0" * 62, "api_key = (secret) must be sha256: and 64 hexadecimal digits"),
        ("ADMIN_PASSWORD", "seven77", "admin_password = (secret) must be at least 8 characters"),
        ("API_KEY", "short", "api_key = (secret) must be at least 20 characters"),
        ("SEED", "9" * 400, "must be from 0 to 4294967295"),
        ("SECRET_KEY", "   ", "secret_key = (secret) must be at least one character that is not blank"),
        ("SECRET_KEY", "key \udcff", "secret_key = (secret) must be text in UTF-8"),
        ("ADMIN_PASSWORD", " " * 30, "admin_password = (secret) must be at least 8 characters that are not blank"),
        ("ADMIN_PASSWORD", "scrypt:", "admin_password = (secret) must be a whole hash"),
        ("ADMIN_PASSWORD", "scrypt:1:1:1$salt$00", "admin_password = (secret) must be a whole hash"),
        ("ADMIN_PASSWORD", "pbkdf2:md9:10$salt$00", "admin_password = (secret) must be a whole hash"),
        ("API_KEY", " " * 30, "api_key = (secret) must be at least 20 characters"),
        ("SECURE_COOKIES", "maybe", "secure_cookies = 'maybe' is not of kind bool"),
    ],
)
def test_a_value_that_does_not_fit_is_named_with_what_would(name: str, value: str, expected: str) -> None:
    with pytest.raises(SettingError, match=r"^setting ") as caught:
        load_settings({f"FLYWHEEL_{name}": value})
    assert expected in str(caught.value)


NUMBERS = [row for row in fields(Settings) if str(row.type) in {"int", "float"}]


@pytest.mark.parametrize("row", NUMBERS, ids=lambda row: row.name)
def test_every_number_has_both_bounds_and_nothing_beyond_them_passes(row: Field[Any]) -> None:
    least, most = row.metadata["minimum"], row.metadata["maximum"]
    assert least <= row.default <= most
    for value in ("inf", "-inf", "nan", "1e400", str(most + 1), str(least - 1)):
        with pytest.raises(SettingError, match=f"setting {row.name} = "):
            load_settings({f"FLYWHEEL_{row.name.upper()}": value})
    for value in (least, most):
        assert getattr(load_settings({f"FLYWHEEL_{row.name.upper()}": str(value)}), row.name) == value


@pytest.mark.parametrize("rate", ["1 per second", "20/second;500/hour", "5 per 2 minutes"])
def test_a_rate_is_one_that_the_limits_understand(rate: str) -> None:
    assert load_settings({"FLYWHEEL_RATE_LIMIT": rate}).rate_limit == rate


def test_an_unknown_setting_is_refused_with_the_known_ones() -> None:
    with pytest.raises(
        SettingError, match="unknown setting 'prot'; known are var, database_url, database_connections, artifacts, host"
    ):
        load_settings({}, overrides={"prot": 1})


def test_a_setting_of_version_0_1_is_refused_with_its_new_name(tmp_path: Path) -> None:
    with pytest.raises(SettingError, match="setting FLYWHEEL_JURY_SHARE is called FLYWHEEL_HOLDOUT_SHARE now"):
        load_settings({"FLYWHEEL_JURY_SHARE": "0.2"})
    toml = tmp_path / "site.toml"
    toml.write_text("jury_share = 0.2", encoding="utf-8")
    with pytest.raises(SettingError, match="setting jury_share is called holdout_share now"):
        load_settings({}, toml)
    assert load_settings({"FLYWHEEL_JURY_SHARE": ""}).holdout_share == load_settings({}).holdout_share


def test_a_missing_or_broken_toml_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingError, match="does not exist"):
        load_settings({}, tmp_path / "gone.toml")
    broken = tmp_path / "broken.toml"
    for content in (b"port = = 1", b"host = '\xff'"):
        broken.write_bytes(content)
        with pytest.raises(SettingError, match="is not TOML"):
            load_settings({}, broken)
    with pytest.raises(SettingError, match="cannot be read: Is a directory"):
        load_settings({}, tmp_path)
    broken.write_bytes(b"\xef\xbb\xbfport = 1")
    assert load_settings({}, broken).port == 1, "a byte-order mark is no part of the file"


@pytest.mark.parametrize("line", ["port = true", "control_share = false", "host = true", "experiment = ['a']"])
def test_a_value_of_toml_of_another_kind_is_refused(tmp_path: Path, line: str) -> None:
    toml = tmp_path / "flywheel.toml"
    toml.write_text(line, encoding="utf-8")
    with pytest.raises(SettingError, match="is not of kind"):
        load_settings({}, toml)


def test_another_process_gets_the_same_settings_through_its_environment(tmp_path: Path) -> None:
    settings = load_settings({}, overrides={"var": tmp_path, "holdout_share": 0.3, "secure_cookies": True})
    assert load_settings(settings_environment(settings)) == settings


def test_every_setting_has_help() -> None:
    assert all(row["help"].endswith(".") for row in describe_settings())


def test_the_documented_table_is_the_table() -> None:
    assert (ROOT / "docs" / "settings.md").read_text(encoding="utf-8") == settings_table()


@pytest.mark.parametrize(
    "place",
    [
        "memory://models",
        "models",
        "/",
        "s3://",
        "s3://bucket/../other",
        "https://bucket/x",
        "s3://b?key=x",
        "local:///x",
    ],
)
def test_a_place_that_hosts_cannot_share_is_refused(place: str) -> None:
    with pytest.raises(SettingError, match=r"setting artifacts = .* must be s3://bucket/prefix or the whole path"):
        load_settings(environment={}, overrides={"artifacts": place, "database_url": "postgresql://host/site"})


def test_an_account_in_the_place_of_models_is_refused_and_not_shown() -> None:
    with pytest.raises(SettingError, match=r"setting artifacts = \(secret\) must be") as refused:
        load_settings(environment={}, overrides={"artifacts": "s3://who:open-sesame@bucket/models"})
    assert "open-sesame" not in str(refused.value)


def test_models_are_shared_by_sites_whose_events_are_on_a_server() -> None:
    shared = {"artifacts": "s3://bucket/models"}
    with pytest.raises(SettingError, match="set database_url, or leave artifacts empty"):
        load_settings(environment={}, overrides=shared)
    settings = load_settings(environment={}, overrides={**shared, "database_url": "postgresql://host/site"})
    assert settings.artifacts == "s3://bucket/models"


def test_the_number_of_processes_is_read_where_other_servers_read_it() -> None:
    assert load_settings({"WEB_CONCURRENCY": "3"}).web_concurrency == 3
    assert load_settings({"WEB_CONCURRENCY": "3", "FLYWHEEL_WEB_CONCURRENCY": "2"}).web_concurrency == 2
    with pytest.raises(SettingError, match="web_concurrency = 'many'"):
        load_settings({"WEB_CONCURRENCY": "many"})
