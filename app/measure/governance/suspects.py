"""Rules that find visitors who do not behave like people: too fast, clicking whatever they see, or a crowd at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from scipy.stats import binom

from app.settings import Settings
from app.store.measures.arrivals import Arrival, arrivals_since
from app.store.measures.behaviour import BusyMinute, SeenEntries, busiest_minutes, seen_and_clicked
from app.store.measures.exclusions import NewExclusion
from app.store.store import Store

VELOCITY = "velocity"
CLICK_EVERYTHING = "click-everything"
ONE_ADDRESS = "one-address"
MINUTE_S = 60.0
_LEAST_SEEN_BY_OTHERS = 100
_MOST_SHARE = 0.5


@dataclass(frozen=True, slots=True)
class BotRules:
    """actions_per_minute: more is too fast. click_ratio: how many times the click share of all others is too much.

    significance: chance of finding anybody by click share where nobody clicks more than that. visitors_per_minute: more
    newcomers of one address are a crowd.
    """

    actions_per_minute: int
    click_ratio: float
    significance: float
    visitors_per_minute: int = 20


def bot_rules(settings: Settings) -> BotRules:
    """The rules as the settings have them."""
    return BotRules(
        settings.bot_actions_per_minute,
        settings.bot_click_ratio,
        settings.bot_significance,
        settings.bot_visitors_per_minute,
    )


def find_suspects(store: Store, settings: Settings, first_seq: int = 0) -> list[NewExclusion]:
    """Visitors whom the rules find in the events from `first_seq` on, all events if not given, and among the newcomers
    of the last day. Nothing is written.
    """
    conn, rules = store.reader(), bot_rules(settings)
    arrivals = arrivals_since(conn, 0.0)
    return suspects(busiest_minutes(conn, first_seq), seen_and_clicked(conn, first_seq), rules, arrivals)


def suspects(
    minutes: Sequence[BusyMinute], entries: Sequence[SeenEntries], rules: BotRules, arrivals: Sequence[Arrival] = ()
) -> list[NewExclusion]:
    """Everybody whom a rule finds, once each, by velocity first; sorted by rule and id."""
    rows = [*crowds(arrivals, rules), *click_everything(entries, rules), *too_fast(minutes, rules)]
    found = {row.visitor_id: row for row in rows}
    return sorted(found.values(), key=lambda row: (row.rule != VELOCITY, row.visitor_id))


def too_fast(minutes: Sequence[BusyMinute], rules: BotRules) -> list[NewExclusion]:
    """Visitors with more actions in one minute than the rules allow."""
    return [
        NewExclusion(
            row.visitor_id,
            VELOCITY,
            f"{row.actions} actions in one minute; more than {rules.actions_per_minute} is too fast for a person",
            {"actions": row.actions, "actions_per_minute": rules.actions_per_minute},
        )
        for row in minutes
        if row.actions > rules.actions_per_minute
    ]


def crowds(arrivals: Sequence[Arrival], rules: BotRules) -> list[NewExclusion]:
    """New visitors of one address who came within a minute of more others than the rules allow.

    arrivals: by address and time. A household or an office has one address, but does not open twenty browsers that have
    never been here within one minute.
    """
    found: dict[str, NewExclusion] = {}
    for rows in minutes_of_addresses(arrivals):
        if len(rows) <= rules.visitors_per_minute:
            continue
        reason = (
            f"one of {len(rows)} new visitors of one address within a minute; "
            f"more than {rules.visitors_per_minute} are no people"
        )
        evidence = {"visitors": len(rows), "visitors_per_minute": rules.visitors_per_minute}
        found |= {
            row.visitor_id: NewExclusion(row.visitor_id, ONE_ADDRESS, reason, evidence)
            for row in rows
            if row.visitor_id not in found
        }
    return list(found.values())


def minutes_of_addresses(arrivals: Sequence[Arrival]) -> Iterator[Sequence[Arrival]]:
    """For each arrival, those of the same address in the minute that ends with it. arrivals: by address and time."""
    first = 0
    for last, arrival in enumerate(arrivals):
        while arrivals[first].address != arrival.address or arrival.arrived_at - arrivals[first].arrived_at > MINUTE_S:
            first += 1
        yield arrivals[first : last + 1]


def click_everything(entries: Sequence[SeenEntries], rules: BotRules) -> list[NewExclusion]:
    """Visitors whose click share is surely above `click_ratio` times that of all others, or above a half.

    One-sided binomial test of each visitor, with Bonferroni's correction for as many visitors as are tested. A swarm
    raises what others seem to do and hides in it: so whoever is found is taken out and the rest is tested again, and
    the limit never lies above a half.
    """
    found: dict[str, NewExclusion] = {}
    rest = list(entries)
    while True:
        all_of_them = SeenEntries("", sum(row.seen for row in rest), sum(row.clicked for row in rest))
        new = [row for row in (_tested(row, all_of_them, len(entries), rules) for row in rest) if row is not None]
        if not new:
            return list(found.values())
        found |= {row.visitor_id: row for row in new}
        rest = [row for row in rest if row.visitor_id not in found]


def _tested(row: SeenEntries, everybody: SeenEntries, tests: int, rules: BotRules) -> NewExclusion | None:
    others_seen = everybody.seen - row.seen
    if others_seen < _LEAST_SEEN_BY_OTHERS:
        return None
    others = (everybody.clicked - row.clicked) / others_seen
    limit = min(_MOST_SHARE, rules.click_ratio * others)
    if row.clicked <= limit * row.seen:
        return None
    p_value = min(1.0, float(binom.sf(row.clicked - 1, row.seen, limit)) * tests)
    if p_value >= rules.significance:
        return None
    return NewExclusion(
        row.visitor_id,
        CLICK_EVERYTHING,
        f"clicked {row.clicked} of {row.seen} entries seen, others {100 * others:.1f} % of theirs",
        {"seen": row.seen, "clicked": row.clicked, "others_share": others, "p_value": p_value},
    )
