"""Programs have so many threads and no more, so that whoever opens a page finds one."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import replace

from app.server.lane import Lane
from app.server.overload import BURST
from app.settings import Settings
from tests.app.server.conftest import batch_of, post_head, running, status_of, until


def test_what_is_beyond_the_threads_of_a_lane_waits_in_order() -> None:
    lane = Lane[str](threads=2, waiting=10)
    assert [lane.enter(name) for name in ("a", "b", "c", "d")] == [True, True, False, False]
    assert [lane.leave(100.0) for _ in range(4)] == ["c", "d", None, None]
    assert lane.enter("e"), "all threads of the lane are free again"


def test_a_lane_refuses_what_is_beyond_its_queue_and_takes_more_when_some_left() -> None:
    lane = Lane[int](threads=1, waiting=2)
    assert lane.enter(-1)
    assert lane.leave(100.0) is None
    for number in range(1 + 2 * BURST):
        assert not lane.refuses(100.1)
        lane.enter(number)
    assert lane.refuses(100.1)
    lane.leave(100.2)
    assert not lane.refuses(100.2)


def test_pages_are_answered_while_more_events_wait_than_there_are_threads(site_settings: Settings) -> None:
    settings = replace(site_settings, threads=4, waiting_requests=1)
    body = batch_of(["one"])
    with ExitStack() as closing, running(settings, "-m", "tests.app.server.held_site", "gunicorn") as site:
        waiting = [closing.enter_context(site.connect()) for _ in range(2 + BURST)]
        for connection in waiting:
            connection.sendall(post_head(body) + body)
        until(lambda: len(list(settings.var.glob("held-*"))) == 2, "events in every thread that programs may have")
        assert [site.ask(path) for path in ("/", "/about", "/readyz")] == [200] * 3
        assert not list(settings.var.glob("held-*"))[2:], "two of four threads are left to pages"
        (settings.var / "release").touch()
        assert {status_of(connection) for connection in waiting} == {202}
