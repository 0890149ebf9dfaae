"""Hypotheses: claims filed before there was evidence, their verdicts beside them; none is ever deleted or reworded."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, astuple, dataclass, field
from typing import Any

from app.store.engines import Connection, Database, dialect_of, marks


@dataclass(frozen=True, slots=True)
class Claim:
    """“Model X trained on data Y gives metric >= Z by a date, at a cost”: what is filed, and stays as it is.

    statement: the claim in words. deadline: Unix seconds. max_train_s: seconds that making the model may take at most.
    """

    filed_at: float
    filed_by: str
    statement: str
    model: str
    data: str
    metric: str
    threshold: float
    deadline: float
    max_train_s: float | None = None


@dataclass(frozen=True, slots=True)
class Judgement:
    """What evidence says of a claim.

    verdict: ``holds``, ``fails`` or ``open``. value, low, high: the metric with its 95 % interval, None when there was
    nothing to measure. train_s: what making the model took. note: the reason. evidence: the figures behind it.
    """

    judged_at: float
    verdict: str
    value: float | None
    low: float | None
    high: float | None
    train_s: float | None
    note: str
    evidence: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """A claim by its number, with the newest judgement, or None before the first."""

    number: int
    claim: Claim
    judgement: Judgement | None

    @property
    def is_settled(self) -> bool:
        """Whether the verdict is final."""
        return self.judgement is not None and self.judgement.verdict != "open"


_CLAIM = tuple(Claim.__dataclass_fields__)
_JUDGEMENT = tuple(Judgement.__dataclass_fields__)


def file_claims(db: Database, claims: Sequence[Claim]) -> list[int]:
    """Add claims, for use inside a writer task, and return their numbers."""
    statement = f"INSERT INTO hypotheses ({', '.join(_CLAIM)}) VALUES ({marks(_CLAIM)})"
    return [dialect_of(db.conn).insert_one(db.conn, statement, astuple(claim)) or 0 for claim in claims]


def record_judgement(db: Database, number: int, judgement: Judgement) -> None:
    """Write a judgement beside its claim, for use inside a writer task. A final verdict refuses to be changed."""
    values = asdict(judgement) | {"evidence": json.dumps(dict(judgement.evidence), sort_keys=True)}
    assignments = ", ".join(f"{column} = :{column}" for column in _JUDGEMENT)
    db.conn.execute(f"UPDATE hypotheses SET {assignments} WHERE id = :number", values | {"number": number})


def all_hypotheses(conn: Connection) -> list[Hypothesis]:
    """Every hypothesis, oldest first."""
    rows = conn.execute(f"SELECT id, {', '.join(_CLAIM + _JUDGEMENT)} FROM hypotheses ORDER BY id")
    return [_hypothesis(row) for row in rows]


def _hypothesis(row: Any) -> Hypothesis:
    claim = Claim(*(row[column] for column in _CLAIM))
    if row["judged_at"] is None:
        return Hypothesis(row["id"], claim, None)
    values = {column: row[column] for column in _JUDGEMENT}
    values["evidence"] = json.loads(values["evidence"] or "{}")
    return Hypothesis(row["id"], claim, Judgement(**values))
