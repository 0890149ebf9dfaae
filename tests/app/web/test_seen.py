"""What came before is remembered up to a number, for all threads alike."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from app.web.seen import SeenBefore


def test_an_id_is_new_once_until_newer_ones_have_taken_its_place() -> None:
    book = SeenBefore(2)
    assert [book.seen(name) for name in ("a", "a", "b", "a")] == [False, True, False, True]
    assert not book.seen("c")
    assert not book.seen("a"), "the oldest was dropped, however often it was asked for"
    assert book.seen("c")


def test_of_many_threads_one_is_the_first() -> None:
    book = SeenBefore(100)
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(book.seen, [str(number % 50) for number in range(2_000)]))
    assert found.count(False) == 50
