"""The fixtures of the learning tests: quick settings, made-up traffic, a clock that stands still, a trainer."""

from tests.app.learn.conftest import baseline, clock, registry, settings, start_trainer, traffic

__all__ = ["baseline", "clock", "registry", "settings", "start_trainer", "traffic"]
