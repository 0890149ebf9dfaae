"""Targets of what requests cost, of neighbours, of starting and of models on disk; see `core_targets`."""

from __future__ import annotations

from collections.abc import Callable

from benchmarks.library.core_targets import Found, Line, Results, at_most, unequal

COMMAND = "python -m benchmarks.library.request_costs"
STARTUP = "python -m benchmarks.library.startup"
SECONDS, LARGE = "seconds", 1_000_000


def request(
    case: str, most_us: float = float("inf"), peer: str = "implicit", times: float = 0.0
) -> Callable[[Results], Found]:
    """A row whose case begins so, no slower than most_us and so many times as fast as its peer."""

    def find(results: Results) -> Found:
        row = next(row for row in results["request_costs"]["rows"] if row["case"].startswith(case))
        ratio = row["ratios"].get(peer, 0.0)
        peers = "; ".join(f"{name} {us} us" for name, us in row["peers_us"].items())
        cores = f", {row['cores']} cores busy" if "cores" in row else ""
        met = row["us"] <= most_us and ratio >= times
        return Found(f"{row['us']} us, {ratio} x{cores}", peers, None if unequal(row) else met)

    return find


def line(case: str, target: str, find: Callable[[Results], Found]) -> Line:
    """A line of `benchmarks.library.request_costs`."""
    return Line(case, target, COMMAND, find)


REQUEST_LINES: tuple[Line, ...] = (
    *(
        line(
            f"fold-in, {items} items, {factors} factors",
            f"<= {most} us",
            request(f"fold-in of {items} items, {factors} ", most),
        )
        for items, factors, most in ((10, 64, 3), (50, 64, 16), (10, 128, 3), (50, 128, 22))
    ),
    *(
        line(
            f"public call, Gowalla, real histories, {factors} factors",
            f"<= {most} us",
            request(f"public call, Gowalla, {factors} ", most),
        )
        for factors, most in ((64, 25), (128, 40))
    ),
    line("public call, 2,400 items, 10 in the history", "<= 20 us", request("public call, 2,400 items, ", 20)),
    *(
        line(
            f"recommend_many, Gowalla, a user, {factors} factors",
            f">= {times} x implicit",
            request(f"recommend_many, Gowalla, {factors} ", times=times),
        )
        for factors, times in ((64, 10), (128, 8))
    ),
    line(
        "same, with pairs both ways, 64 factors",
        "<= 100 us",
        request("recommend_many with pairs both ways, Gowalla, 64 ", 100),
    ),
    *(
        line(
            f"{call} of 10,000 by two threads, Gowalla, {factors} factors",
            ">= 1.8 x one",
            request(f"{call} by two threads, Gowalla, {factors} ", peer="one thread", times=1.8),
        )
        for call in ("recommend_many", "recommend_many_arrays")
        for factors in (64, 128)
    ),
    line("similar, 100,000 items", ">= 20 x NumPy", request("similar, 100,000 ", peer="NumPy", times=20)),
    line(
        "similar_many, 100,000 items, an item",
        ">= 20 x NumPy",
        request("similar_many, an item, 100,000 ", peer="NumPy", times=20),
    ),
)


def first_lines(cache: str, most_s: float) -> Callable[[Results], Found]:
    """The first lines of README.md by the clock; processor time says what of it other processes took."""

    def find(results: Results) -> Found:
        row = results["startup"]["seconds"][f"first lines, {cache}"]
        busy = row["processor_s"]
        return Found(f"{row['median_s']:.3g} s, {busy:.3g} s of processor time", "", row["median_s"] <= most_s)

    return find


def large(verb: str) -> Callable[[Results], Found]:
    """Saving or loading a model of a million items; a run on fewer has not measured it."""

    def find(results: Results) -> Found:
        if results["startup"]["items"] != LARGE:
            raise LookupError(f"measured on {results['startup']['items']:,} items")
        return at_most("startup", (SECONDS, f"{verb} a large model", "median_s"), 1, "s")(results)

    return find


STARTUP_LINES: tuple[Line, ...] = (
    Line(
        "first lines of README.md, cold",
        "<= 6 s",
        STARTUP,
        first_lines("cold", 6),
    ),
    Line(
        "first lines of README.md, warm",
        "<= 1 s",
        STARTUP,
        first_lines("warm", 1),
    ),
    Line("import, warm cache", "<= 0.6 s", STARTUP, at_most("startup", (SECONDS, "import", "median_s"), 0.6, "s")),
    Line(
        "first recommendation of a fresh process",
        "<= 1 s",
        STARTUP,
        at_most("startup", (SECONDS, "load a small model and recommend", "median_s"), 1, "s"),
    ),
    *(
        Line(
            f"{verb} 1,000,000 items, 64 factors",
            "<= 1 s",
            STARTUP,
            large(verb),
        )
        for verb in ("save", "load")
    ),
)
