"""The shape of a batch of events as clients send it, and every way in which it can be wrong."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
    create_model,
    field_validator,
)
from pydantic_core import ErrorDetails, PydanticCustomError

from app.settings import Settings
from app.values.kind import BUILT_IN, Kinds

KINDS = tuple(BUILT_IN)
"""Kinds of event that every site records; a use case may add others."""

MAX_EVENT_VALUE = 1e12
MAX_EVENT_TIME = 4_102_444_800.0
"""The year 2100, in Unix seconds."""

_UNKNOWN_KIND, _NO_VALUE = "unknown_kind", "value_of_kind"
_MAX_PROBLEMS = 100
_MAX_ID_CHARACTERS = 200
_MAX_VALUE_CHARACTERS = 80
_MAX_POSITION = 1_000_000


def whole_number(value: Any) -> Any:
    """JSON knows one kind of number, and JSON Schema calls 3.0 an integer: some programs write 3 like that."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _kinds(info: ValidationInfo) -> Kinds:
    """The kinds of the use case; without one, those that every site records."""
    kinds: Kinds = (info.context or {}).get("kinds", BUILT_IN)
    return kinds


def _known_kind(kind: str, info: ValidationInfo) -> str:
    kinds = _kinds(info)
    if kind not in kinds:
        raise PydanticCustomError(_UNKNOWN_KIND, "must be one of {kinds}", {"kinds": ", ".join(kinds)})
    return kind


def _fitting_value(value: float | None, info: ValidationInfo) -> float | None:
    """Whether an event carries a value as its kind does."""
    kind = _kinds(info).get(info.data.get("kind", ""))
    if kind is None:
        return value
    if value is None and kind.value:
        name, carried = kind.name, kind.value
        raise PydanticCustomError(
            _NO_VALUE, "must be given: {name} carries {carried}", {"name": name, "carried": carried}
        )
    if value is not None and not kind.value:
        raise PydanticCustomError(_NO_VALUE, "must be left out: {name} carries no value", {"name": kind.name})
    return value


class Event(BaseModel):
    """One thing that a visitor did. `event_id` is made by the client, so that sending it twice counts once.

    position: place in the slate `slate_id`, from 1. undo: takes back the earlier events of that kind on that item.
    client_time: Unix seconds by the client's clock. at: when it happened (Unix seconds), of what is told afterwards
    and counts as of then. value: for a kind that carries one, such as a price.
    """

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)

    event_id: Annotated[str, Field(min_length=1, max_length=64)]
    kind: Annotated[str, AfterValidator(_known_kind)]
    item_id: Annotated[str, Field(min_length=1, max_length=_MAX_ID_CHARACTERS)]
    slate_id: Annotated[str, Field(min_length=1, max_length=_MAX_ID_CHARACTERS)] | None = None
    position: Annotated[int, BeforeValidator(whole_number), Field(ge=1, le=_MAX_POSITION)] | None = None
    undo: bool = False
    client_time: float | None = None
    at: Annotated[float, Field(ge=0, le=MAX_EVENT_TIME)] | None = None
    value: Annotated[
        Annotated[float, Field(ge=-MAX_EVENT_VALUE, le=MAX_EVENT_VALUE)] | None,
        AfterValidator(_fitting_value),
        Field(validate_default=True),
    ] = None


class EventBatch(BaseModel):
    """Events that came together, in the order in which they happened."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    events: list[Event]

    @property
    def told_at(self) -> list[float]:
        """When those events happened that tell it, Unix seconds; empty for a batch of now."""
        return [event.at for event in self.events if event.at is not None]


class _ExaminedBatch(EventBatch):
    """A batch of which everything that is wrong is found and named."""

    @field_validator("events", mode="before")
    @classmethod
    def _refuse_too_many(cls, events: Any, info: ValidationInfo) -> Any:
        maximum = (info.context or {}).get("max_events")
        if maximum is not None and isinstance(events, list) and len(events) > maximum:
            raise PydanticCustomError(
                "too_many_events",
                "{count} events came at once and at most {maximum} may; send several batches",
                {"count": len(events), "maximum": maximum},
            )
        return events


@lru_cache(maxsize=8)
def _sound_batch(kinds: tuple[str, ...], maximum: int) -> type[EventBatch]:
    """A model that takes nearly every sound batch, and no other, in less than half the time: no step of it is Python's.
    What it does not take may still be sound, such as a position that is written 3.0.
    """
    kind: Any = Literal[kinds]
    event = create_model(
        "SoundEvent",
        __base__=Event,
        kind=(kind, ...),
        position=(Annotated[int, Field(ge=1, le=_MAX_POSITION)] | None, None),
        value=(Annotated[float, Field(ge=-MAX_EVENT_VALUE, le=MAX_EVENT_VALUE)] | None, None),
    )
    listed: Any = Annotated[list[event], Field(max_length=maximum)]  # type: ignore[valid-type]
    return create_model("SoundBatch", __base__=EventBatch, events=(listed, ...))


def _values_fit(batch: EventBatch, kinds: Kinds) -> bool:
    """Whether the events of kinds that carry a value have one, and no others do."""
    return all((event.value is None) != bool(kinds[event.kind].value) for event in batch.events)


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with a batch: where (an RFC 6901 JSON pointer), what, and the value as far as it is short."""

    pointer: str
    detail: str
    value: str | None = None


class EventBatchError(ValueError):
    """A batch is malformed and nothing of it was stored; `problems` names everything that is wrong with it.

    too_large: whether it was refused for its bytes, before anything was read. unprocessable: whether all is well
    formed, and only kinds or values are not those of the use case.
    """

    def __init__(self, problems: list[Problem], too_large: bool = False, unprocessable: bool = False) -> None:
        self.problems = problems
        self.too_large = too_large
        self.unprocessable = unprocessable
        first = problems[0]
        more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
        super().__init__(f"{first.pointer or 'the batch'}: {first.detail}{more}")


def parse_batch(raw: bytes, settings: Settings) -> EventBatch:
    """The batch in the JSON text `raw`. Raises EventBatchError, with every problem, for anything else."""
    if len(raw) > settings.max_body_kib * 1024:
        detail = (
            f"the batch has {len(raw)} bytes and at most {settings.max_body_kib} KiB may come at once; send several"
        )
        raise EventBatchError([Problem("", detail)], too_large=True)
    kinds, maximum = settings.kinds(), settings.max_event_batch
    with suppress(ValidationError):
        batch = _sound_batch(tuple(kinds), maximum).model_validate_json(raw)
        if _values_fit(batch, kinds):
            return batch
    try:
        return _ExaminedBatch.model_validate_json(raw, context={"max_events": maximum, "kinds": kinds})
    except ValidationError as error:
        raise batch_error(error) from error


def batch_error(error: ValidationError, prefix: str = "") -> EventBatchError:
    """What pydantic found, in plain words; pointers start at `prefix`."""
    details = error.errors(include_url=False)
    problems = [_problem(detail, prefix) for detail in details[:_MAX_PROBLEMS]]
    if len(details) > _MAX_PROBLEMS:
        problems.append(Problem("", f"{len(details) - _MAX_PROBLEMS} further problems are not listed"))
    return EventBatchError(
        problems, unprocessable=all(error["type"] in (_UNKNOWN_KIND, _NO_VALUE) for error in details)
    )


def _problem(error: ErrorDetails, prefix: str) -> Problem:
    pointer = prefix + "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in error["loc"])
    kind = error["type"]
    if kind == "json_invalid":
        return Problem(pointer, f"this is not JSON: {error['ctx']['error']}")
    value = None if kind in {"missing", "too_many_events", _NO_VALUE} else _shortened(error["input"])
    return Problem(pointer, _plain(kind, error.get("ctx", {}), error["msg"]), value)


def _plain(kind: str, context: Mapping[str, Any], message: str) -> str:
    plain = {
        "missing": "this field is missing",
        "extra_forbidden": "this field is not known; leave it out",
        "string_type": "must be a text",
        "string_too_short": "must not be empty",
        "string_too_long": f"must have at most {context.get('max_length')} characters",
        "int_type": "must be a whole number",
        "bool_type": "must be true or false",
        "float_type": "must be a number",
        "finite_number": "must be a finite number",
        "greater_than_equal": f"must be at least {context.get('ge')}",
        "less_than_equal": f"must be at most {context.get('le')}",
        "string_pattern_mismatch": "is not of the form that the description of the API gives",
        "too_short": f"must have at least {context.get('min_length')} entries",
        "too_long": f"must have at most {context.get('max_length')} entries",
        "list_type": "must be a list",
        "model_type": "must be an object",
        "model_attributes_type": "must be an object",
    }
    return plain.get(kind, message)


def _shortened(value: object) -> str:
    text = value if isinstance(value, str) else repr(value)
    return text if len(text) <= _MAX_VALUE_CHARACTERS else text[: _MAX_VALUE_CHARACTERS - 1] + "…"
