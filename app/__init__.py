"""The site: a catalog that records what visitors do and serves what a model learned from it."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from app.logs import configure_logs

if TYPE_CHECKING:
    from flask import Flask

    from app.settings import Settings

__all__ = ["create_app"]

# With the first import of any room: what a room logs must never be what ends it, in no process.
configure_logs()


def create_app(settings: Settings | None = None) -> Flask:
    """Wire the application. Nothing is opened before the first request or `app.extensions["flywheel"].open()`."""
    # Imported here, so that a room can be imported without all the others: the trainer needs no web.
    from flask import Flask
    from werkzeug.middleware.proxy_fix import ProxyFix

    import app.cli.site as installation_commands
    from app.cli import artwork as artwork_commands
    from app.cli import backups as backup_commands
    from app.cli import catalog as catalog_commands
    from app.cli import crowd as crowd_commands
    from app.cli import database as store_commands
    from app.cli import elsewhere as elsewhere_commands
    from app.cli import keys as key_commands
    from app.cli import measures as measure_commands
    from app.cli import models as learn_commands
    from app.cli import visitors as visitor_commands
    from app.cli.shop import feeds as feed_commands
    from app.cli.shop import rules as rule_commands
    from app.flywheel import Flywheel
    from app.secret import SecretError, secret_key
    from app.settings import load_settings
    from app.web import register as register_web

    settings = settings or load_settings()
    configure_logs(settings.log_format)
    site = Flask(__name__, template_folder="web/templates", static_folder="web/static")
    # Flask asks of every function of every request whether it is a coroutine; none is.
    site.ensure_sync = lambda func: func  # type: ignore[method-assign]
    site.config.update(
        SETTINGS=settings,
        MAX_CONTENT_LENGTH=settings.max_body_kib * 1024,
        SESSION_COOKIE_SECURE=settings.secure_cookies,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_NAME="__Host-session" if settings.secure_cookies else "session",
    )
    with suppress(SecretError):  # serving refuses without one (`Flywheel.check`); `flask doctor` must be able to say so
        site.config["SECRET_KEY"] = secret_key(settings)
    site.extensions["flywheel"] = Flywheel(settings)
    for room in (
        installation_commands,
        store_commands,
        backup_commands,
        catalog_commands,
        crowd_commands,
        feed_commands,
        rule_commands,
        artwork_commands,
        learn_commands,
        elsewhere_commands,
        measure_commands,
        visitor_commands,
        key_commands,
    ):
        room.register(site)
    register_web(site)
    if settings.trusted_proxies:
        # The host is not among what is believed: a proxy that does not set it would pass on whatever a client says.
        believed = settings.trusted_proxies
        site.wsgi_app = ProxyFix(site.wsgi_app, x_for=believed, x_proto=believed, x_host=0)  # type: ignore[method-assign]
    return site
