"""Audience: whom pages are made for, what nobody has chosen, and who is not a person."""

from __future__ import annotations

from app.measure.risks.reading import Measured

LEAST_PAGES = 50
LEAST_EVENTS = 200


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
