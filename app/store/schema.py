"""The schema of the event database, as ordered migrations; each is applied and recorded in one transaction.

A migration that has been published is never edited: what changes later is a further function at the end.
"""

from __future__ import annotations

from sqlite_utils import Database, Migrations

migrations = Migrations("events")


def schema_changes() -> list[str]:
    """Names of all migrations that this code knows, in order."""
    with Database(memory=True, execute_plugins=False) as empty:
        return [migration.name for migration in migrations.pending(empty)]


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

_MEASURES = """
CREATE TABLE baselines (
    id INTEGER PRIMARY KEY,
    measured_at REAL NOT NULL,
    usecase_hash TEXT NOT NULL,
    metric TEXT NOT NULL,
    model TEXT NOT NULL CHECK (model IN ('popularity', 'random')),
    value REAL NOT NULL,
    low REAL,
    high REAL,
    cases INTEGER NOT NULL,
    visitors INTEGER NOT NULL,
    watermark INTEGER NOT NULL,
    rows INTEGER NOT NULL,
    origin TEXT NOT NULL
);
CREATE TABLE hypotheses (
    id INTEGER PRIMARY KEY,
    filed_at REAL NOT NULL,
    statement TEXT NOT NULL,
    model TEXT NOT NULL,
    data TEXT NOT NULL,
    metric TEXT NOT NULL,
    threshold REAL NOT NULL,
    judged_at REAL,
    value REAL,
    low REAL,
    high REAL,
    verdict TEXT CHECK (verdict IN ('holds', 'fails', 'open')),
    note TEXT
);
CREATE TABLE risk_readings (
    id INTEGER PRIMARY KEY,
    measured_at REAL NOT NULL,
    indicator TEXT NOT NULL,
    value REAL,
    threshold REAL,
    breached INTEGER NOT NULL CHECK (breached IN (0, 1)),
    note TEXT
);
CREATE INDEX risk_readings_by_indicator ON risk_readings (indicator, measured_at);
"""

_TRIALS = """
ALTER TABLE slates ADD COLUMN teams TEXT;
ALTER TABLE slates ADD COLUMN challenger_version INTEGER;
CREATE INDEX slates_by_challenger ON slates (challenger_version) WHERE challenger_version IS NOT NULL;
CREATE INDEX slates_for_you ON slates (seq) WHERE shelf = 'for-you' AND model_version IS NOT NULL;
"""

# Curations only grow, so that whoever remembers the newest number notices every change of the exclusions.
_CURATION = """
ALTER TABLE risk_readings ADD COLUMN state TEXT NOT NULL DEFAULT 'unknown';
ALTER TABLE quarantine ADD COLUMN state TEXT NOT NULL DEFAULT 'held';
ALTER TABLE quarantine ADD COLUMN settled_at REAL;
ALTER TABLE quarantine ADD COLUMN settled_by TEXT;
ALTER TABLE quarantine ADD COLUMN settled_reason TEXT;
CREATE INDEX quarantine_by_time ON quarantine (received_at);
ALTER TABLE events ADD COLUMN released INTEGER NOT NULL DEFAULT 0;
CREATE TABLE duplicates (
    day TEXT NOT NULL,
    origin TEXT NOT NULL,
    events INTEGER NOT NULL,
    PRIMARY KEY (day, origin)
) WITHOUT ROWID;
CREATE TABLE exclusions (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    made_at REAL NOT NULL,
    rule TEXT NOT NULL,
    visitor_id TEXT NOT NULL REFERENCES visitors,
    reason TEXT NOT NULL,
    evidence TEXT NOT NULL,
    by TEXT NOT NULL,
    lifted_at REAL,
    lifted_by TEXT,
    lifted_reason TEXT
);
CREATE UNIQUE INDEX exclusions_in_force ON exclusions (visitor_id) WHERE lifted_at IS NULL;
CREATE INDEX exclusions_by_visitor ON exclusions (visitor_id);
CREATE TABLE curations (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    at REAL NOT NULL,
    change TEXT NOT NULL CHECK (change IN ('excluded', 'lifted')),
    visitors INTEGER NOT NULL
);
"""

# A CHECK cannot be altered: the table is made anew with the rows that it had.
_SITE_BASELINE = """
CREATE TABLE new_baselines (
    id INTEGER PRIMARY KEY,
    measured_at REAL NOT NULL,
    usecase_hash TEXT NOT NULL,
    metric TEXT NOT NULL,
    model TEXT NOT NULL CHECK (model IN ('popularity', 'random', 'site')),
    value REAL NOT NULL,
    low REAL,
    high REAL,
    cases INTEGER NOT NULL,
    visitors INTEGER NOT NULL,
    watermark INTEGER NOT NULL,
    rows INTEGER NOT NULL,
    origin TEXT NOT NULL,
    detail TEXT NOT NULL DEFAULT ''
);
INSERT INTO new_baselines (id, measured_at, usecase_hash, metric, model, value, low, high, cases, visitors, watermark,
                           rows, origin)
    SELECT id, measured_at, usecase_hash, metric, model, value, low, high, cases, visitors, watermark, rows, origin
    FROM baselines;
DROP TABLE baselines;
ALTER TABLE new_baselines RENAME TO baselines;
"""


@migrations()
def m001_catalog(db: Database) -> None:
    """Items, their full-text index, kept in step by triggers, and the whole words that unfinished ones stand for."""
    db.executescript(_CATALOG)


@migrations()
def m002_traffic(db: Database) -> None:
    """Visitors, what they were shown, what they did, what was refused, and what was erased."""
    db.executescript(_TRAFFIC)


@migrations()
def m003_measures(db: Database) -> None:
    """Baselines, hypotheses and readings of the risk indicators."""
    db.executescript(_MEASURES)


@migrations()
def m004_trials(db: Database) -> None:
    """Which side of a trial put each entry on a slate."""
    db.executescript(_TRIALS)


@migrations()
def m005_curation(db: Database) -> None:
    """Exclusions of visitors, what became of quarantined events, duplicates received, and the state of a reading."""
    db.executescript(_CURATION)


_BETS = """
ALTER TABLE hypotheses ADD COLUMN filed_by TEXT NOT NULL DEFAULT 'unknown';
ALTER TABLE hypotheses ADD COLUMN deadline REAL NOT NULL DEFAULT 0;
ALTER TABLE hypotheses ADD COLUMN most_train_s REAL;
ALTER TABLE hypotheses ADD COLUMN train_s REAL;
ALTER TABLE hypotheses ADD COLUMN evidence TEXT;
CREATE TRIGGER hypotheses_stay BEFORE DELETE ON hypotheses BEGIN
    SELECT RAISE(ABORT, 'a hypothesis is never deleted: a failed one is what was learned');
END;
CREATE TRIGGER claims_stay
BEFORE UPDATE OF filed_at, filed_by, statement, model, data, metric, threshold, deadline, most_train_s ON hypotheses
BEGIN
    SELECT RAISE(ABORT, 'a claim is never reworded once it is filed: file another');
END;
CREATE TRIGGER verdicts_stay BEFORE UPDATE ON hypotheses WHEN old.verdict IN ('holds', 'fails') BEGIN
    SELECT RAISE(ABORT, 'a verdict is final: file the claim again to have it judged on newer data');
END;
CREATE TABLE portfolio_runs (
    id INTEGER PRIMARY KEY,
    measured_at REAL NOT NULL,
    model TEXT NOT NULL,
    description TEXT NOT NULL,
    value REAL NOT NULL,
    low REAL NOT NULL,
    high REAL NOT NULL,
    gain REAL NOT NULL,
    gain_low REAL NOT NULL,
    gain_high REAL NOT NULL,
    train_s REAL NOT NULL,
    recommend_us REAL NOT NULL,
    rows INTEGER NOT NULL,
    cases INTEGER NOT NULL,
    visitors INTEGER NOT NULL,
    watermark INTEGER NOT NULL,
    origin TEXT NOT NULL,
    verdict TEXT NOT NULL
);
"""


@migrations()
def m006_bets(db: Database) -> None:
    """Claims with a date, a price and evidence, which nobody can take back, and the portfolio of models."""
    db.executescript(_BETS)


@migrations()
def m007_site_baseline(db: Database) -> None:
    """Baselines of the site as it is: by policy, origin and metric, so what was measured is no longer a short list."""
    db.executescript(_SITE_BASELINE)


_TO_CHAMPION = """
ALTER TABLE portfolio_runs ADD COLUMN champion INTEGER;
ALTER TABLE portfolio_runs ADD COLUMN to_champion REAL;
ALTER TABLE portfolio_runs ADD COLUMN to_champion_low REAL;
ALTER TABLE portfolio_runs ADD COLUMN to_champion_high REAL;
"""


@migrations()
def m008_to_champion(db: Database) -> None:
    """What each model of the portfolio differs by from the one that the site used; unknown for runs before this."""
    db.executescript(_TO_CHAMPION)


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
