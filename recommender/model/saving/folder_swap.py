"""Putting a folder in the place of another in one step: whoever opens the place finds the old or the new one."""

from __future__ import annotations

import ctypes
import os
from functools import cache
from pathlib import Path
from typing import Any

AT_FDCWD, RENAME_EXCHANGE = -100, 2
PARKED = ".parked"
"""Ending of the name that a folder has while it is moved aside, where two renames take the place of an exchange."""


def swap_folders(new: Path, place: Path) -> None:
    """Move `new` to `place`, both on one file system; an older folder there is afterwards at `new`.

    Linux exchanges the two names in one step (renameat2). Elsewhere, and on file systems that cannot, the older folder
    is moved aside first: for a moment `place` is free and `swap_goes_on` says so.
    """
    if not os.path.lexists(place):
        new.rename(place)
    elif not _exchange(new, place):
        aside = parked(place)
        place.rename(aside)
        try:
            new.rename(place)
        except OSError:
            aside.rename(place)
            raise
        aside.rename(new)


def swap_goes_on(place: Path) -> bool:
    """Whether `place` is free because a folder is about to be put there."""
    return parked(place).exists()


def parked(place: Path) -> Path:
    """Where a folder waits while another takes its place."""
    return place.with_name(f".{place.name}{PARKED}")


def _exchange(first: Path, second: Path) -> bool:
    """Exchange two names in one step; False where the system cannot."""
    rename = _renameat2()
    return rename is not None and rename(AT_FDCWD, bytes(first), AT_FDCWD, bytes(second), RENAME_EXCHANGE) == 0


@cache
def _renameat2() -> Any:
    """The C library's renameat2, None where there is none."""
    try:
        found = ctypes.CDLL(None, use_errno=True).renameat2
    except (AttributeError, OSError, TypeError):
        return None
    found.argtypes = (ctypes.c_int, ctypes.c_char_p, ctypes.c_int, ctypes.c_char_p, ctypes.c_uint)
    return found
