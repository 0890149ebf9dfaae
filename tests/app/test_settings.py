"""Settings come from one table, and a value that does not fit is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.settings import SettingError, describe_settings, load_settings, settings_environment, settings_table

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
        ("SECURE_COOKIES", "maybe", "secure_cookies = 'maybe' is not of kind bool"),
    ],
)
def test_a_value_that_does_not_fit_is_named_with_what_would(name: str, value: str, expected: str) -> None:
    with pytest.raises(SettingError, match=r"^setting ") as caught:
        load_settings({f"FLYWHEEL_{name}": value})
    assert expected in str(caught.value)


def test_an_unknown_setting_is_refused_with_the_known_ones() -> None:
    with pytest.raises(SettingError, match="unknown setting 'prot'; known are var, host, port"):
        load_settings({}, overrides={"prot": 1})


def test_a_missing_or_broken_toml_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingError, match="does not exist"):
        load_settings({}, tmp_path / "gone.toml")
    broken = tmp_path / "broken.toml"
    broken.write_text("port = = 1", encoding="utf-8")
    with pytest.raises(SettingError, match="is not TOML"):
        load_settings({}, broken)


def test_another_process_gets_the_same_settings_through_its_environment(tmp_path: Path) -> None:
    settings = load_settings({}, overrides={"var": tmp_path, "jury_share": 0.3, "secure_cookies": True})
    assert load_settings(settings_environment(settings)) == settings


def test_every_setting_has_help() -> None:
    assert all(row["help"].endswith(".") for row in describe_settings())


def test_the_documented_table_is_the_table() -> None:
    assert (ROOT / "docs" / "settings.md").read_text(encoding="utf-8") == settings_table()
