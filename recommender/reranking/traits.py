"""Attributes of items as arrays: what a row is balanced by."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recommender.interactions.checks import ItemId
from recommender.interactions.gather_kernels import gather
from recommender.interactions.lookups import Picked, find_all
from recommender.reranking.row_kernels import count_holders

Codes = NDArray[np.integer[Any]]
Floats = NDArray[np.float64]

_HELD_SHARE, _FEW_VALUES = 0.5, 64
"""Values that no item has are left out when they are more than half of all, and more than a few."""
_TABLES = 4
"""Models of whose items the rows are kept: the one that serves, its challenger, and who is on the way in or out."""
_COPIED, _LAYERED_SHARE = 10_000, 0.02
"""Rows of more items are looked up in two layers while what changed is less than this share of them."""


@dataclass(frozen=True, slots=True)
class Trait:
    """One attribute of all items. values: its slugs, of which some may be no item's. codes: (rows, slots), places of an
    item's values, the rest filled with len(values); int32 for a single slot, else int64. worth: (rows,), what each
    value of an item counts, so that an item counts once. holders: (values,), how many items have each. base:
    (values,), their shares of the catalog. presence: (values,), share of the items that have each.
    """

    name: str
    values: tuple[str, ...]
    codes: Codes
    worth: Floats
    holders: NDArray[np.int64]
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
        slots = max(1, max((len(own) for own in values_of), default=0))
        codes = _codes(values, values_of, slots)
        return cls._of_codes(name, values, codes, _holders(codes, len(values)), len(codes))

    @classmethod
    def _of_codes(
        cls,
        name: str,
        values: tuple[str, ...],
        codes: Codes,
        holders: NDArray[np.int64],
        items: int,
    ) -> Trait:
        """items: how many there are; further rows have no values and are nobody's."""
        counts, worth = holders, np.broadcast_to(np.float64(1.0), len(codes))
        if codes.shape[1] > 1:
            worth = 1.0 / np.maximum(1, (codes < len(values)).sum(axis=1))
            counts = np.bincount(codes.ravel(), np.repeat(worth, codes.shape[1]), minlength=len(values) + 1)[:-1]
        return cls(name, values, codes, worth, holders, counts / max(1e-12, counts.sum()), holders / max(1, items))

    def with_changes(
        self, rows: Sequence[int], gone: Sequence[int], values_of: Sequence[Sequence[str]], items: int
    ) -> Trait | None:
        """The attribute with other values at `rows`, none at `gone`, and further rows after them.

        values_of: of the changed items, then of the further ones. items: how many there are afterwards. None where it
        would have another number of slots than it has, or far fewer values: then it is to be made anew.
        """
        slots, values = self.codes.shape[1], self.values
        if any(len(own) > slots for own in values_of):
            return None
        new = dict.fromkeys(slug for own in values_of for slug in own).keys() - set(values)
        codes, holders = self.codes, self.holders
        if new:
            values = (*values, *sorted(new))
            codes = np.where(codes == len(self.values), len(values), codes).astype(codes.dtype)
            holders = np.concatenate([holders, np.zeros(len(new), dtype=np.int64)])
        written = _codes(values, values_of, slots)
        left, came = codes[[*rows, *gone]], written
        codes = np.concatenate([codes, written[len(rows) :]])
        codes[list(rows)], codes[list(gone)] = written[: len(rows)], len(values)
        holders = holders - _holders(left, len(values)) + _holders(came, len(values))
        if slots > 1 and (codes < len(values)).sum(axis=1).max(initial=0) < slots:
            return None
        if np.count_nonzero(holders) < _HELD_SHARE * len(values) - _FEW_VALUES:
            return None
        return self._of_codes(self.name, values, codes, holders, items)

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


class RowOf(Mapping[ItemId, int]):
    """Rows of items, many of which are those of before: what differs lies above, until it is worth a copy."""

    __slots__ = ("_before", "_changes", "_count")

    def __init__(self, before: dict[ItemId, int], changes: dict[ItemId, int | None], count: int) -> None:
        """changes: None for an item that has no row any more. count: items with a row."""
        self._before, self._changes, self._count = before, changes, count

    @staticmethod
    def followed(
        before: Mapping[ItemId, int], new: Sequence[ItemId], gone: Iterable[ItemId], rows: int
    ) -> Mapping[ItemId, int]:
        """The rows when new items get the next ones, of which there were `rows`, and others have none any more."""
        changes: dict[ItemId, int | None] = dict.fromkeys(gone)
        changes.update((item_id, row) for row, item_id in enumerate(new, start=rows))
        if not changes:
            return before
        count = len(before) + len(new) - (len(changes) - len(new))
        if isinstance(before, RowOf):
            changes, before = {**before._changes, **changes}, before._before
        if len(before) > _COPIED and len(changes) < _LAYERED_SHARE * len(before):
            return RowOf(dict(before) if not isinstance(before, dict) else before, changes, count)
        row_of = dict(before)
        for item_id, row in changes.items():
            if row is None:
                row_of.pop(item_id, None)
            else:
                row_of[item_id] = row
        return row_of

    def __getitem__(self, item_id: ItemId) -> int:
        row = self._changes[item_id] if item_id in self._changes else self._before[item_id]
        if row is None:
            raise KeyError(item_id)
        return row

    def __contains__(self, item_id: object) -> bool:
        if item_id in self._changes:
            return self._changes[item_id] is not None
        return item_id in self._before

    def __iter__(self) -> Iterator[ItemId]:
        yield from (item_id for item_id in self._before if item_id not in self._changes)
        yield from (item_id for item_id, row in self._changes.items() if row is not None)

    def __len__(self) -> int:
        return self._count


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

        Rows of items that went stay, and are nobody's. None where items have more values of an attribute than before,
        or fewer, or many rows are nobody's, so that all must be made anew.
        """
        changed = [item_id for item_id in values_of if item_id in self.row_of]
        new = [item_id for item_id in values_of if item_id not in self.row_of]
        gone = {item_id: self.row_of[item_id] for item_id in removed if item_id in self.row_of}
        rows = [self.row_of[item_id] for item_id in changed]
        count = len(self.row_of) + len(new) - len(gone)
        if len(self.codes) + len(new) > 2 * count + _FEW_VALUES:
            return None
        after = []
        for place, trait in enumerate(self.traits):
            found = trait.with_changes(
                rows, list(gone.values()), [values_of[item_id][place] for item_id in (*changed, *new)], count
            )
            if found is None:
                return None
            after.append(found)
        traits = ItemTraits.__new__(ItemTraits)
        traits._set(RowOf.followed(self.row_of, new, gone, len(self.codes)), tuple(after))
        return traits

    def _set(self, row_of: Mapping[ItemId, int], traits: tuple[Trait, ...]) -> None:
        self.row_of, self.traits = row_of, traits
        self._tables: tuple[tuple[Sequence[ItemId], NDArray[np.int32]], ...] = ()
        # The same side by side, as kernels take them: values of all attributes are numbered one after another.
        sizes = [len(trait.values) for trait in self.traits]
        self.starts: tuple[int, ...] = tuple(np.cumsum([0, *sizes])[:-1].tolist())
        self.trait_of = np.repeat(np.arange(len(sizes)), sizes)
        self.base = np.concatenate([trait.base for trait in self.traits])
        columns = np.cumsum([0, *(trait.codes.shape[1] for trait in traits)]).tolist()
        self.codes = np.empty((len(traits[0].codes), columns[-1]), dtype=np.int32)
        self.worths = np.empty(self.codes.shape)
        for trait, size, start, first, end in zip(traits, sizes, self.starts, columns, columns[1:], strict=False):
            known = trait.codes < size
            self.codes[:, first:end] = np.where(known, trait.codes + start, -1)
            self.worths[:, first:end] = known * trait.worth[:, None]
        first, none = np.append(self.codes[:, 0], -1).astype(np.int64), len(traits[0].values)
        self._first_values: NDArray[np.int64] = np.where(first < 0, none, first)
        # What a user turns to pulls an item that has it among others as much as one that has nothing else.
        several = any(trait.has_several for trait in traits)
        self.pulls: Floats = (self.codes >= 0).astype(np.float64) if several else self.worths

    def rows(self, item_ids: Iterable[ItemId]) -> NDArray[np.int64]:
        """Rows of the known ones among `item_ids`."""
        row_of = self.row_of
        return np.array([row_of[item_id] for item_id in item_ids if item_id in row_of], dtype=np.int64)

    def rows_of_all(self, item_ids: Sequence[ItemId]) -> NDArray[np.int64]:
        """Rows of items that must all be known; raises KeyError for one that is not."""
        rows = self._places(item_ids).astype(np.int64)
        if rows.min(initial=0) < 0:
            raise KeyError(item_ids[int(rows.argmin())])
        return rows

    def knows_all(self, item_ids: Sequence[ItemId]) -> bool:
        """Whether all items are known."""
        return bool(self._places(item_ids).min(initial=0) >= 0)

    def first_values(self, item_ids: Sequence[ItemId]) -> NDArray[np.int64]:
        """Which value of the first attribute each of some items has, (items,); the number of its values stands for none
        and for an item that is not known.
        """
        values = np.empty(len(item_ids), np.int64)
        gather(self._first_values, self._places(item_ids), values)  # that of row -1 is the last, of none
        return values

    def _places(self, item_ids: Sequence[ItemId]) -> NDArray[np.int32]:
        """Rows of some items, -1 for one that is not known. Those of a model are looked up once for all its items."""
        if not isinstance(item_ids, Picked):
            return find_all(self.row_of, item_ids)
        places = np.empty(len(item_ids), np.int32)
        gather(self._rows_in_table(item_ids.table), item_ids.places, places)
        return places

    def _rows_in_table(self, table: Sequence[ItemId]) -> NDArray[np.int32]:
        for known, rows in self._tables:
            if known is table:
                return rows
        rows = find_all(self.row_of, table)  # threads that need them at once all find them, alike
        self._tables = ((table, rows), *self._tables[: _TABLES - 1])
        return rows

    def counts(self, values: Iterable[tuple[str, str]], item_ids: Iterable[ItemId]) -> list[int]:
        """How many of some items have each of these values, given as (name of the attribute, value)."""
        starts = {trait.name: (trait, start) for trait, start in zip(self.traits, self.starts, strict=True)}
        numbers = [starts[name][1] + starts[name][0].values.index(value) for name, value in values]
        counts = np.empty(len(numbers), dtype=np.int64)
        count_holders(self.rows(item_ids), self.codes, np.array(numbers, dtype=np.int64), counts)
        return counts.tolist()


def _codes(values: Sequence[str], values_of: Sequence[Sequence[str]], slots: int) -> Codes:
    """Places of the values of items, (items, slots), the rest filled with len(values)."""
    places = {slug: place for place, slug in enumerate(values)}
    if slots == 1:
        found = [places[own[0]] if own else len(values) for own in values_of]
        return np.array(found, dtype=np.int32).reshape(-1, 1)
    codes = np.full((len(values_of), slots), len(values), dtype=np.int64)
    for row, own in enumerate(values_of):
        codes[row, : len(own)] = [places[slug] for slug in own]
    return codes


def _holders(codes: Codes, values: int) -> NDArray[np.int64]:
    """How many items have each of so many values."""
    return np.bincount(codes.ravel(), minlength=values + 1)[:-1]
