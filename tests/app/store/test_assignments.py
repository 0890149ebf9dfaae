"""Which rule assigned whom: noted once, and only when it changes."""

from __future__ import annotations

from functools import partial

from app.store import Store, Writer
from app.store.measures.assignments import assigned_since, assignment_changes, note_assignment


def test_the_first_rule_holds_from_the_beginning(store: Store, writer: Writer) -> None:
    assert not writer.run(lambda db: note_assignment(db, "for-you", 0.1, 50.0))
    assert (assignment_changes(store.reader()), assigned_since(store.reader())) == ((), 0.0)


def test_a_restart_with_the_same_rule_is_no_change_and_another_share_or_name_is(store: Store, writer: Writer) -> None:
    rules = [("for-you", 0.1), ("for-you", 0.1), ("for-you", 0.2), ("other", 0.2), ("other", 0.2)]
    changed = [
        writer.run(partial(note_assignment, experiment=name, control_share=share, at=at))
        for at, (name, share) in enumerate(rules, 50)
    ]
    assert changed == [False, False, True, True, False]
    assert (assignment_changes(store.reader()), assigned_since(store.reader())) == ((52.0, 53.0), 53.0)
