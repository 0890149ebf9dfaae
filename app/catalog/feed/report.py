"""What became of the lines of a feed: taken, taken with a change, or refused, each with its reason."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from typing import TextIO

from app.catalog.feed.errors import FieldError, printable
from app.values.counted import counted

KEPT = 10
"""Notes of one field that are kept to be shown; all are counted, and all are written where a file is given."""


@dataclass(frozen=True, slots=True)
class Note:
    """What was found at one line. outcome: ``changed`` or ``refused``. value: as the source has it."""

    line: int
    outcome: str
    field: str
    value: str
    said: str

    @property
    def sentence(self) -> str:
        """The note in words, with its line, field and value."""
        return f"line {self.line}: {self.field} {self.value} {self.said}"


class Report:
    """Counts lines and keeps notes. file: takes every note as a line of JSON."""

    def __init__(self, file: TextIO | None = None) -> None:
        self._file = file
        self.lines = 0
        self.refused_lines = 0
        self.changed: list[Note] = []
        self.refused: list[Note] = []
        self.remarks: list[str] = []
        self.counts: Counter[tuple[str, str]] = Counter()

    @property
    def taken(self) -> int:
        """Lines that were taken."""
        return self.lines - self.refused_lines

    @property
    def refused_share(self) -> float:
        """Share of the lines that were refused."""
        return self.refused_lines / self.lines if self.lines else 0.0

    def change(self, line: int, field: str, error: FieldError, instead: str) -> None:
        """Note that a line was taken with another value, or none, in one field."""
        said = f"{error.complaint}: {instead}; {error.fix}"
        self._note(Note(line, "changed", printable(field), error.value, said), self.changed)

    def refuse(self, line: int, field: str, error: FieldError) -> None:
        """Note that a line was refused for one field."""
        self.refused_lines += 1
        self._note(
            Note(line, "refused", printable(field), error.value, f"{error.complaint}; {error.fix}"), self.refused
        )

    def remark(self, sentence: str) -> None:
        """Note what is no fault of one line: a whole column that may be read otherwise than it is meant."""
        self.remarks.append(sentence)

    def sentences(self) -> list[str]:
        """The notes that were kept, and how many there are beside them."""
        said = [f"{note.outcome}, {note.sentence}" for note in (*self.refused, *self.changed)]
        for (outcome, field), count in self.counts.items():
            if count > KEPT:
                said.append(f"{outcome}, {counted(count - KEPT, 'further line')} for {field} (all: --report FILE)")
        return said + self.remarks

    def _note(self, note: Note, kept: list[Note]) -> None:
        self.counts[note.outcome, note.field] += 1
        if self.counts[note.outcome, note.field] <= KEPT:
            kept.append(note)
        if self._file is not None:
            values = {name: getattr(note, name) for name in ("line", "outcome", "field", "value", "said")}
            self._file.write(json.dumps(values) + "\n")
