"""The targets of the library, each with where its figure stands in the results of the other benchmarks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Results = dict[str, Any]
LIBRARY, WITHOUT_SEARCH = "this library, tune(log)", "this library, train(log)"
"""Arms of `benchmarks.library.replay` that are judged: `tune` chooses its settings on the past, `train` by rules."""


@dataclass(frozen=True, slots=True)
class Found:
    """A figure as text, that of the peer, and whether the target is met (None where there is nothing to meet)."""

    measured: str
    peer: str
    met: bool | None


@dataclass(frozen=True, slots=True)
class Line:
    """A target; `find` looks its figure up and raises LookupError where it is absent."""

    case: str
    target: str
    command: str
    find: Callable[[Results], Found]


def gowalla(kind: str, factors: int, times: float) -> Callable[[Results], Found]:
    """`kind` is 'kernel' or 'batch kernel', held against implicit at a width of factors."""

    def find(results: Results) -> Found:
        result = next(found for found in results["scoring"]["results"] if found["factors"] == factors)
        us = {row["contender"]: row.get("median_us", row["mean_us"]) for row in result["times"]}
        own, peer = us[f"{kind}: this library"], us[f"{kind}: implicit recommend"]
        return Found(f"{own} us, {peer / own:.1f} x", f"implicit {peer} us", peer / own >= times)

    return find


def catalog_row(results: Results, case: str) -> dict[str, Any]:
    """A row of `benchmarks.library.catalogs`."""
    found: dict[str, Any] = next(row for row in results["catalogs"]["rows"] if row["case"] == case)
    return found


def catalog(case: str, peer: str, times: float, most_us: float = float("inf")) -> Callable[[Results], Found]:
    """At least so many times as fast as a peer, and no slower than most_us."""

    def find(results: Results) -> Found:
        row = catalog_row(results, case)
        ratio = row["ratios"][peer]
        peers = "; ".join(f"{name} {us} us" for name, us in row["peers_us"].items())
        met = ratio >= times and row["us"] <= most_us
        return Found(f"{row['us']} us, {ratio} x", peers, None if unequal(row) else met)

    return find


def unequal(row: dict[str, Any]) -> bool:
    """Whether two threads seem faster than two cores are: then other processes held up the one thread beside them, and
    the row says nothing.
    """
    return bool(row["ratios"].get("one thread", 0.0) > 2.1)


def approximate(results: Results) -> Found:
    """Faster than every approximate index of enough recall; one that never reaches it cannot be faster."""
    row = next(row for row in results["catalogs"]["rows"] if row["target"] == "faster than every one")
    peers = [f"{name} {us} us" for name, us in row["peers_us"].items()]
    slower = all(row["us"] < us for us in row["peers_us"].values())
    return Found(f"{row['us']} us", "; ".join([*peers, *row["notes"]]), slower if peers else None)


def growth(results: Results) -> Found:
    """A million items beside a hundred thousand."""
    large, small = catalog_row(results, "1,000,000 items"), catalog_row(results, "100,000 items")
    ratio = large["us"] / small["us"]
    return Found(f"{ratio:.2f} x", f"100,000 items {small['us']} us", ratio < 2)


def few_candidates(case: str) -> Callable[[Results], Found]:
    """Candidates must not cost more than the whole catalog does."""

    def find(results: Results) -> Found:
        row = catalog_row(results, case)
        whole = row["peers_us"]["all items"]
        return Found(f"{row['us']} us", f"all items {whole} us", row["us"] <= whole)

    return find


def at_most(file: str, keys: tuple[str, ...], most: float, unit: str, scale: float = 1.0) -> Callable[[Results], Found]:
    """A figure of a file that must not pass `most`."""

    def find(results: Results) -> Found:
        value = results[file]
        for key in keys:
            value = value[key]
        return Found(f"{value * scale:.3g} {unit}", "", value * scale <= most)

    return find


def memory(results: Results) -> Found:
    """Bytes an event, reported."""
    parts = results["update_costs"]["bytes_per_event"].items()
    return Found(", ".join(f"{name} {size} bytes" for name, size in parts), "", None)


def updates(results: Results) -> Found:
    """The worst checkpoint of a row of updates."""
    rows = results["incremental"]["checkpoints"]
    shares, seeds = [row["updated_over_full_fit"] for row in rows], len(rows[0]["full_fits"])
    measured = f"worst {min(shares):.1%} of {len(shares)} checkpoints"
    return Found(measured, f"full fits of {seeds} {'seeds' if seeds > 1 else 'seed'}", min(shares) >= 0.99)


def warm_refit(results: Results) -> Found:
    """The slowest of the cheapest refits that reach a cold fit's figure, in share of its time."""
    rows = results["incremental"]["checkpoints"]
    reached = []
    for row in rows:
        refits = row["refits"].values()
        enough = [refit["seconds_over_full_fit"] for refit in refits if refit["ndcg_over_full_fit"] >= 0.99]
        if row["refits"]:
            reached.append(min(enough, default=float("inf")))
    return Found(f"{max(reached):.0%} of the time at worst", "cold fit, NDCG within 1 %", max(reached) <= 0.4)


def replay(
    data: str, share: float, least: float = 0.0, own: tuple[str, ...] = (LIBRARY,)
) -> Callable[[Results], Found]:
    """NDCG@10 of arms of the library at a share of the data, each ahead of the best peer, tuned on the past."""

    def find(results: Results) -> Found:
        files = [result for name, result in results.items() if name.startswith(f"replay-{data}")]
        stages = [stage for result in files for stage in result["stages"]]
        stage = next(stage for stage in stages if abs(stage["share"] - share) < 1e-9)
        figures = {arm["arm"]: arm["ndcg_at_10"] for arm in stage["arms"]}
        mine, best = [figures[arm] for arm in own], figures[stage["best_peer"]]
        measured = " / ".join(f"{figure:.3f}" for figure in mine)
        return Found(measured, f"{stage['best_peer']} {best:.3f}", min(mine) >= least and min(mine) > best)

    return find


def ranking(data: str, least: float) -> Callable[[Results], Found]:
    """NDCG@20 of the library's best arm on a standard split."""

    def find(results: Results) -> Found:
        result = results[f"ranking-{data}"]
        arms = {arm["arm"]: arm["ndcg_at_20"] for arm in result["arms"]}
        own = {name: figure for name, figure in arms.items() if "library" in name}
        peers = [f"{name} {arms[name]:.4f}" for name in sorted(arms.keys() - own.keys(), key=arms.__getitem__)]
        mine = max(own, key=own.__getitem__)
        peer = "; ".join([*peers[-1:], f"published: {result['published_ndcg_at_20']}"])
        return Found(f"{own[mine]:.4f} ({mine})", peer, round(own[mine], 4) >= least)

    return find


def new_visitors(results: Results) -> Found:
    """Share of the warm value after one, three and five interactions."""
    curves = {curve["arm"]: curve for curve in results["newcomers"]["new_visitors"]["curves"]}
    own = curves.pop("this library")
    shares = " / ".join(f"{own['share_of_warm'][length]:.0%}" for length in ("1", "3", "5"))
    best = " / ".join(f"{max(c['ndcg_at_10'][n] for c in curves.values()):.3f}" for n in ("1", "3", "5"))
    mine = " / ".join(f"{own['ndcg_at_10'][n]:.3f}" for n in ("1", "3", "5"))
    return Found(f"{shares} (NDCG@10 {mine})", f"best NDCG@10 of the peers {best}", None)


def new_items(results: Results) -> Found:
    """Mean percentile of items without a click among their kind."""
    arms = results["newcomers"]["new_items"]["arms"]
    best = max(arms, key=lambda arm: arm["mean_percentile"])
    others = "; ".join(f"{arm['arm']} {arm['mean_percentile']:.3f}" for arm in arms if arm is not best)
    return Found(f"{best['mean_percentile']:.3f} ({best['arm']})", others, best["low"] > 0)


SCORING, CATALOGS, REPLAY, RANKING, NEWCOMERS, INCREMENTAL, COSTS = (
    f"python -m benchmarks.library.{name}"
    for name in ("scoring", "catalogs", "replay", "ranking", "newcomers", "incremental", "update_costs")
)

LINES: tuple[Line, ...] = (
    Line("kernel, one user, Gowalla, 64 factors", ">= 60 x implicit", SCORING, gowalla("kernel", 64, 60)),
    Line("kernel, one user, Gowalla, 128 factors", ">= 60 x implicit", SCORING, gowalla("kernel", 128, 60)),
    Line("kernel, one user, 100,000 items", ">= 120 x implicit", CATALOGS, catalog("100,000 items", "implicit", 120)),
    Line("same, beside approximate indexes at recall 0.99", "faster than every one", CATALOGS, approximate),
    Line(
        "kernel, one user, 1,000,000 items", ">= 800 x implicit", CATALOGS, catalog("1,000,000 items", "implicit", 800)
    ),
    Line("10 times the items", "< 2 x the time", CATALOGS, growth),
    Line(
        "batch of 1,000, 100,000 items, a user",
        ">= 30 x implicit",
        CATALOGS,
        catalog("100,000 items, batch of 1000", "implicit", 30),
    ),
    Line("batch, Gowalla, 128 factors, a user", ">= 8 x implicit", SCORING, gowalla("batch kernel", 128, 8)),
    Line(
        "batch of 1,000, two threads",
        ">= 1.8 x one",
        CATALOGS,
        catalog("100,000 items, batch of 1000, two threads", "one thread", 1.8),
    ),
    Line(
        "equal norms, 100,000 items, one user",
        ">= 2 x implicit",
        CATALOGS,
        catalog("100,000 items of equal norm", "implicit", 2),
    ),
    Line(
        "equal norms, batch of 1,000",
        ">= 1 x implicit",
        CATALOGS,
        catalog("100,000 items of equal norm, batch of 1000", "implicit", 1),
    ),
    Line(
        "ten candidates of 1,000,000, public call",
        "follows the candidates",
        CATALOGS,
        few_candidates("1,000,000 items, 10 candidates, public call"),
    ),
    Line(
        "10,000 candidates of 100,000, prepared, public call",
        "follows the candidates",
        CATALOGS,
        few_candidates("100,000 items, 10,000 prepared candidates, public call"),
    ),
    Line(
        "public call, 100,000 items, 50 in the history",
        "<= 120 us, >= 15 x implicit",
        CATALOGS,
        catalog("100,000 items, public call", "implicit, recalculate_user", 15, 120),
    ),
    Line(
        "same, with transitions",
        "<= 200 us",
        CATALOGS,
        catalog("100,000 items, public call with transitions", "implicit, recalculate_user", 0, 200),
    ),
    Line(
        "public call, 2,400 items",
        "<= 60 us",
        CATALOGS,
        catalog("2,400 items, public call", "implicit, recalculate_user", 0, 60),
    ),
    Line("one more click on a kept state", "<= 40 us", COSTS, at_most("update_costs", ("append_us",), 40, "us")),
    Line(
        "1,000 events on 3 million",
        "<= 1 % of a full fit",
        COSTS,
        at_most("update_costs", ("median_update_over_full_fit",), 1, "%", 100),
    ),
    Line("memory an event", "reported", COSTS, memory),
    Line("20 updates of 1 %", ">= 99 % of a full fit's NDCG@10 at every step", INCREMENTAL, updates),
    Line("warm refit", "a cold fit's NDCG in <= 40 % of its time", INCREMENTAL, warm_refit),
    *(
        Line(
            f"next click on ml-100k at {share:.0%}, NDCG@10",
            ">= 0.125, ahead of every peer" if share == 0.8 else "ahead of every peer",
            f"{REPLAY} --datasets ml-100k",
            replay("ml-100k", share, 0.125 if share == 0.8 else 0.0),
        )
        for share in (0.05, 0.1, 0.25, 0.5, 0.8)
    ),
    *(
        Line(
            f"next click on globo at {share:.0%}, NDCG@10",
            "`train` and `tune` ahead of every peer",
            f"{REPLAY} --datasets globo",
            replay("globo", share, own=(WITHOUT_SEARCH, LIBRARY)),
        )
        for share in (0.05, 0.1, 0.25, 0.5, 0.8)
    ),
    Line("Gowalla, NDCG@20", ">= 0.1479", RANKING, ranking("gowalla", 0.1479)),
    Line("ml-1m-m1, NDCG@20", ">= 0.2687", RANKING, ranking("ml-1m-m1", 0.2687)),
    Line("new visitors after 1 / 3 / 5 interactions, share of warm", "a curve", NEWCOMERS, new_visitors),
    Line("new items, mean percentile among their kind", "better than random", NEWCOMERS, new_items),
)
