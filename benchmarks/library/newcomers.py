"""New visitors and new items on ml-100k: how soon a model knows somebody, and where it puts what nobody has seen.

    FLYWHEEL_DATASETS=folder python -m benchmarks.library.newcomers [--out FOLDER]

New visitors: models learn from the first 80 % of the events without a fifth of the users. Their 51st to 70th
interactions are then to be found, each from the 0, 1, 3, 5, 10 or 20 before it alone; warm is the 50 before it. The
targets are the same throughout, so that the figures of an arm differ by what it knows of the person alone.

New items: a quarter of the items that have attributes lose all their rows before training and keep their attributes
(genres and decade). In each case a user's next item is one of these, and it is ranked among all held-out items of a
genre it has. The figure is the mean percentile of the item (0.5 is random, 1 is first), with an interval over users.
Prints tables and writes JSON.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.library.datasets import Event, movielens_100k, movielens_100k_attributes
from benchmarks.library.peers import EASE, ImplicitFoldIn
from benchmarks.machine import keep
from recommender import ALSConfig, Interactions, ItemToItemModel, PopularityModel, Recommender, train
from recommender.evaluation import NextItemCase, evaluate_next_items, paired_interval

SHARE = 0.8
LENGTHS = (0, 1, 3, 5, 10, 20)
WARM = 50
CASES_A_USER = 20


def new_visitors(events: Sequence[Event]) -> dict[str, Any]:
    """NDCG@10 after so many interactions, every arm."""
    users = sorted({event[0] for event in events})
    held_out = set(np.random.default_rng(7).choice(users, len(users) // 5, replace=False).tolist())
    log = Interactions.from_rows([event for event in events[: int(len(events) * SHARE)] if event[0] not in held_out])
    taken: dict[int, list[int]] = {user: [] for user in held_out}
    for user, item, _, _ in events:
        if user in held_out:
            taken[user].append(item)
    arms: dict[str, Recommender] = {
        "popularity": PopularityModel.from_interactions(log),
        "item-to-item, BM25": ItemToItemModel.from_interactions(log, 200),
        "implicit ALS, its own fold-in": ImplicitFoldIn(log, factors=64, regularization=10.0, alpha=3.0),
        "EASE": EASE(log, 250.0),
        "EASE, history by recency": EASE(log, 250.0, boost=20.0, decay=0.85),
        "this library": train(log),
    }
    curves = []
    for name, model in arms.items():
        curve = {}
        for length in (*LENGTHS, WARM):
            cases = [
                NextItemCase(user, tuple(items[max(0, place - length) : place]), items[place])
                for user, items in sorted(taken.items())
                for place in range(WARM, min(len(items), WARM + CASES_A_USER))
            ]
            curve[length] = evaluate_next_items(model, cases).mean()
        warm = curve[WARM]
        shares = {length: round(float(value / warm), 4) for length, value in curve.items()}
        curves.append({"arm": name, "ndcg_at_10": {key: round(float(value), 5) for key, value in curve.items()},
                       "share_of_warm": shares})  # fmt: skip
        print(f"{name:32s}" + "".join(f"{value:9.4f}" for value in curve.values()) + f"   after 5: {shares[5]:.0%}")
    return {"visitors": len(held_out), "cases": len(cases), "known_interactions": [*LENGTHS, WARM],
            "curves": curves}  # fmt: skip


def new_items(events: Sequence[Event], attributes: Mapping[int, Sequence[str]]) -> dict[str, Any]:
    """Mean percentile of held-out items among their kind, with attributes and without."""
    cut = int(len(events) * SHARE)
    rng = np.random.default_rng(7)
    described = sorted(item for item, names in attributes.items() if names)
    held_out = set(rng.choice(described, len(described) // 4, replace=False).tolist())
    past = [event for event in events[:cut] if event[1] not in held_out]
    of_kind: dict[str, list[int]] = {}
    for item in sorted(held_out):
        for name in attributes[item]:
            if name.startswith("genre="):
                of_kind.setdefault(name, []).append(item)
    histories: dict[int, list[int]] = {}
    for user, item, _, _ in past:
        histories.setdefault(user, []).append(item)
    cases = []
    for user, item, _, _ in events:
        kinds = [name for name in attributes.get(item, ()) if name in of_kind and len(of_kind[name]) >= 10]
        if item in held_out and user in histories and kinds:
            cases.append((user, item, kinds[int(rng.integers(len(kinds)))]))
    cases = [cases[number] for number in np.sort(rng.choice(len(cases), min(3000, len(cases)), replace=False))]
    results = []
    for name, weight in (("with attributes", 1.0), ("without (random within its kind)", 0.0)):
        log = Interactions.from_rows(past)
        if weight:
            log.describe({item_id: list(names) for item_id, names in attributes.items()}, weight)
        else:
            log.describe({item: ["item"] for item in sorted(held_out)}, 1.0)
        model = train(log, ALSConfig())
        percentiles = np.empty(len(cases))
        for number, (user, item, kind) in enumerate(cases):
            pool = of_kind[kind]
            ranked = [hit.item_id for hit in model.recommend(histories[user], k=len(pool), candidates=pool)]
            percentiles[number] = 1.0 - ranked.index(item) / (len(ranked) - 1)
        interval = paired_interval(percentiles, np.full(len(cases), 0.5), groups=[user for user, _, _ in cases])
        results.append({"arm": name, "mean_percentile": round(float(percentiles.mean()), 4),
                        "above_random": round(interval.mean, 4), "low": round(interval.low, 4),
                        "high": round(interval.high, 4)})  # fmt: skip
        print(f"{name:36s} {percentiles.mean():8.3f}   above random by {interval.low:.3f} to {interval.high:.3f}")
    return {"held_out_items": len(held_out), "cases": len(cases), "arms": results}


def main() -> None:
    """Measure, print, keep."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=None, help="folder for the JSON (default: benchmarks/results)")
    arguments = parser.parse_args()
    events = movielens_100k()
    print(f"{'NDCG@10 after so many interactions':32s}" + "".join(f"{n:9d}" for n in (*LENGTHS, WARM)))
    visitors = new_visitors(events)
    print("\nnew items: mean percentile among their kind")
    items = new_items(events, movielens_100k_attributes())
    result = {"data": "ml-100k", "new_visitors": visitors, "new_items": items}
    print(f"-> {keep('newcomers', result, arguments.out)}")


if __name__ == "__main__":
    main()
