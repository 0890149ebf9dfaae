"""How a program tells a site that its visitors are simulated: a header, which the site believes with its key only."""

from __future__ import annotations

import os

KEY_VARIABLE = "FLYWHEEL_API_KEY"
"""Environment variable that holds the key of the site under load."""


def simulated_headers(key: str | None = None) -> dict[str, str]:
    """Headers of every request of a simulated visitor; the key comes from the environment where none is given.

    Raises KeyError without a key.
    """
    return {"X-Flywheel-Origin": "simulated", "Authorization": f"Bearer {key or os.environ[KEY_VARIABLE]}"}
