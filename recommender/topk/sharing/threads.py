"""Threads that are kept from batch to batch."""

from __future__ import annotations

import os
import threading
from concurrent.futures import ThreadPoolExecutor

_pools: dict[int, ThreadPoolExecutor] = {}
_lock = threading.Lock()


def kept_pool(threads: int) -> ThreadPoolExecutor:
    """So many threads that are kept from batch to batch: to start two takes as long as to rank for forty users, and the
    caches of their cores are cold.
    """
    with _lock:
        if threads not in _pools:
            _pools[threads] = ThreadPoolExecutor(threads, thread_name_prefix="recommender-batch")
        return _pools[threads]


def _forget_pools() -> None:
    """In a forked process none of the threads goes on."""
    global _lock
    _lock = threading.Lock()
    _pools.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_pools)
