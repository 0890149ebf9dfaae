"""The report of a run: one HTML file that needs nothing else, the same in Markdown, pictures, all figures as JSON."""

from __future__ import annotations

import base64
import html
import json
from pathlib import Path
from typing import Any

from app.files import OTHERS_READ, write_file
from benchmarks.site.report.charts import draw_all
from benchmarks.site.report.sections import Section, Table, sections

STYLE = """
body { font: 16px/1.55 system-ui, sans-serif; color: #1c1c1c; max-width: 62rem; margin: 2rem auto; padding: 0 1rem }
h1 { line-height: 1.2 } h2 { margin-top: 2.6rem } img { max-width: 100%; height: auto }
.wide { overflow-x: auto } table { border-collapse: collapse; font-size: .88rem; margin: .6rem 0 }
th, td { border-bottom: 1px solid #ddd; padding: .3rem .7rem .3rem 0; text-align: right; white-space: nowrap }
th:first-child, td:first-child { text-align: left } code { background: #f2f2f2; padding: .1rem .3rem }
.words td, .words th { text-align: left; white-space: normal; vertical-align: top }
.words td:first-child { font-weight: 700 }
figure { margin: 1.2rem 0 } figcaption { color: #555; font-size: .9rem }
"""
NOTES = "To be known beside the figures:"


def write_report(results: dict[str, Any], folder: Path) -> None:
    """Write report.html, report.md, PNG files and results.json into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    write_file(folder / "results.json", json.dumps(results, indent=1) + "\n", OTHERS_READ)
    pictures = draw_all(results, folder)
    said = sections(results)
    write_file(folder / "report.md", _markdown(said, pictures), OTHERS_READ)
    write_file(folder / "report.html", _page(said, pictures, folder), OTHERS_READ)


def _markdown(said: list[Section], pictures: list[tuple[str, str]]) -> str:
    shown = dict(pictures)
    parts = ["# The site under load\n"]
    for section in said:
        parts.append(f"## {section.title}\n")
        parts += [f"![{shown[name]}]({name})\n" for name in section.pictures if name in shown]
        parts += [f"{line}\n" for line in section.lines]
        for table in section.tables:
            parts.append(table_markdown(table))
        if section.notes:
            parts.append("\n".join([f"{NOTES}\n", *(f"- {note}" for note in section.notes)]) + "\n")
    return "\n".join(parts)


def table_markdown(table: Table) -> str:
    """A table in Markdown."""
    rows = [table.head, ["---"] * len(table.head), *table.rows]
    return "\n".join("| " + " | ".join(row) + " |" for row in rows) + "\n"


def _page(said: list[Section], pictures: list[tuple[str, str]], folder: Path) -> str:
    shown = dict(pictures)
    parts = []
    for section in said:
        parts.append(f"<h2>{html.escape(section.title)}</h2>")
        for name in section.pictures:
            if name in shown:
                data = base64.b64encode((folder / name).read_bytes()).decode("ascii")
                words = html.escape(shown[name])
                parts.append(
                    f'<figure><img alt="{words}" src="data:image/png;base64,{data}">'
                    f"<figcaption>{words}</figcaption></figure>"
                )
        parts += [f"<p>{html.escape(line)}</p>" for line in section.lines]
        parts += [_table(table) for table in section.tables]
        if section.notes:
            notes = "".join(f"<li>{html.escape(note)}</li>" for note in section.notes)
            parts.append(f"<p>{NOTES}</p><ul>{notes}</ul>")
    body = "\n".join(parts)
    return (
        '<!doctype html>\n<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>The site under load</title><style>{STYLE}</style>\n<h1>The site under load</h1>\n{body}\n</html>\n"
    )


def _table(table: Table) -> str:
    head = "".join(f'<th scope="col">{html.escape(cell)}</th>' for cell in table.head)
    rows = "".join("<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in row) + "</tr>" for row in table.rows)
    kind = "words" if table.of_words else "wide"
    return f'<div class="{kind}"><table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>'
