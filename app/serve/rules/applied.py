"""Rules as a page needs them: made once of a catalog, used by every page until either changes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import chain, islice

from app.catalog import Catalog, Item
from app.catalog.among import Among
from app.catalog.conditions import has, values_of
from app.serve.rankers import Ranked, Ranker
from app.serve.wishes import BoostRanker
from app.values.rule import BOOST, CAP, HIDE, PIN, PINNED, UNBOUGHT, Rule
from recommender.reranking.bounds import RowInTheMaking

API_SHELF = "api"
"""What the API recommends; of a named recommender, this and its name."""
RULED_SHELVES = frozenset({"for-you", API_SHELF, "by-lot"})
"""Shelves that recommend, on which items are pinned and values capped; what is hidden is on no shelf."""
_SPARE = 10


@dataclass(frozen=True, slots=True)
class AppliedRules:
    """Rules of one catalog. in_force: those of the shop, by number; of_question: those that one question brings along.

    hidden: items on no list. bought_kinds: kinds of event that take their items off a visitor's lists.
    """

    catalog: Catalog
    rules: tuple[Rule, ...] = ()
    hidden: frozenset[str] = frozenset()

    @classmethod
    def of(cls, rules: Sequence[Rule], catalog: Catalog) -> AppliedRules:
        """These rules on this catalog."""
        ids = {rule.value for rule in rules if rule.action == HIDE and rule.field == "item_id"}
        return cls(catalog, tuple(rules), frozenset(ids.union(_hidden_by_field(rules, catalog.items))))

    def with_catalog(self, catalog: Catalog, changed: Collection[str]) -> AppliedRules:
        """The same rules on the next catalog, of which the items with these ids differ."""
        by_id = {rule.value for rule in self.rules if rule.action == HIDE and rule.field == "item_id"}
        anew = _hidden_by_field(self.rules, [catalog[item_id] for item_id in changed if catalog.shows(item_id)])
        left = self.hidden.intersection(changed) - by_id
        return replace(self, catalog=catalog, hidden=self.hidden.difference(left).union(anew))

    def with_question(self, rules: Sequence[Rule], exclude: Collection[str], among: Among | None) -> AppliedRules:
        """These rules and those of one question, which come first: its pins win over pins of the same place.

        among: the items that the question is about, None for all. Of others the shop's pins rest: who asks for what
        costs less than ten is not shown what costs more.
        """
        if not rules and not exclude and among is None:
            return self
        kept = [rule for rule in self.rules if among is None or rule.action != PIN or rule.value in among.members]
        return replace(self, rules=(*rules, *kept), hidden=self.hidden.union(exclude))

    @property
    def rule_ids(self) -> tuple[int, ...]:
        """Numbers of the rules of the shop; 0 stands for all that a question brought along."""
        return tuple(sorted({rule.rule_id for rule in self.rules}))

    @property
    def bought_kinds(self) -> frozenset[str]:
        """Kinds of event that take their items off the visitor's lists."""
        return frozenset(rule.value for rule in self.rules if rule.action == UNBOUGHT)

    def boosted(self, ranker: Ranker) -> Ranker:
        """The ranker with the boosts; itself where there are none."""
        return BoostRanker(ranker, self.level) if self.boosts else ranker

    @property
    def boosts(self) -> tuple[Rule, ...]:
        """The rules that change scores."""
        return tuple(rule for rule in self.rules if rule.action == BOOST)

    def level(self, item_id: str) -> float:
        """By how many spreads of the scores an item is boosted."""
        item = self.catalog.get(item_id)
        if item is None:
            return 0.0
        return sum(rule.number for rule in self.boosts if has(item, rule.field, rule.value))

    def pins(self, shelf: str, size: int, taken: Collection[str]) -> dict[int, str]:
        """Item by place of a shelf of so many places; of two pins to a place the first stays."""
        found: dict[int, str] = {}
        if not _is_ruled(shelf):
            return found
        for rule in self.rules:
            if rule.action != PIN or not self.catalog.shows(rule.value) or rule.value in taken:
                continue
            if rule.number <= size and rule.value not in found.values():
                found.setdefault(int(rule.number), rule.value)
        return found

    def spare(self, size: int) -> int:
        """How many candidates a list of so many places may need beyond these, because pins and caps pass some over."""
        return _SPARE * size if any(rule.action in (PIN, CAP) for rule in self.rules) else 0

    def recommend(self, ranker: Ranker, history: Sequence[str], k: int, among: Among | None = None) -> list[Ranked]:
        """The `k` best under these rules for a history of nobody in particular, newest last."""
        pins = self.pins(API_SHELF, k, self.hidden)
        pinned = frozenset(pins.values())
        weights = dict.fromkeys(history, 1.0)
        ranked = self.boosted(ranker).rank(weights, k + self.spare(k), self.hidden | pinned, among)
        found = self.capped(API_SHELF, ranked, k - len(pins), pinned)
        for place in sorted(pins):
            found.insert(place - 1, Ranked(pins[place], PINNED, None))
        return found

    def capped(
        self,
        shelf: str,
        ranked: Iterable[Ranked],
        size: int,
        beside: Collection[str],
        making: RowInTheMaking | None = None,
    ) -> list[Ranked]:
        """The first `size` that no cap forbids, beside items that stand on the shelf already.

        making: the row that they fill, each with the first that keeps its bounds, while there is one.
        """
        if not self.rules:
            return list(islice(ranked, size))
        allowed = self._room(shelf, beside)
        if making is not None:
            return _within(making, list(ranked), size, allowed)
        found: list[Ranked] = []
        for choice in ranked:
            if len(found) == size:
                break
            if allowed(choice.item_id):
                found.append(choice)
        return found

    def capped_pool(self, shelf: str, pool: Iterable[str], beside: Collection[str]) -> list[str]:
        """What of a pool may be drawn: so few of each value that no draw of any number of them breaks a cap."""
        return list(filter(self._room(shelf, beside), pool))

    def _room(self, shelf: str, beside: Collection[str]) -> Callable[[str], bool]:
        """Tells of items one after the other whether the caps have room for them, and counts those that they have."""
        caps = [rule for rule in self.rules if rule.action == CAP] if _is_ruled(shelf) else []
        counts: Counter[tuple[str, str | float]] = Counter()

        def values(item_id: str) -> list[tuple[str, str | float, int]]:
            item = self.catalog.get(item_id)
            if item is None:
                return []
            return [(rule.field, value, int(rule.number)) for rule in caps for value in values_of(item, rule.field)]

        def takes(item_id: str) -> bool:
            own = values(item_id)
            if any(counts[field, value] >= most for field, value, most in own):
                return False
            counts.update((field, value) for field, value, _ in own)
            return True

        counts.update((field, value) for field, value, _ in chain.from_iterable(map(values, beside)))
        return takes


def _within(making: RowInTheMaking, ranked: list[Ranked], size: int, allowed: Callable[[str], bool]) -> list[Ranked]:
    """`size` items one after the other, each the first that is allowed and keeps the bounds of the row, then those on
    shares, then none of them.
    """
    found: list[Ranked] = []
    while len(found) < size:
        tries = ((place, bounds) for bounds in (2, 1, 0) for place in range(len(ranked)))
        fits = (
            place
            for place, bounds in tries
            if (not bounds or making.admits(ranked[place].item_id, variety=bounds > 1))
            and allowed(ranked[place].item_id)
        )
        place = next(fits, None)
        if place is None:
            break
        making.take(ranked[place].item_id)
        found.append(ranked.pop(place))
    return found


def _is_ruled(shelf: str) -> bool:
    return shelf in RULED_SHELVES or shelf.startswith(f"{API_SHELF}-")


def _hidden_by_field(rules: Iterable[Rule], items: Iterable[Item]) -> set[str]:
    """Ids of the items that rules hide for a value that they have."""
    hides = [rule for rule in rules if rule.action == HIDE and rule.field != "item_id"]
    if not hides:
        return set()
    return {item.item_id for item in items if any(has(item, rule.field, rule.value) for rule in hides)}


def no_rules(catalog: Catalog) -> AppliedRules:
    """Nothing is decided: lists are as rankers make them."""
    return AppliedRules(catalog)
