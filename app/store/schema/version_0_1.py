"""Migrations up to version 0.1 of what there is and what is done: the catalog and the traffic."""

from __future__ import annotations

from sqlite_utils import Database

from app.store.schema.migration_set import migrations

_CATALOG = """
CREATE TABLE items (
    item_id TEXT PRIMARY KEY,
    position INTEGER NOT NULL UNIQUE CHECK (position >= 0),
    title TEXT NOT NULL,
    type TEXT NOT NULL,
    style TEXT NOT NULL,
    palette TEXT NOT NULL,
    layout TEXT NOT NULL,
    tags TEXT NOT NULL,
    added_at REAL NOT NULL,
    seed INTEGER NOT NULL,
    year INTEGER
);
CREATE VIRTUAL TABLE items_fts USING fts5 (
    item_id UNINDEXED, title, tags, type, style, tokenize = 'porter unicode61 remove_diacritics 2'
);
CREATE TABLE words (word TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TRIGGER items_inserted AFTER INSERT ON items BEGIN
    INSERT INTO items_fts (item_id, title, tags, type, style)
    VALUES (new.item_id, new.title, new.tags, new.type, new.style);
END;
CREATE TRIGGER items_deleted AFTER DELETE ON items BEGIN
    DELETE FROM items_fts WHERE item_id = old.item_id;
END;
CREATE TRIGGER items_updated AFTER UPDATE ON items BEGIN
    DELETE FROM items_fts WHERE item_id = old.item_id;
    INSERT INTO items_fts (item_id, title, tags, type, style)
    VALUES (new.item_id, new.title, new.tags, new.type, new.style);
END;
"""
# AUTOINCREMENT, not a plain rowid: after an erasure a sequence number must not be given out a second time, or a trainer
# that has read past it would never see the new row.
_TRAFFIC = """
CREATE TABLE visitors (
    visitor_id TEXT PRIMARY KEY,
    created_at REAL NOT NULL,
    arm TEXT NOT NULL CHECK (arm IN ('control', 'treatment')),
    arm_source TEXT NOT NULL CHECK (arm_source IN ('assigned', 'chosen')),
    origin TEXT NOT NULL CHECK (origin IN ('real', 'simulated', 'seed', 'imported')),
    jury INTEGER NOT NULL CHECK (jury IN (0, 1))
);
CREATE TABLE slates (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    slate_id TEXT NOT NULL UNIQUE,
    page_id TEXT NOT NULL,
    visitor_id TEXT NOT NULL REFERENCES visitors,
    shelf TEXT NOT NULL,
    policy TEXT NOT NULL,
    arm TEXT NOT NULL CHECK (arm IN ('control', 'treatment')),
    model_version INTEGER,
    served_at REAL NOT NULL,
    origin TEXT NOT NULL,
    items TEXT NOT NULL,
    sources TEXT NOT NULL,
    propensities TEXT NOT NULL,
    scores TEXT NOT NULL
);
CREATE INDEX slates_by_visitor ON slates (visitor_id);
CREATE TABLE events (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    event_id TEXT NOT NULL UNIQUE,
    visitor_id TEXT NOT NULL REFERENCES visitors,
    item_id TEXT NOT NULL REFERENCES items,
    kind TEXT NOT NULL CHECK (kind IN ('view', 'click', 'like', 'dislike', 'save', 'use')),
    undo INTEGER NOT NULL DEFAULT 0 CHECK (undo IN (0, 1)),
    slate_id TEXT REFERENCES slates (slate_id),
    position INTEGER CHECK (position >= 1),
    received_at REAL NOT NULL,
    client_at REAL,
    client_clamped INTEGER NOT NULL DEFAULT 0 CHECK (client_clamped IN (0, 1)),
    origin TEXT NOT NULL,
    weight REAL
);
CREATE INDEX events_by_visitor ON events (visitor_id);
CREATE INDEX events_history ON events (visitor_id) WHERE kind <> 'view';
CREATE INDEX events_by_slate ON events (slate_id) WHERE slate_id IS NOT NULL;
CREATE INDEX events_positive ON events (item_id) WHERE undo = 0 AND kind IN ('click', 'like', 'save', 'use');
CREATE INDEX events_undone ON events (visitor_id, item_id, kind) WHERE undo = 1;
CREATE TABLE quarantine (
    id INTEGER PRIMARY KEY,
    received_at REAL NOT NULL,
    reason TEXT NOT NULL,
    field TEXT NOT NULL,
    payload TEXT NOT NULL,
    visitor_id TEXT,
    event_id TEXT
);
CREATE UNIQUE INDEX quarantine_once ON quarantine (visitor_id, event_id);
CREATE TABLE erasures (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    erased_at REAL NOT NULL,
    rows INTEGER NOT NULL
);
"""


@migrations()
def m001_catalog(db: Database) -> None:
    """Items, their full-text index, kept in step by triggers, and the whole words that unfinished ones stand for."""
    db.executescript(_CATALOG)


@migrations()
def m002_traffic(db: Database) -> None:
    """Visitors, what they were shown, what they did, what was refused, and what was erased."""
    db.executescript(_TRAFFIC)
