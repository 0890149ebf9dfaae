"""Migrations of version 0.2: erasure, assignments, images, interactions, arrivals."""

from __future__ import annotations

from sqlite_utils import Database

from app.store.schema.migration_set import migrations

_TOMBSTONES = """
CREATE TABLE tombstones (
    digest BLOB PRIMARY KEY,
    erased_at REAL NOT NULL
) WITHOUT ROWID;
"""


@migrations()
def m009_tombstones(db: Database) -> None:
    """Keyed hashes of the ids of erased visitors, so that nothing on its way brings one back."""
    db.executescript(_TOMBSTONES)


_ASSIGNMENTS = """
CREATE TABLE assignments (
    id INTEGER PRIMARY KEY,
    since REAL NOT NULL,
    experiment TEXT NOT NULL,
    control_share REAL NOT NULL
);
"""


@migrations()
def m010_assignments(db: Database) -> None:
    """By which rule visitors were assigned to arms, and since when."""
    db.executescript(_ASSIGNMENTS)


# Pictures are set for a whole catalog, and to find a row of the full-text index by its item takes reading the index:
# the trigger now fires only for what the index holds.
_IMAGES = """
ALTER TABLE items ADD COLUMN image TEXT;
ALTER TABLE items ADD COLUMN image_width INTEGER CHECK (image_width > 0);
ALTER TABLE items ADD COLUMN image_height INTEGER CHECK (image_height > 0);
DROP TRIGGER items_updated;
CREATE TRIGGER items_updated AFTER UPDATE OF item_id, title, tags, type, style ON items BEGIN
    DELETE FROM items_fts WHERE item_id = old.item_id;
    INSERT INTO items_fts (item_id, title, tags, type, style)
    VALUES (new.item_id, new.title, new.tags, new.type, new.style);
END;
"""


@migrations()
def m011_images(db: Database) -> None:
    """Which picture an item has, and its size, which a page reserves before the picture is there."""
    db.executescript(_IMAGES)


# The old events are set aside and move over in chunks, each folded as it moves: see app/record/backfill.py. Their new
# table has the key that clients can keep, an id of their own for each event of a visitor; its index finds the rows of a
# visitor as well. A sequence number goes on where the old table stopped: a number is never given out twice.
_INTERACTIONS = """
DROP INDEX events_by_visitor;
DROP INDEX events_history;
DROP INDEX events_by_slate;
DROP INDEX events_positive;
DROP INDEX events_undone;
ALTER TABLE events RENAME TO events_before;
CREATE TABLE events (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    event_id TEXT NOT NULL,
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
    weight REAL,
    released INTEGER NOT NULL DEFAULT 0,
    UNIQUE (visitor_id, event_id)
);
CREATE INDEX events_by_slate ON events (slate_id) WHERE slate_id IS NOT NULL;
INSERT INTO sqlite_sequence (name, seq) SELECT 'events', seq FROM sqlite_sequence WHERE name = 'events_before';
CREATE TABLE interactions (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    visitor_id TEXT NOT NULL REFERENCES visitors,
    item_id TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('click', 'like', 'dislike', 'save', 'use')),
    weight REAL NOT NULL,
    held REAL NOT NULL,
    at REAL NOT NULL,
    event_seq INTEGER NOT NULL,
    holdout INTEGER NOT NULL CHECK (holdout IN (0, 1)),
    origin TEXT NOT NULL,
    served INTEGER NOT NULL CHECK (served IN (0, 1)),
    age_s REAL NOT NULL
);
CREATE INDEX interactions_by_pair ON interactions (visitor_id, item_id);
CREATE INDEX interactions_raised ON interactions (item_id) WHERE weight > 0;
"""


@migrations()
def m012_interactions(db: Database) -> None:
    """What stands of every visitor's events as signed rows, and event ids that are unique for their visitor."""
    db.executescript(_INTERACTIONS)
    if not db.conn.execute("SELECT 1 FROM events_before LIMIT 1").fetchone():
        db.conn.execute("DROP TABLE events_before")


_ARRIVALS = """
CREATE TABLE arrivals (
    visitor_id TEXT PRIMARY KEY REFERENCES visitors,
    address TEXT NOT NULL,
    arrived_at REAL NOT NULL
) WITHOUT ROWID;
CREATE INDEX arrivals_by_time ON arrivals (arrived_at);
"""


@migrations()
def m013_arrivals(db: Database) -> None:
    """Newcomers of the last day with a digest of their address, so that a crowd from one is seen."""
    db.executescript(_ARRIVALS)


@migrations()
def m014_plain_names(db: Database) -> None:
    """Two columns take the names of the field; views and triggers that name them follow by themselves."""
    db.conn.execute("ALTER TABLE visitors RENAME COLUMN jury TO holdout")
    db.conn.execute("ALTER TABLE hypotheses RENAME COLUMN most_train_s TO max_train_s")
