"""The slates of a page as a browser sees them: read from the links of its entries."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass

_SLATE_LINK = re.compile(r'href="/item/([^"?]+)\?slate=([^"&]+)&amp;pos=(\d+)"')


@dataclass(frozen=True, slots=True)
class SeenSlate:
    """One shelf as it stands in a page: its id, and its items in order of position."""

    slate_id: str
    item_ids: tuple[str, ...]
    positions: tuple[int, ...]


def slates_of(page: str) -> list[SeenSlate]:
    """The slates of a page, in the order in which they stand in it, read from its links."""
    found: dict[str, dict[int, str]] = {}
    for item_id, slate_id, position in _SLATE_LINK.findall(page):
        found.setdefault(html.unescape(slate_id), {})[int(position)] = html.unescape(item_id)
    return [
        SeenSlate(
            slate_id, tuple(by_position[position] for position in sorted(by_position)), tuple(sorted(by_position))
        )
        for slate_id, by_position in found.items()
    ]
