"""Migrations up to version 0.1 of what is measured and decided: measures, trials, curation, bets."""

from __future__ import annotations

from sqlite_utils import Database

from app.store.schema.migration_set import migrations

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
