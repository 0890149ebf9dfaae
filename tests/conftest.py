"""Fixtures that every test may use: a folder, settings, a small catalog and its database."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from xdist.scheduler import LoadFileScheduling

from app.catalog import Catalog, Item
from app.files import make_private_folder
from app.settings import Settings, load_settings
from app.store import Store, Writer
from app.store.items import insert_items
from app.values.visitor import Visitor
from app.visitors import new_visitor

_TYPES = ("presentation", "poster", "social-post", "resume")
_STYLES = ("minimal", "retro", "playful")
_TOPICS = ("Wedding", "Bakery", "Startup", "Concert", "Garden")

NOW = 1_700_000_000.0

# A busy machine is no failure: what must be fast is shown by benchmarks, beside peers.
hypothesis.settings.register_profile("untimed", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.load_profile("untimed")


FIRST = (
    "tests/app/learn/test_kill.py",
    "tests/app/cli/test_demo.py",
    "tests/browser",
    "tests/promises",
    "tests/loop",
    "tests/app/learn",
    "tests/app/server",
)
"""Where the longest groups of tests are: begun first, so that no process is left alone with one at the end.

What forks comes before anything that leaves threads behind: a fork keeps the locks they held."""


class TogetherScheduling(LoadFileScheduling):  # type: ignore[misc]
    """Where tests run side by side, keep those of one file together, and those that share the browser's site: what a
    module or a session sets up is then set up once. Long forms share nothing and may each go to another process.
    """

    def _split_scope(self, nodeid: str) -> str:
        if str(self.config.option.markexpr).startswith("slow"):
            return nodeid
        path = Path(nodeid.partition("::")[0])
        return str(path.parent if path.parent.name == "browser" else path)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> TogetherScheduling:
    """Schedule groups of tests; marks of groups do not reach the scheduler of xdist 3.8 under pytest 9.2."""
    return TogetherScheduling(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the longest groups; see `FIRST`."""
    items.sort(key=_place)


def _place(item: pytest.Item) -> int:
    return next((place for place, start in enumerate(FIRST) if item.nodeid.startswith(start)), len(FIRST))


def make_items(count: int = 60) -> list[Item]:
    """`count` templates of four types and three styles, the same in every run; ids are item-000, item-001, …"""
    return [
        Item(
            item_id=f"item-{position:03}",
            position=position,
            title=f"{_TOPICS[position % 5]} {_TYPES[position % 4]} {position}",
            type=_TYPES[position % 4],
            style=_STYLES[position % 3],
            palette=("warm", "cool")[position % 2],
            layout=("centered", "split")[position % 2],
            tags=(_TOPICS[position % 5].lower(), _STYLES[position % 3]),
            added_at=NOW - 86_400.0 * (count - position),
            seed=position,
        )
        for position in range(count)
    ]


@pytest.fixture
def now() -> float:
    """The time at which tests take place, in Unix seconds."""
    return NOW


@pytest.fixture
def var(tmp_path: Path) -> Path:
    """An empty folder for databases and models."""
    folder = tmp_path / "var"
    folder.mkdir()
    return folder


@pytest.fixture
def settings(var: Path) -> Settings:
    """Defaults, on a folder of the test's own, whatever the environment says."""
    return load_settings(
        environment={}, overrides={"var": var, "secret_key": "test", "group_commit_ms": 0, "board_interval_s": 0}
    )


@pytest.fixture
def items() -> list[Item]:
    """Sixty templates; see `make_items`."""
    return make_items()


@pytest.fixture
def catalog(items: list[Item]) -> Catalog:
    """The catalog of `items`."""
    return Catalog.from_items(items)


@pytest.fixture(scope="session")
def new_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An event database without a row. To copy it takes a fiftieth of what all migrations take."""
    path = tmp_path_factory.mktemp("new") / "events.db"
    Store.create(path).close()
    return path


@pytest.fixture
def database(settings: Settings, items: list[Item], new_database: Path) -> Path:
    """An event database that has `items` and no visitors."""
    make_private_folder(settings.var)
    shutil.copy(new_database, settings.event_database)
    with Store(settings.event_database) as store, store.open_writer() as writer:
        writer.run(lambda db: insert_items(db, items))
    return settings.event_database


@pytest.fixture
def store(database: Path) -> Iterator[Store]:
    """The store on `database`."""
    with Store(database) as store:
        yield store


@pytest.fixture
def writer(store: Store) -> Iterator[Writer]:
    """The one writer of `store`; it gathers nothing, so that a test does not wait."""
    with store.open_writer(queue_size=100, group_commit_ms=0) as writer:
        yield writer


@pytest.fixture
def visitor(settings: Settings) -> Visitor:
    """A real visitor who is not in the database yet."""
    return new_visitor(settings, now=NOW, visitor_id="visitor-1")
