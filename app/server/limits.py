"""What clients may hold of the worker."""

from __future__ import annotations

from dataclasses import dataclass

from app.settings import Settings


@dataclass(frozen=True, slots=True)
class ConnectionLimits:
    """read_s: seconds for a request to arrive whole. of_one_client: connections of one address, 0 for no bound.

    waiting: requests that may wait for a thread for long. max_body: bytes of a body that are waited for.
    """

    read_s: float = 15.0
    of_one_client: int = 100
    waiting: int = 32
    max_body: int = 256 * 1024

    @classmethod
    def of(cls, settings: Settings) -> ConnectionLimits:
        """The limits that the settings state."""
        return cls(
            read_s=settings.read_timeout_s,
            of_one_client=settings.client_connections,
            waiting=settings.waiting_requests,
            max_body=settings.max_body_kib * 1024,
        )
