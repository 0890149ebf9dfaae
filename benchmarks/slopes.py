"""What each part of the site takes as events grow: bytes and seconds at several sizes, and the slope between them.

    python -m benchmarks.slopes [--copies 8 24] [--visitors 600] [--postgres URL [--only-postgres]] [--out FOLDER]

Seed's visits of 600 visitors (some 100,000 events with what was shown, folded by the recorder's own fold) go into a new
database in a temporary folder, and are copied there under other ids by plain SQL, as often as asked for: 8 copies are
a million events. At each size: bytes of each table with its indexes; what a trainer that starts takes (reading,
fit, second stage, memory); what an export to Parquet takes; what a web process takes to open, and a visitor whose pages
it has made. --postgres: an empty database, for the bytes there; with --only-postgres nothing else is measured, and what
the file in the folder has of SQLite stays there. Prints a table and writes JSON.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import psutil

from app.cli.first_traffic import seed_traffic
from app.files import make_private_folder
from app.flywheel import Flywheel
from app.learn.training_state import TrainingState
from app.record.filling import store_events
from app.settings import Settings, load_settings
from app.store import Database, Store
from app.store.engines import dialect_of
from app.store.items import insert_items
from app.store.slates import log_slates
from app.store.visitors import ensure_visitor
from app.values.visitor import Visitor
from benchmarks.machine import RESULTS, keep, machine
from benchmarks.spending import measured
from recommender import ALSConfig, FactorModel
from seed_data.history import seed_history
from seed_data.population import Population
from seed_data.templates import load_templates

NOW = 1_700_000_000.0
ASKED = 2_000
"""Visitors whose home page is made in a web process."""
_IDS = frozenset({"visitor_id", "slate_id", "page_id", "event_id", "assigned_id"})
_COPIED = ("visitors", "slates", "events", "interactions")


def fill_first(db: Database, settings: Settings, visitors: int) -> None:
    """The visits that are copied."""
    items = load_templates()
    insert_items(db, items)
    traffic = seed_traffic(seed_history(items, Population(items), visitors=visitors, start_at=NOW), settings)
    for visitor in traffic.visitors:
        ensure_visitor(db, visitor)
    log_slates(db, traffic.slates)
    store_events(db, traffic.events, NOW)


def copy_rows(db: Database, number: int, tops: dict[str, int]) -> None:
    """Write the first copy's rows again, as those of other visitors. tops: see `highest`, of the first copy."""
    dialect = dialect_of(db.conn)
    for table in _COPIED:
        columns = dialect.columns(db.conn, table)
        chosen = []
        for column in columns:
            if column in _IDS:
                chosen.append(f"'{number}-' || {column}")
            elif column in ("seq", "event_seq"):
                own = table if column == "seq" else "events"
                chosen.append(f"{column} + {number * tops[own]}")
            else:
                chosen.append(column)
        number_of = "seq" if "seq" in columns else "rowid"
        first = f"{number_of} <= {tops[table]}"
        db.conn.execute(
            f"INSERT INTO {table} ({', '.join(columns)})"
            f" SELECT {', '.join(chosen)} FROM {table} WHERE {first} ORDER BY {number_of}"
        )


def table_bytes(store: Store) -> dict[str, int]:
    """Bytes of each table with its indexes."""
    conn = store.reader()
    if store.engine.file is not None:
        rows = conn.execute("SELECT name, pgsize FROM dbstat WHERE aggregate = TRUE").fetchall()
        owner = dict(conn.execute("SELECT name, tbl_name FROM sqlite_master").fetchall())
    else:
        tables = conn.execute("SELECT CAST(tablename AS text) FROM pg_tables WHERE schemaname = current_schema()")
        size = "SELECT pg_total_relation_size(CAST(CAST(? AS text) AS regclass))"
        rows = [(name, conn.execute(size, [name]).fetchone()[0]) for (name,) in [tuple(row) for row in tables]]
        owner = {}
    sizes: dict[str, int] = {}
    for name, size in (tuple(row) for row in rows):
        table = owner.get(name, name)
        sizes[table] = sizes.get(table, 0) + int(size)
    return {name: size for name, size in sizes.items() if name in _COPIED}


def counts(store: Store) -> dict[str, int]:
    """Rows of the tables that grow."""
    return {table: store.reader().execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in _COPIED}


def train(settings: Settings) -> None:
    """In a process of its own: what a trainer that starts does, and what it holds then."""
    process = psutil.Process()
    before = process.memory_info().rss
    with Store(settings.database) as store:
        began, busy = time.perf_counter(), time.process_time()
        state = TrainingState(settings, None)
        state.follow(store)
        followed, followed_busy = time.perf_counter() - began, time.process_time() - busy
        model = state.model(store)
        print(json.dumps({
            "follow_wall_s": followed, "follow_cpu_s": followed_busy,
            "all_wall_s": time.perf_counter() - began, "all_cpu_s": time.process_time() - busy,
            "bytes": process.memory_info().rss - before, "rows": state.rows, "items": len(model.item_ids),
        }))  # fmt: skip


def serve(settings: Settings) -> None:
    """In a process of its own: a web process opens, and makes pages for visitors with histories."""
    process = psutil.Process()
    before, began, busy = process.memory_info().rss, time.perf_counter(), time.process_time()
    flywheel = Flywheel(settings)
    flywheel.open()
    opened = {"open_wall_s": time.perf_counter() - began, "open_cpu_s": time.process_time() - busy}
    with Store(settings.database) as store:
        rows = store.reader().execute("SELECT * FROM visitors ORDER BY visitor_id DESC LIMIT ?", [ASKED]).fetchall()
    visitors = [
        Visitor(
            row["visitor_id"], row["created_at"], row["arm"], row["arm_source"], row["origin"], bool(row["holdout"])
        )
        for row in rows
    ]
    for visitor in visitors[:200]:
        flywheel.serve.home(visitor, NOW)
    held, busy = process.memory_info().rss, time.process_time()
    for visitor in visitors[200:]:
        flywheel.serve.home(visitor, NOW)
    asked = len(visitors) - 200
    print(json.dumps({
        **opened, "open_bytes": held - before, "page_cpu_ms": (time.process_time() - busy) / asked * 1000,
        "bytes_a_visitor": (process.memory_info().rss - held) / asked,
    }), flush=True)  # fmt: skip
    os._exit(0)  # as a process that is killed: what its threads are at is nobody's business any more


def model_bytes(folder: Path) -> dict[str, float]:
    """Bytes of a saved model an item, by factors, between 20,000 and 100,000 items; transitions come on top."""
    found = {}
    for factors in (16, 32, 64):
        sizes = []
        for items in (20_000, 100_000):
            rng = np.random.default_rng(items)
            ids = [f"item-{number:08}" for number in range(items)]
            vectors = rng.random((items, factors), dtype=np.float32)
            place = folder / f"{factors}-{items}"
            FactorModel(ids, vectors, np.ones(items, dtype=np.float32), ALSConfig(factors=factors)).save(place)
            sizes.append(sum(path.stat().st_size for path in place.iterdir()))
        found[str(factors)] = round((sizes[1] - sizes[0]) / 80_000, 1)
    return found


def own_process(what: str, settings: Settings) -> dict[str, float]:
    """Run `train` or `serve` in a process of its own."""
    said = Path(settings.var / f"{what}.json")
    cost = measured(["sh", "-c", f"{sys.executable} -m benchmarks.slopes --in-process {what} > {said}"])
    found: dict[str, float] = json.loads(said.read_text().splitlines()[-1])
    return {**found, "most_memory_mb": cost["memory_mb"]}


def at_size(settings: Settings) -> dict[str, Any]:
    """Everything that is measured of one size."""
    with Store(settings.database) as store:
        found: dict[str, Any] = {"rows": counts(store), "bytes": table_bytes(store)}
    if settings.database_url:
        return found
    export = settings.var / "export"
    found["export"] = measured([sys.executable, "-m", "flask", "--app", "app", "export-parquet", str(export)])
    parts = list((export / "interactions").glob("*.parquet"))
    found["export"]["bytes"] = sum(path.stat().st_size for path in parts)
    found["train"] = own_process("train", settings)
    found["serve"] = own_process("serve", settings)
    with Store(settings.database) as store, store.open_writer() as writer:  # the pages that were made are not the data
        writer.run(lambda db: db.conn.execute("DELETE FROM slates WHERE served_at >= ?", [NOW]), 600)
    return found


def highest(db: Database) -> dict[str, int]:
    """The highest number of a row of each table."""
    numbers = {table: "rowid" if table == "visitors" else "seq" for table in _COPIED}
    return {table: db.conn.execute(f"SELECT max({row}) FROM {table}").fetchone()[0] for table, row in numbers.items()}


def grow(settings: Settings, copies: list[int], visitors: int) -> list[dict[str, Any]]:
    """Fill one database to each number of copies in turn, and measure there."""
    sizes: list[dict[str, Any]] = []
    made, tops = 0, dict[str, int]()
    for wanted in copies:
        began = time.perf_counter()
        with Store.create(settings.database) as store, store.open_writer() as writer:
            if not made:
                writer.run(lambda db: fill_first(db, settings, visitors), 600)
                made, tops = 1, writer.run(highest)
            for number in range(made, wanted):
                writer.run(partial(copy_rows, number=number, tops=tops), 600)
            made = wanted
        print(f"filled to {wanted} copies in {time.perf_counter() - began:.0f} s", flush=True)
        sizes.append(at_size(settings))
        print(json.dumps(sizes[-1]), flush=True)
    return sizes


def slopes(sizes: list[dict[str, Any]]) -> dict[str, float]:
    """Growth between the first size and the last, by event, or by what the name says."""
    first, last = sizes[0], sizes[-1]
    more = {table: last["rows"][table] - first["rows"][table] for table in _COPIED}
    found = {
        f"bytes a row of {table}": (last["bytes"][table] - first["bytes"][table]) / more[table] for table in _COPIED
    }
    found["bytes an event, all tables"] = (
        sum(last["bytes"][table] - first["bytes"][table] for table in _COPIED) / more["events"]
    )
    if "train" in last:
        rows = last["train"]["rows"] - first["train"]["rows"]

        def grown(part: str, name: str) -> float:
            return float(last[part][name] - first[part][name])

        found |= {
            "Parquet bytes an interaction": grown("export", "bytes") / more["interactions"],
            "export, processor s a million interactions": grown("export", "cpu_s") / more["interactions"] * 1e6,
            "interactions an event": more["interactions"] / more["events"],
            "training rows an event": rows / more["events"],
            "trainer, bytes a training row": grown("train", "bytes") / rows,
            "trainer, most bytes a training row": grown("train", "most_memory_mb") * 1e6 / rows,
            "trainer, read and fit, processor s a million events": grown("train", "follow_cpu_s")
            / more["events"]
            * 1e6,
            "trainer, all, processor s a million events": grown("train", "all_cpu_s") / more["events"] * 1e6,
            "web process, opening, processor s a million events": grown("serve", "open_cpu_s") / more["events"] * 1e6,
            "web process, bytes an event": grown("serve", "open_bytes") / more["events"],
            "web process, bytes a visitor with pages": last["serve"]["bytes_a_visitor"],
            "home page, processor ms": last["serve"]["page_cpu_ms"],
        }
    return {name: round(value, 2) for name, value in found.items()}


def main() -> None:
    """Measure, print, keep."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--copies", type=int, nargs="+", default=[8, 24])
    parser.add_argument("--visitors", type=int, default=600, help="visitors of the first fill")
    parser.add_argument("--postgres", default="", help="URL of an empty database")
    parser.add_argument("--only-postgres", action="store_true", help="leave SQLite as the folder's file has it")
    parser.add_argument("--out", type=Path, default=RESULTS, help="folder for the JSON (default: benchmarks/results)")
    parser.add_argument("--in-process", choices=("train", "serve"), help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.in_process:
        {"train": train, "serve": serve}[given.in_process](load_settings())
        return
    if given.only_postgres and not given.postgres:
        parser.error("--only-postgres needs --postgres URL, an empty database")
    kept = given.out / "slopes.json"
    result: dict[str, Any] = json.loads(kept.read_text()) if given.only_postgres and kept.is_file() else {}
    engines = [] if given.only_postgres else ["sqlite"]
    with tempfile.TemporaryDirectory() as place:
        if not given.only_postgres:
            result["model, bytes an item by factors"] = model_bytes(Path(place))
        for engine in [*engines, *(["postgres"] if given.postgres else [])]:
            own = {"var": Path(place) / engine, "secret_key": "benchmark"}
            settings = load_settings(
                environment={}, overrides={**own, "database_url": given.postgres if engine == "postgres" else ""}
            )
            make_private_folder(settings.var)
            os.environ |= {"FLYWHEEL_VAR": str(settings.var), "FLYWHEEL_SECRET_KEY": "benchmark"}
            sizes = grow(settings, sorted(given.copies), given.visitors)
            result[engine] = {"machine": machine(), "sizes": sizes, "slopes": slopes(sizes)}
            for name, value in result[engine]["slopes"].items():
                print(f"{engine:9s} {name:55s} {value:>12,.2f}", flush=True)
    print(f"-> {keep('slopes', result, given.out)}")


if __name__ == "__main__":
    main()
