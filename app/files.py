"""Writing files and folders so that a reader, or a machine that loses power, has the old one or the new one, whole.

What is new is written beside the place, made durable, and put there by one rename. A write that fails leaves what was
there before. Everything is readable by its owner only, because it may name visitors.
"""

from __future__ import annotations

import ctypes
import errno
import fcntl
import os
import shutil
import stat
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

OWNER_FILE = 0o600
OTHERS_READ = 0o644
"""For files that are published, such as figures of a benchmark."""
OWNER_FOLDER = 0o700
PART = ".part"
"""How the name of what is not finished ends; a process that was killed may leave one."""

_AT_FDCWD = -100
_RENAME_EXCHANGE = 2


@contextmanager
def replacing_file(path: Path, mode: int = OWNER_FILE, durable: bool = True) -> Iterator[IO[bytes]]:
    """A file to write to, which takes the place of `path` when the block ends, and vanishes when the block fails.

    A link is followed: the file behind it is replaced. The rights of a file that was there stay, a new one gets `mode`.
    A device or a pipe is written directly. durable: wait until it is on the disk; a file that can be made again may do
    without, and may then be empty after a loss of power. Raises OSError.
    """
    path = Path(path).resolve()
    if path.exists() and not path.is_file():
        with path.open("wb") as direct:  # a folder is refused here, by the system
            yield direct
        return
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=PART, dir=path.parent)
    beside = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            os.fchmod(file.fileno(), stat.S_IMODE(path.stat().st_mode) if path.exists() else mode)
            yield file
            if durable:
                file.flush()
                os.fsync(file.fileno())
        beside.replace(path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
    if durable:
        sync_folder(path.parent)


def write_file(path: Path, content: str | bytes, mode: int = OWNER_FILE, durable: bool = True) -> None:
    """Make `content` the whole of the file `path`, text as UTF-8. mode: rights of a new file. durable: see
    `replacing_file`. Raises OSError.
    """
    with replacing_file(path, mode, durable) as file:
        file.write(content.encode() if isinstance(content, str) else content)


def write_once(path: Path, content: str) -> None:
    """Make the file `path` unless it is there, whole from its first moment on. Raises FileExistsError and OSError."""
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=PART, dir=path.parent)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.link(name, path)  # unlike a rename, this fails when another process was first
    finally:
        os.unlink(name)
    sync_folder(path.parent)


@contextmanager
def making_folder(path: Path) -> Iterator[Path]:
    """A folder to fill, which appears at `path` when the block ends, and vanishes when the block fails.

    Nothing may be at `path` but an empty folder. Raises FileExistsError otherwise, before the block, and OSError.
    """
    path = Path(path)
    if path.exists() and (not path.is_dir() or any(path.iterdir())):
        raise FileExistsError(errno.EEXIST, "there is something already; name a folder that does not exist", str(path))
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = Path(tempfile.mkdtemp(prefix=f".{path.name}.", suffix=PART, dir=path.parent))
    try:
        yield beside
        sync_tree(beside)
        beside.rename(path)  # replaces an empty folder, and fails on a full one
    except BaseException:
        shutil.rmtree(beside, ignore_errors=True)
        raise
    sync_folder(path.parent)


def exchange(one: Path, other: Path) -> None:
    """Swap two files or folders of one file system in a single step, in which neither is ever missing.

    Raises OSError; where the system cannot exchange, nothing was moved (errno ENOSYS or EINVAL).
    """
    libc = ctypes.CDLL(None, use_errno=True)
    call = getattr(libc, "renameat2", None)
    if call is None:
        raise OSError(errno.ENOSYS, "this system cannot exchange two names in one step", str(one))
    if call(_AT_FDCWD, os.fsencode(one), _AT_FDCWD, os.fsencode(other), _RENAME_EXCHANGE):
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), str(one))
    for folder in {one.parent, other.parent}:
        sync_folder(folder)


def make_private_folder(path: Path) -> None:
    """Make a folder that its owner alone may enter; one that was there already keeps its rights."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.mkdir(exist_ok=True, mode=OWNER_FOLDER)


def make_private_folders_of(root: Path, name: Path) -> None:
    """Make `root` and the folders below it in which the file `name`, given relative to it, is to lie."""
    for parent in reversed(name.parents):
        (root / parent).mkdir(mode=OWNER_FOLDER, exist_ok=True)


def open_to_others(path: Path) -> bool:
    """Whether anybody but the owner may read, write or enter `path`; False when there is nothing there."""
    try:
        return bool(path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO))
    except OSError:
        return False


def make_private(path: Path) -> None:
    """Take everybody's rights but the owner's away from a file or folder of this user; others' are left alone."""
    with suppress(OSError):
        mode = stat.S_IMODE(path.stat().st_mode)
        if mode & (stat.S_IRWXG | stat.S_IRWXO):
            path.chmod(mode & stat.S_IRWXU)


_HOLDER_WITHIN_S = 0.2


def open_lock(path: Path) -> int:
    """A descriptor of the lock file `path`, which is made when it is missing; close it to free the lock."""
    make_private_folder(path.parent)
    make_private(path)
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, OWNER_FILE)


@contextmanager
def waiting_lock(path: Path) -> Iterator[None]:
    """Hold the lock of a lock file; waits for whoever has it. The kernel frees it on any death."""
    descriptor = open_lock(path)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def lock_holder(descriptor: int) -> int | None:
    """The process that holds the lock of an open lock file, which it writes into it; None when it is not to be read.

    A process writes its number just after it took the lock: until then the file is empty, or names one that has ended.
    """
    until = time.monotonic() + _HOLDER_WITHIN_S
    while True:
        text = os.pread(descriptor, 32, 0).decode("ascii", "replace").strip()
        if text.isdigit() and _is_alive(int(text)):
            return int(text)
        if time.monotonic() > until:
            return None
        time.sleep(0.005)


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        return True
    return True


def is_locked(path: Path) -> bool:
    """Whether a process holds the lock of a lock file; asking takes it for a moment when nobody does."""
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


def sync_tree(folder: Path) -> None:
    """Make every file below a folder durable, and their names."""
    for parent, _, names in os.walk(folder, topdown=False):
        for name in names:
            _sync(Path(parent) / name, os.O_RDONLY)
        sync_folder(Path(parent))


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable."""
    _sync(folder, os.O_RDONLY | getattr(os, "O_DIRECTORY", 0))


def _sync(path: Path, flags: int) -> None:
    descriptor = os.open(path, flags)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
