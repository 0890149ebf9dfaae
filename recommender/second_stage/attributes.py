"""What items have in common, as arrays: attributes such as ``style=retro``, each of one kind."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse
from numpy.typing import NDArray

from recommender.interactions.checks import ItemId
from recommender.interactions.rows import check_description

NONE = -1
"""Stands in a row of `values` after the last attribute of an item."""


@dataclass(frozen=True, slots=True, eq=False)
class ItemAttributes:
    """Attributes of the items of a model, in its catalog order.

    names: of attributes, such as ``style=retro``; kinds: of what stands before the ``=``. values int32 (items, most
    attributes of an item): indices into names, then NONE. kind_of int32 (attributes,): indices into kinds. shares
    float32 (attributes,): of the items that have a kind, the share that have this attribute.
    """

    names: tuple[str, ...]
    kinds: tuple[str, ...]
    values: NDArray[np.int32]
    kind_of: NDArray[np.int32]
    shares: NDArray[np.float32]

    @classmethod
    def of(cls, described: Mapping[Any, Iterable[str]], item_ids: Sequence[ItemId]) -> ItemAttributes:
        """The attributes of `item_ids`, in this order; others in `described` are left out, items without any have none.

        An attribute is text ``kind=value``; text without ``=`` is of a kind without a name. Raises ValueError as
        `Interactions.describe` does.
        """
        pairs, _ = check_description(described, 1.0)
        by_item: dict[ItemId, list[str]] = {}
        for item_id, name in pairs:
            by_item.setdefault(item_id, []).append(name)
        rows = [by_item.get(item_id, []) for item_id in item_ids]
        numbers: dict[str, int] = {}
        numbered = [[numbers.setdefault(name, len(numbers)) for name in row] for row in rows]
        kinds: dict[str, int] = {}
        kind_of = np.array([kinds.setdefault(kind_name(name), len(kinds)) for name in numbers], dtype=np.int32)
        values = np.full((len(rows), max(map(len, numbered), default=0)), NONE, dtype=np.int32)
        for row, found in zip(values, numbered, strict=True):
            row[: len(found)] = found
        shares = _shares(values, kind_of, len(kinds))
        return cls(tuple(numbers), tuple(kinds), values, kind_of, shares)

    @classmethod
    def empty(cls, items: int) -> ItemAttributes:
        """Of so many items about which nothing is known."""
        return cls((), (), np.empty((items, 0), np.int32), np.empty(0, np.int32), np.empty(0, np.float32))

    def check(self, items: int) -> None:
        """Raise ValueError unless the arrays fit together and belong to so many items; kernels trust them blindly."""
        count = len(self.names)
        shapes = [(array.ndim, array.dtype.str) for array in (self.values, self.kind_of, self.shares)]
        if shapes != [(2, "<i4"), (1, "<i4"), (1, "<f4")] or len(self.values) != items:
            raise ValueError(f"attributes of {items} items cannot have arrays of {shapes} and {len(self.values)} rows")
        if len(self.kind_of) != count or len(self.shares) != count or len(set(self.names)) != count:
            raise ValueError(f"{count} names of attributes need a kind and a share each, and must be distinct")
        if not _within(self.values, NONE, count) or not _within(self.kind_of, 0, len(self.kinds)):
            raise ValueError("attributes of items must be among those that have a name, and have a kind that has one")
        if not ((self.shares > 0) & (self.shares <= 1)).all():
            raise ValueError("shares of attributes must be above 0 and at most 1")

    def of_item(self, index: int) -> list[int]:
        """Indices of the attributes of an item."""
        return [attribute for attribute in self.values[index].tolist() if attribute != NONE]

    def one_hot(self, kind: int) -> scipy.sparse.csr_matrix:
        """Which items have which attributes of a kind: float64 (items, attributes of the kind) of 0 and 1."""
        of_kind = np.flatnonzero(self.kind_of == kind)
        column = np.full(len(self.names) + 1, NONE)
        column[of_kind] = np.arange(len(of_kind))
        columns = column[self.values]  # NONE reads the last, which is NONE
        rows, places = np.nonzero(columns != NONE)
        shape = (len(self.values), len(of_kind))
        return scipy.sparse.csr_matrix((np.ones(len(rows)), (rows, columns[rows, places])), shape=shape)


def kind_name(attribute: str) -> str:
    """What stands before the first ``=`` or ``~`` (about so much) of an attribute."""
    kind, *rest = re.split("[=~]", attribute, maxsplit=1)
    return kind if rest else ""


def _within(array: NDArray[np.int32], lowest: int, end: int) -> bool:
    return not array.size or bool(array.min() >= lowest and array.max() < end)


def _shares(values: NDArray[np.int32], kind_of: NDArray[np.int32], kinds: int) -> NDArray[np.float32]:
    counts = np.bincount(values[values != NONE], minlength=len(kind_of)).astype(np.float64)
    found = kind_of[values] if len(kind_of) else values  # NONE reads the last kind, which the mask below leaves out
    having = [((found == kind) & (values != NONE)).any(axis=1).sum() for kind in range(kinds)]
    if not len(counts):
        return np.empty(0, np.float32)
    shares: NDArray[np.float32] = (counts / np.array(having, dtype=np.float64)[kind_of]).astype(np.float32)
    return shares
