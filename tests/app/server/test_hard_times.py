"""A log that cannot be written and descriptors that run out cost requests, never the process."""

from __future__ import annotations

import os
import signal
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from app.settings import Settings
from tests.app.server.conftest import Site, batch_of, is_running, post_head, running, status_of, until
from tests.app.server.test_ending import GUNICORN, _assert_whole, _finish, _hold


def _post(site: Site, name: str) -> int:
    body = batch_of([name])
    with site.connect() as connection:
        connection.sendall(post_head(body) + body)
        return status_of(connection)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")
def test_a_log_on_a_full_disk_costs_no_event_and_no_ending(site_settings: Settings) -> None:
    with Path("/dev/full").open("wb") as full, running(site_settings, *GUNICORN, log=full) as site:
        waiting = _hold(site, 2)
        assert site.ask("/no-such-page") == 404
        assert _finish(site, waiting) == {"held-0", "held-1"}
        (site.settings.var / "release").unlink()
        held = set(site.settings.var.glob("held-*"))
        for path in held:
            path.unlink()
        waiting = _hold(site, 2)
        os.kill(site.worker, signal.SIGTERM)
        until(lambda: not is_running(site.worker), "the end of a busy worker")
        _assert_whole(site.settings.event_database, {"held-0", "held-1"} | _finish(site, waiting))


def test_connections_beyond_the_descriptors_end_nothing(site_settings: Settings) -> None:
    many = replace(site_settings, client_connections=0, threads=2)
    with running(many, most_files=96) as site, ExitStack() as closing:
        for _ in range(120):
            closing.enter_context(site.connect()).sendall(b"GET / HTTP/1.1\r\n")
        until(lambda: site.answers("/healthz"), "an answer beside 120 connections with 96 descriptors")
        assert is_running(site.worker)
        closing.close()
        until(lambda: site.answers("/readyz"), "the site as before")
        assert _post(site, "after") == 202
