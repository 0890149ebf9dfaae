"""Pictures of a feed that lie in a folder: copied among those that the site serves, named by what is in them."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

from app.catalog.feed.errors import FieldError
from app.catalog.images import TYPES, save_image

MAX_BYTES = 20_000_000


class PictureFolder:
    """Copies pictures from `source` into `target`; each file once."""

    def __init__(self, source: Path, target: Path) -> None:
        self._source = source
        self._target = target
        self._saved: dict[str, str] = {}

    def save(self, name: str) -> str:
        """Copy the picture in the file `name`, relative to the source, and return its name in the target.

        Raises FieldError for a name that leads out of the folder, a file that is missing, too large or no picture.
        """
        if name in self._saved:
            return self._saved[name]
        relative = PurePosixPath(name.replace("\\", "/"))
        if "\0" in name or relative.is_absolute() or ".." in relative.parts:
            raise FieldError(name, "leads out of the folder of pictures", "name a file within it (--images FOLDER)")
        if relative.suffix.lower() not in TYPES:
            raise FieldError(name, "is no kind of picture", f"use {', '.join(TYPES)}, or an address with https://")
        path = self._source / relative
        try:
            if path.stat().st_size > MAX_BYTES:
                raise FieldError(name, "is too large", f"use at most {MAX_BYTES:,} bytes")
            content = path.read_bytes()
        except OSError as error:
            fix = f"put the file into {self._source}, or name its folder with --images"
            raise FieldError(name, f"cannot be read ({error.strerror})", fix) from error
        if not content:
            raise FieldError(name, "is empty", "copy the file again")
        saved = self._saved[name] = save_image(self._target, content, relative.suffix.lower())
        return saved
