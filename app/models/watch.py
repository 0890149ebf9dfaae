"""How the web process learns of a newly published model: one `stat`, or one short query, while nothing is new."""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable

from app.models.current import POINTER, Current
from app.models.storage import ModelStorage
from recommender import ArtifactError, FactorModel

RETRY_S = 1.0
MAX_RETRY_S = 60.0
"""Rest before something damaged is read again, doubled each time: a disk may have been full, a folder be put back."""


class CurrentModelWatch:
    """Watches one pointer of a storage of models, the champion's or another. Not for use by several threads at once."""

    def __init__(
        self, storage: ModelStorage, pointer_name: str = POINTER, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._storage = storage
        self._pointer_name = pointer_name
        self._clock = clock
        self._seen: Hashable | None = None
        self._failed: Hashable | None = None
        self._retry_at = 0.0
        self._rest_s = RETRY_S

    def poll(self) -> tuple[Current, FactorModel] | None:
        """The published version and its model if the pointer changed since the last call (or at the first), else None.

        A pointer that went away is no news here: see `exists`. Raises ArtifactError for a damaged pointer or artifact;
        it is read again after a while, or once something else is published, and until then the answer is None.
        """
        signature = self._storage.signature(self._pointer_name)
        if signature is None or signature == self._seen:
            return None
        if signature == self._failed and self._clock() < self._retry_at:
            return None
        try:
            current = self._storage.read_pointer(self._pointer_name)
            model = None if current is None else self._storage.load(current.artifact, current.checksum)
        except ArtifactError:
            self._rest_s = RETRY_S if signature != self._failed else min(2 * self._rest_s, MAX_RETRY_S)
            # Where signatures follow from versions, one that was read before is news again when it comes back.
            self._seen, self._failed, self._retry_at = None, signature, self._clock() + self._rest_s
            raise
        # The signature from before the read: what is written in between has another and is found at the next call.
        self._seen, self._failed = signature, None
        return None if current is None or model is None else (current, model)

    def forget(self) -> None:
        """Read anew at the next call, whether or not the pointer changes: what was read could not be used."""
        self._seen = None

    def exists(self) -> bool:
        """Whether there is a pointer right now."""
        return self._storage.signature(self._pointer_name) is not None
