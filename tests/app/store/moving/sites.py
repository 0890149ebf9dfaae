"""A site with rows in every table, and what happens on one while it is being copied."""

from __future__ import annotations

from dataclasses import replace

from app.cli.first_traffic import seed_traffic
from app.record.filling import Traffic, store_events
from app.settings import Settings
from app.store import Database, Writer
from app.store.events import NewEvent
from app.store.measures.hypotheses import Judgement, record_judgement
from app.store.schema.tables import KEYS
from app.store.slates import log_slates
from app.store.visitors import ensure_visitor, erase_visitor
from app.values.item import Item
from app.values.visitor import Visitor
from seed_data.history import seed_history
from seed_data.population import Population
from tests.conftest import NOW

_ONE_OF_EACH = (
    "INSERT INTO words (word) VALUES ('straße'), ('日本'), ('ab'), ('aB')",
    "INSERT INTO merges (merged_id, visitor_id, merged_at) SELECT 'earlier', min(visitor_id), 1.5 FROM visitors",
    "INSERT INTO quarantine (received_at, reason, field, payload, visitor_id, event_id)"
    " VALUES (1.25, 'unbelievable', 'position', '{\"event_id\":  \"x\",\"title\": \"\\u0000\"}', NULL, 'x')",
    "INSERT INTO exclusions (made_at, rule, visitor_id, reason, evidence, by)"
    " SELECT 2.5, 'bot', max(visitor_id), 'fast', '{\"a\": 1.50}', 'test' FROM visitors",
    "INSERT INTO curations (at, change, visitors) VALUES (2.5, 'excluded', 1)",
    "INSERT INTO duplicates (day, origin, events) VALUES ('2026-01-31', 'real', 3), ('2026-01-30', 'seed', 1)",
    "INSERT INTO assignments (since, experiment, control_share) VALUES (0.1, 'for-you', 0.30000000000000004)",
    "INSERT INTO wishes (visitor_id, trait, level, level_before, set_at)"
    " SELECT visitor_id, 'style:retro', -2, 0, 1e-300 FROM visitors",
    "INSERT INTO arrivals (visitor_id, address, arrived_at) SELECT visitor_id, 'digest', created_at FROM visitors",
    "INSERT INTO rules (action, field, value, number, made_at, made_by)"
    " VALUES ('hide', 'style', 'retro', 0, 1, 'test')",
    "INSERT INTO baselines (measured_at, usecase_hash, metric, model, value, cases, visitors, watermark, rows, origin)"
    " VALUES (1, 'hash', 'NDCG@10', 'random', 5e-324, 1, 1, 1, 1, 'real')",
    "INSERT INTO hypotheses (filed_at, statement, model, data, metric, threshold)"
    " VALUES (1, 'it gets better', 'als', 'clicks', 'NDCG@10', 1.7976931348623157e308)",
    "INSERT INTO risk_readings (measured_at, indicator, value, breached)"
    " VALUES (1, 'gini', CAST('-0.0' AS double precision), 0), (2, 'gini', NULL, 1)",
    "INSERT INTO portfolio_runs (measured_at, model, description, value, low, high, gain, gain_low, gain_high, train_s,"
    " recommend_us, rows, cases, visitors, watermark, origin, verdict)"
    " VALUES (1, 'als', 'factors', 0.1, 0.2, 0.3, 0, 0, 0, 1, 1, 1, 1, 1, 9007199254740993, 'real', 'better')",
)

_VISITOR = Visitor("newcomer", NOW, "treatment", "assigned", "real", True)


def seed_copies(writer: Writer, items: list[Item], settings: Settings, visitors: int, copies: int = 1) -> None:
    """Seed's visits of so many simulated visitors, as often as asked for, each time by others: some 200 events each."""
    traffic = seed_traffic(seed_history(items, Population(items), visitors=visitors, start_at=NOW), settings)
    for copy in range(copies):
        writer.run(lambda db, copy=copy: _store_copy(db, traffic, f"{copy}-"), 600)  # type: ignore[misc]


def _store_copy(db: Database, traffic: Traffic, prefix: str) -> None:
    for visitor in traffic.visitors:
        ensure_visitor(db, replace(visitor, visitor_id=prefix + visitor.visitor_id))
    log_slates(
        db,
        [
            replace(
                slate,
                slate_id=prefix + slate.slate_id,
                page_id=prefix + slate.page_id,
                visitor_id=prefix + slate.visitor_id,
            )
            for slate in traffic.slates
        ],
    )
    events = [
        event._replace(
            event_id=prefix + event.event_id,
            visitor_id=prefix + event.visitor_id,
            slate_id=prefix + (event.slate_id or ""),
        )
        for event in traffic.events
    ]
    store_events(db, events, NOW)


def fill_every_table(writer: Writer, items: list[Item], settings: Settings, visitors: int) -> None:
    """Visits of so many visitors, and at least a row in every other table; the highest numbers were given out to rows
    that are gone.
    """
    seed_copies(writer, items, settings, visitors)

    def fill(db: Database) -> None:
        for statement in _ONE_OF_EACH:
            db.execute(statement)
        last = db.execute("SELECT visitor_id FROM events ORDER BY seq DESC LIMIT 1").fetchone()[0]
        erase_visitor(db, last, NOW)
        for table in KEYS:
            assert db.execute(f"SELECT 1 FROM {table} LIMIT 1").fetchone(), table

    writer.run(fill)


def go_on(db: Database, items: list[Item]) -> None:
    """What a site may do between two rounds: append, change, give out an id anew, erase."""
    first, second, third = (row[0] for row in db.execute("SELECT visitor_id FROM visitors ORDER BY rowid LIMIT 3"))
    erase_visitor(db, second, NOW + 1)
    newest = db.execute("SELECT visitor_id FROM visitors ORDER BY rowid DESC LIMIT 1").fetchone()[0]
    erase_visitor(db, newest, NOW + 1)
    ensure_visitor(db, _VISITOR)
    store_events(db, [NewEvent(f"new-{n}", "newcomer", items[n].item_id, "like", NOW, "real") for n in range(9)], NOW)
    # The events of a merge: one is dropped, another takes its id.
    event = db.execute("SELECT max(event_id) FROM events WHERE visitor_id = ?", [third]).fetchone()[0]
    db.execute("DELETE FROM events WHERE visitor_id = ? AND event_id = ?", [third, event])
    db.execute(
        "UPDATE events SET visitor_id = ?, event_id = ? WHERE seq = (SELECT min(seq) FROM events WHERE visitor_id = ?)",
        [third, event, first],
    )
    db.execute("UPDATE visitors SET arm = 'treatment', arm_source = 'chosen' WHERE visitor_id = ?", [first])
    db.execute("UPDATE items SET title = title || ' anew', changed = 7 WHERE position < 3")
    db.execute("UPDATE duplicates SET events = events + 1")
    db.execute("DELETE FROM words WHERE word = 'ab'")
    record_judgement(db, 1, Judgement(NOW, "holds", 0.5, 0.4, 0.6, 1.0, "measured", {"a": 0.1}))
