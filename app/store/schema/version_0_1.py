"""Migrations up to version 0.1: catalog, traffic, measures, trials, curation, bets."""

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
