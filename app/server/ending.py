"""How the web process ends: closed when no request is under way, else at once, after what is queued is committed."""

from __future__ import annotations

import os
import sys
from contextlib import suppress

from flask import Flask

from app.flywheel import Flywheel

COMMIT_WITHIN_S = 5.0
"""Longest that the end of the process waits for the queue to be committed; nothing in it was acknowledged yet."""


def end_site(app: Flask, *, requests_under_way: bool) -> None:
    """Close everything. With requests under way it does not return: closing files beneath a thread that uses them hands
    their descriptor numbers to the next files that are opened, and the thread writes into those.
    """
    site: Flywheel = app.extensions["flywheel"]
    if not requests_under_way:
        site.close()
        return
    site.close_writer(COMMIT_WITHIN_S)
    for stream in (sys.stdout, sys.stderr):
        # A log on a full disk must not keep the process, nor a stream that it was started without, which is None.
        with suppress(OSError, ValueError, AttributeError):
            stream.flush()
    # Ends without waiting for the threads, which an ordinary exit would join: they may read from a client for ever.
    os._exit(0)
