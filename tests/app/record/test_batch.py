"""The shape of a batch: what fits is taken, and what does not is named, all of it, in plain words."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, strategies
from hypothesis import settings as hypothesis_settings

from app.record import KINDS, EventBatch, EventBatchError, parse_batch
from app.settings import Settings, load_settings

SETTINGS: Settings = load_settings(environment={}, overrides={"max_event_batch": 5, "max_body_kib": 2})
GOOD = {"event_id": "e-1", "kind": "click", "item_id": "item-001"}

short_texts = strategies.text(max_size=9)
scalars = strategies.none() | strategies.booleans() | strategies.integers() | strategies.floats() | short_texts
json_values = strategies.recursive(
    scalars,
    lambda inner: strategies.lists(inner, max_size=3) | strategies.dictionaries(short_texts, inner, max_size=3),
    max_leaves=9,
)
good_events = strategies.fixed_dictionaries(
    {
        "event_id": strategies.text("abc-é", min_size=1, max_size=64),
        "kind": strategies.sampled_from(KINDS),
        "item_id": strategies.text("xyz/", min_size=1, max_size=20),
    },
    optional={
        "slate_id": strategies.none() | strategies.text("s1", min_size=1, max_size=20),
        "position": strategies.none() | strategies.integers(1, 1000),
        "undo": strategies.booleans(),
        "client_time": strategies.none() | strategies.floats(-1e12, 1e12),
    },
)


def parse(value: Any) -> EventBatch:
    return parse_batch(json.dumps(value).encode(), SETTINGS)


def problems(raw: bytes) -> dict[str, str]:
    """Pointer to sentence, for a batch that must be refused."""
    with pytest.raises(EventBatchError) as refused:
        parse_batch(raw, SETTINGS)
    return {problem.pointer: problem.detail for problem in refused.value.problems}


def test_what_is_left_out_has_its_default() -> None:
    (event,) = parse({"events": [GOOD]}).events
    assert (event.slate_id, event.position, event.undo, event.client_time) == (None, None, False, None)


def test_an_empty_batch_is_a_batch() -> None:
    assert parse({"events": []}).events == []


def test_every_problem_is_named_with_its_place_and_value() -> None:
    events = [
        GOOD | {"kind": "stare"},
        GOOD,
        {"event_id": "", "kind": "like", "item_id": 7, "position": 0},
        GOOD | {"undo": "yes", "client_time": "noon", "a/b~c": 1, "position": 1.5},
        "click",
    ]
    raw = json.dumps({"events": events, "visitor": "me"}).encode()
    assert problems(raw) == {
        "/events/0/kind": "must be one of view, click, like, dislike, save, use",
        "/events/2/event_id": "must not be empty",
        "/events/2/item_id": "must be a text",
        "/events/2/position": "must be at least 1",
        "/events/3/undo": "must be true or false",
        "/events/3/client_time": "must be a number",
        "/events/3/a~1b~0c": "this field is not known; leave it out",
        "/events/3/position": "must be a whole number",
        "/events/4": "must be an object",
        "/visitor": "this field is not known; leave it out",
    }
    with pytest.raises(EventBatchError) as refused:
        parse_batch(raw, SETTINGS)
    assert {problem.value for problem in refused.value.problems} >= {"stare", "7", "0", "noon", "me", "click"}


@pytest.mark.parametrize("raw", [b"", b"{", b"\xff\xfe", b'{"events": [}', b'{"events": [{"event_id": "\\ud800"}]}'])
def test_what_is_not_json_is_said_to_be_so(raw: bytes) -> None:
    assert problems(raw)[""].startswith("this is not JSON")


@pytest.mark.parametrize(
    ("raw", "pointer"), [(b"[]", ""), (b"null", ""), (b"{}", "/events"), (b'{"events": {}}', "/events")]
)
def test_json_of_another_shape_is_refused(raw: bytes, pointer: str) -> None:
    assert list(problems(raw)) == [pointer]


@pytest.mark.parametrize("time", ["NaN", "Infinity", "-Infinity", "1e999"])
def test_a_time_that_is_no_number_is_refused(time: str) -> None:
    raw = json.dumps({"events": [GOOD | {"client_time": 0}]}).replace('"client_time": 0', f'"client_time": {time}')
    assert problems(raw.encode())


@pytest.mark.parametrize(("written", "read"), [("3", 3), ("3.0", 3), ("3e0", 3), ("1e6", 1_000_000)])
def test_a_whole_position_may_be_written_like_any_number(written: str, read: int) -> None:
    raw = json.dumps({"events": [GOOD | {"position": -7}]}).replace('"position": -7', f'"position": {written}')
    assert parse_batch(raw.encode(), SETTINGS).events[0].position == read


@pytest.mark.parametrize("written", ["3.5", "0", "0.0", "-1.0", "1e300", "1e7", '"3"', "true"])
def test_a_position_that_is_none_is_refused(written: str) -> None:
    raw = json.dumps({"events": [GOOD | {"position": -7}]}).replace('"position": -7', f'"position": {written}')
    assert problems(raw.encode())


def test_too_many_events_are_counted_and_not_looked_at() -> None:
    with pytest.raises(EventBatchError, match="6 events came at once and at most 5 may") as refused:
        parse({"events": ["nonsense"] * 6})
    assert [problem.pointer for problem in refused.value.problems] == ["/events"]
    assert not refused.value.too_large
    assert len(parse({"events": [GOOD] * 5}).events) == 5


def test_too_many_bytes_are_refused_before_they_are_read() -> None:
    with pytest.raises(EventBatchError, match="at most 2 KiB") as refused:
        parse_batch(b" " * 2049, SETTINGS)
    assert refused.value.too_large


def test_a_flood_of_problems_is_cut_and_counted() -> None:
    settings = load_settings(environment={}, overrides={"max_event_batch": 500})
    with pytest.raises(EventBatchError) as refused:
        parse_batch(json.dumps({"events": [{}] * 200}).encode(), settings)
    assert len(refused.value.problems) == 101
    assert refused.value.problems[-1].detail == "500 further problems are not listed"


def test_a_long_value_is_shortened_in_the_problem() -> None:
    with pytest.raises(EventBatchError) as refused:
        parse({"events": [GOOD | {"kind": "x" * 1000}]})
    assert refused.value.problems[0].value == "x" * 79 + "…"


@given(events=strategies.lists(good_events, max_size=5))
@hypothesis_settings(deadline=None)
def test_every_well_formed_batch_is_taken_as_it_is(events: list[dict[str, Any]]) -> None:
    settings = load_settings(environment={}, overrides={"max_event_batch": 5})
    batch = parse_batch(json.dumps({"events": events}).encode(), settings)
    assert [event.model_dump(exclude_unset=True) for event in batch.events] == events


@given(value=json_values)
@hypothesis_settings(deadline=None)
def test_any_other_json_is_refused_with_pointers_that_lead_somewhere(value: Any) -> None:
    found = problems(json.dumps({"events": [GOOD, value]}).encode())
    assert found
    assert all(pointer.startswith("/events/1") and detail for pointer, detail in found.items())


@given(raw=strategies.binary(max_size=80))
@hypothesis_settings(deadline=None)
def test_any_bytes_that_are_no_json_are_refused(raw: bytes) -> None:
    assert problems(b"\xff" + raw)[""].startswith("this is not JSON")
