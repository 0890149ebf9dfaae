"""The load generator: Locust as a library in a process of its own, taking orders on stdin and answering on stdout.

    python -m benchmarks.site.load.generator CATALOG_COPIES SEED

Ends when stdin closes, so that nothing is left when the process that gives the orders is gone.
"""

from __future__ import annotations

# Locust patches sockets when imported, so it comes before anything that opens one.
from locust import FastHttpUser, events  # isort: skip
from locust.env import Environment  # isort: skip

import json
import logging
import sys
import time
from dataclasses import asdict
from typing import Any

import gevent
import psutil

from benchmarks.site.catalogs import grown_catalog
from benchmarks.site.load import sources
from benchmarks.site.load.arrivals import Arrivals, LatencyLog
from benchmarks.site.load.browsing import Answer, Browser
from benchmarks.site.load.orders import Order, Run
from benchmarks.site.load.users import BusyUser, EffectUser, PacedUser, send
from seed_data.population import Population

FIRST_VISITOR = 5_000_000
_VISITORS_OF_A_RUN = 100_000
_ACQUAINTANCES = 60
_GRACE_S = 10.0


class Generator:
    """Runs orders one after the other against one site."""

    def __init__(self, population: Population) -> None:
        self._population = population
        self._runs = 0
        self._people: dict[str, list[sources.Acquaintance]] = {}

    def run(self, order: Order) -> Run:
        """Run one order to its end, or until it is `_GRACE_S` late."""
        self._runs += 1
        source = self._source(order)
        log, effects = LatencyLog(), list[float]()
        process = psutil.Process()
        start = time.perf_counter() + 0.3
        user = self._user(order, source, log, start)
        kinds: list[Any] = [user]
        if order.effect:
            kinds.append(type("Effect", (EffectUser,), {"host": order.address, "effects_ms": effects}))
        environment = Environment(user_classes=kinds, host=order.address, events=events)
        runner = environment.create_local_runner()
        gevent.sleep(0)
        runner.start(order.connections + len(kinds) - 1, spawn_rate=1000)
        gevent.sleep(max(0.0, start - time.perf_counter()))
        busy_before, began = sum(process.cpu_times()[:2]), time.perf_counter()
        wanted = round(order.rate * order.seconds) if order.rate else None
        deadline = start + order.seconds + _GRACE_S
        while time.perf_counter() < deadline:
            gevent.sleep(0.05)
            if log.answered >= wanted if wanted else time.perf_counter() >= start + order.seconds:
                break
        lasted = time.perf_counter() - began
        core = (sum(process.cpu_times()[:2]) - busy_before) / lasted
        runner.quit()
        return _told(order, log, lasted, core, effects, source)

    def _user(self, order: Order, source: sources.Source, log: LatencyLog, start: float) -> type[FastHttpUser]:
        given = {"host": order.address, "source": source, "log": log}
        if order.rate is None:
            return type("Busy", (BusyUser,), {**given, "until": start + order.seconds})
        return type("Paced", (PacedUser,), {**given, "arrivals": Arrivals(order.rate, order.seconds, start)})

    def _source(self, order: Order) -> sources.Source:
        if order.kind == "browse":
            first = FIRST_VISITOR + self._runs * _VISITORS_OF_A_RUN
            return sources.Browsing(self._population, order.seed, order.day, first)
        people = self._people.setdefault(order.address, [])
        if not people:
            people += _acquaintances(order, self._population)
        make = {
            "home": sources.home,
            "recommend": sources.recommend,
            "noop": sources.noop,
            "events": sources.events(f"{time.time_ns():x}"),
        }[order.kind]
        return sources.OneRoute(people, make)


def _acquaintances(order: Order, population: Population) -> list[sources.Acquaintance]:
    """Visitors who have browsed before the run begins, so that routes are asked by people with histories."""
    kind = type("Warming", (PacedUser,), {"host": order.address})
    user = kind(Environment(host=order.address, events=events))
    user.on_start()
    return [
        _acquaint(user, Browser(population.visitor(FIRST_VISITOR - 1 - number), order.seed, order.day))
        for number in range(_ACQUAINTANCES)
    ]


def _acquaint(user: PacedUser, browser: Browser) -> sources.Acquaintance:
    page = Answer(0, "")
    while browser.request is not None:
        request = browser.request
        answer = send(user.client, request, browser.headers())
        page = answer if request.path == "/" else page
        browser.answered(answer)
    return sources.acquaintance(browser, page, str(user.host))


def _told(
    order: Order, log: LatencyLog, lasted: float, core: float, effects: list[float], source: sources.Source
) -> Run:
    return Run.of(
        order,
        log,
        lasted,
        core,
        effects_ms=[round(effect, 1) for effect in effects],
        seen=[[one.arm, one.impressions, one.clicks] for one in source.seen() if one.impressions]
        if isinstance(source, sources.Browsing)
        else [],
    )


def main() -> None:
    """Answer orders until there are no more."""
    logging.basicConfig(level=logging.ERROR, stream=sys.stderr)
    copies, seed = int(sys.argv[1]), int(sys.argv[2])
    generator = Generator(Population(grown_catalog(copies), seed))
    print(json.dumps({"ready": True}), flush=True)
    for line in sys.stdin:
        print(json.dumps(asdict(generator.run(Order(**json.loads(line))))), flush=True)


if __name__ == "__main__":
    main()
