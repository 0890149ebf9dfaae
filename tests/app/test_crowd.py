"""A crowd beside the site: one at a time, sent home with the site."""

from __future__ import annotations

import subprocess
import sys

from app.crowd import Crowd
from app.settings import Settings


def _sleeper(words: list[str], environment: dict[str, str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])


def test_one_crowd_at_a_time_and_it_goes_home(settings: Settings) -> None:
    crowd = Crowd(settings, _sleeper)
    assert not crowd.running
    assert crowd.send("http://127.0.0.1:1", 3)
    assert crowd.running
    assert not crowd.send("http://127.0.0.1:1", 3), "a second one does not come"
    crowd.stop()
    assert not crowd.running
    crowd.stop()


def test_the_crowd_is_told_where_to_go_and_whose_fans_it_is(settings: Settings) -> None:
    told: list[list[str]] = []

    def note(words: list[str], environment: dict[str, str]) -> subprocess.Popen[bytes]:
        told.append(words)
        return _sleeper(words, environment)

    crowd = Crowd(settings, note)
    crowd.send("http://127.0.0.1:8000", 30, "retro")
    crowd.stop()
    assert told[0][-6:] == ["--site", "http://127.0.0.1:8000", "--visitors", "30", "--fans-of", "retro"]
