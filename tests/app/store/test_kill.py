"""What was acknowledged survives SIGKILL, whenever it comes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import app.store
from app.store import Store
from app.store.health import check_integrity
from app.store.visitors import ensure_visitor
from app.values.database_address import Address, PostgresAddress
from app.values.visitor import Visitor

ROUNDS = 4
ROOT = Path(app.store.__file__).parents[2]

WRITE_FOR_EVER = """
import itertools, sys, threading
from pathlib import Path
from app.store import Store
from app.store.events import NewEvent, insert_events
from app.values.database_address import PostgresAddress

url = sys.argv[1]
address = PostgresAddress(url, Path(sys.argv[3])) if url.startswith("postgresql:") else Path(url)
writer = Store(address).open_writer(group_commit_ms=1)
printing = threading.Lock()

def work(name):
    for number in itertools.count():
        event_id = f"{sys.argv[2]}-{name}-{number}"
        event = NewEvent(event_id, "visitor-1", "item-000", "click", 0.0, "real")
        writer.run(lambda db: insert_events(db, [event]))
        with printing:
            sys.stdout.write(event_id + "\\n")
            sys.stdout.flush()

for name in range(4):
    threading.Thread(target=work, args=(name,), daemon=True).start()
threading.Event().wait()
"""


def test_no_acknowledged_event_is_lost_when_the_process_is_killed(database: Address, visitor: Visitor) -> None:
    with Store(database) as store, store.open_writer() as writer:
        writer.run(lambda db: ensure_visitor(db, visitor))
    acknowledged: set[str] = set()
    for round_number in range(ROUNDS):
        place = [str(database), str(round_number)]
        if isinstance(database, PostgresAddress):
            place = [database.url, str(round_number), str(database.folder)]
        command = [sys.executable, "-c", WRITE_FOR_EVER, *place]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT)
        assert process.stdout is not None
        try:
            for _ in range(20 + 7 * round_number):
                acknowledged.add(process.stdout.readline().strip())
        finally:
            process.kill()
            rest = process.stdout.read()
            process.stdout.close()
            process.wait()
        # The last line may have been cut by the kill; an id that was cut is not an acknowledgement.
        acknowledged.update(line.strip() for line in rest.splitlines(keepends=True) if line.endswith("\n"))
        with Store(database) as store:
            stored = {row[0] for row in store.reader().execute("SELECT event_id FROM events")}
            assert acknowledged <= stored
            assert check_integrity(store.reader()).startswith("60 items, 1 visitor,")
    assert len(acknowledged) >= 20 * ROUNDS
    with Store(database) as store, store.open_writer() as writer:
        assert writer.checkpoint(), "a later writer takes over"
