"""Answers are compressed for whoever takes that, and what is compressed beside an address gives no token away."""

from __future__ import annotations

import gzip
import re
import zlib

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.web.csrf import unmasked
from app.web.pages.stylesheet import PARTS
from tests.app.web.conftest import csrf_token, load_artwork

TAKES = {"Accept-Encoding": "gzip, deflate, br"}


@pytest.mark.parametrize(
    "path", ["/", "/type/poster", "/item/item-001", "/search?q=wedding", "/about", "/flywheel", "/api/v1/items"]
)
def test_pages_and_answers_are_half_their_size_or_less_and_the_same(client: FlaskClient, path: str) -> None:
    plain, packed = client.get(path), client.get(path, headers=TAKES)
    assert packed.headers["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in packed.headers["Vary"] and "Accept-Encoding" in plain.headers["Vary"]  # noqa: PT018
    assert "Content-Encoding" not in plain.headers
    assert int(packed.headers["Content-Length"]) == len(packed.data) < len(plain.data) / 2
    unpacked = gzip.decompress(packed.data)
    assert unpacked[:100] == plain.data[:100]
    assert unpacked[-8:] == plain.data[-8:]


def test_a_file_is_compressed_once_and_still_told_from_a_newer_one(client: FlaskClient) -> None:
    with client.get("/static/site.css", headers=TAKES) as first:
        assert first.headers["Content-Encoding"] == "gzip"
        tag, packed = first.headers["ETag"], first.data
    with client.get("/static/site.css", headers=TAKES) as again, client.get("/static/site.css") as plain:
        assert again.data == packed
        assert gzip.decompress(packed) == plain.data
    with client.get("/static/site.css", headers={**TAKES, "If-None-Match": tag}) as unchanged:
        assert unchanged.status_code == 304
    with client.get("/static/site.css", headers={**TAKES, "Range": "bytes=0-9"}) as part:
        assert "Content-Encoding" not in part.headers
        assert part.data == plain.data[:10]


@pytest.mark.parametrize("accepts", ["", "identity", "br", "gzip;q=0"])
def test_who_does_not_take_gzip_gets_none(client: FlaskClient, accepts: str) -> None:
    assert "Content-Encoding" not in client.get("/", headers={"Accept-Encoding": accepts}).headers


def test_what_is_small_empty_or_a_raster_is_sent_as_it_is(client: FlaskClient) -> None:
    for path in ("/healthz", "/suggest?q=", "/static/vendor/uplot-1.6.32/uPlot.min.css"):
        with client.get(path, headers=TAKES) as answer:
            assert "Content-Encoding" not in answer.headers or len(answer.data) >= 100
    assert client.head("/", headers=TAKES).data == b""


def test_a_forms_token_is_another_text_in_every_answer_and_means_the_same(client: FlaskClient) -> None:
    client.get("/")
    load_artwork(client)
    tokens = [csrf_token(client.get("/").text) for _ in range(3)]
    assert len(set(tokens)) == 3
    assert len({(unmasked(token) or "").split(".")[0] for token in tokens}) == 1
    for token in tokens:
        answer = client.post("/item/item-001/like", data={"csrf_token": token, "undo": "0"})
        assert answer.status_code == 303


@pytest.mark.parametrize("token", ["", "x", "AAAA", "é", "AAA", "====", "gG9-"])
def test_a_token_that_is_none_is_refused(client: FlaskClient, token: str) -> None:
    client.get("/")
    assert client.post("/item/item-001/like", data={"csrf_token": token, "undo": "0"}).status_code == 400


def test_the_size_of_a_page_does_not_follow_a_guess_of_its_token(site: Flask) -> None:
    """The measure of BREACH: a right guess beside the token must compress no better than a wrong one."""
    client = site.test_client()
    client.get("/about")
    load_artwork(client)
    secret = (unmasked(csrf_token(client.get("/search?q=wedding").text)) or "")[:24]
    wrong = secret[::-1]

    def size(guess: str) -> float:
        sizes = [len(zlib.compress(client.get("/search", query_string={"q": guess}).data)) for _ in range(12)]
        return sum(sizes) / len(sizes)

    assert abs(size(secret) - size(wrong)) < 12


def test_the_style_sheet_is_one_answer_with_all_its_parts_compressed_once(client: FlaskClient) -> None:
    address = re.search(r'<link rel="stylesheet" href="(/look\.css\?v=\w+)"', client.get("/").text)
    assert address is not None
    plain, packed = client.get(address.group(1)), client.get(address.group(1), headers=TAKES)
    assert "immutable" in packed.headers["Cache-Control"]
    assert gzip.decompress(packed.data) == plain.data
    assert client.get(address.group(1), headers=TAKES).data == packed.data
    for part in PARTS:
        with client.get(f"/static/{part}") as own:
            assert own.data in plain.data
    unchanged = client.get("/look.css", headers={"If-None-Match": plain.headers["ETag"]})
    assert (unchanged.status_code, unchanged.data) == (304, b"")
    assert "immutable" not in client.get("/look.css?v=older").headers["Cache-Control"]
