"""Gunicorn's configuration as a worker reads it: some forty of its values for each request."""

from __future__ import annotations

from typing import Any

from gunicorn.config import Config


class SettledConfig(Config):
    """A configuration whose values are plain attributes; gunicorn's own looks each up by its name in Python."""

    def __init__(self, config: Config) -> None:
        """config: complete; whatever is set from now on is to be set here."""
        self.__dict__.update(vars(config))
        self.__dict__.update((name, setting.get()) for name, setting in config.settings.items())

    def set(self, name: str, value: Any) -> None:
        super().set(name, value)
        self.__dict__[name] = self.settings[name].get()
