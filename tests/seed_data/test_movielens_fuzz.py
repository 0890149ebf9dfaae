"""Whatever the bytes of a data set, it is read into sound values or refused in words that name the fix."""

from __future__ import annotations

import gzip
import math
import random
import re
from pathlib import Path

import pytest

from seed_data.movielens import MovieLensError, read_movielens
from tests.mutations import mutated
from tests.seed_data.movielens_folders import GENRES, film_line

PARTS = 4
"""Processes that may share the million inputs."""
CSV_FILES = {
    "items.csv.gz": 'item_id,title,year,genres\n1,"Piano, The",1993,Drama|Romance\n2,Heat (1995),,Action\n9,Lost,,\n',
    "interactions.csv.gz": "user_id,item_id,value,timestamp\n5,2,4,200\n6,1,5,100\n5,2,3.5,300\n7,9,,\n",
}
TEXT_FILES = {
    "u.item": film_line(1, "Piano, The (1993)", "01-Jan-1993", "Drama") + "\n" + film_line(2, "unknown", "") + "\n",
    "u.genre": "\n".join(f"{genre}|{place}" for place, genre in enumerate(GENRES)),
    "u.data": "7\t2\t5\t881250949\n8\t1\t3\t881250900\n7\t1\t4\t881251000\n",
}
TOKENS = (
    b"nan", b"inf", b"-inf", b"-5", b"99999", b"1e309", b"1e20", b"0", b"1700000000000", b'"', b'""', b",", b"|", b"\t",
    b"\n", b"\r\n", b"\x00", b"\xff", b"\xef\xbb\xbf", b"\xc3\xa9", "１９９５".encode(), b"9" * 400, b" ", b"(0000)",
    b"(9999)", b"1_0", b"0x10", b"\xed\xa0\x80", b"\x1c", b"\x85",
)  # fmt: skip


def fuzz(folder: Path, inputs: int, seed: int) -> tuple[int, int]:
    """Read so many damaged data sets; how many were read and how many refused."""
    rng = random.Random(seed)
    read = refused = 0
    for files, packed in ((CSV_FILES, True), (TEXT_FILES, False)):
        place = folder / ("csv" if packed else "text")
        place.mkdir()
        for name, text in files.items():
            raw = text.encode("utf-8" if packed else "latin-1")
            (place / name).write_bytes(gzip.compress(raw, 1) if packed else raw)
        for name, text in files.items():
            whole = (place / name).read_bytes()
            raw = text.encode("utf-8" if packed else "latin-1")
            for _ in range(math.ceil(inputs / 5)):
                changed = mutated(raw, rng, TOKENS)
                if packed:
                    changed = gzip.compress(changed, 1) if rng.random() < 0.9 else mutated(whole, rng, TOKENS)
                # Over what is there: some disks write a file out at once that was cut to nothing.
                with (place / name).open("r+b") as file:
                    file.write(changed)
                    file.truncate()
                problem = check(place)
                if problem is None:
                    read += 1
                else:
                    refused += 1
                    assert re.search(r"[;?] ?\S", problem), f"no fix is named: {problem}"
                    assert place.name in problem
            (place / name).write_bytes(whole)
    return read, refused


def check(folder: Path) -> str | None:
    """Read the folder and see that no value is out of its bounds; what is said where it is refused."""
    try:
        data = read_movielens(folder)
    except MovieLensError as error:
        return str(error)
    ids = [item.item_id for item in data.items]
    assert len(set(ids)) == len(ids) > 0
    for item in data.items:
        assert item.title == item.title.strip() != ""
        assert item.year is not None
        assert 1870 <= item.year <= 2100
        assert item.type
        assert all(item.tags)
        assert math.isfinite(item.added_at)
    pairs = [row[:2] for row in data.rows]
    assert len(set(pairs)) == len(pairs)
    assert {item for _, item in pairs} <= set(ids)
    times = [row[3] for row in data.rows]
    assert times == sorted(times)
    assert all(0 <= time <= 4.2e9 for time in times)
    assert all(0 <= value <= 100 for _, _, value, _ in data.rows)
    assert all(user.isprintable() and 0 < len(user) <= 64 for user, _ in pairs)
    return None


def test_two_thousand_damaged_data_sets_are_read_or_refused(tmp_path: Path) -> None:
    read, refused = fuzz(tmp_path, 2_000, seed=7)
    assert min(read, refused) > 100


@pytest.mark.slow
@pytest.mark.parametrize("part", range(PARTS))
def test_a_million_damaged_data_sets_are_read_or_refused(tmp_path: Path, part: int) -> None:
    read, refused = fuzz(tmp_path, 1_000_000 // PARTS, seed=100 + part)
    assert read + refused >= 1_000_000 // PARTS
