"""The catalog as pages choose from it: what is newest, and the items of each type and style, made ready once."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import cached_property, partial
from itertools import islice
from weakref import WeakKeyDictionary

import numpy as np

from app.catalog import Catalog, CatalogSearch, Item, Selection
from app.catalog.among import Among, ItemIds
from app.catalog.catalog import newest_first
from app.catalog.conditions import has
from app.catalog.facets import Facets, types_of
from app.serve.newcomers import Newcomers
from app.serve.rankers import keep_prepared, prepared
from app.store.search import Reader
from app.values.kept import keep_answers
from recommender import FactorModel

_MOST_KEPT = 512
_MIN_FRESH, _FRESH_SHARE, _FRESH_DRIFT = 24, 0.25, 0.02

Filter = tuple[str | None, str | None]
"""A type and a style; None stands for all."""


@dataclass(frozen=True, slots=True)
class _Changes:
    """What the next catalog has otherwise: items that left its lists, those that came, and the ids of these."""

    gone: list[Item]
    come: list[Item]
    shown: frozenset[str]

    @classmethod
    def between(cls, before: Catalog, after: Catalog, changed: Collection[str]) -> _Changes:
        gone = [item for item in map(before.get, changed) if item is not None and item.available]
        come = [item for item in map(after.get, changed) if item is not None and item.available]
        return cls(gone, come, frozenset(item.item_id for item in come))

    def moved(self, belongs: Callable[[Item], bool]) -> set[str]:
        """Ids of the items that came to a list, or left it."""
        return {item.item_id for item in self.gone if belongs(item)} ^ {
            item.item_id for item in self.come if belongs(item)
        }


@dataclass(frozen=True, slots=True)
class _Fresh:
    """The newest quarter of a catalog. oldest: the last of them."""

    oldest: Item | None
    among: Among

    @classmethod
    def of(cls, catalog: Catalog) -> _Fresh:
        fresh = tuple(islice(catalog.newest, _count_fresh(catalog)))
        oldest = fresh[-1] if fresh else None
        return cls(oldest, Among.listed(fresh, catalog, partial(_is_as_new, oldest)))

    def followed(self, catalog: Catalog, changes: _Changes) -> _Fresh:
        """The newest of the next catalog. Of a large one they begin where they began, until they are clearly more or
        fewer than a quarter: so one new item is not the end of what models know of all the others.
        """
        before = self.among
        if before.is_set:
            after = _Fresh.of(catalog)
            members = set(before.item_ids).symmetric_difference(after.among.item_ids)
            keep_prepared(before, after.among, set(filter(catalog.shows, members)))
            return after
        belongs = partial(_is_as_new, self.oldest)
        after = _Fresh(self.oldest, before.on(catalog, belongs))
        drift = abs(_count_fresh(catalog) - len(before.item_ids))
        if drift <= _FRESH_DRIFT * len(before.item_ids) and keep_prepared(
            before, after.among, changes.shown & changes.moved(belongs)
        ):
            return after
        return _Fresh.of(catalog)


class CatalogView:
    """One catalog. What is made of it once is kept; safe between threads."""

    def __init__(self, catalog: Catalog, reader: Reader, fresh: _Fresh | None = None) -> None:
        """reader: a connection of the calling thread to the database that holds the items. fresh: what of this very
        catalog is new, where it is known.
        """
        self.catalog = catalog
        self._reader = reader
        self.newest = ItemIds(catalog.newest)
        self._fresh = fresh or _Fresh.of(catalog)
        self._kept: dict[Filter, Among] = {}
        self._selected = keep_answers(self._select, _MOST_KEPT)
        self._newcomers: WeakKeyDictionary[FactorModel, Newcomers] = WeakKeyDictionary()
        self._unlisted: WeakKeyDictionary[FactorModel, frozenset[str]] = WeakKeyDictionary()
        self._wanted = keep_answers(self._want, _MOST_KEPT)
        self._lock = threading.Lock()

    @cached_property
    def facets(self) -> Facets:
        """What the items are filtered by; made at the first question."""
        return Facets(self.catalog.items)

    @cached_property
    def words(self) -> CatalogSearch:
        """Finds the items by words; made at the first question."""
        return CatalogSearch(self.catalog.items, self.facets, self._reader)

    @property
    def fresh(self) -> Among:
        """The newest items."""
        return self._fresh.among

    def selected(self, selection: Selection) -> Among:
        """The items of a selection."""
        alone = selection.palette or selection.tag or len(selection.type) > 1 or len(selection.style) > 1
        if alone:
            return self._selected(selection)
        return self.among(next(iter(selection.type), None), next(iter(selection.style), None))

    def _select(self, selection: Selection) -> Among:
        mask, items = selection.mask(self.facets), self.catalog.items
        chosen = items if mask is None else [items[index] for index in np.flatnonzero(mask).tolist()]
        return Among.of([item.item_id for item in chosen])

    def among(self, type: str | None, style: str | None) -> Among:
        """The items of a type and style, None for all."""
        found = self._kept.get((type, style))
        if found is None:
            found = self._list((type, style))
            with self._lock:
                if len(self._kept) >= _MOST_KEPT:
                    self._kept.pop(next(iter(self._kept)))
                found = self._kept.setdefault((type, style), found)
        return found

    def _list(self, of: Filter) -> Among:
        return Among.listed(self.catalog.filter(*of), self.catalog, partial(_is_of, *of))

    def wanted(self, type: str | None, filters: tuple[tuple[str, str], ...]) -> Among | None:
        """The items of a type that have all of some values of fields; None for all items."""
        if filters:
            return self._wanted(type, filters)
        return self.among(type, None) if type else None

    def _want(self, type: str | None, filters: tuple[tuple[str, str], ...]) -> Among:
        return Among.of(
            [
                item.item_id
                for item in self.catalog.filter(type=type)
                if all(has(item, field, value) for field, value in filters)
            ]
        )

    def newcomers(self, model: FactorModel) -> Newcomers | None:
        """The items that a model does not know and that are like known ones, or None; made once for each model."""
        found = self._newcomers.get(model)
        if found is None:
            found = self._newcomers[model] = Newcomers.of(model, self.catalog)
        return found if found.alike else None

    def unlisted(self, model: FactorModel) -> frozenset[str]:
        """The items that a model knows and the catalog does not show; found once for each model."""
        found = self._unlisted.get(model)
        if found is None:
            shows = self.catalog.shows
            found = frozenset(str(item_id) for item_id in model.item_ids if not shows(str(item_id)))
            self._unlisted[model] = found
        return found

    def prepare(self, model: FactorModel) -> None:
        """Make a model ready to choose among the items of each type."""
        self.newcomers(model)
        self.unlisted(model)
        for among in (self.fresh, *(self.among(type, None) for type in self.catalog.types)):
            prepared(model, among)

    def followed_by(self, catalog: Catalog, changed: Collection[str]) -> CatalogView:
        """The view of the next catalog, of which the items with these ids differ; what is ready stays so."""
        changes = _Changes.between(self.catalog, catalog, changed)
        after = CatalogView(catalog, self._reader, self._fresh.followed(catalog, changes))
        with self._lock:
            kept = dict(self._kept)
        for of, among in kept.items():
            moved = changes.moved(partial(_is_of, *of))
            if moved or not among.is_set:
                after._kept[of] = after._list(of)
                keep_prepared(among, after._kept[of], changes.shown & moved)
            else:
                after._kept[of] = among
        for model, newcomers in list(self._newcomers.items()):
            after._newcomers[model] = newcomers.with_changes(model, catalog, changes.gone, changes.come)
        for model, unlisted in list(self._unlisted.items()):
            gone = {item.item_id for item in changes.gone if item.item_id in model}
            after._unlisted[model] = unlisted.union(gone) - changes.shown
        ready = self.__dict__  # `cached_property` keeps there what was asked for
        if "facets" in ready and catalog.items and _films(self.catalog) == _films(catalog):
            after.__dict__["facets"] = self.facets.with_changes(changes.gone, changes.come)
            if "words" in ready:
                after.__dict__["words"] = self.words.with_changes(catalog.items, after.facets, changes.come)
        return after


def _films(catalog: Catalog) -> bool:
    return bool(catalog.items) and catalog.items[0].year is not None


def _count_fresh(catalog: Catalog) -> int:
    return max(_MIN_FRESH, int(_FRESH_SHARE * len(catalog)))


def _is_as_new(oldest: Item | None, item: Item) -> bool:
    return oldest is not None and newest_first(item) <= newest_first(oldest)


def _is_of(type: str | None, style: str | None, item: Item) -> bool:
    return (style is None or item.style == style) and (type is None or type in types_of(item))
