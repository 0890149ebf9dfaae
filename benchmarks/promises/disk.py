"""A disk that forgets what was not synced and fails on demand, and a clock that can be set: `disk.c`, from outside."""

from __future__ import annotations

import mmap
import os
import random
import struct
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

_SOURCE = Path(__file__).with_name("disk.c")
_CONTROL = struct.Struct("=5q")
_NOTE = struct.Struct("=5q")
_WRITTEN, _TRUNCATED = 1, 2
_SECTOR = 512


def compile_disk(folder: Path) -> Path:
    """Compile the library into `folder` and return its path. Raises RuntimeError with the compiler's words."""
    library = folder / "disk.so"
    command = [os.environ.get("CC", "cc"), "-O2", "-shared", "-fPIC", "-o", str(library), str(_SOURCE), "-ldl"]
    done = subprocess.run([*command, "-lpthread"], capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"`{' '.join(command)}` failed, and the power-cut tests need it:\n{done.stderr}")
    return library


@dataclass(frozen=True, slots=True)
class Lost:
    """What a power cut took: writes that were never synced, their bytes, and files whose folder was not synced."""

    writes: int
    bytes: int
    files: int


class Disk:
    """The disk under every file whose path begins with `files`, for processes started with `environment()`.

    remembers: whether writes are undone until they are synced, so that `cut_power` can be called.
    """

    def __init__(self, library: Path, files: str, folder: Path, *, remembers: bool = False) -> None:
        self._library = library
        self._files = files
        self._log = folder / "unsynced"
        self._remembers = remembers
        self._log.mkdir(parents=True, exist_ok=True)
        control = folder / "control"
        control.write_bytes(bytes(_CONTROL.size))
        with control.open("r+b") as file:
            self._shared = mmap.mmap(file.fileno(), _CONTROL.size)
        self._control = control

    def environment(self) -> Mapping[str, str]:
        """What a process needs in its environment to have this disk."""
        log = {"DISK_LOG": str(self._log)} if self._remembers else {}
        named = {"DISK_FILES": self._files, "DISK_CONTROL": str(self._control)}
        return {"LD_PRELOAD": str(self._library), **named, **log}

    def fail(self, number: int) -> None:
        """Let every write fail with this errno (ENOSPC, EROFS, EIO); 0 fixes the disk."""
        self._put(0, number)

    def shift_clock(self, seconds: int) -> None:
        """Let the wall clock be this far ahead (negative: behind)."""
        self._put(1, seconds)

    @property
    def writes(self) -> int:
        """Writes that went through."""
        return self._get(2)

    @property
    def syncs(self) -> int:
        """Syncs of watched files."""
        return self._get(3)

    @property
    def refused(self) -> int:
        """Writes that failed on demand."""
        return self._get(4)

    def cut_power(self, survives: random.Random | None = None) -> Lost:
        """Undo what was not synced. Call it when every process with this disk was killed.

        survives: decides for each sector of each unsynced write whether it reached the disk, as a real one may write
        in any order; without it, nothing that was not synced did.
        """
        writes = size = files = 0
        folder = Path(self._files).parent
        for log in sorted(self._log.glob("*.undo")):
            name = log.name.removesuffix(".undo")
            notes = list(_notes(log.read_bytes()))
            if (folder / name).exists():
                _undo(folder / name, notes)
                if survives is not None:
                    _keep_some(folder / name, notes, survives)
            writes += len(notes)
            size += sum(len(note.after) for note in notes)
            log.unlink()
        for marker in self._log.glob("*.made"):
            (folder / marker.name.removesuffix(".made")).unlink(missing_ok=True)
            marker.unlink()
            files += 1
        for shared in folder.glob(Path(self._files).name + "*-shm"):
            shared.unlink()
        return Lost(writes, size, files)

    def _put(self, place: int, value: int) -> None:
        struct.pack_into("=q", self._shared, 8 * place, value)

    def _get(self, place: int) -> int:
        return int(struct.unpack_from("=q", self._shared, 8 * place)[0])


@dataclass(frozen=True, slots=True)
class _Note:
    kind: int
    offset: int
    size_before: int
    before: bytes
    after: bytes


def _notes(log: bytes) -> Iterator[_Note]:
    """The notes of a log; the last one may be cut short by the kill, and then its write has not begun."""
    place = 0
    while place + _NOTE.size <= len(log):
        kind, offset, size_before, before, after = _NOTE.unpack_from(log, place)
        after = after if kind == _WRITTEN else 0
        place += _NOTE.size
        if place + before + after > len(log):
            return
        yield _Note(
            kind, offset, size_before, log[place : place + before], log[place + before : place + before + after]
        )
        place += before + after


def _undo(file: Path, notes: list[_Note]) -> None:
    with file.open("r+b") as disk:
        for note in reversed(notes):
            disk.seek(note.offset)
            disk.write(note.before)
            disk.truncate(note.size_before)
        disk.flush()
        os.fsync(disk.fileno())


def _keep_some(file: Path, notes: list[_Note], survives: random.Random) -> None:
    with file.open("r+b") as disk:
        for note in notes:
            if note.kind == _TRUNCATED:
                if survives.random() < 0.5:
                    disk.truncate(note.offset)
                continue
            for start in range(0, len(note.after), _SECTOR):
                if survives.random() < 0.5:
                    disk.seek(note.offset + start)
                    disk.write(note.after[start : start + _SECTOR])
        disk.flush()
        os.fsync(disk.fileno())
