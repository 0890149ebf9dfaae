"""An answer leaves in one call, and whoever does not read it keeps a thread for a bounded time."""

from __future__ import annotations

import select
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from app.server import client_socket
from app.server.client_socket import ClientSocket

LARGE = bytes(range(256)) * 40_000


@pytest.fixture
def pair() -> Iterator[tuple[ClientSocket, socket.socket]]:
    """The site's end and the client's."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        client, site = socket.create_connection(listener.getsockname(), timeout=10), ClientSocket(listener.accept()[0])
    with client, site:
        yield site, client


def read(client: socket.socket, length: int) -> bytes:
    found = b""
    while len(found) < length:
        found += client.recv(1 << 20)
    return found


def test_the_head_of_an_answer_leaves_with_its_body(pair: tuple[ClientSocket, socket.socket]) -> None:
    site, client = pair
    for _ in range(2):
        site.begin_answer()
        site.sendall(b"head ")
        client.setblocking(False)
        with pytest.raises(BlockingIOError):
            client.recv(100)
        site.sendall(b"body ")
        site.sendall(b"more")
        client.settimeout(10)
        assert read(client, 14) == b"head body more"


def test_an_answer_without_a_body_leaves_at_its_end(pair: tuple[ClientSocket, socket.socket]) -> None:
    site, client = pair
    site.begin_answer()
    site.sendall(b"head")
    site.flush()
    site.flush()
    assert read(client, 4) == b"head"


def test_a_file_follows_its_head(pair: tuple[ClientSocket, socket.socket], tmp_path: Path) -> None:
    site, client = pair
    (tmp_path / "file").write_bytes(LARGE[:100_000])
    site.begin_answer()
    site.sendall(b"head")
    with (tmp_path / "file").open("rb") as file:
        site.sendfile(file)
    assert read(client, 100_004) == b"head" + LARGE[:100_000]
    assert site.receive() is None, "it blocks no more than before"


def test_a_slow_reader_gets_the_whole_answer(pair: tuple[ClientSocket, socket.socket]) -> None:
    site, client = pair
    site.begin_answer()
    site.sendall(b"")
    reading = ThreadPoolExecutor(1)
    found = reading.submit(read, client, len(LARGE))
    site.sendall(LARGE)
    while site.left:
        assert len(site.left) <= client_socket.LEFT_BYTES
        room = select.poll()
        room.register(site, select.POLLOUT)
        room.poll()
        site.send_left()
    with reading:
        assert found.result() == LARGE


def test_what_a_client_has_no_room_for_is_left_and_not_waited_for(pair: tuple[ClientSocket, socket.socket]) -> None:
    site, client = pair
    site.begin_answer()
    sent = b""
    while not site.left:
        site.sendall(LARGE[:100_000])
        sent += LARGE[:100_000]
    site.sendall(b"more")
    client.setblocking(False)
    found = b""
    while len(found) < len(sent) - 100_000:
        found += client.recv(1 << 20)
        site.send_left()
    client.settimeout(10)
    while site.left:
        site.send_left()
    assert found + read(client, len(sent) + 4 - len(found)) == sent + b"more"


def test_who_does_not_read_is_waited_for_a_bounded_time(
    pair: tuple[ClientSocket, socket.socket], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client_socket, "SEND_TIMEOUT_S", 0.05)
    with pytest.raises(TimeoutError, match=r"did not take its answer within 0\.05 s"):
        pair[0].sendall(LARGE * 2)


def test_nothing_has_come_and_the_end_are_told_apart(pair: tuple[ClientSocket, socket.socket]) -> None:
    site, client = pair
    assert site.receive() is None
    client.close()
    site.settimeout(10)  # until the end of the client has come
    assert site.receive() == b""
