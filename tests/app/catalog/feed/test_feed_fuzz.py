"""Whatever the bytes of a shop's file, each line is taken as sound values or refused in words, or the file is."""

from __future__ import annotations

import gzip
import json
import math
import random
from collections import Counter
from dataclasses import asdict
from pathlib import Path

import pytest

from app.catalog.feed import Columns, FeedError, Report, read_rows
from app.catalog.feed.items import read_items
from app.catalog.feed.pictures import PictureFolder
from app.record.history_import import read_deeds
from app.settings import load_settings
from tests.conftest import NOW
from tests.mutations import mutated

PARTS = 4
"""Processes that may share the million inputs."""
KINDS = load_settings(environment={}).kinds()
ITEMS = frozenset({"a", "b/1"})
CATALOGS = {
    ".csv": 'id,title,category,tags,price,link,image,in stock,added on\na,"One, two",Books|New,x|y,3.5,https://a.example/,'
    'a.png,yes,2024-01-31\nb/1,"A ""B""",,,007,javascript:x,https://c.example/d.png,no,1700000000\n',
    ".jsonl": '{"id": "a", "title": "One", "categories": ["Books", "New"], "price": 3.5, "available": true}\n'
    '{"id": 7, "name": "Two", "tags": "x|y", "pages": [1, 2], "added_at": "2024-01-31T10:00:00Z", "image": "a.png"}\n',
    ".json": '[{"sku": "a", "title": "One", "size": {"w": 1}}, {"sku": "b", "title": "Two", "size": null}]',
}
HISTORIES = {
    ".csv": "user;item;kind;value;time\n5;a;click;;1700000000\n5;b/1;like;2,5;2023-11-14\n6;nothing;view;1;17e8\n",
    ".jsonl": '{"user_id": "5", "item_id": "a", "event": "click", "timestamp": 1700000000.5}\n'
    '{"user_id": 6, "item_id": "b/1", "event": "USE", "timestamp": "2023-11-14 22:13:20", "value": "1e3"}\n',
}
TOKENS = (
    b"nan", b"Infinity", b"1e999", b"-1", b"1" * 30, b"9" * 5_000, b'"', b'""', b",", b";", b"|", b"\t", b"\n", b"\r",
    b"\x00", b"\xff", b"\xfe\xff", b"\xef\xbb\xbf", b"\xed\xa0\x80", b'"\\ud800"', b'"\\u0000"', b"null", b"true",
    b"[" * 3_000, b'{"a":' * 3_000, b"[]", b"{}", b"{", b"}", b"]", b":", b"99999-12-31", b"0000-00-00",
    b"-9999999999999", b"1e300", b"..", b"../../x.png", b"data:image/png;base64,", b"https://", b"//x", b"\xe2\x80\xae",
    "１２".encode(), b"x" * 1_000,
)  # fmt: skip


def fuzz(folder: Path, inputs: int, seed: int) -> Counter[str]:
    """Read so many damaged files; how many were read, were refused whole, and how many of their lines were taken."""
    rng, ends = random.Random(seed), Counter[str]()
    files = [(read_catalog, *one) for one in CATALOGS.items()] + [(read_history, *one) for one in HISTORIES.items()]
    for number in range(inputs):
        read, suffix, text = files[number % len(files)]
        changed = mutated(text.encode(), rng, TOKENS)
        if packed := rng.random() < 0.1:
            changed = gzip.compress(changed, 1)
            changed = changed if rng.random() < 0.5 else mutated(changed, rng, TOKENS)
        path = folder / f"shop{suffix}{'.gz' if packed else ''}"
        # Over what is there, for some disks write a file out at once that was cut to nothing.
        with path.open("r+b" if path.exists() else "wb") as file:
            file.write(changed)
            file.truncate()
        report, problem = Report(), None
        try:
            ends["taken"] += read(path, report)
        except FeedError as error:
            problem = str(error)
        ends["read" if problem is None else "refused"] += 1
        assert problem is None or (path.name in problem and problem.encode())
        for note in (*report.refused, *report.changed):
            assert json.dumps(asdict(note), ensure_ascii=False).encode()
    return ends


def read_catalog(path: Path, report: Report) -> int:
    """Read the items, each of which can be stored and put into an address; how many."""
    pictures = PictureFolder(path.parent, path.parent / "pictures")
    feed = read_items(path, read_rows(path), Columns(), report, save_picture=pictures.save, now=NOW)
    items = list(feed.items)
    assert len({item.item_id for item in items}) == len(items) == report.taken
    for item in items:
        assert item.title.strip()
        assert math.isfinite(item.added_at)
        assert json.dumps(asdict(item), ensure_ascii=False, allow_nan=False).encode()
    return len(items)


def read_history(path: Path, report: Report) -> int:
    """Read what customers did, of which each line can be stored; how many."""
    _, deeds = read_deeds(path, read_rows(path), Columns(), report, KINDS, kind=None, items=ITEMS, now=NOW + 86_400)
    done = list(deeds)
    for deed in done:
        assert deed.item in ITEMS
        assert deed.kind in KINDS
        assert deed.user.encode()
        assert math.isfinite(deed.at)
        assert deed.value is None or math.isfinite(deed.value)
    return len(done)


def test_two_thousand_damaged_files_of_a_shop_are_read_or_refused(tmp_path: Path) -> None:
    ends = fuzz(tmp_path, 2_000, seed=7)
    assert min(ends["read"], ends["refused"], ends["taken"]) > 100


@pytest.mark.slow
@pytest.mark.parametrize("part", range(PARTS))
def test_a_million_damaged_files_of_a_shop_are_read_or_refused(tmp_path: Path, part: int) -> None:
    ends = fuzz(tmp_path, 1_000_000 // PARTS, seed=100 + part)
    assert ends["read"] + ends["refused"] == 1_000_000 // PARTS
