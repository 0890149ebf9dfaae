"""What a list of items is narrowed to: any of some values in each facet, in all facets at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from app.catalog.facets import FACETS, Facets, Mask

SORTS = ("best", "popular", "new")
"""Orders of a list: best for the visitor, most popular with everybody, newest first."""


@dataclass(frozen=True, slots=True)
class Selection:
    """Chosen values of each facet, none for all. "Retro or minimal, and mint" is two styles and one palette.

    The values are sorted, so that one selection has one form, whatever was chosen first.
    """

    type: tuple[str, ...] = ()
    style: tuple[str, ...] = ()
    palette: tuple[str, ...] = ()
    tag: tuple[str, ...] = ()

    @classmethod
    def of(cls, chosen: Mapping[str, list[str]], facets: Facets) -> Selection:
        """What was chosen, as far as the catalog knows it."""
        known = {
            name: tuple(sorted({slug for slug in chosen.get(name, ()) if slug in facets[name]})) for name in FACETS
        }
        return cls(**known)

    def __bool__(self) -> bool:
        """Whether anything was chosen."""
        return any(self.chosen(name) for name in FACETS)

    def chosen(self, facet: str) -> tuple[str, ...]:
        """The chosen values of one facet."""
        values: tuple[str, ...] = getattr(self, facet)
        return values

    def toggled(self, facet: str, slug: str) -> Selection:
        """This selection with one value more, or without it where it is chosen."""
        values = set(self.chosen(facet)) ^ {slug}
        return replace(self, **{facet: tuple(sorted(values))})

    def mask(self, facets: Facets, but: str | None = None) -> Mask | None:
        """The items that are meant, None for all; `but` leaves one facet out of account."""
        mask: Mask | None = None
        for name in FACETS:
            if name == but or not self.chosen(name):
                continue
            chosen = facets[name].mask(self.chosen(name))
            mask = chosen if mask is None else np.logical_and(mask, chosen)
        return mask


EVERYTHING = Selection()
"""Nothing is chosen, so that all items are meant."""
