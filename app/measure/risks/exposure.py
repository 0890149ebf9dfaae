"""Exposure: which items are put on screen, how evenly, how much alike for everybody, and how this shifts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from app.measure.risks.reading import Measurement

MIN_IMPRESSIONS = 500
MIN_LISTS = 20
MIN_ENTRIES = 500
TOP = 10


def coverage(impressions: Mapping[str, int], items: int) -> Measurement:
    """Share of `items` with an impression."""
    total = sum(impressions.values())
    if total < _needed(items) or not items:
        return _too_few(total, items)
    return Measurement(len(impressions) / items, f"{len(impressions):,} of {items:,} items in {total:,} impressions.")


def gini(impressions: Mapping[str, int], items: int) -> Measurement:
    """Gini coefficient of impressions over all `items`, those without any included: Σ(2i − n − 1)·x_i / (n·Σx)."""
    total = sum(impressions.values())
    if total < _needed(items) or not items:
        return _too_few(total, items)
    counts = np.zeros(max(items, len(impressions)))
    counts[: len(impressions)] = sorted(impressions.values())
    counts.sort()
    n = len(counts)
    ranks = 2 * np.arange(1, n + 1) - n - 1
    return Measurement(float(ranks @ counts / (n * counts.sum())), f"{total:,} impressions of {items:,} items.")


def popularity_lift(lists: Sequence[Sequence[str]], choices: Mapping[str, int]) -> Measurement:
    """Mean choices of a recommended item over mean choices of a chosen item, each as often as it occurs."""
    entries = sum(map(len, lists))
    chosen = sum(choices.values())
    if entries < MIN_ENTRIES or chosen < 100:
        return Measurement(None, f"Too little yet: {entries:,} recommended entries and {chosen:,} choices.")
    recommended = sum(choices.get(item, 0) for items in lists for item in items) / entries
    # A choice counts itself: without taking it off, what is chosen once would look popular.
    picked = sum(count * (count - 1) for count in choices.values()) / chosen
    if picked <= 0:
        return Measurement(None, f"None of {chosen:,} choices fell on one item twice.")
    return Measurement(recommended / picked, f"{entries:,} recommended entries and {chosen:,} choices.")


def homogeneity(lists: Mapping[str, Sequence[str]]) -> Measurement:
    """Mean overlap |A ∩ B| / 10 of the top tens of two visitors. lists: by visitor.

    Counted by item: an item in c of n lists is shared by c(c − 1) of n(n − 1) ordered pairs.
    """
    tops = [set(items[:TOP]) for items in lists.values() if len(items) >= TOP]
    count = len(tops)
    if count < MIN_LISTS:
        return Measurement(None, f"Lists of {count} visitors; {MIN_LISTS} are needed.")
    times = Counter(item for top in tops for item in top)
    shared = sum(c * (c - 1) for c in times.values())
    return Measurement(shared / (count * (count - 1) * TOP), f"Lists of {count:,} visitors.")


def echo(version: int | None, measured: Mapping[str, Any]) -> Measurement:
    """Rank gain on models' own slates less that on pages drawn by lot; see `app.learn.echo`."""
    if version is None or not measured:
        return Measurement(None, "Too few clicks on models' slates, or on pages drawn by lot, yet.")
    own, neutral = measured["own"], measured["neutral"]
    return Measurement(
        float(measured["difference"]),
        f"Version {measured['version']}: rank gain {own['mean']:.4f} ({own['low']:.4f} to {own['high']:.4f}) on "
        f"{measured['cases']:,} choices from models' slates, {neutral['mean']:.4f} ({neutral['low']:.4f} to "
        f"{neutral['high']:.4f}) on pages drawn by lot.",
    )


def exposure_drift(lists_by_version: Mapping[int, Sequence[Sequence[str]]]) -> Measurement:
    """1 − Morisita's overlap index of what newer and older versions showed; versions are parted where halves are alike.

    Morisita (1959) takes pairs without replacement, so that few slates of one version do not look like drift.
    """
    versions = sorted(lists_by_version)
    counts = {version: Counter(item for items in lists_by_version[version] for item in items) for version in versions}
    sizes = {version: sum(counts[version].values()) for version in versions}
    total = sum(sizes.values())
    splits = range(1, len(versions))
    best = max(splits, key=lambda at: min(_sum(sizes, versions[:at]), _sum(sizes, versions[at:])), default=0)
    if not best or min(_sum(sizes, versions[:best]), _sum(sizes, versions[best:])) < MIN_ENTRIES:
        return Measurement(None, f"{total:,} entries of {len(versions)} versions; {MIN_ENTRIES} each side are needed.")
    older: Counter[str] = sum((counts[version] for version in versions[:best]), Counter())
    newer: Counter[str] = sum((counts[version] for version in versions[best:]), Counter())
    n, m = older.total(), newer.total()
    both = sum(older[item] * newer[item] for item in older) / (n * m)
    within = sum(c * (c - 1) for c in older.values()) / (n * (n - 1))
    within += sum(c * (c - 1) for c in newer.values()) / (m * (m - 1))
    drift = 1.0 - 2 * both / within if within > 0 else 0.0
    note = (
        f"Versions {versions[best]} to {versions[-1]} against {versions[0]} to {versions[best - 1]}, {total:,} entries."
    )
    return Measurement(min(1.0, max(0.0, drift)), note)


def _sum(sizes: Mapping[int, int], versions: Iterable[int]) -> int:
    return sum(sizes[version] for version in versions)


def _needed(items: int) -> int:
    """Impressions that a figure of all items needs: fewer than there are items cannot cover them, however even."""
    return max(MIN_IMPRESSIONS, items)


def _too_few(total: int, items: int) -> Measurement:
    return Measurement(None, f"{total:,} impressions; {_needed(items):,} are needed.")
