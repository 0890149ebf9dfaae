"""What requests cost: folding a history in, the public call, batches by one thread and two, and neighbours.

OPENBLAS_NUM_THREADS=1 python -m benchmarks.library.request_costs [--factors 64 128] [--users 300] [--rounds 5]

On factors that implicit trained on Gowalla where FLYWHEEL_DATASETS names a folder that holds it, and on a generated
catalog (see `generated`) in any case. One thread unless said otherwise; peers are implicit with the same factors and
NumPy. Every answer is checked before it is timed. Single calls are in microseconds, median over users of the best of
all rounds. Batches by one thread are in microseconds of processor time of one call divided by its users, the best of
all rounds, so that whatever else runs moves them little; those by two threads are in microseconds of the clock, beside
one thread's, and say how much processor time they used for each second. An answer is let go of after its time was
taken. Prints a table and writes JSON.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import scipy.sparse
from implicit.cpu.als import AlternatingLeastSquares
from threadpoolctl import threadpool_limits

from benchmarks.deadline import Deadline, add_seconds
from benchmarks.library.catalogs import once, timed
from benchmarks.library.datasets import DatasetsMissingError, gowalla
from benchmarks.library.generated import generate
from benchmarks.library.scoring import prepare
from benchmarks.machine import keep
from recommender import ALSConfig, FactorModel, Interactions, train
from recommender.als import twins
from recommender.second_stage.attributes import ItemAttributes
from recommender.second_stage.beforehand import assumed_stage
from recommender.second_stage.classes import CLASSES, RUNS, LatentClasses
from recommender.topk.twins import exact_scores

K = 10
BATCH = 10_000
NEIGHBOURS = 100_000
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Case:
    """A model without boosts, implicit's with the same factors, and histories of dense items, which are the ids too."""

    name: str
    model: FactorModel
    peer: AlternatingLeastSquares
    histories: list[list[int]]

    @property
    def rows(self) -> scipy.sparse.csr_matrix:
        """The histories as a CSR."""
        indptr = np.concatenate(([0], np.cumsum([len(history) for history in self.histories])))
        items = np.concatenate(self.histories)
        ones = np.ones(len(items), dtype=np.float32)
        return scipy.sparse.csr_matrix((ones, items, indptr), shape=(len(self.histories), len(self.model)))


def gowalla_case(log: Interactions, factors: int, users: int) -> Case:
    """Factors that implicit trained on Gowalla, and histories of real users."""
    case = prepare(log, factors, users)
    model = FactorModel(range(len(log.item_ids)), case.model.item_factors, case.model.popularity, case.model.config)
    return Case(f"Gowalla, {factors} factors", model, case.peer, [case.hidden[user].tolist() for user in case.users])


def generated_case(items: int, factors: int, users: int, length: int) -> Case:
    """A generated catalog and histories of a length."""
    case = generate(items, factors, users, skewed=True)
    histories = [sorted(history[:length]) for history in case.histories]
    return Case(f"{items:,} items, {factors} factors, {length} in the history", case.model, case.peer, histories)


def fold_in_rows(case: Case, rounds: int) -> list[Row]:
    """Dense items to the vector of their user, recency on as by default, so that no confidence is 1."""
    model = with_config(case.model, recency_boost=ALSConfig().recency_boost)
    folding, found = model._folding, []
    for length in (10, 50):
        drawn = np.random.default_rng(3)
        histories = [
            drawn.choice(len(model), length, replace=False).astype(np.int32) for _ in range(len(case.histories))
        ]
        weights = np.ones(length, dtype=np.float32)
        for items in histories[:20]:
            expected = np.empty(model.config.factors, dtype=np.float32)
            confidences = folding.confidences(weights)
            regularization = folding.regularization(length)
            twins.fold_in(folding.gram, regularization, model.item_factors, items, confidences, expected)
            if not np.allclose(folding.fold_in(items, weights), expected, rtol=1e-3, atol=1e-6):
                raise SystemExit(f"{case.name}: the history {items.tolist()} is folded in wrongly")
        rows = [
            scipy.sparse.csr_matrix((folding.confidences(weights), (np.zeros(length, int), items)), (1, len(model)))
            for items in histories
        ]
        own = timed(lambda user: folding.fold_in(histories[user], weights), len(histories), rounds)  # noqa: B023
        peer = timed(lambda user: case.peer.recalculate_user(0, rows[user]), len(histories), 1)  # noqa: B023
        found.append(row(f"fold-in of {length} items, {model.config.factors} factors", own, {"implicit": peer}))
    return found


def public_row(case: Case, rounds: int) -> Row:
    """Ids in, named items out, one call a user."""
    check(case.model, case.histories[:20])
    rows = case.rows
    each = [rows[user] for user in range(len(case.histories))]
    own = timed(lambda user: case.model.recommend(case.histories[user], K), len(each), rounds)
    peer = timed(lambda user: case.peer.recommend(user, each[user], N=K, recalculate_user=True), len(each), 1)
    return row(f"public call, {case.name}", own, {"implicit": peer})


def batch_rows(case: Case, rounds: int) -> list[Row]:
    """Many histories in one call, ids or arrays in, by one thread and by two."""
    place = np.arange(BATCH) % len(case.histories)
    histories, rows = [case.histories[user] for user in place], case.rows[place]
    check(case.model, histories[:20])
    if case.model.recommend_many(histories[:50], K, threads=2) != [case.model.recommend(h, K) for h in histories[:50]]:
        raise SystemExit(f"{case.name}: a batch is answered otherwise than one by one")
    few = min(BATCH, 1000)
    peer = used(lambda: case.peer.recommend(place[:few], rows[:few], N=K, recalculate_user=True), few, 2)
    many, arrays = case.model.recommend_many, case.model.recommend_many_arrays
    calls: dict[str, Callable[[int], Any]] = {
        "recommend_many": lambda threads: many(histories, K, threads=threads),
        "recommend_many_arrays": lambda threads: arrays(rows.indptr, rows.indices, k=K, threads=threads),
    }
    found = []
    for name, call in calls.items():
        one = once(lambda call=call: call(1), BATCH, rounds)  # type: ignore[misc]
        two, cores = with_cores(lambda call=call: call(2), rounds)  # type: ignore[misc]
        own = used(lambda call=call: call(1), BATCH, rounds)  # type: ignore[misc]
        found.append(row(f"{name}, {case.name}", own, {"implicit": peer}))
        found.append(row(f"{name} by two threads, {case.name}", two, {"one thread": one}, cores=cores))
    return found


def pairs_row(log: Interactions, case: Case, factors: int, rounds: int) -> Row:
    """A batch of a model with transitions both ways, as logs without order have them."""
    config = ALSConfig(
        factors=factors, recency_boost=0.0, transition_ordered=False, transition_decay=1.0, transition_recency=1.0,
        transition_history=1000, iterations=2,
    )  # fmt: skip
    model = train(log, config)
    histories = [[log.item_ids[item] for item in history] for history in case.histories]
    if model.recommend_many(histories[:50], K) != [model.recommend(history, K) for history in histories[:50]]:
        raise SystemExit(f"{case.name}: with pairs both ways a batch is answered otherwise than one by one")
    one = used(lambda: model.recommend_many(histories, K), len(histories), rounds)
    alone = timed(lambda user: model.recommend(histories[user], K), len(histories), 1)
    return row(f"recommend_many with pairs both ways, {case.name}", one, {"one by one": alone})


def staged_row(case: Case, rounds: int) -> Row:
    """A batch of a model with a second stage of the size that a site learns: three kinds of attributes, all classes."""
    drawn, items = np.random.default_rng(6), len(case.model)
    kinds = {"style": 12, "colour": 30, "topic": 200}
    described = {
        item: [f"{kind}={value}" for kind, size in kinds.items() for value in drawn.integers(size, size=2)]
        for item in range(items)
    }
    stage = assumed_stage(ItemAttributes.of(described, case.model.item_ids))
    lift = np.exp(drawn.standard_normal((items, RUNS * CLASSES), dtype=np.float32) / 2)
    prior = np.full(RUNS * CLASSES, -np.log(CLASSES), dtype=np.float32)
    effects = np.zeros((len(stage.attributes.names), RUNS * CLASSES), dtype=np.float32)
    stage = replace(stage, classes=LatentClasses(lift, prior, effects, RUNS))
    model, histories = case.model.with_second_stage(stage), case.histories
    if model.recommend_many(histories, K) != [model.recommend(history, K) for history in histories]:
        raise SystemExit(f"{case.name}: with a second stage a batch is answered otherwise than one by one")
    one = used(lambda: model.recommend_many(histories * 4, K), 4 * len(histories), rounds)
    alone = timed(lambda user: model.recommend(histories[user], K), len(histories), rounds)
    return row(f"recommend_many with a second stage, {case.name}", one, {"one by one": alone})


def similar_rows(case: Case, rounds: int) -> list[Row]:
    """Neighbours of one item, and the lists of a whole catalog, beside NumPy on directions that it has ready."""
    factors = case.model.item_factors
    directions = factors / np.linalg.norm(factors, axis=1, keepdims=True)

    def with_numpy(item: int) -> Any:
        cosines = directions @ directions[item]
        cosines[item] = -np.inf
        best = np.argpartition(cosines, -K)[-K:]
        return best[np.argsort(-cosines[best])]

    targets = np.random.default_rng(2).choice(len(case.model), 100, replace=False).tolist()
    for item in targets[:20]:
        found = [hit.item_id for hit in case.model.similar(item, K)]
        cosines = directions.astype(np.float64) @ directions[item].astype(np.float64)
        if not np.allclose(cosines[found], cosines[with_numpy(item)], rtol=1e-5):
            raise SystemExit(f"{case.name}: the neighbours of {item} are answered {found}")
    own = timed(lambda number: case.model.similar(targets[number], K), len(targets), rounds)
    peer = timed(lambda number: with_numpy(targets[number]), len(targets), 2)
    some = targets * 10
    many = used(lambda: case.model.similar_many(some, K), len(some), rounds)
    return [
        row(f"similar, {case.name}", own, {"NumPy": peer}),
        row(f"similar_many, an item, {case.name}", many, {"NumPy": peer}),
    ]


def check(model: FactorModel, histories: list[list[int]]) -> None:
    """Stop at the first answer that is not the top ten of a full sort of exact scores."""
    for history in histories:
        scores = exact_scores(model.fold_in(history), model.item_factors)
        scores[history] = -np.inf
        true = np.lexsort((np.arange(len(scores)), -scores))[:K].tolist()
        found = [hit.item_id for hit in model.recommend(history, K)]
        if found != true:
            raise SystemExit(f"recommend answers {found} for {history}, the top {K} is {true}")


def used(call: Callable[[], Any], users: int, rounds: int) -> float:
    """Microseconds of processor time a user of one call for many: the best of all rounds."""
    best = np.inf
    for _ in range(rounds):
        start = time.process_time()
        answer = call()
        best = min(best, time.process_time() - start)
        del answer
    return round(best / users * 1e6, 1)


def with_cores(call: Callable[[], Any], rounds: int) -> tuple[float, float]:
    """Microseconds a user of the best round, and the processor seconds of the process for each of its seconds."""
    best, cores = np.inf, 0.0
    for _ in range(rounds):
        start, before = time.perf_counter(), time.process_time()
        answer = call()
        seconds, busy = time.perf_counter() - start, time.process_time() - before
        del answer
        if seconds < best:
            best, cores = seconds, busy / seconds
    return round(best / BATCH * 1e6, 1), round(cores, 2)


def with_config(model: FactorModel, **changes: Any) -> FactorModel:
    """The model with other settings."""
    return FactorModel(model.item_ids, model.item_factors, model.popularity, replace(model.config, **changes))


def row(case: str, own: float, peers: dict[str, float], **more: float) -> Row:
    """One line of the table; ratios say how many times a peer's time is the library's."""
    ratios = {name: round(value / own, 2) for name, value in peers.items()}
    shown = "; ".join(f"{name} {value} us ({ratios[name]} x)" for name, value in peers.items())
    print(f"{case:75} {own:8.1f} us   {shown} {more or ''}", flush=True)
    return {"case": case, "us": own, "peers_us": peers, "ratios": ratios, **more}


def measure(found: list[Row], widths: list[int], users: int, rounds: int, quick: bool, deadline: Deadline) -> None:
    """Add all cases that the deadline leaves time for; it notes the others, and what data is not there."""
    try:
        log = Interactions.from_rows(gowalla())
    except DatasetsMissingError as error:
        log = None
        deadline.missing.append(f"Gowalla: {error}")
        print(deadline.missing[-1], flush=True)
    if deadline.leaves_time_for("public call, 2,400 items"):
        found.append(public_row(generated_case(2400, 64, users, 10), rounds))
    if deadline.leaves_time_for(f"similar, {NEIGHBOURS:,} items"):
        found += similar_rows(generated_case(NEIGHBOURS, 64, 10, 10), rounds)
    for factors in widths:
        generated = generated_case(NEIGHBOURS // (10 if quick else 1), factors, users, 50)
        found += fold_in_rows(generated, rounds)
        if deadline.leaves_time_for(f"public call and batches, {factors} factors"):
            case = generated if log is None else gowalla_case(log, factors, users)
            found += [public_row(case, rounds), *batch_rows(case, rounds)]
            if log is not None and deadline.leaves_time_for(f"pairs both ways, {factors} factors"):
                found.append(pairs_row(log, case, factors, rounds))
        if deadline.leaves_time_for(f"batch with a second stage, {factors} factors"):
            found.append(staged_row(generated, rounds))


def main() -> None:
    """Measure, print, keep."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    quick = bool(os.environ.get("QUICK"))
    parser.add_argument("--factors", type=int, nargs="+", default=[64] if quick else [64, 128], help="widths")
    parser.add_argument("--users", type=int, default=50 if quick else 300, help="users drawn (seeded)")
    parser.add_argument("--rounds", type=int, default=3 if quick else 5, help="times that every call is repeated")
    parser.add_argument("--out", type=Path, default=None, help="folder for the JSON (default: benchmarks/results)")
    add_seconds(parser)
    arguments = parser.parse_args()
    deadline = Deadline(arguments.seconds)
    rows: list[Row] = []
    with threadpool_limits(limits=1, user_api="blas"), deadline.interruptible():
        measure(rows, arguments.factors, arguments.users, arguments.rounds, quick, deadline)
    result = {"k": K, "batch": BATCH, "quick": quick, "rows": rows, "not_measured": deadline.missing}
    print(f"\n-> {keep('request_costs', result, arguments.out)}")


if __name__ == "__main__":
    main()
