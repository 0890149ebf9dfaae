"""How the web process begins: everything is opened, and what takes seconds is prepared beside the first visitors."""

from __future__ import annotations

import gc
from functools import partial

from flask import Flask
from jinja2 import Environment

from app.measure.dashboard.refresher import BoardRefresher
from app.parts import Parts
from recommender import warm_up

_RETRY_S = 30.0


def open_site(app: Flask) -> None:
    """Open everything, and prepare beside the first visitors what takes seconds: the site answers meanwhile."""
    parts = open_parts(app)
    parts.jobs.add("warm-up", partial(_settle, app.jinja_env, parts.board), _RETRY_S, at_once=True, once=True)


def open_parts(app: Flask) -> Parts:
    """Open everything, while the garbage collector waits: a large catalog is millions of objects that stay, and to look
    for dead ones among them again and again took as long as reading them.
    """
    collects = gc.isenabled()
    gc.disable()
    try:
        parts: Parts = app.extensions["flywheel"].open()
        return parts
    finally:
        if collects:
            gc.enable()


def compile_templates(templates: Environment) -> None:
    """Read and compile every template: the first page of each kind took up to 90 ms longer than the next."""
    for name in templates.list_templates():
        templates.get_template(name)


def _settle(templates: Environment, board: BoardRefresher) -> None:
    """Compile every template and kernel, count every event once, and spare the garbage collector what will stay.

    Modules, catalog and ledger are a million objects: to look through them stopped every page for 130 ms, again and
    again.
    """
    compile_templates(templates)
    warm_up()
    board.current()
    gc.collect()
    gc.freeze()
