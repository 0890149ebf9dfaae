"""What a command costs: seconds, and the memory of its process and all that it started."""

from __future__ import annotations

import subprocess
import threading
import time
from typing import Any

import psutil

EVERY_S = 0.1


def measured(command: list[str]) -> dict[str, float]:
    """Run a command; its wall and processor seconds, and the most memory that it and its children held, in MB."""
    started, most, ended = time.perf_counter(), 0.0, threading.Event()
    process = psutil.Popen(command, stderr=subprocess.DEVNULL)
    cpu: dict[int, float] = {}

    def watch() -> None:
        nonlocal most
        while not ended.wait(EVERY_S):
            held = 0
            for one in [process, *_children(process)]:
                try:
                    held += one.memory_info().rss
                    cpu[one.pid] = sum(one.cpu_times()[:2])
                except psutil.Error:
                    continue
            most = max(most, held)

    watcher = threading.Thread(target=watch)
    watcher.start()
    code = process.wait()
    ended.set()
    watcher.join()
    if code:
        raise RuntimeError(f"{' '.join(command)} ended with {code}")
    wall = time.perf_counter() - started
    return {"wall_s": round(wall, 1), "cpu_s": round(sum(cpu.values()), 1), "memory_mb": round(most / 1e6)}


def _children(process: Any) -> list[Any]:
    try:
        found: list[Any] = process.children(recursive=True)
    except psutil.Error:
        return []
    return found
