"""Named keys: made once, known by a hash, with as few scopes as they need, revoked while the site runs."""

from __future__ import annotations

import itertools
import stat
import threading
from pathlib import Path

import pytest

from app.keys import (
    EVENTS,
    FRESH_S,
    KEYS_FILE,
    READ,
    KeyNameError,
    KeyRing,
    add_key,
    read_keys,
    revoke_key,
    site_keys,
)
from app.secret import SecretError
from app.settings import Settings


def test_a_key_is_shown_once_and_kept_as_a_hash(tmp_path: Path) -> None:
    text = add_key(tmp_path, "shop", [READ, EVENTS], now=5.0)
    file = tmp_path / KEYS_FILE
    assert text not in file.read_text()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    (kept,) = read_keys(file)
    assert (kept.name, kept.scopes, kept.made_at) == ("shop", {READ, EVENTS}, 5.0)
    found = KeyRing([], file).find(text)
    assert found == kept
    assert KeyRing([], file).find(text + "x") is None


def test_keys_are_made_and_revoked_under_a_running_ring(settings: Settings) -> None:
    ring = site_keys(settings)
    text = add_key(settings.var, "shop", [READ])
    assert ring.find(text) is not None
    revoke_key(settings.var, "shop")
    assert ring.find(text) is None


def test_the_file_is_looked_at_now_and_then_and_for_a_key_that_is_not_known(tmp_path: Path) -> None:
    text, now = add_key(tmp_path, "shop", [READ]), [0.0]
    ring = KeyRing([], tmp_path / KEYS_FILE, clock=lambda: now[0])
    other = add_key(tmp_path, "other", [READ])
    assert ring.find(other) is not None, "a new key is good at once"
    waited: list[float] = []
    revoke_key(tmp_path, "shop", wait=waited.append)
    assert ring.find(text) is not None
    now[0] += waited[0]
    assert ring.find(text) is None, "whoever has revoked a key can rely on it"


@pytest.mark.parametrize(
    ("name", "scopes", "message"),
    [
        ("", [READ], "name '' must be 1 to 64 letters"),
        ("../up", [READ], "must be 1 to 64 letters"),
        ("site", [READ], "there is a key 'site' already"),
        ("old", [READ], "there is a key 'old' already"),
        ("new", [], "key 'new' needs a scope: read, events"),
        ("new", ["all"], "scope 'all' of key 'new' must be one of read"),
    ],
)
def test_a_key_that_cannot_be_made_changes_nothing(tmp_path: Path, name: str, scopes: list[str], message: str) -> None:
    add_key(tmp_path, "old", [READ])
    before = (tmp_path / KEYS_FILE).read_bytes()
    with pytest.raises(ValueError, match=message):
        add_key(tmp_path, name, scopes)
    with pytest.raises(KeyNameError, match="there is no key 'gone'; there are: old"):
        revoke_key(tmp_path, "gone")
    assert (tmp_path / KEYS_FILE).read_bytes() == before


def test_keys_made_side_by_side_are_all_kept(tmp_path: Path) -> None:
    threads = [threading.Thread(target=add_key, args=(tmp_path, f"k{number}", [READ])) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {key.name for key in read_keys(tmp_path / KEYS_FILE)} == {f"k{number}" for number in range(12)}


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"keys": [{}]}', '{"keys": 3}', "[" * 100_000, "\x00"])
def test_a_damaged_file_lets_nobody_in_and_is_named(settings: Settings, content: str) -> None:
    text = add_key(settings.var, "shop", [READ])
    file = settings.var / KEYS_FILE
    ring = KeyRing([], file, clock=itertools.count(step=FRESH_S).__next__)
    good = file.read_text()
    file.write_text(content)
    assert ring.find(text) is None
    with pytest.raises(SecretError, match=KEYS_FILE):
        add_key(settings.var, "other", [READ])
    assert file.read_text() == content
    file.write_text(good)
    assert ring.find(text) is not None
