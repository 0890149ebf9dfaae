"""Audience: whom pages are made for, what nobody has chosen, and who is not a person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from scipy.special import gammaincinv

from app.measure.governance.suspects import minutes_of_addresses
from app.measure.risks.reading import Measured
from app.store.measures.arrivals import Arrival

LEAST_PAGES = 50
LEAST_EVENTS = 200
LEAST_NEWEST_CHOICES = 50
_SURELY = 0.999


def cold_visitors(pages: int, cold: int) -> Measured:
    """Share of home pages for visitors who had not opened anything before."""
    if pages < LEAST_PAGES:
        return Measured(None, f"{pages} home pages; {LEAST_PAGES} are needed.")
    return Measured(cold / pages, f"{cold:,} of {pages:,} home pages.")


def cold_items(items: int, cold: int, enough: int) -> Measured:
    """Share of the catalog that was chosen fewer than `enough` times."""
    if not items:
        return Measured(None, "The catalog is empty.")
    return Measured(cold / items, f"{cold:,} of {items:,} items were chosen fewer than {enough} times.")


def suspicious_traffic(events: int, suspicious: int, visitors: int) -> Measured:
    """Share of events by visitors whom a rule finds or who are excluded."""
    if events < LEAST_EVENTS:
        return Measured(None, f"{events} events; {LEAST_EVENTS} are needed.")
    return Measured(suspicious / events, f"{suspicious:,} of {events:,} events, by {visitors:,} visitors.")


def address_surge(arrivals: Sequence[Arrival]) -> Measured:
    """Most new visitors whom one address brought within a minute. arrivals: by address and time."""
    most = max(map(len, minutes_of_addresses(arrivals)), default=0)
    addresses = len({row.address for row in arrivals})
    return Measured(float(most), f"{len(arrivals):,} new visitors of {addresses:,} addresses.")


def item_surge(newest: Mapping[str, int], before: Mapping[str, int], items: int) -> Measured:
    """Largest ratio of visitors who chose an item lately to those whom its share before would give, surely reached.

    newest, before: choices by item, each visitor once an item. Surely: by the lower end of the exact interval of a
    Poisson count (Garwood, 1936). An item counts as chosen once more than it was before, and as to be chosen once at
    least, so that the first choices of a new item are no surge.
    """
    count, past = sum(newest.values()), sum(before.values())
    if count < LEAST_NEWEST_CHOICES or past < LEAST_EVENTS:
        needed = f"{LEAST_NEWEST_CHOICES} after {LEAST_EVENTS} are needed"
        return Measured(None, f"{count:,} choices after {past:,}; {needed}.")
    ratios = {
        item: float(gammaincinv(chosen, 1 - _SURELY)) / max(1.0, count * (before.get(item, 0) + 1) / (past + items))
        for item, chosen in newest.items()
    }
    item = max(ratios, key=lambda name: (ratios[name], name))
    note = f"{item}: {newest[item]:,} of the newest {count:,} choices, {before.get(item, 0):,} of {past:,} before."
    return Measured(ratios[item], note)
