"""Pages that wait are bounded, are released whole and once, and one address does not push out the others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.serve.waiting import MAX_WAIT_S, Logging, LogSlates, WaitingPages
from app.store.slates import LoggedSlate
from app.values.opening import Opening
from app.values.visitor import Visitor

SLATE = LoggedSlate("s", "p", "v", "for-you", "top", "treatment", None, 1.0, "real", ("a",), ("als",), (1.0,), (None,))
SOMEBODY = Visitor("v", 1.0, "treatment", "assigned", "real", False)


class Log:
    """A slate log in a list; takes nothing while it is full."""

    def __init__(self) -> None:
        self.slates: list[str] = []
        self.full = False

    def __call__(self, visitor: Visitor, slates: Sequence[LoggedSlate]) -> bool:
        assert all(slate.visitor_id == visitor.visitor_id for slate in slates)
        if not self.full:
            self.slates += [slate.slate_id for slate in slates]
        return not self.full


@pytest.fixture
def log() -> Log:
    """An empty log."""
    return Log()


def _keep(pages: WaitingPages, name: str, visitor: str, logging: Logging) -> None:
    slate = replace(SLATE, slate_id=name, page_id=name, visitor_id=visitor)
    pages.keep(name, replace(SOMEBODY, visitor_id=visitor), [slate], logging)


BACK = Logging(LogSlates.ON_RETURN, "here")


@given(
    st.lists(
        st.tuples(st.integers(0, 4), st.sampled_from(["keep", "release", "answer", "forget"]), st.integers(0, 3)),
        max_size=60,
    )
)
def test_whatever_happens_a_page_is_logged_at_most_once_and_never_more_wait_than_may(
    steps: list[tuple[int, str, int]],
) -> None:
    pages, log = WaitingPages(20), Log()
    for number, (visitor, step, source) in enumerate(steps):
        name = f"v{visitor}"
        when = LogSlates.ON_ANSWER if number % 2 else LogSlates.ON_RETURN
        if step == "keep":
            _keep(pages, f"{name}-{number}", name, Logging(when, f"a{source}"))
        elif step == "release":
            pages.release(name, log)
        elif step == "answer":
            pages.release(name, log, {f"{name}-{number - 1}"})
        else:
            pages.forget(name)
        assert len(pages) <= 8, "two of each of four addresses"
    assert len(log.slates) == len(set(log.slates))


def test_the_oldest_page_makes_room(log: Log) -> None:
    pages = WaitingPages(20)
    for number in range(30):
        _keep(pages, f"s{number}", f"v{number}", Logging(LogSlates.ON_RETURN, f"a{number}"))
    assert len(pages) == 20
    for number in range(30):
        pages.release(f"v{number}", log)
    assert log.slates == [f"s{number}" for number in range(10, 30)]


def test_a_flood_from_one_address_pushes_out_nobody_else(log: Log) -> None:
    pages = WaitingPages(20)
    _keep(pages, "mine", "me", Logging(LogSlates.ON_RETURN, "home"))
    for number in range(500):
        _keep(pages, f"s{number}", f"v{number}", Logging(LogSlates.ON_RETURN, "flood"))
    pages.release("me", log)
    assert log.slates == ["mine"]


def test_a_full_log_leaves_the_page_waiting(log: Log) -> None:
    pages = WaitingPages(20)
    opened: list[str] = []
    _keep(pages, "s", "v", BACK)
    pages.record = lambda opening: opened.append(opening.item_id)
    pages.add_opening("s", Opening(SOMEBODY, "item", None, "o", 1.0))
    log.full = True
    pages.release("v", log)
    assert (len(pages), opened) == (1, [])
    log.full = False
    pages.release("v", log)
    assert (len(pages), opened, log.slates) == (0, ["item"], ["s"])


def test_a_page_that_waited_too_long_is_forgotten(log: Log) -> None:
    now = [0.0]
    pages = WaitingPages(20, lambda: now[0])
    _keep(pages, "s", "v", BACK)
    now[0] = MAX_WAIT_S + 1
    pages.release("v", log)
    assert (len(pages), log.slates) == (0, [])
