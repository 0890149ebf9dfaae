"""The configuration that a worker reads for each request."""

from __future__ import annotations

import pytest
from gunicorn.config import Config

from app.server.settled_config import SettledConfig


def test_it_says_what_the_configuration_says() -> None:
    config = Config()
    config.set("threads", 3)
    settled = SettledConfig(config)
    assert {name: getattr(settled, name) for name in config.settings} == {
        name: getattr(config, name) for name in config.settings
    }
    assert settled.forwarded_allow_networks() == config.forwarded_allow_networks()


def test_what_is_set_later_is_told() -> None:
    settled = SettledConfig(Config())
    settled.set("graceful_timeout", 7)
    assert settled.graceful_timeout == 7
    with pytest.raises(AttributeError, match="nothing_of_this_name"):
        settled.set("nothing_of_this_name", 1)
