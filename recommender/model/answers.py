"""What a model answers: recommended items, and what each item of a history adds to a score."""

from __future__ import annotations

import gc
import os
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from itertools import repeat
from typing import NamedTuple

from recommender.interactions.checks import ItemId


class Recommendation(NamedTuple):
    """One recommended item and the score it was ranked by."""

    item_id: ItemId
    score: float


MANY = 10_000
"""New objects from which on the collector is spared the look at them."""
_waiting = 0
_to_enable = False
_lock = threading.Lock()


@contextmanager
def collector_waiting() -> Iterator[None]:
    """Python's collector of circles waits meanwhile, where it is on; for any number of threads at once.

    Answers form no circles, but it would look at each of them several times as they become more, and now and then at
    everything else in the process, which takes several times as long as making them. MANY are counted among its oldest
    objects at the end, where it would put them after another look.
    """
    global _waiting, _to_enable
    with _lock:
        _waiting += 1
        if _waiting == 1:
            _to_enable = gc.isenabled()
            gc.disable()
    try:
        yield
    finally:
        with _lock:
            _waiting -= 1
            if not _waiting and _to_enable:
                if gc.get_count()[0] > MANY and not gc.get_freeze_count():
                    gc.freeze()  # puts all objects aside, and unfreeze among the oldest: no look at each of them
                    gc.unfreeze()
                gc.enable()


def _forget_waiting() -> None:
    """In a forked process none of the threads that had the collector wait goes on."""
    global _waiting, _lock
    if _waiting and _to_enable:
        gc.enable()
    _waiting, _lock = 0, threading.Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_waiting)


def name_all(names: Iterable[ItemId], scores: Iterable[float]) -> list[Recommendation]:
    """A Recommendation of each name and score."""
    return list(map(tuple.__new__, repeat(Recommendation), zip(names, scores, strict=True)))


make_recommendation: Callable[[tuple[ItemId, float]], Recommendation] = partial(tuple.__new__, Recommendation)
"""`Recommendation._make` without its check of the length, which takes as long again."""


class Source(NamedTuple):
    """What may add to a score, without how much; see `Contribution`."""

    item_id: ItemId | None
    cause: str | None = None
    alike: tuple[ItemId, ...] = ()


make_source: Callable[[tuple[ItemId | None, str | None, tuple[ItemId, ...]]], Source] = partial(tuple.__new__, Source)
"""`Source._make` without its check of the length."""


class Contribution(NamedTuple):
    """How much of a score comes from one item of the history; the shares of all contributions add up to the score.

    item_id is None for what comes from no item of the history by itself. Then `cause` says from what: an attribute of
    the item such as ``style=retro``, ``classes`` (what users of like mind take) or ``rate`` (how often it is taken by
    anybody), which only a model with a second stage knows; None is the trend of the day. alike: the items of the
    history that have the attribute.
    """

    item_id: ItemId | None
    share: float
    cause: str | None = None
    alike: tuple[ItemId, ...] = ()
