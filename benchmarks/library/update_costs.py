"""What one more event costs: an update of a trainer that knows three million, and one more click of a visit.

FLYWHEEL_DATASETS=folder python -m benchmarks.library.update_costs [--rows 3000000] [--updates 10] [--out FOLDER]

Real clicks on news (globo), in order of time, or generated ones where the folder does not hold them; where there are
fewer than `--rows`, they are clicked once more by other users. A full fit learns them all, then updates of 1,000 events
follow. The fold-in that grows by a click is checked against the full solve before it is timed. Prints a table and
writes JSON. Takes about three minutes, mostly reading.
"""

from __future__ import annotations

import argparse
import math
import time
from collections.abc import Callable
from itertools import islice
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from benchmarks.library.datasets import DatasetsMissingError, Event, globo
from benchmarks.library.generated import generated_events
from benchmarks.machine import keep
from recommender import ALSConfig, ALSTrainer, FactorModel, Interactions

EVENTS = 1000


def events_of(rows: int) -> tuple[str, list[Event]]:
    """The name of the data, and `rows` clicks in order of time; those that are missing are clicked again by users of
    other names.
    """
    try:
        data, events = "globo", globo()
    except DatasetsMissingError as error:
        data, events = "generated", generated_events()
        print(f"on generated events: {error}")
    shift = 1 + max(event[0] for event in events)
    copies = range(math.ceil(rows / len(events)))
    found = ((user + copy * shift, item, weight, at) for copy in copies for user, item, weight, at in events)
    return data, sorted(islice(found, rows), key=lambda event: event[3])


def held_bytes(holder: object) -> int:
    """Bytes of the arrays of an object, room to grow included."""
    return sum(value.nbytes for value in vars(holder).values() if isinstance(value, np.ndarray))


def measure_updates(rows: int, updates: int) -> tuple[dict[str, Any], FactorModel]:
    """Seconds of a full fit, of updates and of a warm refit, and what the trainer holds for each event."""
    config = ALSConfig()
    warm = ALSTrainer(config)
    warm.update([(1, 1), (2, 1), (2, 2)])
    warm.update([(3, 1), (1, 2)])  # every kernel is compiled or fetched
    data, events = events_of(rows + updates * EVENTS)
    trainer = ALSTrainer(config)
    fit = trainer.fit(Interactions.from_rows(events[:rows]))
    reports = [trainer.update(events[start : start + EVENTS]) for start in range(rows, len(events), EVENTS)]
    refit = trainer.refit()
    seconds = [report.seconds for report in reports]
    held = {
        "log": held_bytes(trainer.log._table),
        "factors": held_bytes(trainer._factors),
        "transitions": held_bytes(trainer._transitions),
    }
    result = {
        "data": data,
        "rows": fit.rows,
        "users": fit.users,
        "items": fit.items,
        "full_fit_s": round(fit.seconds, 2),
        "update_s": [round(value, 4) for value in seconds],
        "median_update_over_full_fit": round(median(seconds) / fit.seconds, 5),
        "slowest_update_over_full_fit": round(max(seconds) / fit.seconds, 5),
        "touched_users": median(report.touched_users for report in reports),
        "touched_items": median(report.touched_items for report in reports),
        "drift": round(reports[-1].drift, 5),
        "refit_over_full_fit": round(refit.seconds / fit.seconds, 3),
        "bytes_per_event": {name: round(size / trainer.log.rows, 1) for name, size in held.items()},
    }
    return result, trainer.model()


def measure_append(model: FactorModel, history: int = 50, clicks: int = 1000) -> dict[str, float]:
    """Median microseconds of one more click by `append`, and of folding in the whole history again."""
    ids = [model.item_ids[index] for index in np.argsort(-model.popularity)[: history + clicks].tolist()]
    state = model.fold_in_state(ids[:history])
    for item_id in ids[history : history + 20]:
        state.append(item_id)
    np.testing.assert_allclose(state.user, model.fold_in(ids[: history + 20]), rtol=1e-3, atol=1e-5)
    state = model.fold_in_state(ids[:history])
    return {
        "append_us": _microseconds(state.append, ids[history:]),
        "fold_in_again_us": _microseconds(lambda _: model.fold_in(ids[:history]), ids[history:]),
    }


def _microseconds(call: Callable[[Any], Any], arguments: list[Any]) -> float:
    seconds = []
    for argument in arguments:
        start = time.perf_counter()
        call(argument)
        seconds.append(time.perf_counter() - start)
    return round(median(seconds) * 1e6, 1)


def main() -> None:
    """Measure, print, keep."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=3_000_000, help="events of the full fit")
    parser.add_argument("--updates", type=int, default=10, help="updates of 1,000 events each")
    parser.add_argument("--out", type=Path, default=None, help="folder for the JSON (default: benchmarks/results)")
    arguments = parser.parse_args()
    if arguments.rows < 1000 or arguments.updates < 1:
        parser.error("--rows must be at least 1000 and --updates at least 1")
    updates, model = measure_updates(arguments.rows, arguments.updates)
    result = {"events_per_update": EVENTS, **updates, **measure_append(model)}
    for name, value in result.items():
        print(f"{name:30} {value}")
    print(f"-> {keep('update_costs', result, arguments.out)}")


if __name__ == "__main__":
    main()
