"""An answer leaves in one call, and whoever does not read it keeps a thread for a bounded time."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
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
    sending = threading.Thread(target=site.sendall, args=(LARGE,))
    sending.start()
    assert read(client, len(LARGE)) == LARGE
    sending.join()


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
