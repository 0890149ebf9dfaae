"""Secrets are made whole, kept, and never empty."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from app import create_app
from app.secret import (
    ADMIN_PASSWORD_FILE,
    API_KEY_FILE,
    SECRET_KEY_FILE,
    SecretError,
    admin_password,
    api_key,
    is_admin_password,
    secret_key,
)
from app.settings import SettingError, Settings

KEPT = [(secret_key, SECRET_KEY_FILE), (admin_password, ADMIN_PASSWORD_FILE), (api_key, API_KEY_FILE)]


@pytest.fixture
def unset(settings: Settings) -> Settings:
    """Settings that name no secret."""
    return replace(settings, secret_key="", admin_password="", api_key="")


@pytest.mark.parametrize(("secret", "name"), KEPT)
def test_a_secret_is_made_once_for_its_owner_only(
    unset: Settings, secret: Callable[[Settings], str], name: str
) -> None:
    made = secret(unset)
    assert len(made) >= 16
    assert secret(unset) == made
    assert (unset.var / name).stat().st_mode & 0o777 == 0o600
    assert [path.name for path in unset.var.iterdir()] == [name]


@pytest.mark.parametrize("content", [b"", b" \n", b"\xff\xfe"], ids=["empty", "blank", "no text"])
@pytest.mark.parametrize(("secret", "name"), KEPT)
def test_an_empty_or_damaged_file_of_a_secret_is_refused_by_name(
    unset: Settings, secret: Callable[[Settings], str], name: str, content: bytes
) -> None:
    (unset.var / name).write_bytes(content)
    with pytest.raises(SecretError, match=name):
        secret(unset)


def test_an_empty_password_file_lets_nobody_in(unset: Settings) -> None:
    (unset.var / ADMIN_PASSWORD_FILE).write_text("")
    with pytest.raises(SecretError):
        is_admin_password(unset, "")


@pytest.mark.parametrize("name", [SECRET_KEY_FILE, ADMIN_PASSWORD_FILE])
def test_a_site_with_an_empty_secret_does_not_start_and_says_why(unset: Settings, database: Path, name: str) -> None:
    (unset.var / name).write_text("")
    site = create_app(unset)  # commands need it, such as the one that says what is wrong
    with pytest.raises(SecretError, match=f"{name} is empty"):
        site.extensions["flywheel"].check()


def test_more_processes_than_the_database_lets_write_are_refused_with_what_to_do(unset: Settings) -> None:
    site = create_app(replace(unset, web_concurrency=2))
    with pytest.raises(SettingError, match=r"web_concurrency = 2 .* must be 1 on SQLite.*DATABASE_URL"):
        site.extensions["flywheel"].check()
