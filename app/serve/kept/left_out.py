"""What a ranking leaves out, as the name of an answer that is kept."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

_MOST = 200
"""Ids of one question's own: more than a page shows. A question may bring 2,000, which nobody asks the same again."""


class LeftOut(NamedTuple):
    """Item ids that are left out. off_lists: those that the shop hides from everybody, held once for all answers, as it
    may hide half of a large catalog; none where an answer leaves out no more than some of them.
    """

    off_lists: frozenset[str]
    others: frozenset[str]

    @property
    def is_worth_keeping(self) -> bool:
        """Whether an answer may be kept by this name, which takes room as well."""
        return len(self.others) <= _MOST

    @classmethod
    def of(cls, exclude: Collection[str], off_lists: frozenset[str]) -> LeftOut:
        """These ids, of which `off_lists` may be a part."""
        everything = frozenset(exclude)
        if off_lists and off_lists <= everything:
            return cls(off_lists, everything - off_lists)
        return cls(frozenset(), everything)
