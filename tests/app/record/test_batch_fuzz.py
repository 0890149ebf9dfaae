"""Whatever bytes a client sends, they are a batch that can be stored or a list of problems that can be sent back."""

from __future__ import annotations

import json
import math
import random
from collections import Counter
from dataclasses import asdict

import pytest

from app.record import EventBatch, EventBatchError, parse_batch
from app.settings import Settings, load_settings
from tests.mutations import mutated

SETTINGS: Settings = load_settings(environment={}, overrides={"max_event_batch": 5, "max_body_kib": 2})
WHOLE = tuple(
    json.dumps({"events": events}).encode()
    for events in (
        [],
        [{"event_id": "e-1", "kind": "click", "item_id": "item-001"}],
        [
            {"event_id": "é", "kind": "view", "item_id": "x/y", "slate_id": "s", "position": 3, "client_time": 1.7e9},
            {"event_id": "f", "kind": "like", "item_id": "z", "undo": True, "slate_id": None},
        ],
    )
)
TOKENS = (
    b"NaN", b"Infinity", b"-Infinity", b"1e999", b"-1e999", b"1e308", b"-0", b"9" * 400, b"1" + b"0" * 30, b"null",
    b"true", b"{}", b"[]", b"[" * 300, b'{"a":' * 300, b'"', b"\\", b'"\\ud800"', b'"\\udc00\\ud800"', b'"\\u0000"',
    b"\x00", b"\xff", b"\xc3", b"\xed\xa0\x80", b"\xef\xbb\xbf", b'"events":', b'"kind":', b'"undo":', b",", b":", b"}",
    b"]", b'"position":1e2', b'"position":0', b'"client_time":-1e300', b'"item_id":"' + b"i" * 201 + b'"', b'"~/":1',
    b"/* */", b"'", b" ", b"\xe2\x80\xa8",
)  # fmt: skip


def damaged(rng: random.Random) -> bytes:
    """A sound batch with some changes; now and then one that is too long, or bytes of any kind."""
    whole, chance = rng.choice(WHOLE), rng.random()
    if chance < 0.02:
        return rng.randbytes(rng.randrange(80))
    return mutated(whole if chance < 0.98 else whole.replace(b"]", b" " * 2_000 + b"]"), rng, TOKENS)


def fuzz(inputs: int, seed: int) -> Counter[str]:
    """Parse so many inputs; how many were taken, refused, and refused for their size."""
    rng, ends = random.Random(seed), Counter[str]()
    for _ in range(inputs):
        ends[end(damaged(rng))] += 1
    return ends


def end(raw: bytes) -> str:
    """What becomes of one input."""
    try:
        batch = parse_batch(raw, SETTINGS)
    except EventBatchError as error:
        refusal = error
    else:
        check_taken(batch)
        assert EventBatch.model_validate_json(raw).model_dump() == batch.model_dump(), "read by the other model as well"
        return "taken"
    sent = json.dumps([asdict(problem) for problem in refusal.problems], ensure_ascii=False, allow_nan=False)
    assert sent.encode()
    assert 0 < len(refusal.problems) <= 101
    assert str(refusal).encode()
    return "too large" if refusal.too_large else "refused"


def check_taken(batch: EventBatch) -> None:
    """Everything in a batch can be written into a database and sent on."""
    assert len(batch.events) <= 5
    for event in batch.events:
        assert event.event_id.encode()
        assert event.item_id.encode()
        assert event.client_time is None or math.isfinite(event.client_time)
        assert event.position is None or 1 <= event.position <= 1_000_000
    assert batch.model_dump_json().encode()


def test_two_thousand_damaged_batches_are_taken_or_refused() -> None:
    ends = fuzz(2_000, seed=7)
    assert min(ends["taken"], ends["refused"]) >= 100
    assert ends["too large"] > 0


@pytest.mark.slow
def test_a_million_damaged_batches_are_taken_or_refused() -> None:
    assert fuzz(1_000_000, seed=8).total() == 1_000_000
