"""Audience: whom pages are made for, what nobody has chosen, and who is not a person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from scipy.special import gammaincinv

from app.measure.governance.suspects import minutes_of_addresses
from app.measure.risks.reading import Measurement
from app.store.measures.arrivals import Arrival

MIN_PAGES = 50
MIN_EVENTS = 200
MIN_NEWEST_CHOICES = 50
_SURELY = 0.999


def cold_visitors(pages: int, cold: int) -> Measurement:
    """Share of home pages for visitors who had not opened anything before."""
    if pages < MIN_PAGES:
        return Measurement(None, f"{pages} home pages; {MIN_PAGES} are needed.")
    return Measurement(cold / pages, f"{cold:,} of {pages:,} home pages.")


def cold_items(items: int, cold: int, enough: int, chosen: int | None = None) -> Measurement:
    """Share of the catalog that was chosen fewer than `enough` times. chosen: choices of visitors of this site."""
    if not items:
        return Measurement(None, "The catalog is empty.")
    note = f"{cold:,} of {items:,} items were chosen fewer than {enough} times."
    if chosen is not None and chosen < items:
        # So far this is a property of the history that the site began with, which nobody here can act on.
        return Measurement(None, f"{note} Visitors of this site made {chosen:,} choices; {items:,} are needed.")
    return Measurement(cold / items, note)


def suspicious_traffic(events: int, suspicious: int, visitors: int) -> Measurement:
    """Share of events by visitors whom a rule finds or who are excluded."""
    if events < MIN_EVENTS:
        return Measurement(None, f"{events} events; {MIN_EVENTS} are needed.")
    return Measurement(suspicious / events, f"{suspicious:,} of {events:,} events, by {visitors:,} visitors.")


def address_surge(arrivals: Sequence[Arrival]) -> Measurement:
    """Most new visitors whom one address brought within a minute. arrivals: by address and time."""
    most = max(map(len, minutes_of_addresses(arrivals)), default=0)
    addresses = len({row.address for row in arrivals})
    return Measurement(float(most), f"{len(arrivals):,} new visitors of {addresses:,} addresses.")


def item_surge(newest: Mapping[str, int], before: Mapping[str, int], items: int) -> Measurement:
    """Largest ratio of visitors who chose an item lately to those whom its share before would give, surely reached.

    newest, before: choices by item, each visitor once an item. Surely: by the lower end of the exact interval of a
    Poisson count (Garwood, 1936). An item counts as chosen once more than it was before, and as to be chosen once at
    least, so that the first choices of a new item are no surge.
    """
    count, past = sum(newest.values()), sum(before.values())
    if count < MIN_NEWEST_CHOICES or past < MIN_EVENTS:
        needed = f"{MIN_NEWEST_CHOICES} after {MIN_EVENTS} are needed"
        return Measurement(None, f"{count:,} choices after {past:,}; {needed}.")
    ratios = {
        item: float(gammaincinv(chosen, 1 - _SURELY)) / max(1.0, count * (before.get(item, 0) + 1) / (past + items))
        for item, chosen in newest.items()
    }
    item = max(ratios, key=lambda name: (ratios[name], name))
    note = f"{item}: {newest[item]:,} of the newest {count:,} choices, {before.get(item, 0):,} of {past:,} before."
    return Measurement(ratios[item], note)
