"""A feed that is of another encoding than it is said to be is refused with the line at fault."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from app.catalog.feed.errors import FeedError
from app.catalog.feed.rows import read_rows

BAD = "caf\xe9".encode("latin-1")


@pytest.mark.parametrize("wrong", [1, 2, 3, 700, 1_400])
@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
@pytest.mark.parametrize("name", ["feed.csv", "feed.jsonl", "array.json", "feed.csv.gz"])
def test_text_of_another_encoding_is_refused_with_its_line(tmp_path: Path, name: str, end: bytes, wrong: int) -> None:
    if "csv" in name:
        lines = [b"id,title", *(b"i%d,\xc3\xa9t\xc3\xa9 %d" % (n, n) for n in range(1_500))]
        lines[wrong - 1] += BAD
    else:
        lines = [b'{"id": "%d", "title": "so"}' % n for n in range(1_500)]
        lines[wrong - 1] = b'{"id": "x", "title": "%b"}' % BAD
        if name == "array.json":
            lines = [b"[" + lines[0], *(b"," + line for line in lines[1:]), b"]"]
    content = end.join(lines)
    path = tmp_path / name
    path.write_bytes(gzip.compress(content) if name.endswith("gz") else content)
    with pytest.raises(FeedError, match=f", line {wrong}: byte 0xe9 is no utf-8 text; save the file as UTF-8"):
        list(read_rows(path))
