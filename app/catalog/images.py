"""Pictures of items: files in one folder, named by what is in them, so that a name never gets another content."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path, PurePosixPath
from urllib.parse import urlsplit

from app.files import make_private_folder, write_file

TYPES = {
    ".avif": "image/avif",
    ".gif": "image/gif",
    ".jpeg": "image/jpeg",
    ".jpg": "image/jpeg",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".webp": "image/webp",
}
"""Kinds of files that are served as pictures, by suffix."""


def save_image(folder: Path, content: bytes, suffix: str) -> str:
    """Write a picture and return its name, ``3f/3f9c….svg``: safe on every file system, in one of 256 folders.

    The same content is written once. Readers see the whole file or none. Raises ValueError for a suffix that is not in
    `TYPES`, OSError when the folder cannot be written.
    """
    if suffix not in TYPES:
        raise ValueError(f"suffix = {suffix!r} is no kind of picture; known are {', '.join(TYPES)}")
    digest = hashlib.sha256(content).hexdigest()[:32]
    name = f"{digest[:2]}/{digest}{suffix}"
    if image_file(folder, name) is None:
        path = folder / name
        if not path.parent.is_dir():
            make_private_folder(folder)
            make_private_folder(path.parent)
        write_file(path, content, durable=False)  # a file without content counts as missing
    return name


def image_file(folder: Path, name: str | None) -> Path | None:
    """The file of a picture, or None where there is none to serve.

    None for no name, for a name that leads out of the folder or is no kind of picture, and for a file that is missing
    or empty, as it is when the power went out before its content was on the disk.
    """
    if not name or "\0" in name:
        return None
    relative = PurePosixPath(name)
    if relative.is_absolute() or ".." in relative.parts or relative.suffix not in TYPES:
        return None
    path = folder / relative
    try:
        return path if path.is_file() and path.stat().st_size else None
    except OSError:  # such as a name that is too long
        return None


def picture_host(image_url: str) -> str:
    """The host, and its port where one is said, that keeps the picture at an address."""
    return urlsplit(image_url).netloc.lower()


def may_load(host: str, allowed: Iterable[str]) -> bool:
    """Whether pages may load pictures of a host; an allowed name that begins with ``*.`` stands for all below it."""
    return any(host == name or (name.startswith("*.") and host.endswith(name[1:])) for name in allowed)


def image_version(name: str) -> str:
    """A short token that differs for every name, and so for every picture; safe in an address."""
    return hashlib.sha256(name.encode()).hexdigest()[:12]
