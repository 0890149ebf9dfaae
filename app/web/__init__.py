"""The site's front doors: pages, JSON API, the flywheel dashboard, health. Views parse, call one function, render."""

from __future__ import annotations

from flask import Flask

from app.web import (
    access,
    addresses,
    arrivals,
    compression,
    cross_origin,
    headers,
    json_answers,
    limits,
    presses,
    problems,
    sessions,
    several,
    telemetry,
    telling,
    traces,
    visiting,
)
from app.web.api import bp as api
from app.web.csrf import MaskedTokens
from app.web.dashboard import computed, dashboard_words, login, wheel
from app.web.dashboard.admin import bp as admin
from app.web.dashboard.inspector import bp as inspector
from app.web.dashboard.rules_page import bp as rules
from app.web.dashboard.views import bp as flywheel
from app.web.health import bp as health
from app.web.pages import cards, learning, more, rendering, side_by_side, stylesheet, taste, theme, words
from app.web.pages.actions import bp as actions
from app.web.pages.images import bp as images
from app.web.pages.lists import site
from app.web.pages.visitor import bp as visitor

__all__ = ["register"]


def register(app: Flask) -> None:
    """Hang the blueprints, error pages, CSRF, rate limit, headers and template words on the application."""
    # A form lives as long as the session: a gallery is left open for days.
    app.config.setdefault("WTF_CSRF_TIME_LIMIT", None)
    rendering.register(app)
    protection = MaskedTokens(app)
    # The API takes application/json only, which no page of another site can send without asking first.
    protection.exempt(api)
    for part in (
        json_answers,
        compression,
        sessions,
        addresses,
        traces,
        telling,
        telemetry,
        headers,
        cross_origin,
        problems,
        access,
        presses,
        several,
        visiting,
        arrivals,
        words,
        stylesheet,
        cards,
        learning,
        taste,
        theme,
        wheel,
        dashboard_words,
        computed,
        login,
    ):
        part.register(app)
    for blueprint in (
        site,
        actions,
        learning.bp,
        taste.bp,
        more.bp,
        side_by_side.bp,
        theme.bp,
        visitor,
        images,
        stylesheet.bp,
        flywheel,
        wheel.bp,
        inspector,
        rules,
        login.bp,
        admin,
        health,
        api,
    ):
        app.register_blueprint(blueprint)
    limits.register(app, api)
