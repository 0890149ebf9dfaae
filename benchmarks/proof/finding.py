"""What an act of the proof found, and how it is told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Finding:
    """One claim, whether it held, the sentence with what was seen, and the figures behind it."""

    claim: str
    holds: bool
    seen: str
    figures: Mapping[str, Any]

    @property
    def line(self) -> str:
        """The finding in one line of text."""
        return f"{'ok  ' if self.holds else 'FAIL'}  {self.claim}: {self.seen}"


def percent(share: float | None) -> str:
    """A share of 1 in hundredths, a dash where it is not known."""
    return "–" if share is None else f"{100 * share:.1f} %"


def markdown(findings: list[Finding], seconds: float, facts: Mapping[str, Any]) -> str:
    """All findings as a table, with what they were found on."""
    lines = [
        f"# Proof: {sum(found.holds for found in findings)} of {len(findings)} claims held",
        "",
        f"`make proof`, {seconds / 60:.1f} minutes. Visitors are simulated: {facts['visitors']:,} of the hidden-taste "
        f"population, seed {facts['seed']}, {facts['events']:,} events.",
        "",
        "| claim | held | seen |",
        "| --- | --- | --- |",
    ]
    lines += [f"| {found.claim} | {'yes' if found.holds else '**no**'} | {found.seen} |" for found in findings]
    return "\n".join(lines) + "\n"
