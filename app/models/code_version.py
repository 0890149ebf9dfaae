"""Which code made a model: the package's version and, in a working copy, the commit."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from recommender import __version__

_ROOT = Path(__file__).resolve().parents[2]


@cache
def code_version() -> str:
    """Such as ``0.2.0+1a2b3c4d5e6f``, or ``0.2.0`` outside a git working copy; read once a process."""
    commit = git_commit(_ROOT)
    return f"{__version__}+{commit[:12]}" if commit else __version__


def git_commit(root: Path) -> str | None:
    """The commit that is checked out at `root`, read from git's files; None where there are none."""
    try:
        git = root / ".git"
        if git.is_file():
            git = root / git.read_text(encoding="utf-8").removeprefix("gitdir:").strip()
        head = (git / "HEAD").read_text(encoding="utf-8").strip()
        if not head.startswith("ref: "):
            return head or None
        reference = head.removeprefix("ref: ")
        common = git / "commondir"
        shared = git / common.read_text(encoding="utf-8").strip() if common.is_file() else git
        loose = shared / reference
        if loose.is_file():
            return loose.read_text(encoding="utf-8").strip()
        packed = (shared / "packed-refs").read_text(encoding="utf-8").splitlines()
        return next((line.split()[0] for line in packed if line.endswith(f" {reference}")), None)
    except OSError:
        return None
