"""What every reader makes of one site, and how that differs from what older code made of the same events.

    python -m benchmarks.promises.upgrade SITE                      # the figures of SITE, as JSON
    python -m benchmarks.promises.upgrade SITE --before OLD.json    # a table: reader, before, now, who differs and why

SITE is the var folder of a site that is brought up to date; it is only read. OLD.json holds figures of the same shape
(see `Figures`), taken by the older code from the database as it was.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Collection, Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from app.catalog import Catalog
from app.measure.evaluation.evidence import read_evidence
from app.measure.experiment.ledger import open_ledger
from app.measure.experiment.ratio import COLUMNS
from app.measure.governance.lineage import lineage
from app.models.registry import Registry
from app.serve.popularity import HALF_LIFE_DAYS, PopularityBoard
from app.settings import Settings, load_settings
from app.store import Store
from app.store.events import count_events
from app.store.interactions import visitor_interactions
from app.store.items import all_items
from app.store.measures.exclusions import excluded_visitors
from app.values.interaction import POSITIVE_KINDS
from app.visitors.contribution import ContributionRules, contribution_rules, popular_choices
from app.visitors.history import history_of

SLATES = 200
_OPINIONS = ("liked", "saved", "used", "hidden")
_SECONDS_PER_DAY = 86_400.0

# Recent enough that their model is on disk; the ends of ids are as good as drawn by lot.
_SLATES = """
    SELECT slate_id FROM slates WHERE model_version IN (
        SELECT DISTINCT model_version FROM slates WHERE model_version IS NOT NULL ORDER BY 1 DESC LIMIT 15
    ) ORDER BY substr(slate_id, -6), slate_id LIMIT ?
"""

# Visitors with a choice older than the newest so many of the holdout, those included that were taken back later.
_BEFORE_WINDOW = f"""
    SELECT DISTINCT visitor_id FROM interactions WHERE holdout = 1 AND kind IN {POSITIVE_KINDS} AND seq < (
        SELECT min(seq) FROM (
            SELECT seq FROM interactions WHERE holdout = 1 AND weight > 0 AND kind IN {POSITIVE_KINDS}
            AND visitor_id NOT IN (SELECT visitor_id FROM exclusions WHERE lifted_at IS NULL)
            ORDER BY seq DESC LIMIT ?
        )
    )
"""

_REPEATED = f"""
    SELECT DISTINCT visitor_id FROM events WHERE undo = 0 AND kind IN {POSITIVE_KINDS}
    GROUP BY visitor_id, item_id, kind HAVING count(*) > 1
"""


@dataclass(frozen=True, slots=True)
class Figures:
    """What the readers of one version say of a site.

    popularity: item to sum as of the newest event, best first. histories: visitor to items and weights, newest last.
    opinions: visitor to items by opinion, sorted. training: visitor to rows and their summed weight. holdout: visitor
    to targets of cases. experiment: 'origin, arm' to sums. events: 'kind, origin' to count. lineage: slate to version,
    verdict, parents, history, and of each entry item, source, propensity, score and sum of shares.
    """

    popularity: dict[str, float]
    histories: dict[str, list[Any]]
    opinions: dict[str, dict[str, list[str]]]
    training: dict[str, list[float]]
    holdout: dict[str, list[str]]
    experiment: dict[str, dict[str, int]]
    events: dict[str, int]
    lineage: dict[str, dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Difference:
    """One reader. before, now: its totals, in words. differing, of: entries that are not equal, of how many; why: how
    many of these have which reason, in words.
    """

    reader: str
    before: str
    now: str
    differing: int
    of: int
    why: str


def read_figures(settings: Settings) -> Figures:
    """Ask every reader of today about the site that `settings` name."""
    with Store(settings.event_database) as store:
        conn = store.reader()
        visitors = [row[0] for row in conn.execute("SELECT DISTINCT visitor_id FROM interactions ORDER BY 1")]
        histories, opinions = {}, {}
        for visitor_id in visitors:
            rows = visitor_interactions(conn, visitor_id)
            history = history_of(rows, settings.kind_weights(), settings.history_length)
            histories[visitor_id] = [[item_id, weight] for item_id, weight in history.weights.items()]
            opinions[visitor_id] = {name: sorted(getattr(history.opinions, name)) for name in _OPINIONS}
        evidence = read_evidence(store, settings)
        training: dict[str, list[float]] = {}
        for row in evidence.rows.values():
            count, weight = training.get(row.visitor_id, (0, 0.0))
            training[row.visitor_id] = [count + 1, weight + row.weight]
        holdout: dict[str, list[str]] = {}
        for case in evidence.holdout.cases:
            holdout.setdefault(str(case.user_id), []).append(str(case.target))
        arms = open_ledger(store, settings).follow().arms
        registry = Registry(settings)
        slates = [row[0] for row in conn.execute(_SLATES, [SLATES])]
        return Figures(
            popularity=_popularity(store, contribution_rules(settings)),
            histories=histories,
            opinions=opinions,
            training=training,
            holdout=holdout,
            experiment={
                f"{arm.origin}, {arm.arm}": dict(zip(COLUMNS, map(int, arm.moments.sums), strict=True)) for arm in arms
            },
            events={f"{kind}, {origin}": count for (kind, origin), count in count_events(conn).items()},
            lineage={slate_id: _lineage(store, registry, settings, slate_id) for slate_id in slates},
        )


def _popularity(store: Store, rules: ContributionRules) -> dict[str, float]:
    """The order of the board, with sums as of the newest event."""
    conn = store.reader()
    catalog = Catalog.from_items(all_items(conn))
    newest: float = conn.execute("SELECT coalesce(max(received_at), 0) FROM events").fetchone()[0]
    board = PopularityBoard(store, catalog, rules, epoch=newest, now=lambda: newest)
    sums: dict[str, float] = {}
    excluded = excluded_visitors(conn)
    for (visitor_id,) in conn.execute("SELECT DISTINCT visitor_id FROM interactions").fetchall():
        if visitor_id not in excluded:
            for item_id, choice in popular_choices(visitor_interactions(conn, visitor_id), rules).items():
                age_days = (newest - min(choice.at, newest)) / _SECONDS_PER_DAY
                sums[item_id] = sums.get(item_id, 0.0) + choice.weight * 2.0 ** (-age_days / HALF_LIFE_DAYS)
    return {item_id: sums.get(item_id, 0.0) for item_id in board.order() if item_id in sums}


def _lineage(store: Store, registry: Registry, settings: Settings, slate_id: str) -> dict[str, Any]:
    found = lineage(store, registry, settings, slate_id)
    return {
        "version": found.slate.model_version,
        "verdict": found.model and found.model.verdict,
        "parents": [parent.version for parent in found.parents],
        "history": [list(pair) for pair in found.history],
        "entries": [
            [entry.item_id, entry.source, entry.propensity, entry.score, sum(share.share for share in entry.shares)]
            for entry in found.entries
        ],
    }


def reasons(settings: Settings) -> dict[str, frozenset[str]]:
    """By reason why a reader may count a visitor otherwise than before: the visitors to whom it applies."""
    rules = contribution_rules(settings)
    with Store(settings.event_database) as store:
        conn = store.reader()
        visitors = [row[0] for row in conn.execute("SELECT DISTINCT visitor_id FROM interactions")]
        untrusted = (v for v in visitors if not any(map(rules.trusts, visitor_interactions(conn, v))))
        repeated = conn.execute(_REPEATED).fetchall()
        older = conn.execute(_BEFORE_WINDOW, [settings.gate_window_events]).fetchall()
        return {
            "excluded": frozenset(excluded_visitors(conn)),
            "said the same twice": frozenset(row[0] for row in repeated),
            "at their first visit": frozenset(untrusted),
            "with choices before the window of the gate": frozenset(row[0] for row in older),
        }


def compare(before: Figures, now: Figures, why: Mapping[str, Collection[str]]) -> list[Difference]:
    """Reader by reader; `why` explains visitors, in order: the first reason that applies is told."""
    found = []
    for field in fields(Figures):
        old, new = getattr(before, field.name), getattr(now, field.name)
        keys = [*old, *(key for key in new if key not in old)]
        differing = [key for key in keys if not _equal(old.get(key), new.get(key))]
        by_visitor = field.name in ("histories", "opinions", "training", "holdout")
        told = _explained(differing, why) if by_visitor else ""
        if field.name == "popularity":
            told = f"{len(set(list(old)[:20]) & set(list(new)[:20]))} of the first 20 items are the same"
        found.append(
            Difference(field.name, _TOTALS[field.name](old), _TOTALS[field.name](new), len(differing), len(keys), told)
        )
    return found


def _equal(one: Any, other: Any) -> bool:
    """Equal, numbers up to what the order of additions does to them."""
    if isinstance(one, float) and isinstance(other, int | float):
        return abs(one - other) <= 1e-9 * max(1.0, abs(one))
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_equal, one, other))
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_equal(one[key], other[key]) for key in one)
    return bool(one == other)


def _explained(visitors: Collection[str], why: Mapping[str, Collection[str]]) -> str:
    counts = dict.fromkeys([*why, "for no known reason"], 0)
    for visitor_id in visitors:
        counts[next((reason for reason, whom in why.items() if visitor_id in whom), "for no known reason")] += 1
    return ", ".join(f"{count:,} {reason}" for reason, count in counts.items() if count)


_TOTALS: dict[str, Callable[[Any], str]] = {
    "popularity": lambda sums: f"{len(sums):,} items, sum {sum(sums.values()):,.1f}",
    "histories": lambda of: (
        f"{len(of):,} visitors, {sum(map(len, of.values())):,} items, weight "
        f"{sum(weight for rows in of.values() for _, weight in rows):,.0f}"
    ),
    "opinions": lambda of: ", ".join(f"{sum(len(one[name]) for one in of.values()):,} {name}" for name in _OPINIONS),
    "training": lambda of: (
        f"{len(of):,} visitors, {sum(rows for rows, _ in of.values()):,.0f} rows, weight "
        f"{sum(weight for _, weight in of.values()):,.0f}"
    ),
    "holdout": lambda of: f"{len(of):,} visitors, {sum(map(len, of.values())):,} cases",
    "experiment": lambda arms: "; ".join(
        f"{name}: {one['visitors']:,} visitors, {one['impressions']:,} impressions, {one['clicks']:,} clicks, "
        f"{one['uses']:,} uses"
        for name, one in sorted(arms.items())
    ),
    "events": lambda counts: f"{sum(counts.values()):,} in {len(counts)} kinds and origins",
    "lineage": lambda slates: (
        f"{len(slates):,} slates, {sum(len(one['entries']) for one in slates.values()):,} entries"
    ),
}


def table(differences: Collection[Difference]) -> str:
    """As Markdown."""
    lines = ["| reader | before | now | entries that differ | why |", "| --- | --- | --- | --- | --- |"]
    lines += [
        f"| {row.reader} | {row.before} | {row.now} | {row.differing:,} of {row.of:,} | {row.why} |"
        for row in differences
    ]
    return "\n".join(lines)


def main() -> None:
    """Write the figures of a site, or the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.promises.upgrade", description=__doc__)
    parser.add_argument("site", type=Path, help="var folder of a site that is brought up to date")
    parser.add_argument("--before", type=Path, help="figures that the older code took")
    options = parser.parse_args()
    settings = load_settings({}, overrides={"var": options.site})
    now = read_figures(settings)
    if options.before is None:
        json.dump(asdict(now), sys.stdout)
        return
    told = json.loads(options.before.read_text(encoding="utf-8"))
    before = Figures(**{field.name: told[field.name] for field in fields(Figures)})
    print(table(compare(before, now, reasons(settings))))


if __name__ == "__main__":
    main()
