"""The use case is signed by two roles, and whoever changes a word of it can be told."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskCliRunner

from app.cli import measures as commands
from app.measure.governance.signing import sign, sign_off_states, unsigned_reason, use_case_problems
from app.measure.governance.usecase import USE_CASE_FILE, UseCaseError, load_use_case, parse_use_case
from app.settings import load_settings

TEXT = USE_CASE_FILE.read_text(encoding="utf-8")
STATEMENT = TEXT[: TEXT.index("[[sign_offs]]")]
TODAY = date(2026, 3, 1)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "mine.toml"
    path.write_text(STATEMENT, encoding="utf-8")
    return path


@pytest.fixture
def runner(file: Path, var: Path) -> FlaskCliRunner:
    app = Flask("test")
    app.config["SETTINGS"] = load_settings({}, overrides={"var": var, "use_case": file})
    commands.register(app)
    return app.test_cli_runner()


def test_the_use_case_of_this_site_is_signed_and_its_share_is_the_default() -> None:
    assert use_case_problems(load_use_case(), load_settings({}).control_share) == []


def test_the_hash_leaves_the_signatures_out() -> None:
    assert parse_use_case(STATEMENT).content_hash == load_use_case().content_hash


def test_both_roles_must_sign(file: Path) -> None:
    assert [state.state for state in sign_off_states(load_use_case(file))] == ["unsigned", "unsigned"]
    sign(file, "business", TODAY)
    assert "not signed by science: run `flask usecase sign --role science`" in str(unsigned_reason(load_use_case(file)))
    sign(file, "science", TODAY)
    assert unsigned_reason(load_use_case(file)) is None


def test_a_changed_word_is_told_with_both_hashes(file: Path) -> None:
    signed = sign(file, "business", TODAY)
    sign(file, "science", TODAY)
    file.write_text(file.read_text(encoding="utf-8").replace("least_lift = 0.0", "least_lift = 0.1"), encoding="utf-8")
    changed = load_use_case(file)
    business, _ = sign_off_states(changed)
    assert (business.state, business.signed_on) == ("changed", TODAY)
    assert f"signed it on 2026-03-01 ({signed.content_hash} then, {changed.content_hash} now)" in business.sentence


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_signing_again_changes_nothing_but_that_entry(file: Path, newline: str) -> None:
    text = STATEMENT + '[[sign_offs]]\nrole = "science"\ndate = 2020-01-01\nsigned_hash = "old" # why\n\n# the end'
    file.write_bytes(text.replace("\n", newline).encode())
    sign(file, "business", TODAY)
    once = file.read_bytes()
    assert once.startswith(text.replace("\n", newline).encode()), "an entry is added at the end"
    sign(file, "science", TODAY)
    twice = file.read_bytes()
    content_hash = load_use_case(file).content_hash
    expected = once.replace(b"2020-01-01", b"2026-03-01").replace(b'"old" # why', f'"{content_hash}"'.encode())
    assert twice == expected
    assert [path.name for path in file.parent.glob("*.toml*")] == ["mine.toml"]


def test_an_entry_that_is_written_another_way_is_left_alone(file: Path) -> None:
    odd = STATEMENT + '[[ sign_offs ]]\nrole = "business"\ndate = 2020-01-01\nsigned_hash = "old"\n'
    file.write_text(odd, encoding="utf-8")
    with pytest.raises(UseCaseError, match="write it by hand"):
        sign(file, "business", TODAY)
    assert file.read_text(encoding="utf-8") == odd


def test_an_unknown_role_cannot_sign(file: Path) -> None:
    with pytest.raises(UseCaseError, match="'sales' does not sign the use case; name one of business, science"):
        sign(file, "sales", TODAY)


def test_a_share_that_differs_from_the_stated_one_is_told() -> None:
    assert use_case_problems(load_use_case(), 0.5) == [
        "The use case states a control share of 0.1, but control_share is 0.5: "
        "change the setting, or the statement and have it signed."
    ]


def test_check_fails_until_both_have_signed(runner: FlaskCliRunner) -> None:
    before = runner.invoke(args=["usecase", "check"])
    assert before.exit_code == 1
    assert "not signed by business" in before.output
    for role in ("business", "science"):
        assert runner.invoke(args=["usecase", "sign", "--role", role]).exit_code == 0
    after = runner.invoke(args=["usecase", "check"])
    assert (after.exit_code, "stands" in after.output) == (0, True)
