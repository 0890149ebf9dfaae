"""The load generator's process as this side holds it: orders out, runs back."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

from benchmarks.simulated import KEY_VARIABLE
from benchmarks.site.load.orders import Order, Run
from benchmarks.site.running import RUN_KEY

_ENDS_WITHIN_S = 5.0


class GeneratorError(RuntimeError):
    """The load generator ended before it answered; its own lines say why."""


class LoadGenerator:
    """Gives one order at a time to a running `benchmarks.site.load.generator`."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self._read()

    def run(self, order: Order) -> Run:
        """Have an order run to its end. Raises GeneratorError when the generator is gone."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(asdict(order)) + "\n")
        self._process.stdin.flush()
        return Run(**self._read())

    def _read(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise GeneratorError(f"the load generator ended with code {self._process.wait()}; the lines above say why")
        answer: dict[str, Any] = json.loads(line)
        return answer


@contextmanager
def load_generator(copies: int, seed: int) -> Iterator[LoadGenerator]:
    """A load generator for a catalog of `copies` times the templates; ended with the block."""
    command = [sys.executable, "-m", "benchmarks.site.load.generator", str(copies), str(seed)]
    # A session of its own, so that Ctrl-C in the terminal reaches only this process, which ends the others in order.
    process = subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env={**os.environ, KEY_VARIABLE: RUN_KEY},
    )
    try:
        yield LoadGenerator(process)
    finally:
        process.terminate()
        try:
            process.wait(_ENDS_WITHIN_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
