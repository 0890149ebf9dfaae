"""How long the site's search takes on a large catalog, text by text: the first time, and again.

python -m benchmarks.site.search_times [--items 240000] [--rounds 5] [--out FOLDER]

The catalog has titles of a natural spread of words (60,000 of them, by Zipf), types, styles and tags, in a database of
its own. Every text is asked of a search that keeps nothing yet and then of one that has answered it, with the order by
popularity and the counts of the filters, as a page needs them. Times are medians over rounds, in milliseconds of the
thread's processor time, which another load of the machine does not lengthen as it does the clock's. Beside them stands
what ranking by `bm25` in SQLite takes for the same words. Writes JSON.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from app.catalog import Catalog
from app.serve.catalog_view import CatalogView
from app.serve.popularity import PopularityBoard
from app.serve.search import Searching
from app.settings import load_settings
from app.store import Store
from app.store.items import insert_items
from app.values.item import Item
from app.visitors.contribution import contribution_rules
from benchmarks.machine import RESULTS, keep

TARGET_MS = 30.0
WORDS = 60_000
_WRITTEN_AT_ONCE = 20_000
_SYLLABLES = ("ba", "co", "ter", "ing", "mo", "ra", "li", "st", "en", "or", "ti", "pa", "ver", "su", "de", "lo", "ni")
_TYPES = ("poster", "flyer", "logo", "menu", "story", "resume", "invitation", "business-card")
_STYLES = ("minimal", "bold", "geometric", "retro", "hand-drawn", "elegant", "playful", "gradient", "corporate")


def large_catalog(count: int, seed: int = 7) -> tuple[list[Item], list[str]]:
    """Items with titles of five words and three tags, and the words, the most frequent first."""
    rng = np.random.default_rng(seed)
    words: dict[str, None] = {}
    while len(words) < WORDS:
        words.setdefault("".join(rng.choice(_SYLLABLES, rng.integers(2, 5))))
    known = list(words)
    frequency = 1.0 / np.arange(1, WORDS + 1)
    chosen = rng.choice(WORDS, size=(count, 8), p=frequency / frequency.sum())
    items = [
        Item(
            item_id=f"item-{number}",
            position=number,
            title=" ".join(known[word] for word in row[:5]).capitalize() + " " + _TYPES[number % len(_TYPES)],
            type=_TYPES[number % len(_TYPES)],
            style=_STYLES[number % len(_STYLES)],
            palette="mono",
            layout="plain",
            tags=tuple(known[word] for word in row[5:]),
            added_at=float(number),
            seed=number,
        )
        for number, row in enumerate(chosen)
    ]
    return items, known


def texts(words: list[str]) -> dict[str, str]:
    """Texts by what they are an example of."""
    rare, long = words[4_000], next(word for word in words[300:] if len(word) >= 8)
    return {
        "the word of half of all items": words[0],
        "a type, an eighth of all items": "poster",
        "a style and a type": "retro poster",
        "three frequent words": f"{words[0]} {words[1]} poster",
        "a rare word": rare,
        "two words mistyped": f"retor {rare[:-1]}{rare[-2]}",
        "a long word mistyped": f"{long[:3]}{long[2]}{long[3:]} poster",
        "two words joined": f"{words[40]}{words[50]}",
        "a word that nothing has": f"xqzw {words[2]} poster",
        "an unfinished word": long[:5],
        "words that never come together": f"{words[9_000]} {words[9_001]} poster",
        "synonyms": "cv vintage",
    }


def measure(store: Store, items: list[Item], asked: dict[str, str], rounds: int) -> list[dict[str, Any]]:
    """A row for every text: matches, and medians of the first and the second answer and of `bm25`, in ms."""
    catalog = Catalog.from_items(items)
    settings = load_settings(environment={}, overrides={"var": store.engine.folder, "secret_key": "benchmark"})
    popularity = PopularityBoard(store, catalog, contribution_rules(settings), epoch=0.0)
    rows = []
    for kind, text in asked.items():
        first, again, ranked = [], [], []
        for _ in range(rounds):
            view = CatalogView(catalog, store.reader)
            _ = view.facets, view.words.find("warm").meant, view.words.find("wramth")
            searching = Searching(view, popularity)
            first.append(_timed(lambda: _answer(searching, text)))  # noqa: B023
            again.append(_timed(lambda: _answer(searching, text)))  # noqa: B023
            ranked.append(_timed(lambda: _by_bm25(store, text)))  # noqa: B023
        rows.append(
            {
                "kind": kind,
                "text": text,
                "found": len(searching.find(text)),
                "first_ms": statistics.median(first),
                "again_ms": statistics.median(again),
                "suggest_ms": _timed(lambda: searching.suggest(text, 6)),  # noqa: B023
                "bm25_ms": statistics.median(ranked),
            }
        )
    return rows


def _answer(searching: Searching, text: str) -> None:
    found = searching.find(text)
    searching.first(found, 60)
    mask = np.zeros(len(searching.catalog), dtype=np.bool_)
    mask[found.indices] = True
    for facet in searching.facets:
        facet.counts(mask)


def _by_bm25(store: Store, text: str) -> None:
    match = " AND ".join(f'"{word}"' for word in text.split())
    store.reader().execute(
        "SELECT rowid FROM items_fts WHERE items_fts MATCH ? ORDER BY rank LIMIT 60", [match]
    ).fetchall()


def _timed(work: Callable[[], object]) -> float:
    started = time.thread_time()
    work()
    return (time.thread_time() - started) * 1e3


def main() -> None:
    """Measure, print and keep."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--items", type=int, default=240_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--out", type=Path, default=RESULTS)
    asked = parser.parse_args()
    items, words = large_catalog(asked.items)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "events.db"
        with Store.create(path) as store, store.open_writer() as writer:
            for start in range(0, len(items), _WRITTEN_AT_ONCE):
                part = items[start : start + _WRITTEN_AT_ONCE]
                writer.run(lambda db: insert_items(db, part), timeout_s=600.0)  # noqa: B023
        with Store(path) as store:
            view = CatalogView(Catalog.from_items(items), store.reader)
            ready_s = _timed(lambda: view.facets) / 1e3
            rows = measure(store, items, texts(words), asked.rounds)
    print(
        f"{asked.items:,} items, facets made in {ready_s:.1f} s; median ms of processor time over {asked.rounds} rounds"
    )
    print(f"{'':34}{'found':>9}{'first':>9}{'again':>9}{'suggest':>9}{'bm25':>9}")
    for row in rows:
        figures = "".join(f"{row[name]:>9.1f}" for name in ("first_ms", "again_ms", "suggest_ms", "bm25_ms"))
        print(f"{row['kind']:34}{row['found']:>9,}{figures}{'' if row['first_ms'] <= TARGET_MS else '  over target'}")
    keep("search-times", {"items": asked.items, "ready_s": ready_s, "target_ms": TARGET_MS, "rows": rows}, asked.out)


if __name__ == "__main__":
    main()
