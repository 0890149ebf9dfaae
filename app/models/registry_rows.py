"""The rows of the model registry: one a model version and one a step of its life.

Every function takes the connection, to a file of its own or to the server of the events; `Registry` in
`app.models.registry` decides what is written when.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from app.models.current import check_artifact_name
from app.models.registry_schema import has_searches, has_steps
from app.store.engines import Connection

ROW_ERRORS = (ValueError, TypeError, KeyError)
"""What reading rows raises whose values nobody here wrote."""


@dataclass(frozen=True, slots=True)
class ModelVersion:
    """One row of the registry: what a model version was made from, how long it took, and what was decided about it.

    kind: ``fit`` from nothing, ``update`` of touched users and items, or ``refit`` of everything from a warm start.
    state: ``candidate`` until judged; ``challenger`` while a trial compares it with the champion's lineage on the site;
    ``champion`` while published; ``retired`` after that, or after a trial without decision; or ``refused``.
    parent: the champion at the time it was made. watermark: the last event seq it has seen.
    rows, users, items: training rows it learned from and the distinct visitors and items in them.
    timings: seconds by step. metrics: see `app.measure.evaluation.gate.GateVerdict.metrics`. verdict: a sentence.
    artifact: name of its folder inside the models folder; "" once that was cleared away. checksum: of its manifest.
    published_at: Unix seconds of its first publication, None when the site never used it as the champion.
    """

    version: int
    created_at: float
    kind: str
    state: str
    parent: int | None
    watermark: int
    rows: int
    users: int
    items: int
    config: Mapping[str, Any]
    config_hash: str
    code_version: str
    timings: Mapping[str, float]
    metrics: Mapping[str, Any]
    verdict: str
    artifact: str
    checksum: str
    published_at: float | None = None

    def __post_init__(self) -> None:
        if self.artifact:  # a folder of this name is removed when it is old
            check_artifact_name(self.artifact)


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happened to a model version; rows are only ever added.

    step: one of `app.models.registry_schema.STEPS`. by: who did it, ``trainer`` or the command.
    sentence: what happened, in words. figures: the numbers behind the sentence.
    """

    version: int
    at: float
    step: str
    by: str
    sentence: str
    figures: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Search:
    """A search for settings after an import: which imported events it knew, what it found in a few words, its report's
    lines.
    """

    at: float
    imported_seq: int
    found: str
    report: tuple[str, ...]


_ALL = 2**62
"""More rows than there are: neither engine takes the other's word for no limit."""
_COLUMNS = tuple(ModelVersion.__dataclass_fields__)
_JSON_COLUMNS = frozenset({"config", "timings", "metrics"})


def read_versions(conn: Connection, limit: int | None = None) -> list[ModelVersion]:
    """Model versions, newest first."""
    rows = conn.execute("SELECT * FROM models ORDER BY version DESC LIMIT ?", [_ALL if limit is None else limit])
    return [_version(row) for row in rows]


def read_version(conn: Connection, version: int) -> ModelVersion | None:
    """One model version, or None when there is none of that number."""
    row = conn.execute("SELECT * FROM models WHERE version = ?", [version]).fetchone()
    return None if row is None else _version(row)


def read_in_state(conn: Connection, state: str) -> ModelVersion | None:
    """The version in a state that one at a time is in, ``champion`` or ``challenger``; None without one."""
    row = conn.execute("SELECT * FROM models WHERE state = ?", [state]).fetchone()
    return None if row is None else _version(row)


def read_steps(conn: Connection, version: int | None = None, limit: int | None = None) -> list[Step]:
    """Steps of one version or of all, newest first; none in a registry from before there were steps."""
    if not has_steps(conn):
        return []
    rows = conn.execute(
        "SELECT version, at, step, by, sentence, figures FROM steps WHERE version = coalesce(?, version)"
        " ORDER BY id DESC LIMIT ?",
        [version, _ALL if limit is None else limit],
    )
    return [
        Step(row["version"], row["at"], row["step"], row["by"], row["sentence"], json.loads(row["figures"]))
        for row in rows
    ]


def read_searched_until(conn: Connection) -> int:
    """The seq of the newest imported event that a search for settings knew; 0 before the first."""
    if not has_searches(conn):
        return 0
    return int(conn.execute("SELECT coalesce(max(imported_seq), 0) FROM searches").fetchone()[0])


def read_searches(conn: Connection) -> list[Search]:
    """Every search for settings, newest first."""
    if not has_searches(conn):
        return []
    rows = conn.execute("SELECT at, imported_seq, found, report FROM searches ORDER BY id DESC")
    return [Search(row[0], row[1], row[2], tuple(row[3].split("\n"))) for row in rows]


def insert_search(conn: Connection, search: Search) -> None:
    """Add a search for settings."""
    conn.execute(
        "INSERT INTO searches (at, imported_seq, found, report) VALUES (?, ?, ?, ?)",
        [search.at, search.imported_seq, search.found, "\n".join(search.report)],
    )


def read_environment(conn: Connection) -> str | None:
    """`environment` of the newest step ``filed`` that names one: the settings that the trainer acted on last."""
    if not has_steps(conn):
        return None
    # The words are those that `json.dumps` writes; what they are a part of is found by reading it.
    rows = conn.execute(
        """SELECT figures FROM steps WHERE step = 'filed' AND figures LIKE '%"environment": "%' ORDER BY id DESC"""
    )
    found = (json.loads(row["figures"]).get("environment") for row in rows)
    return next((str(named) for named in found if named is not None), None)


def read_trouble(conn: Connection) -> tuple[float, str] | None:
    """Since when (Unix seconds) the trainer cannot keep a model, and why; None while it can."""
    row = conn.execute("SELECT since, said FROM trainer_trouble").fetchone()
    return None if row is None else (float(row[0]), str(row[1]))


def write_trouble(conn: Connection, at: float, said: str | None) -> None:
    """Keep why the trainer cannot keep a model, since when it could not first; None when it can again."""
    if said is None:
        conn.execute("DELETE FROM trainer_trouble")
    else:
        conn.execute(
            "INSERT INTO trainer_trouble (one, since, said) VALUES (1, ?, ?)"
            " ON CONFLICT (one) DO UPDATE SET said = excluded.said",
            [at, said],
        )


def insert_steps(conn: Connection, steps: Iterable[Step]) -> None:
    """Add steps."""
    conn.executemany(
        "INSERT INTO steps (version, at, step, by, sentence, figures) VALUES (?, ?, ?, ?, ?, ?)",
        [
            (step.version, step.at, step.step, step.by, step.sentence, json.dumps(dict(step.figures), sort_keys=True))
            for step in steps
        ],
    )


def insert_version(conn: Connection, version: ModelVersion) -> None:
    """Add a row. Raises one of `app.store.engines.INTEGRITY_ERRORS` when its number is taken."""
    values = [_encoded(column, getattr(version, column)) for column in _COLUMNS]
    marks = ", ".join("?" * len(_COLUMNS))
    conn.execute(f"INSERT INTO models ({', '.join(_COLUMNS)}) VALUES ({marks})", values)


def change_version(conn: Connection, version: int, changes: Mapping[str, Any]) -> None:
    """Set columns of one row; `changes` maps column names to values."""
    unknown = sorted(set(changes) - set(_COLUMNS))
    if unknown:
        raise ValueError(f"the registry has no column {unknown[0]!r}; it has {', '.join(_COLUMNS)}")
    assignments = ", ".join(f"{column} = ?" for column in changes)
    values = [_encoded(column, value) for column, value in changes.items()]
    conn.execute(f"UPDATE models SET {assignments} WHERE version = ?", [*values, version])


def set_champion(conn: Connection, version: int, at: float) -> None:
    """Make one version the champion, from `at` (Unix seconds) if it never was, and retire the one before it.

    The caller holds a transaction.
    """
    conn.execute("UPDATE models SET state = 'retired' WHERE state = 'champion' AND version <> ?", [version])
    conn.execute(
        "UPDATE models SET state = 'champion', published_at = coalesce(published_at, ?) WHERE version = ?",
        [at, version],
    )


def retire_champion(conn: Connection) -> None:
    """Leave no champion, for when nothing is published."""
    conn.execute("UPDATE models SET state = 'retired' WHERE state = 'champion'")


def refuse_candidates(conn: Connection, verdict: str) -> Sequence[int]:
    """Mark every unjudged candidate refused with this verdict and return their numbers."""
    rows = conn.execute(
        "UPDATE models SET state = 'refused', verdict = ? WHERE state = 'candidate' RETURNING version", [verdict]
    )
    return [row["version"] for row in rows.fetchall()]


def _encoded(column: str, value: Any) -> Any:
    return json.dumps(dict(value), sort_keys=True) if column in _JSON_COLUMNS else value


def _version(row: Any) -> ModelVersion:
    # A registry that no trainer has brought up to date yet lacks the newest columns; readers cannot add them.
    found = [column for column in _COLUMNS if column in row.keys()]  # noqa: SIM118
    values = {column: json.loads(row[column]) if column in _JSON_COLUMNS else row[column] for column in found}
    return ModelVersion(**values)
