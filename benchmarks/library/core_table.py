"""One table of every target of the library: what is asked, what was measured, which peer, met or missed.

python -m benchmarks.library.core_table [--results FOLDER] | [--write docs/performance.md [--kept FOLDER]]

Reads the JSON that the other benchmarks left in benchmarks/results; a line whose file or figure is absent says "not
measured". Writes core_table.json and core_table.md beside them. `--write` puts another table between the two marker
comments of a document: of every case the newest line among the days that `benchmarks.library.core --keep` kept, so that
the document follows from files of this repository.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from app.files import OTHERS_READ, write_file
from benchmarks.library.core_request_targets import REQUEST_LINES, STARTUP_LINES
from benchmarks.library.core_targets import LINES, Found, Line
from benchmarks.machine import RESULTS, keep

BEGIN, END = "<!-- core table: begin -->", "<!-- core table: end -->"
ALL_LINES = *LINES, *STARTUP_LINES, *REQUEST_LINES
ABSENT, QUICK = "not measured", "-quick"
KEPT = Path(__file__).parent.parent.parent / "docs" / "measurements" / "core"
HEADINGS = ("case", "target", "measured", "peer", "verdict", "made by")


@dataclass(frozen=True, slots=True)
class Judged:
    """A line of the table; verdict 'met', 'missed', 'reported' where there is nothing to meet, or 'not measured'."""

    case: str
    target: str
    measured: str
    peer: str
    verdict: str
    command: str


def read_results(folder: Path) -> dict[str, Any]:
    """Every result in a folder, by the name of its file."""
    return {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.json"))}


def judge(line: Line, results: dict[str, Any]) -> Judged:
    """Look a line's figure up and hold it against its target."""
    try:
        found: Found = line.find(results)
    except (LookupError, StopIteration):
        return Judged(line.case, line.target, "", "", ABSENT, line.command)
    verdict = "reported" if found.met is None else "met" if found.met else "missed"
    return Judged(line.case, line.target, found.measured, found.peer, verdict, line.command)


def as_markdown(lines: Sequence[Judged], results: dict[str, Any]) -> str:
    """The table, with the machines and versions that its figures come from above it."""
    count: Callable[[str], int] = [line.verdict for line in lines].count
    text = [
        f"{count('met')} met, {count('missed')} missed, {count('reported')} reported, {count(ABSENT)} not measured.",
        "",
        *machines(results),
        "",
        f"| {' | '.join(HEADINGS)} |",
        f"|{' --- |' * len(HEADINGS)}",
    ]
    return "\n".join([*text, *map(as_row, lines)]) + "\n"


def as_row(line: Judged) -> str:
    """A line of the Markdown table."""
    verdict = f"**{line.verdict}**" if line.verdict == "missed" else line.verdict
    return f"| {line.case} | {line.target} | {line.measured} | {line.peer} | {verdict} | `{line.command}` |"


def machines(results: dict[str, Any]) -> list[str]:
    """One sentence for each machine and set of versions, naming the results that it made and its load then."""
    made: dict[str, list[str]] = {}
    for name, result in results.items():
        if name == "core_table" or "machine" not in result:
            continue
        machine = result["machine"]
        versions = ", ".join(f"{package} {version}" for package, version in machine["versions"].items())
        dots = f", bytes by {machine['bytes_by']}" if "bytes_by" in machine else ""
        text = f"{machine['processor']} ({machine['cores']} cores{dots}), Python {machine['python']}, {versions}"
        load = f" (load {machine['load_at_start']})" if "load_at_start" in machine else ""
        made.setdefault(text, []).append(f"{name}{load}")
    return [f"{text}: {', '.join(names)}." for text, names in made.items()]


def kept_days(folder: Path) -> dict[str, Any]:
    """What `benchmarks.library.core` kept, by the name of the file, from the oldest on and full runs after the quick
    ones of their day: whatever comes later counts.
    """
    days = read_results(folder)
    return dict(sorted(days.items(), key=lambda day: (day[1]["at"][:10], not day[0].endswith(QUICK), day[1]["at"])))


def newest_lines(days: dict[str, Any]) -> dict[str, tuple[str, Judged]]:
    """The day and the line of each case that was measured on any, in the order of the targets."""
    found: dict[str, tuple[str, Judged]] = {}
    for day, content in days.items():
        found |= {line["case"]: (day, Judged(**line)) for line in content["lines"] if line["verdict"] != ABSENT}
    return {line.case: found[line.case] for line in ALL_LINES if line.case in found}


def document_table(days: dict[str, Any]) -> str:
    """The table of the newest lines, each with its day, and what is known of these days."""
    newest = newest_lines(days)
    count: Callable[[str], int] = [line.verdict for _, line in newest.values()].count
    never = [line.case for line in ALL_LINES if line.case not in newest]
    text = [
        f"{count('met')} met, {count('missed')} missed, {count('reported')} reported: "
        "of each case the newest line, of a quick run where that day's full one has none.",
        "",
        *(f"- {day}: {conditions(days[day])}" for day in days if any(day == made for made, _ in newest.values())),
        "",
        f"| {' | '.join((*HEADINGS, 'day'))} |",
        f"|{' --- |' * (len(HEADINGS) + 1)}",
        *(f"{as_row(line)} {day} |" for day, line in newest.values()),
    ]
    if never:
        text += ["", f"Not measured on any day: {'; '.join(never)}."]
    return "\n".join(text) + "\n"


def conditions(day: dict[str, Any]) -> str:
    """The machine, versions and load of a day that was kept."""
    machine = day["machine"]
    versions = ", ".join(f"{package} {version}" for package, version in machine["versions"].items())
    load = f", load {machine['load_at_start']} at its start" if "load_at_start" in machine else ""
    made_of = f"{machine['processor']} ({machine['cores']} cores, bytes by {machine['bytes_by']})"
    return f"{made_of}, Python {machine['python']}, {versions}{load}"


def put_between_markers(document: str, table: str) -> str:
    """The document with what stood between the markers replaced; ValueError when it has none."""
    if document.count(BEGIN) != 1 or document.count(END) != 1:
        raise ValueError(f"the document must hold {BEGIN} and {END} once each")
    before, rest = document.split(BEGIN)
    after = rest.split(END)[1]
    return f"{before}{BEGIN}\n\n{table}\n{END}{after}"


def main() -> None:
    """Read, judge, print, keep."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--results", type=Path, default=RESULTS, help="folder of the JSON (default: benchmarks/results)"
    )
    parser.add_argument("--write", type=Path, default=None, help="document with the two markers to put the table into")
    parser.add_argument("--kept", type=Path, default=KEPT, help="folder of the days (default: docs/measurements/core)")
    arguments = parser.parse_args()
    if arguments.write is not None:
        document = arguments.write.read_text(encoding="utf-8")
        write_file(
            arguments.write, put_between_markers(document, document_table(kept_days(arguments.kept))), OTHERS_READ
        )
        return
    results = read_results(arguments.results) if arguments.results.is_dir() else {}
    lines = [judge(line, results) for line in ALL_LINES]
    table = as_markdown(lines, results)
    print(table)
    print(f"-> {keep('core_table', {'lines': [asdict(line) for line in lines]}, arguments.results)}")
    write_file(arguments.results / "core_table.md", table, OTHERS_READ)


if __name__ == "__main__":
    main()
