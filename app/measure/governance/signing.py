"""Signing the use case: whether the signatures stand, and how one is put into the file."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from app.files import write_file
from app.measure.governance.usecase import UseCase, UseCaseError, load_use_case, parse_use_case

ROLES = {"business": "what is recommended, and what counts as success", "science": "how it is learned and judged"}
"""Who must sign, and what for."""

_HEADING = "[[sign_offs]]"


@dataclass(frozen=True, slots=True)
class SignOffState:
    """One role's signature as it stands.

    signs: what the role answers for. state: ``signed``, ``changed`` (since it was signed) or ``unsigned``.
    signed_on, signed_hash: None without a signature. sentence: what is wrong and what to do; "" when nothing is.
    """

    role: str
    signs: str
    state: str
    signed_on: date | None
    signed_hash: str | None
    sentence: str


def sign_off_states(use_case: UseCase) -> tuple[SignOffState, ...]:
    """Business, then science."""
    return tuple(_state(use_case, role, signs) for role, signs in ROLES.items())


def unsigned_reason(use_case: UseCase) -> str | None:
    """Why nothing may be published for this use case, in one sentence; None when both signatures stand."""
    return " ".join(state.sentence for state in sign_off_states(use_case) if state.sentence) or None


def use_case_problems(use_case: UseCase, control_share: float) -> list[str]:
    """Sentences of what is wrong: missing or outdated signatures, and a setting that differs from the stated share."""
    problems = [state.sentence for state in sign_off_states(use_case) if state.sentence]
    stated = next(arm.share for arm in use_case.arms if arm.name == "control")
    if abs(stated - control_share) > 1e-9:
        problems.append(
            f"The use case states a control share of {stated:g}, but control_share is {control_share:g}: "
            "change the setting, or the statement and have it signed."
        )
    return problems


def sign(path: Path, role: str, today: date) -> UseCase:
    """Write a role's signature of the use case as it stands into its file, and return the use case as signed.

    Only the date and the hash of that sign-off change, or one is added at the end; every other byte stays. The file is
    replaced whole. Raises UseCaseError for an unknown role and for a file that cannot be read, understood or written.
    """
    if role not in ROLES:
        raise UseCaseError(f"role = {role!r} does not sign the use case; name one of {', '.join(ROLES)}")
    stated = load_use_case(path)
    try:
        text = path.read_bytes().decode("utf-8")
        signed_text = _with_signature(text, role, today, stated.content_hash)
        signed = parse_use_case(signed_text, path.name)
        others = tuple(entry for entry in stated.sign_offs if entry.role != role)
        kept = tuple(entry for entry in signed.sign_offs if entry.role != role)
        if _state(signed, role, ROLES[role]).state != "signed":
            raise UseCaseError(f"{path.name}: the sign-off of {role} cannot be found in it; write it by hand")
        if kept != others or signed.content_hash != stated.content_hash:
            raise UseCaseError(f"{path.name}: signing would change more than the sign-off of {role}; write it by hand")
        write_file(path, signed_text.encode("utf-8"))
    except OSError as error:
        raise UseCaseError(f"use case file {path} cannot be written: {error.strerror}") from error
    return signed


def _state(use_case: UseCase, role: str, signs: str) -> SignOffState:
    found = next((entry for entry in use_case.sign_offs if entry.role == role), None)
    fix = f"run `flask usecase sign --role {role}`"
    if found is None:
        return SignOffState(role, signs, "unsigned", None, None, f"The use case is not signed by {role}: {fix}.")
    if found.signed_hash != use_case.content_hash:
        sentence = (
            f"The use case has changed since {role} signed it on {found.date.isoformat()} "
            f"({found.signed_hash} then, {use_case.content_hash} now): {fix}."
        )
        return SignOffState(role, signs, "changed", found.date, found.signed_hash, sentence)
    return SignOffState(role, signs, "signed", found.date, found.signed_hash, "")


def _with_signature(text: str, role: str, today: date, content_hash: str) -> str:
    lines = text.splitlines(keepends=True)
    newline = "\r\n" if lines and lines[0].endswith("\r\n") else "\n"
    values = {"date": today.isoformat(), "signed_hash": f'"{content_hash}"'}
    for start, end in _entries(lines):
        if any(
            _key(line) == "role" and line.split("=", 1)[1].strip().strip("\"'") == role for line in lines[start:end]
        ):
            for index in range(start, end):
                if _key(lines[index]) in values:
                    lines[index] = f"{_key(lines[index])} = {values[_key(lines[index])]}{newline}"
            return "".join(lines)
    gap = "" if text.endswith(newline) else newline
    entry = [_HEADING, f'role = "{role}"', *(f"{key} = {value}" for key, value in values.items())]
    return text + gap + newline + "".join(line + newline for line in entry)


def _entries(lines: list[str]) -> list[tuple[int, int]]:
    """First line and end (exclusive) of each sign-off."""
    starts = [index for index, line in enumerate(lines) if line.strip() == _HEADING]
    return [
        (start, next((i for i in range(start + 1, len(lines)) if lines[i].startswith("[")), len(lines)))
        for start in starts
    ]


def _key(line: str) -> str:
    return line.split("=", 1)[0].strip() if "=" in line else ""
