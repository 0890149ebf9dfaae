"""Attributes of items as arrays: what a row is balanced by."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recommender.interactions.checks import ItemId

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Trait:
    """One attribute of all items. values: its slugs. codes: (items, slots), places of an item's values, the rest filled
    with len(values). worth: (items,), what each value of an item counts, so that an item counts once. base: (values,),
    their shares of the catalog. presence: (values,), share of the items that have each.
    """

    name: str
    values: tuple[str, ...]
    codes: NDArray[np.int64]
    worth: Floats
    base: Floats
    presence: Floats

    @property
    def has_several(self) -> bool:
        """Whether an item may have more than one value."""
        return self.codes.shape[1] > 1

    @classmethod
    def of(cls, name: str, values_of: Sequence[Sequence[str]]) -> Trait:
        """The attribute `name` of items with these values each; several values of one item share it evenly."""
        values = tuple(sorted({slug for values in values_of for slug in values}))
        places = {slug: place for place, slug in enumerate(values)}
        slots = max((len(own) for own in values_of), default=0)
        codes = np.full((len(values_of), max(1, slots)), len(values), dtype=np.int64)
        for row, own in enumerate(values_of):
            codes[row, : len(own)] = [places[slug] for slug in own]
        return cls._of_codes(name, values, codes)

    @classmethod
    def _of_codes(cls, name: str, values: tuple[str, ...], codes: NDArray[np.int64]) -> Trait:
        worth = 1.0 / np.maximum(1, (codes < len(values)).sum(axis=1))
        counts = np.bincount(codes.ravel(), np.repeat(worth, codes.shape[1]), minlength=len(values) + 1)[:-1]
        holders = np.bincount(codes.ravel(), minlength=len(values) + 1)[:-1]
        presence = holders / max(1, len(codes))
        return cls(name, values, codes, worth, counts / max(1e-12, counts.sum()), presence)

    def with_changes(
        self, rows: Sequence[int], values_of: Sequence[Sequence[str]], gone: Sequence[int]
    ) -> Trait | None:
        """The attribute with other values at `rows`, further items after them, and without those at `gone`.

        values_of: of the changed items, then of the further ones. None where it would have other values or another
        number of slots than it has: then it is to be made anew.
        """
        places = {slug: place for place, slug in enumerate(self.values)}
        slots = self.codes.shape[1]
        if any(len(own) > slots or not places.keys() >= set(own) for own in values_of):
            return None
        written = np.full((len(values_of), slots), len(self.values), dtype=np.int64)
        for row, own in enumerate(values_of):
            written[row, : len(own)] = [places[slug] for slug in own]
        codes = np.concatenate([self.codes, written[len(rows) :]])
        codes[list(rows)] = written[: len(rows)]
        codes = np.delete(codes, list(gone), axis=0)
        after = self._of_codes(self.name, self.values, codes)
        needs = int((codes < len(self.values)).sum(axis=1).max(initial=0))
        return after if after.presence.all() and max(1, needs) == slots else None

    def members(self, rows: NDArray[np.int64]) -> Floats:
        """The share of each value in each of some items, (rows, values)."""
        dense = np.zeros((len(rows), len(self.values) + 1))
        every = np.arange(len(rows))
        for slot in range(self.codes.shape[1]):
            dense[every, self.codes[rows, slot]] += self.worth[rows]
        return dense[:, :-1]

    def counts(self, rows: NDArray[np.int64], weights: Floats) -> Floats:
        """Summed weights of some items by value, (values,); weights (rows,)."""
        counted = np.zeros(len(self.values) + 1)
        # Not `bincount`, which gives the interpreter away: to other threads' work a handful of rows is nothing.
        np.add.at(counted, self.codes[rows], (weights * self.worth[rows])[:, None])
        return counted[:-1]


class ItemTraits:
    """The attributes of a catalog; `row_of` says where each item stands in their arrays."""

    def __init__(self, values_of: Mapping[ItemId, Sequence[Sequence[str]]], names: Sequence[str]) -> None:
        """values_of: for each item, its values of each attribute in the order of `names`, the main ones first.

        Raises ValueError when there is no attribute, or when an item has another number of them than there are names.
        """
        if not names:
            raise ValueError("names is empty; a row is balanced by at least one attribute")
        for item_id, values in values_of.items():
            if len(values) != len(names):
                raise ValueError(
                    f"item {item_id!r} has values of {len(values)} attributes, and names has {len(names)}: "
                    f"{', '.join(names)}"
                )
        columns = zip(*values_of.values(), strict=True) if values_of else ([] for _ in names)
        self._set(
            {item_id: row for row, item_id in enumerate(values_of)},
            tuple(Trait.of(name, list(column)) for name, column in zip(names, columns, strict=True)),
        )

    def with_changes(
        self, values_of: Mapping[ItemId, Sequence[Sequence[str]]], removed: Iterable[ItemId] = ()
    ) -> ItemTraits | None:
        """The attributes after some items changed or came, and others went, at the cost of copying arrays.

        None where values come or go that no other item has, so that all must be made anew.
        """
        changed = [item_id for item_id in values_of if item_id in self.row_of]
        new = [item_id for item_id in values_of if item_id not in self.row_of]
        gone = sorted({self.row_of[item_id] for item_id in removed if item_id in self.row_of})
        rows = [self.row_of[item_id] for item_id in changed]
        after = []
        for place, trait in enumerate(self.traits):
            found = trait.with_changes(rows, [values_of[item_id][place] for item_id in (*changed, *new)], gone)
            if found is None:
                return None
            after.append(found)
        row_of = self.row_of | {item_id: row for row, item_id in enumerate(new, start=len(self.row_of))}
        if gone:
            left_out = set(gone)
            kept = (item_id for item_id, row in row_of.items() if row not in left_out)
            row_of = {item_id: row for row, item_id in enumerate(kept)}
        traits = ItemTraits.__new__(ItemTraits)
        traits._set(row_of, tuple(after))
        return traits

    def _set(self, row_of: dict[ItemId, int], traits: tuple[Trait, ...]) -> None:
        self.row_of, self.traits = row_of, traits
        # The same side by side, as kernels take them: values of all attributes are numbered one after another.
        sizes = [len(trait.values) for trait in self.traits]
        self.starts: tuple[int, ...] = tuple(np.cumsum([0, *sizes])[:-1].tolist())
        self.trait_of = np.repeat(np.arange(len(sizes)), sizes)
        self.base = np.concatenate([trait.base for trait in self.traits])
        known = [trait.codes < size for trait, size in zip(self.traits, sizes, strict=True)]
        self.codes = np.concatenate(
            [
                np.where(own, each.codes + start, -1)
                for each, own, start in zip(self.traits, known, self.starts, strict=True)
            ],
            axis=1,
            dtype=np.int32,
            casting="same_kind",
        )
        self.worths = np.concatenate(
            [own * trait.worth[:, None] for trait, own in zip(self.traits, known, strict=True)], axis=1
        )
        # What a user turns to pulls an item that has it among others as much as one that has nothing else.
        whole = [trait.has_several for trait in self.traits]
        self.pulls = np.concatenate(
            [
                own * (1.0 if all_of_it else trait.worth[:, None])
                for trait, own, all_of_it in zip(self.traits, known, whole, strict=True)
            ],
            axis=1,
        )

    def rows(self, item_ids: Iterable[ItemId]) -> NDArray[np.int64]:
        """Rows of the known ones among `item_ids`."""
        row_of = self.row_of
        return np.array([row_of[item_id] for item_id in item_ids if item_id in row_of], dtype=np.int64)

    def counts(self, values: Iterable[tuple[str, str]], item_ids: Iterable[ItemId]) -> list[int]:
        """How many of some items have each of these values, given as (name of the attribute, value)."""
        starts = {trait.name: (trait, start) for trait, start in zip(self.traits, self.starts, strict=True)}
        numbers = [starts[name][1] + starts[name][0].values.index(value) for name, value in values]
        found: list[int] = (self.codes[self.rows(item_ids), :, None] == numbers).any(axis=1).sum(axis=0).tolist()
        return found
