"""Until when a benchmark begins another case, so that a busy machine costs it rows and not all of its results."""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass(slots=True)
class Deadline:
    """Seconds of the clock from now on, None for as long as it takes; `missing` says which cases were not begun."""

    seconds: float | None = None
    missing: list[str] = field(default_factory=list)
    begin: float = field(default_factory=time.monotonic)

    def leaves_time_for(self, case: str) -> bool:
        """Whether a case may begin; one that may not is noted and printed."""
        if self.seconds is None or time.monotonic() - self.begin < self.seconds:
            return True
        self.missing.append(f"{case}: not measured: its {self.seconds:.0f} s were over")
        print(self.missing[-1], flush=True)
        return False

    @contextmanager
    def interruptible(self) -> Iterator[None]:
        """Let an interruption end the cases and not the benchmark, so that what was measured before is kept."""
        try:
            yield
        except KeyboardInterrupt:
            self.missing.append("what came after: not measured: it was interrupted")
            print(self.missing[-1], flush=True)


def add_seconds(parser: argparse.ArgumentParser) -> None:
    """The option that makes a deadline."""
    parser.add_argument("--seconds", type=float, default=None, help="begin no further case after so many (no limit)")
