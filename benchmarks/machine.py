"""What a figure was measured on, and where figures are kept."""

from __future__ import annotations

import json
import os
import platform
from importlib.metadata import version
from pathlib import Path
from typing import Any

from app.files import OTHERS_READ, write_file
from recommender.topk.dot_bytes import METHOD

RESULTS = Path(__file__).parent / "results"
PACKAGES = ("numpy", "numba", "scipy", "implicit")


def machine() -> dict[str, Any]:
    """Processor, how kernels multiply bytes on it, cores, load and versions; goes into every result file."""
    model = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.is_file():
        names = [line.split(":", 1)[1].strip() for line in cpuinfo.read_text().splitlines() if "model name" in line]
        model = names[0] if names else model
    return {
        "processor": model,
        "bytes_by": METHOD,
        "cores": os.cpu_count(),
        "load_at_start": round(os.getloadavg()[0], 2),
        "python": platform.python_version(),
        "versions": {package: version(package) for package in PACKAGES},
    }


def keep(name: str, result: dict[str, Any], folder: Path | None = None) -> Path:
    """Write a result as JSON, with the machine, into benchmarks/results (or `folder`); returns the file."""
    folder = folder or RESULTS
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.json"
    write_file(path, json.dumps({"machine": machine(), **result}, indent=1) + "\n", OTHERS_READ)
    return path
