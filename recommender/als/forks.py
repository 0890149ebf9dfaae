"""Whether this process was forked after the package was imported: OpenMP's threads are then not to be used."""

from __future__ import annotations

import os

_forked = False


def usable_threads(wanted: int) -> int:
    """`wanted` threads (0: one a core), or 1 in a process that was forked after this package was imported.

    OpenMP keeps its threads in a pool. A fork copies the pool without its threads, and the copy waits for them forever
    (GNU libgomp), whoever started the pool before.
    """
    return 1 if _forked else wanted


def _note_fork() -> None:
    global _forked
    _forked = True


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_note_fork)
