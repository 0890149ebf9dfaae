"""The site under waitress, which runs where gunicorn cannot."""

from __future__ import annotations

import math
import signal
import sys
from types import FrameType

from flask import Flask

from app.server.ending import end_site
from app.server.opening import open_site
from app.settings import Settings


def run_waitress(app: Flask, settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT; requests under way then have five seconds, which is waitress's own figure.

    Waitress too hands a request to a thread once it is whole; it does not bound the connections of one address.
    """
    import waitress

    server = waitress.create_server(
        app,
        host=settings.host,
        port=settings.port,
        threads=settings.threads,
        connection_limit=1000,
        channel_timeout=math.ceil(settings.read_timeout_s),
        cleanup_interval=5,
        max_request_body_size=settings.max_body_kib * 1024,
        # The application looks at them itself, and only as far as `trusted_proxies` says.
        clear_untrusted_proxy_headers=settings.trusted_proxies == 0,
    )
    signal.signal(signal.SIGTERM, _exit)
    open_site(app)
    server.run()
    end_site(app, requests_under_way=bool(server.task_dispatcher.threads))


def _exit(signal_number: int, frame: FrameType | None) -> None:
    sys.exit(0)
