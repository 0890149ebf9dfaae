"""Python's collector of circles, put off while many objects are made that stay."""

from __future__ import annotations

import gc
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager

MANY = 10_000
"""New objects from which on the collector is spared the look at them."""
_waiting = 0
_to_enable = False
_lock = threading.Lock()


@contextmanager
def collector_waiting() -> Iterator[None]:
    """Python's collector of circles waits meanwhile, where it is on; for any number of threads at once.

    What a module or a batch of answers is made of stays, but it would look at each object several times as they become
    more, and now and then at everything else in the process, which takes several times as long as making answers, and a
    tenth of importing this package. MANY are counted among its oldest objects at the end, where it would put them
    after another look.
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
            _waiting = max(_waiting - 1, 0)  # 0 in a process that was forked meanwhile
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
