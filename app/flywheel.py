"""The running site: every long-lived part of the web process, opened once and closed once."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection
from contextlib import ExitStack, suppress

import structlog

from app.catalog import Catalog, CatalogHolder
from app.crowd import Crowd
from app.jobs import TELL_EVERY_S, add_jobs_for_all, add_own_jobs
from app.keys import KeyRing, site_keys
from app.measure.dashboard.board import Round, take_board
from app.measure.dashboard.refresher import BoardRefresher
from app.measure.experiment.ledger import Ledger, open_ledger
from app.measure.risks.measuring import LatencySource, no_latency
from app.measure.risks.monitor import Monitor
from app.models.publish import CHALLENGER_POINTER, CurrentModelWatch
from app.models.registry import Registry
from app.parts import Parts
from app.periodic import PeriodicRunner
from app.record import Recorder
from app.record.retention import Retention
from app.secret import admin_password, secret_key
from app.serve.insight.click_effect import ClickEffects
from app.serve.insight.taste import Tastes
from app.serve.model_holder import ModelHolder
from app.serve.popularity import PopularityBoard
from app.serve.rules.recommenders import load_recommenders
from app.serve.serve import Serve
from app.serve.several.following import ChangeFollower, Forget
from app.serve.several.same_keys import refuse_other_keys
from app.settings import SettingError, Settings
from app.store import READ_ERRORS, NotInitialisedError, SiteClosedError, Store, Writer
from app.store.items import all_items, last_item_change
from app.store.several.changes import last_change
from app.visitors import VisitorCookie
from app.visitors.contribution import contribution_rules

_log = structlog.get_logger(__name__)


def _hold_nothing(visitor_ids: Collection[str] | None) -> None:
    """What is dropped of visitors where nothing else holds any."""


class Flywheel:
    """Opens the parts at the first use, so that commands, which share the factory, never take the writer's lock."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.page_latency: LatencySource = no_latency
        self.forget_visitors: Forget = _hold_nothing
        self.tell_others: Callable[[], object] = lambda: None
        self._parts: Parts | None = None
        self._cookie: VisitorCookie | None = None
        self._closed = False
        self._closing = ExitStack()
        self._lock = threading.Lock()

    def open(self) -> Parts:
        """Open everything, once; safe to call again.

        Raises NotInitialisedError when there is no catalog yet, WriterBusyError when another process is writing, and
        SiteClosedError after `close`: a request that is still under way must not open anything anew.
        """
        with self._lock:
            if self._closed:
                raise SiteClosedError
            if self._parts is None:
                with ExitStack() as undo:
                    self._parts = self._open(undo)
                    self._closing = undo.pop_all()
            return self._parts

    def check(self) -> None:
        """Raise what `open` would raise for a missing catalog or a secret that is empty, without starting anything.

        It is used before a fork. Raises SecretError, NotInitialisedError, OtherKeysError where another process has
        other secrets, and SettingError for more processes than the database lets write.
        """
        if self.settings.web_concurrency > 1 and not self.settings.database_url:
            raise SettingError(
                f"setting web_concurrency = {self.settings.web_concurrency} (or WEB_CONCURRENCY) must be 1 on SQLite, "
                "which one process writes: set FLYWHEEL_WEB_CONCURRENCY=1, or put the events on a PostgreSQL server "
                "with DATABASE_URL (docs/scale.md)"
            )
        secret_key(self.settings)
        admin_password(self.settings)
        load_recommenders(self.settings.recommenders)
        store = Store(self.settings.database)
        try:
            self._read_catalog(store)
            if self.settings.database_url:
                refuse_other_keys(store, self.settings)
        finally:
            store.close()

    def close(self) -> None:
        """Stop the threads, write what waits and close every file, for good; call it when no request is under way."""
        with self._lock:
            self._closed, self._parts = True, None
            self._closing.close()

    def close_writer(self, within_s: float) -> None:
        """Refuse new requests, and commit what is queued within so many seconds; whoever reads may go on reading.

        For the end of a process in which requests are under way: they hold files that must not be closed beneath them.
        """
        with self._lock:
            self._closed, parts, self._parts = True, self._parts, None
        if parts is not None:
            parts.writer.close(within_s)

    @property
    def opened(self) -> Parts | None:
        """Everything that is open; None before the first use and at the end."""
        return self._parts

    def processes(self) -> int | None:
        """How many processes serve the site now; None while the database cannot say."""
        if not self.settings.database_url:
            return 1
        with suppress(*READ_ERRORS):
            return self.store.engine.writers()
        return None

    @property
    def store(self) -> Store:
        """Read access to the event database."""
        return self.open().store

    @property
    def writer(self) -> Writer:
        """The one writer of the event database."""
        return self.open().writer

    @property
    def catalog(self) -> Catalog:
        """The items as they are now; read it once a request."""
        return self.open().catalogs.current

    @property
    def catalogs(self) -> CatalogHolder:
        """Where the running site takes up what is written to its items."""
        return self.open().catalogs

    @property
    def recorder(self) -> Recorder:
        """Where events are recorded."""
        return self.open().recorder

    @property
    def serve(self) -> Serve:
        """Where pages are composed."""
        return self.open().serve

    @property
    def effects(self) -> ClickEffects:
        """What visitors' newest acts changed."""
        return self.open().effects

    @property
    def tastes(self) -> Tastes:
        """What visitors seem to like."""
        return self.open().tastes

    @property
    def crowd(self) -> Crowd:
        """Simulated visitors beside the site."""
        return self.open().crowd

    @property
    def cookie(self) -> VisitorCookie:
        """Signs and reads the visitor's cookie; it needs no database, and goes on after `close`."""
        if self._cookie is None:
            self._cookie = VisitorCookie(secret_key(self.settings))
        return self._cookie

    @property
    def keys(self) -> KeyRing:
        """The API keys that programs may show."""
        return self.open().keys

    @property
    def registry(self) -> Registry:
        """What the trainer says of its models."""
        return self.open().registry

    @property
    def board(self) -> BoardRefresher:
        """What the dashboard shows, kept fresh."""
        return self.open().board

    @property
    def monitor(self) -> Monitor:
        """Measures the risk indicators."""
        return self.open().monitor

    @property
    def jobs(self) -> PeriodicRunner:
        """What runs beside the requests."""
        return self.open().jobs

    @property
    def ledger(self) -> Ledger:
        """Sums of the experiment."""
        return self.open().ledger

    def _open(self, undo: ExitStack) -> Parts:
        settings = self.settings
        store = Store(settings.database)
        undo.callback(store.close)
        several = bool(settings.database_url)
        # Before all that is read: what is written meanwhile is taken up later.
        told, change = last_change(store.reader()) if several else 0, last_item_change(store.reader())
        catalog = self._read_catalog(store)
        catalogs = CatalogHolder(store, catalog, change)
        # Patient: while the database cannot be written, pages are shown all the same, and events are refused.
        writer = store.open_writer(
            queue_size=settings.queue_size,
            group_commit_ms=settings.group_commit_ms,
            patient=True,
            beside_others=True,
        )
        undo.callback(writer.close)
        registry = Registry(settings, store.reader)
        models = ModelHolder(
            CurrentModelWatch(registry.storage),
            challenger_watch=CurrentModelWatch(registry.storage, CHALLENGER_POINTER),
        )
        popularity = PopularityBoard(store, catalog, contribution_rules(settings), epoch=time.time())
        popularity.sort_beside()
        serve = Serve(settings, store, writer, catalog, models, popularity)
        models.prepare_with(serve.prepare)
        effects, tastes = ClickEffects(serve, store, settings), Tastes(serve)
        crowd = Crowd(settings)
        undo.callback(crowd.stop)
        recorder = Recorder(writer, catalog, settings, serve.on_recorded)
        for follow in (popularity.use_catalog, recorder.use_catalog, serve.use_catalog):
            catalogs.tell(follow)
        serve.record_openings_with(recorder.record_opened)
        follower = ChangeFollower(store, serve, catalogs, told) if several else None
        if follower is not None:
            for forget in (self.forget_visitors, effects.forget_some, tastes.forget_some):
                follower.tell(forget)
        right = store.engine.jobs_right()
        undo.callback(right.release)
        admin_password(settings)  # made at the first start, so that there is one to read before the first login
        keys = site_keys(settings)
        ledger = open_ledger(store, settings)
        board = BoardRefresher(
            lambda before: take_board(
                Round(store, registry, settings, time.time(), ledger, self.page_latency), before=before
            ),
            settings.board_interval_s,
        )
        retention = Retention(store, writer, settings)
        monitor = Monitor(store, writer, registry, settings, self.page_latency)
        jobs = PeriodicRunner()
        undo.callback(jobs.stop)
        undo.callback(retention.stop)
        add_own_jobs(jobs, settings, writer, models, catalogs, serve, popularity, board, follower)
        if several:
            jobs.add("telling", self.tell_others, TELL_EVERY_S)
        add_jobs_for_all(jobs, settings, writer, retention, monitor, right.held if several else None)
        # Before the first visitor; what fails is tried again beside them.
        for name in ("assignment", "model-watch", "tastes"):
            jobs.run(name)
        jobs.start()
        return Parts(
            store,
            writer,
            catalogs,
            recorder,
            serve,
            effects,
            tastes,
            crowd,
            keys,
            registry,
            board,
            ledger,
            monitor,
            jobs,
            follower,
        )

    def _read_catalog(self, store: Store) -> Catalog:
        items = all_items(store.reader())
        if not items:
            raise NotInitialisedError(
                f"the catalog in {store.name} is empty; "
                "run `flask seed`, `flask import-catalog FILE` or `flask import-movielens PATH`"
            )
        return Catalog.from_items(items)
