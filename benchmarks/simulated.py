"""How a program tells a site that its visitors are simulated: a header, which the site believes with its key only."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any

from seed_data.templates import load_templates

KEY_VARIABLE = "FLYWHEEL_API_KEY"
"""Environment variable that holds the key of the site under load."""


def simulated_headers(key: str | None = None) -> dict[str, str]:
    """Headers of every request of a simulated visitor; the key comes from the environment where none is given.

    Raises KeyError without a key.
    """
    return {"X-Flywheel-Origin": "simulated", "Authorization": f"Bearer {key or os.environ[KEY_VARIABLE]}"}


def why_no_visitors(items: Sequence[Mapping[str, Any]]) -> str | None:
    """Why the population cannot visit a site with these items, as the API shows them; None where it can."""
    known = {item.item_id for item in load_templates()}
    other = next((item for item in items if item["item_id"] not in known), None)
    if other is None:
        return None
    return (
        f"shows “{other['title']}”, which is none of the bundled templates, and the simulated visitors have tastes for "
        "these alone; start `make demo` without CATALOG=, in a VAR= of its own, and send the traffic there"
    )
