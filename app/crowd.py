"""A crowd of simulated visitors beside the site: another process, started and ended by a button."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable

from app.settings import Settings, settings_environment

END_WITHIN_S = 5.0

Start = Callable[[list[str], dict[str, str]], "subprocess.Popen[bytes]"]


def start_process(words: list[str], environment: dict[str, str]) -> subprocess.Popen[bytes]:
    """Run `python WORDS` in a session of its own."""
    return subprocess.Popen(
        [sys.executable, *words],
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


class Crowd:
    """At most one crowd at a time. Safe between threads."""

    def __init__(self, settings: Settings, start: Start = start_process) -> None:
        self._settings = settings
        self._start = start
        self._process: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()

    @property
    def running(self) -> bool:
        """Whether a crowd is on the site."""
        with self._lock:
            return self._process is not None and self._process.poll() is None

    def send(self, site: str, visitors: int, fans_of: str | None = None) -> bool:
        """Let visitors browse `site`, all of one style if given; False when a crowd is there already."""
        words = ["-m", "flask", "--app", "app", "crowd", "--site", site, "--visitors", str(visitors)]
        words += ["--fans-of", fans_of] if fans_of else []
        with self._lock:
            if self._process is not None and self._process.poll() is None:
                return False
            self._process = self._start(words, {**os.environ, **settings_environment(self._settings)})
            return True

    def stop(self) -> None:
        """Send the crowd home, and wait for it."""
        with self._lock:
            process, self._process = self._process, None
        if process is None or process.poll() is not None:
            return
        process.terminate()
        try:
            process.wait(END_WITHIN_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
