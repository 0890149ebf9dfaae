"""Locust users: those that keep the pace of arrivals, those that are never idle, one that times what a click does."""

from __future__ import annotations

import time
from collections.abc import Callable

import gevent
from locust import FastHttpUser, between, constant, constant_pacing, task
from locust.contrib.fasthttp import FastHttpSession
from locust.exception import StopUser

from benchmarks.simulated import simulated_headers
from benchmarks.site.load.arrivals import Arrivals, LatencyLog
from benchmarks.site.load.browsing import A_SHELF, HOME, ITEM, Answer, Browser, Cookies, Request, arm_of, learned_items
from benchmarks.site.load.sources import Job, Source
from benchmarks.slates import slates_of

EFFECT_WITHIN_S = 10.0
HOME_PAGE = Request(HOME, "GET", "/", A_SHELF)


def send(client: FastHttpSession, request: Request, headers: dict[str, str]) -> Answer:
    """Send one request; Locust counts it under its group, as failed when status or content are wrong."""
    with client.request(
        request.method, request.path, name=request.name, data=request.body, headers=headers, catch_response=True
    ) as response:
        cookies = response.headers.getlist("set-cookie") if response.headers else []
        answer = Answer(response.status_code or 0, response.text or "", tuple(cookies))
        problem = answer.problem(request)
        if problem:
            response.failure(problem)
        else:
            response.success()
    return answer


class _Browserless(FastHttpUser):
    """A connection without cookies of its own: the visitors bring theirs."""

    abstract = True

    def on_start(self) -> None:
        self.client.client.cookiejar = None


class _Tireless(_Browserless):
    """Sends what the source gives and notes how long it took."""

    abstract = True
    wait_time = constant(0)
    source: Source
    log: LatencyLog

    def run_job(self, job: Job, due: float) -> None:
        sent = time.perf_counter()
        answer = send(self.client, job.request, job.headers)
        done = time.perf_counter()
        self.log.add(job.request.name, done - due, done - sent, answer.problem(job.request))
        job.answered(answer)


class PacedUser(_Tireless):
    """Takes the next arrival and waits for its moment; late when all connections are busy."""

    arrivals: Arrivals

    @task
    def next_arrival(self) -> None:
        due = self.arrivals.take()
        if due is None:
            raise StopUser
        early = due - time.perf_counter()
        if early > 0:
            gevent.sleep(early)
        self.run_job(self.source.take(), due)


class BusyUser(_Tireless):
    """Sends the next request as soon as the last was answered, until the time is up: what a route can at most."""

    until: float

    @task
    def next_request(self) -> None:
        if time.perf_counter() >= self.until:
            raise StopUser
        self.run_job(self.source.take(), time.perf_counter())


class EffectUser(_Browserless):
    """Once a second somebody new clicks one item, and looks at "For you" until it has changed."""

    fixed_count = 1
    wait_time = constant_pacing(1.0)
    effects_ms: list[float]

    @task
    def click_and_look(self) -> None:
        cookies = Cookies()
        page = self._open(cookies, HOME_PAGE)
        slates = slates_of(page)
        if arm_of(page) != "treatment" or not slates:
            return
        before = learned_items(page)
        first = slates[0]
        address = f"/item/{first.item_ids[0]}?slate={first.slate_id}&pos={first.positions[0]}"
        started = time.perf_counter()
        self._open(cookies, Request(ITEM, "GET", address, "<article"))
        while (waited := time.perf_counter() - started) < EFFECT_WITHIN_S:
            now = learned_items(self._open(cookies, HOME_PAGE))
            waited = time.perf_counter() - started
            if now and now != before:
                break
            gevent.sleep(0.05)
        self.effects_ms.append(waited * 1000)

    def _open(self, cookies: Cookies, request: Request) -> str:
        answer = send(self.client, request, {**simulated_headers(), "Cookie": cookies.header()})
        cookies.take(answer)
        return answer.text


class Visitor(_Browserless):
    """Somebody who browses with pauses, for watching: `make traffic`."""

    wait_time = between(0.3, 1.5)
    newcomers: Callable[[], Browser]

    def on_start(self) -> None:
        super().on_start()
        self.browser: Browser = self.newcomers()

    @task
    def next_request(self) -> None:
        if self.browser.request is None:
            self.browser = self.newcomers()
        request = self.browser.request
        assert request is not None
        self.browser.answered(send(self.client, request, self.browser.headers()))
