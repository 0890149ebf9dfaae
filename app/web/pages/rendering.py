"""How templates are read: a misspelt name is an error, and what all templates know is one dictionary."""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Any

from flask import Flask
from flask.templating import Environment
from jinja2 import StrictUndefined


class FlatGlobals(Environment):
    """Flask's environment without the chain of maps that Jinja makes of the globals of each template, so that one sees
    what is added later: the chain is walked for every macro that a page imports. Here all are added before the first
    template is read.
    """

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        """What a template knows beside its own."""
        return {**self.globals, **(d or {})}


def register(app: Flask) -> None:
    """Read templates so. Comes before anything that gives them a word."""
    app.jinja_environment = FlatGlobals
    # A name that a template misspells is an error, not an empty place.
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
