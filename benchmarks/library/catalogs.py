"""Speed of exact top 10 on generated catalogs (see `generated`), beside implicit, NumPy and nearest-neighbour peers.

OPENBLAS_NUM_THREADS=1 python -m benchmarks.library.catalogs [--quick] [--users 100] [--rounds 5] [--out FOLDER]

One thread unless said otherwise; about 50 seen items are hidden. Every answer is checked before it is timed: this
library's must be the items that a full sort of exact scores names, an exact peer's must score as they do, and the
approximate ones run at the cheapest setting that finds 99 % of them. Times are medians over users of the best of all
rounds, in microseconds; a batch is one call, divided by its users. Peers come from requirements/bench.txt, and one that
is not installed, or does not reach that recall, is named with its reason. Writes JSON and a Markdown table.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from app.files import OTHERS_READ, write_file
from benchmarks.deadline import Deadline, add_seconds
from benchmarks.library.generated import GeneratedCase, generate
from benchmarks.library.neighbours import Search, approximate_peers, flat_peer
from benchmarks.machine import RESULTS, keep
from recommender import ALSConfig, FactorModel, warm_up
from recommender.topk.twins import exact_scores
from recommender.transitions.transitions import Transitions
from recommender.transitions.twins import gather_boosts

K = 10
RECALL = 0.99
BATCH = 1000
Row = dict[str, Any]


def true_top(case: GeneratedCase, vector: np.ndarray, user: int) -> np.ndarray:
    """Dense ids of the best ten that are not hidden, by a full sort."""
    scores = exact_scores(vector, case.model.item_factors)
    scores[case.hidden[user]] = -np.inf
    return np.lexsort((np.arange(len(scores)), -scores))[:K]


def visible(found: np.ndarray, hidden: np.ndarray) -> np.ndarray:
    """The first ten that are not hidden, of a search that knows no filter and was asked for as many more."""
    return found[~np.isin(found, hidden)][:K]


def with_numpy(case: GeneratedCase, user: int) -> np.ndarray:
    """Matrix times vector, argpartition, sort."""
    scores = case.model.item_factors @ case.vectors[user]
    scores[case.hidden[user]] = -np.inf
    best = np.argpartition(scores, -K)[-K:]
    return best[np.argsort(-scores[best])]


def check_exact(case: GeneratedCase, asked: dict[str, Callable[[int], Any]], users: int) -> None:
    """Stop at the first wrong answer; the library's ids must be the same, a peer's must score the same."""
    for user in range(users):
        vector = case.vectors[user]
        true = true_top(case, vector, user)
        scores = exact_scores(vector, case.model.item_factors)
        for name, ask in asked.items():
            found = np.asarray(ask(user))
            same = np.array_equal(found, true) if name == "library" else np.allclose(scores[found], scores[true], 2e-3)
            if not same:
                raise SystemExit(f"{name} answers {found.tolist()} for user {user}, the top {K} is {true.tolist()}")


def timed(ask: Callable[[int], Any], users: int, rounds: int) -> float:
    """Median over users of the best of all rounds, in microseconds."""
    best = np.full(users, np.inf)
    for _ in range(rounds):
        for user in range(users):
            start = time.perf_counter()
            ask(user)
            best[user] = min(best[user], time.perf_counter() - start)
    return round(float(np.median(best)) * 1e6, 1)


def once(call: Callable[[], Any], users: int, rounds: int) -> float:
    """Microseconds a user of one call for many: the best of all rounds."""
    best = np.inf
    for _ in range(rounds):
        start = time.perf_counter()
        answer = call()
        best = min(best, time.perf_counter() - start)
        del answer  # by its caller, when it likes
    return round(best / users * 1e6, 1)


def kernel_rows(name: str, case: GeneratedCase, target: str, users: int, rounds: int) -> list[Row]:
    """One user at a time: vector in, ids and scores out."""
    asked: dict[str, Callable[[int], Any]] = {
        "library": lambda user: case.model.rank(case.vectors[user], K, case.hidden[user])[0],
        "implicit": lambda user: case.peer.recommend(user, case.rows[user], N=K)[0],
        "NumPy": lambda user: with_numpy(case, user),
    }
    flat, reason = flat_peer(case.model.item_factors)
    if flat is not None:
        search = flat
        asked["faiss IndexFlatIP"] = lambda user: visible(search(case.vectors[user]), case.hidden[user])
    check_exact(case, asked, min(users, 20))
    times = {contender: timed(ask, users, rounds) for contender, ask in asked.items()}
    return [row(name, target, times.pop("library"), times, [reason] if reason else [])]


def approximate_row(name: str, case: GeneratedCase, users: int, rounds: int) -> Row:
    """The library beside approximate indexes, each at its cheapest setting of enough recall."""
    true = [true_top(case, case.vectors[user], user) for user in range(users)]

    def recall(search: Search) -> float:
        found = [visible(search(case.vectors[user]), case.hidden[user]) for user in range(users)]
        return float(np.mean([len(np.intersect1d(a, b)) / K for a, b in zip(found, true, strict=True)]))

    times, notes = {}, []
    for peer, settings in approximate_peers(case.model.item_factors):
        if isinstance(settings, str):
            notes.append(settings)
            continue
        reached = 0.0
        for setting, search in settings:
            reached = recall(search)
            if reached >= RECALL:
                ask = lambda user, search=search: visible(search(case.vectors[user]), case.hidden[user])  # noqa: E731
                times[f"{peer} ({setting}, recall {reached:.3f})"] = timed(ask, users, rounds)
                break
        else:
            notes.append(f"{peer} reached a recall of {reached:.3f} only")
    own = timed(lambda user: case.model.rank(case.vectors[user], K, case.hidden[user]), users, rounds)
    return row(name, "faster than every one", own, times, notes)


def batch_rows(name: str, case: GeneratedCase, target: str, rounds: int) -> list[Row]:
    """A thousand users in one call, by one thread and by two."""
    place = np.arange(BATCH) % len(case.vectors)
    vectors, hidden = case.vectors[place], [case.hidden[user] for user in place]
    few = min(20, len(case.vectors))
    for user, (ids, _) in enumerate(case.model.rank_many(vectors[:few], K, hidden[:few])):
        if not np.array_equal(ids, true_top(case, vectors[user], user)):
            raise SystemExit(f"the batch answers {ids.tolist()} for user {user}, which is wrong")
    rows = case.rows[place]
    peer = once(lambda: case.peer.recommend(place, rows, N=K), BATCH, 1)
    one = once(lambda: case.model.rank_many(vectors, K, hidden), BATCH, rounds)
    two = once(lambda: case.model.rank_many(vectors, K, hidden, threads=2), BATCH, rounds)
    return [
        row(f"{name}, batch of {BATCH}", target, one, {"implicit": peer}),
        row(f"{name}, batch of {BATCH}, two threads", ">= 1.8 x one", two, {"one thread": one}),
    ]


def public_row(name: str, case: GeneratedCase, target: str, users: int, rounds: int) -> Row:
    """History in, recommendations out, fold-in included."""
    for user in range(min(users, 20)):
        found = [hit.item_id for hit in case.model.recommend(case.histories[user], K)]
        true = true_top(case, case.model.fold_in(case.histories[user]), user).tolist()
        if found != true:
            raise SystemExit(f"recommend answers {found} for user {user}, the top {K} is {true}")
    own = timed(lambda user: case.model.recommend(case.histories[user], K), users, rounds)
    peer = timed(
        lambda user: case.peer.recommend(user, case.rows[user], N=K, recalculate_user=True), users, max(1, rounds // 2)
    )
    return row(f"{name}, public call", target, own, {"implicit, recalculate_user": peer})


def candidate_rows(name: str, case: GeneratedCase, few: int, users: int, rounds: int) -> list[Row]:
    """The public call among `few` candidates, ids or prepared, fold-in included, beside the one among all items."""
    chosen = np.sort(np.random.default_rng(5).choice(len(case.model), few, replace=False))
    ids = chosen.tolist()
    for user in range(min(users, 20)):
        scores = exact_scores(case.model.fold_in(case.histories[user]), case.model.item_factors[chosen])
        scores[np.isin(chosen, case.hidden[user])] = -np.inf
        true = chosen[np.lexsort((chosen, -scores))][: min(K, int(np.isfinite(scores).sum()))].tolist()
        found = [hit.item_id for hit in case.model.recommend(case.histories[user], K, candidates=ids)]
        if found != true:
            raise SystemExit(f"among {few} candidates user {user} is answered {found}, the best are {true}")
    prepared = case.model.candidates(ids)
    asked: dict[str, Callable[[int], Any]] = {
        "candidates": lambda user: case.model.recommend(case.histories[user], K, candidates=ids),
        "prepared candidates": lambda user: case.model.recommend(case.histories[user], K, candidates=prepared),
    }
    whole = timed(lambda user: case.model.recommend(case.histories[user], K), users, rounds)
    target = "cost follows the candidates"
    return [
        row(f"{name}, {few:,} {what}, public call", target, timed(ask, users, rounds), {"all items": whole})
        for what, ask in asked.items()
    ]


def transitions_row(name: str, case: GeneratedCase, target: str, users: int, rounds: int) -> Row:
    """The public call of the same model with a hundred transitions from every item, checked against a full sort."""
    items, each = len(case.model), ALSConfig().transition_neighbours
    rng = np.random.default_rng(11)
    next_ids = np.sort((np.arange(items)[:, None] + 1 + rng.permutation(items - 1)[:each]) % items, axis=1)
    following = Transitions(
        np.arange(items + 1) * each, next_ids.ravel(), rng.random(items * each, dtype=np.float32), None, None
    )
    config = replace(case.model.config, transition_weight=ALSConfig().transition_weight)
    factors, popularity = case.model.item_factors, case.model.popularity
    model = FactorModel(case.model.item_ids, factors, popularity, config, transitions=following)
    for user in range(min(users, 10)):
        history, vector = case.histories[user], model.fold_in(case.histories[user])
        newest = np.array(history[::-1][: config.transition_history], dtype=np.int32)
        steps = config.transition_recency ** np.arange(len(newest))
        weights = config.transition_weight, 0.0
        arguments: list[Any] = [*following.arrays().values(), newest, steps, *weights, np.empty(0, np.float32)]
        _, ids, boosts = gather_boosts(*arguments)
        scores = exact_scores(vector, factors)
        scores[ids] += np.linalg.norm(factors.astype(np.float64) @ vector.astype(np.float64)) * boosts
        scores[case.hidden[user]] = -np.inf
        found = model.recommend(history, K)
        if not np.allclose([hit.score for hit in found], np.sort(scores)[::-1][:K], rtol=1e-6):
            raise SystemExit(f"with transitions user {user} is answered {found}")
    own = timed(lambda user: model.recommend(case.histories[user], K), users, rounds)
    peer = timed(lambda user: case.peer.recommend(user, case.rows[user], N=K, recalculate_user=True), users, 1)
    return row(f"{name}, public call with transitions", target, own, {"implicit, recalculate_user": peer})


def row(case: str, target: str, own: float, peers: dict[str, float], notes: list[str] | None = None) -> Row:
    """One line of the table; ratios say how many times a peer's time is the library's."""
    ratios = {name: round(value / own, 2) for name, value in peers.items()}
    found = {"case": case, "target": target, "us": own, "peers_us": peers, "ratios": ratios, "notes": notes or []}
    print(as_markdown(found), flush=True)
    return found


def as_markdown(found: Row) -> str:
    """A line of the Markdown table."""
    peers = "; ".join(f"{name} {value} ({found['ratios'][name]} x)" for name, value in found["peers_us"].items())
    return f"| {found['case']} | {found['target']} | {found['us']} | {'; '.join([peers, *found['notes']])} |"


def measure(found: list[Row], users: int, rounds: int, quick: bool, deadline: Deadline) -> None:
    """Add all cases that the deadline leaves time for, largest last."""
    small = generate(2400, 64, users, skewed=True)
    found += [public_row("2,400 items", small, "<= 60 us", users, rounds)]
    case = generate(100_000, 64, users, skewed=True)
    found += kernel_rows("100,000 items", case, ">= 120 x implicit", users, rounds)
    if deadline.leaves_time_for("batches, 100,000 items"):
        found += batch_rows("100,000 items", case, ">= 30 x implicit", rounds)
    if deadline.leaves_time_for("public call, 100,000 items"):
        found += [public_row("100,000 items", case, "<= 120 us, >= 15 x", users, rounds)]
        found += [transitions_row("100,000 items", case, "<= 200 us", users, rounds)]
    if deadline.leaves_time_for("candidates of 100,000 items"):
        for few in (10, 10_000):
            found += candidate_rows("100,000 items", case, few, users, rounds)
    if not quick and deadline.leaves_time_for("approximate peers"):
        found += [approximate_row("100,000 items", case, users, rounds)]
    if deadline.leaves_time_for("100,000 items of equal norm"):
        even = generate(100_000, 64, users, skewed=False)
        found += kernel_rows("100,000 items of equal norm", even, ">= 2 x implicit", users, rounds)
        found += batch_rows("100,000 items of equal norm", even, ">= 1 x implicit", min(rounds, 2))
        del even
    if not quick and deadline.leaves_time_for("1,000,000 items"):
        del case
        large = generate(1_000_000, 64, users, skewed=True)
        found += kernel_rows("1,000,000 items", large, ">= 800 x implicit, < 2 x 100,000's", users, rounds)
        found += candidate_rows("1,000,000 items", large, 10, users, rounds)


def main() -> None:
    """Measure, print, keep."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--users", type=int, default=None, help="users drawn (100; 30 when quick)")
    parser.add_argument("--rounds", type=int, default=None, help="times that every call is repeated (5; 3 when quick)")
    parser.add_argument(
        "--quick",
        action="store_true",
        default=bool(os.environ.get("QUICK")),
        help="leave out the approximate peers and the million items",
    )
    parser.add_argument("--out", type=Path, default=None, help="folder for the results (default: benchmarks/results)")
    add_seconds(parser)
    arguments = parser.parse_args()
    deadline = Deadline(arguments.seconds)
    users = arguments.users or (30 if arguments.quick else 100)
    rounds = arguments.rounds or (3 if arguments.quick else 5)
    warm_up()
    found: list[Row] = []
    with threadpool_limits(limits=1, user_api="blas"), deadline.interruptible():
        measure(found, users, rounds, arguments.quick, deadline)
    sizes = {"k": K, "factors": 64, "users": users, "rounds": rounds, "quick": arguments.quick}
    result = {**sizes, "rows": found, "not_measured": deadline.missing}
    print(f"\n-> {keep('catalogs', result, arguments.out)}")
    lines = ["| case | target | us | peers, us |", "| --- | --- | --- | --- |", *map(as_markdown, found)]
    write_file((arguments.out or RESULTS).joinpath("catalogs.md"), "\n".join(lines) + "\n", OTHERS_READ)


if __name__ == "__main__":
    main()
