"""The site: a catalog that records what visitors do and serves what a model learned from it."""

from __future__ import annotations

from flask import Flask

from app import commands, web
from app.catalog import commands as catalog_commands
from app.flywheel import Flywheel
from app.learn import commands as learn_commands
from app.measure import commands as measure_commands
from app.secret import secret_key
from app.settings import Settings, load_settings
from app.store import commands as store_commands
from app.visitors import commands as visitor_commands

__all__ = ["create_app"]


def create_app(settings: Settings | None = None) -> Flask:
    """Wire the application. Nothing is opened before the first request or `app.extensions["flywheel"].open()`."""
    settings = settings or load_settings()
    app = Flask(__name__, template_folder="web/templates", static_folder="web/static")
    app.config.update(
        SETTINGS=settings,
        SECRET_KEY=secret_key(settings),
        MAX_CONTENT_LENGTH=settings.max_body_kib * 1024,
        SESSION_COOKIE_SECURE=settings.secure_cookies,
        SESSION_COOKIE_SAMESITE="Lax",
    )
    app.extensions["flywheel"] = Flywheel(settings)
    for room in (commands, store_commands, catalog_commands, learn_commands, measure_commands, visitor_commands):
        room.register(app)
    web.register(app)
    return app
