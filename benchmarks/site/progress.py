"""One line that says what is going on, how far it is, and how much time is left."""

from __future__ import annotations

import sys
import time
from typing import TextIO


class Progress:
    """Parts with the seconds they are planned to take. On a terminal the line is rewritten, else each change is one."""

    def __init__(self, planned_s: dict[str, float], out: TextIO | None = None) -> None:
        self._planned = planned_s
        self._out = out or sys.stderr
        self._began = time.perf_counter()
        self._part = ""
        self._part_began = self._began
        self._done: set[str] = set()
        self.took_s: dict[str, float] = {}

    @property
    def elapsed_s(self) -> float:
        """Seconds since the start."""
        return time.perf_counter() - self._began

    def left_s(self) -> float:
        """Seconds that are planned for what is not done yet, less what the present part has used of its own."""
        here = max(0.0, self._planned.get(self._part, 0.0) - (time.perf_counter() - self._part_began))
        return here + sum(s for part, s in self._planned.items() if part not in self._done and part != self._part)

    def start(self, part: str) -> None:
        """Begin a part; the one before it is done."""
        self._finish()
        self._part, self._part_began = part, time.perf_counter()
        self.tell("")

    def tell(self, detail: str) -> None:
        """Say what the present part does now."""
        text = f"[{_clock(self.elapsed_s)}, about {_clock(self.left_s())} left] {self._part}"
        text += f": {detail}" if detail else ""
        if self._out.isatty():
            self._out.write(f"\r\x1b[2K{text[:118]}")
        else:
            self._out.write(text + "\n")
        self._out.flush()

    def end(self) -> None:
        """The last part is done."""
        self._finish()
        self._part = ""
        if self._out.isatty():
            self._out.write("\r\x1b[2K")
            self._out.flush()

    def _finish(self) -> None:
        if self._part:
            self._done.add(self._part)
            self.took_s[self._part] = round(time.perf_counter() - self._part_began, 1)


def _clock(seconds: float) -> str:
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"
