"""Migrations of version 0.3: catalogs of anybody's shop, and kinds of event that the use case names."""

from __future__ import annotations

from sqlite_utils import Database

from app.store.schema.migration_set import migrations

# The full-text index is found by position, which is unique and stays with an item: to find one of its rows by the id of
# the item took reading all of it, so that an upsert of a catalog took time by the square of its size. Items that are on
# no list are not in the index. `changed` numbers the writes of items, so that a running site takes up what is new.
_CATALOG = """
ALTER TABLE items ADD COLUMN image_url TEXT;
ALTER TABLE items ADD COLUMN url TEXT;
ALTER TABLE items ADD COLUMN attributes TEXT NOT NULL DEFAULT '[]';
ALTER TABLE items ADD COLUMN search TEXT NOT NULL DEFAULT '';
ALTER TABLE items ADD COLUMN available INTEGER NOT NULL DEFAULT 1 CHECK (available IN (0, 1));
ALTER TABLE items ADD COLUMN removed INTEGER NOT NULL DEFAULT 0 CHECK (removed IN (0, 1));
ALTER TABLE items ADD COLUMN changed INTEGER NOT NULL DEFAULT 0;
CREATE INDEX items_changed ON items (changed);
DROP TRIGGER items_inserted;
DROP TRIGGER items_deleted;
DROP TRIGGER items_updated;
DELETE FROM items_fts;
INSERT INTO items_fts (rowid, item_id, title, tags, type, style)
    SELECT position, item_id, title, tags, type, style FROM items;
CREATE TRIGGER items_inserted AFTER INSERT ON items WHEN new.available AND NOT new.removed BEGIN
    INSERT INTO items_fts (rowid, item_id, title, tags, type, style)
    VALUES (new.position, new.item_id, new.title, new.tags || ' ' || new.search, new.type, new.style);
END;
CREATE TRIGGER items_deleted AFTER DELETE ON items BEGIN
    DELETE FROM items_fts WHERE rowid = old.position;
END;
CREATE TRIGGER items_updated
AFTER UPDATE OF item_id, position, title, tags, type, style, search, available, removed ON items BEGIN
    DELETE FROM items_fts WHERE rowid = old.position;
    INSERT INTO items_fts (rowid, item_id, title, tags, type, style)
    SELECT new.position, new.item_id, new.title, new.tags || ' ' || new.search, new.type, new.style
    WHERE new.available AND NOT new.removed;
END;
"""


@migrations()
def m015_catalog(db: Database) -> None:
    """What anybody's catalog says of an item, which items are on no list, and a number for each change of one."""
    db.executescript(_CATALOG)


_WISHES = """
CREATE TABLE wishes (
    visitor_id TEXT NOT NULL REFERENCES visitors,
    trait TEXT NOT NULL,
    level INTEGER NOT NULL CHECK (level BETWEEN -2 AND 2),
    level_before INTEGER NOT NULL CHECK (level_before BETWEEN -2 AND 2),
    set_at REAL NOT NULL,
    PRIMARY KEY (visitor_id, trait)
);
"""


@migrations()
def m016_wishes(db: Database) -> None:
    """What visitors asked to see more or less of, beside what they did."""
    db.executescript(_WISHES)


# A CHECK cannot be altered: both tables are made anew with the rows, keys and sequence numbers that they had. Which
# kinds there are is the use case's to say, and the recorder's to check.
_KINDS = """
CREATE TABLE new_events (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    event_id TEXT NOT NULL,
    visitor_id TEXT NOT NULL REFERENCES visitors,
    item_id TEXT NOT NULL REFERENCES items,
    kind TEXT NOT NULL CHECK (kind <> ''),
    undo INTEGER NOT NULL DEFAULT 0 CHECK (undo IN (0, 1)),
    slate_id TEXT REFERENCES slates (slate_id),
    position INTEGER CHECK (position >= 1),
    received_at REAL NOT NULL,
    client_at REAL,
    client_clamped INTEGER NOT NULL DEFAULT 0 CHECK (client_clamped IN (0, 1)),
    origin TEXT NOT NULL,
    weight REAL,
    released INTEGER NOT NULL DEFAULT 0,
    value REAL,
    UNIQUE (visitor_id, event_id)
);
INSERT INTO new_events (seq, event_id, visitor_id, item_id, kind, undo, slate_id, position, received_at, client_at,
                        client_clamped, origin, weight, released)
    SELECT seq, event_id, visitor_id, item_id, kind, undo, slate_id, position, received_at, client_at,
           client_clamped, origin, weight, released FROM events;
UPDATE sqlite_sequence SET seq = (SELECT seq FROM sqlite_sequence WHERE name = 'events') WHERE name = 'new_events';
INSERT INTO sqlite_sequence (name, seq) SELECT 'new_events', seq FROM sqlite_sequence
    WHERE name = 'events' AND NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = 'new_events');
DROP TABLE events;
ALTER TABLE new_events RENAME TO events;
CREATE INDEX events_by_slate ON events (slate_id) WHERE slate_id IS NOT NULL;
CREATE TABLE new_interactions (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    visitor_id TEXT NOT NULL REFERENCES visitors,
    item_id TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind NOT IN ('', 'view')),
    weight REAL NOT NULL,
    held REAL NOT NULL,
    at REAL NOT NULL,
    event_seq INTEGER NOT NULL,
    holdout INTEGER NOT NULL CHECK (holdout IN (0, 1)),
    origin TEXT NOT NULL,
    served INTEGER NOT NULL CHECK (served IN (0, 1)),
    age_s REAL NOT NULL
);
INSERT INTO new_interactions SELECT * FROM interactions;
UPDATE sqlite_sequence SET seq = (SELECT seq FROM sqlite_sequence WHERE name = 'interactions')
    WHERE name = 'new_interactions';
INSERT INTO sqlite_sequence (name, seq) SELECT 'new_interactions', seq FROM sqlite_sequence
    WHERE name = 'interactions' AND NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = 'new_interactions');
DROP TABLE interactions;
ALTER TABLE new_interactions RENAME TO interactions;
CREATE INDEX interactions_by_pair ON interactions (visitor_id, item_id);
CREATE INDEX interactions_raised ON interactions (item_id) WHERE weight > 0;
ALTER TABLE visitors ADD COLUMN assigned_at REAL;
"""


@migrations()
def m016_kinds(db: Database) -> None:
    """Kinds of event that a use case names, what an event was worth, and when a customer was assigned to an arm."""
    db.executescript(_KINDS)


# The seed's random slates were drawn by lot before there was a neutral policy. Events of a version 0.1 database, which
# still wait for their fold, get theirs when they are folded.
_PROPENSITIES = """
ALTER TABLE interactions ADD COLUMN propensity REAL CHECK (propensity > 0 AND propensity <= 1);
UPDATE interactions SET propensity = (
    SELECT json_extract(slates.propensities, '$[' || (events.position - 1) || ']')
    FROM events JOIN slates USING (slate_id)
    WHERE events.seq = interactions.event_seq AND events.undo = 0 AND events.kind = interactions.kind
      AND slates.policy = 'random' AND slates.shelf = 'discover'
) WHERE holdout = 1 AND weight > 0;
ALTER TABLE portfolio_runs ADD COLUMN metric TEXT NOT NULL DEFAULT 'NDCG@10';
"""


@migrations()
def m017_propensities(db: Database) -> None:
    """The chance with which a neutral policy had put an item where somebody chose it: what models are judged by."""
    db.executescript(_PROPENSITIES)


# One number a merge, never given out twice, so that whoever keeps sums of visitors notices each. `assigned_id`: the id
# whose hash had put the visitor into their arm, where a merge brought the assignment along.
_MERGES = """
CREATE TABLE merges (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    merged_id TEXT NOT NULL UNIQUE,
    visitor_id TEXT NOT NULL REFERENCES visitors,
    merged_at REAL NOT NULL
);
CREATE INDEX merges_by_visitor ON merges (visitor_id);
ALTER TABLE visitors ADD COLUMN assigned_id TEXT;
"""


@migrations()
def m018_merges(db: Database) -> None:
    """Ids that visitors had before they were known by another one."""
    db.executescript(_MERGES)


_RULES = """
CREATE TABLE rules (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    action TEXT NOT NULL,
    field TEXT NOT NULL,
    value TEXT NOT NULL,
    number REAL NOT NULL,
    made_at REAL NOT NULL,
    made_by TEXT NOT NULL,
    ended_at REAL,
    ended_by TEXT
);
ALTER TABLE slates ADD COLUMN rules TEXT;
"""


@migrations()
def m019_rules(db: Database) -> None:
    """Business rules, and which of them shaped a slate."""
    db.executescript(_RULES)


@migrations()
def m020_removed_rules(db: Database) -> None:
    """Which of the rules that have ended are no longer listed; they stay on record, because slates name them."""
    db.executescript("ALTER TABLE rules ADD COLUMN removed INTEGER NOT NULL DEFAULT 0 CHECK (removed IN (0, 1))")


@migrations()
def m021_several_processes(db: Database) -> None:
    """What web processes tell each other, where there may be several: nothing on SQLite."""
