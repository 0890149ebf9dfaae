"""Fixtures that every test may use: a folder, settings, a small catalog and its database."""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Callable, Iterator
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
from app.values.database_address import Address, PostgresAddress
from app.values.visitor import Visitor
from app.visitors import new_visitor
from tests.postgres_server import PostgresServer, postgres_server

_TYPES = ("presentation", "poster", "social-post", "resume")
_STYLES = ("minimal", "retro", "playful")
_TOPICS = ("Wedding", "Bakery", "Startup", "Concert", "Garden")

NOW = 1_700_000_000.0

NewUrl = Callable[[], str]
NewAddress = Callable[[str], Address]

# A busy machine is no failure: what must be fast is shown by benchmarks, beside peers.
# A fixture that makes a new database at each call serves every example.
_ALLOWED = [hypothesis.HealthCheck.too_slow, hypothesis.HealthCheck.function_scoped_fixture]
hypothesis.settings.register_profile("untimed", deadline=None, suppress_health_check=_ALLOWED)
hypothesis.settings.load_profile("untimed")


# The settings of this machine are none of the tests': a server that another program uses must not get tables of ours.
os.environ.pop("DATABASE_URL", None)
# Nor how the run was begun: what a shell starts in the background ignores Ctrl-C, and so would the sites of tests.
signal.signal(signal.SIGINT, signal.default_int_handler)

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


ON_BOTH = ("tests/app/store", "tests/app/record", "tests/app/learn", "tests/app/several", "tests/app/test_one_fold.py")
"""Suites that run on SQLite and on PostgreSQL, but for tests marked `sqlite_only`."""
ON_BOTH_IN_LONG_FORM = ("tests/app/measure",)
"""Suites whose tests write much, so that on PostgreSQL they are long forms."""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test of `ON_BOTH` that asks for a database once on every engine."""
    path = metafunc.definition.path.relative_to(metafunc.config.rootpath).as_posix()
    if "engine" in metafunc.fixturenames and path.startswith(ON_BOTH + ON_BOTH_IN_LONG_FORM):
        marked = {mark.name for mark in metafunc.definition.iter_markers()}
        is_long = "postgres_in_long_form" in marked or path.startswith(ON_BOTH_IN_LONG_FORM)
        long = [pytest.mark.slow] if is_long else []
        postgres = pytest.param("postgres", marks=[pytest.mark.postgres, *long])
        engines = ["sqlite"] if "sqlite_only" in marked else ["sqlite", postgres]
        metafunc.parametrize("engine", [postgres] if "postgres_only" in marked else engines, indirect=True)


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
def settings(var: Path, database_url: str) -> Settings:
    """Defaults, on a folder and a database of the test's own, whatever the environment says."""
    own = {"var": var, "secret_key": "test", "database_url": database_url}
    return load_settings(environment={}, overrides={"group_commit_ms": 0, "board_interval_s": 0, **own})


@pytest.fixture
def new_url(engine: str, request: pytest.FixtureRequest) -> NewUrl:
    """Gives the setting `database_url` for a new database that has the schema; empty for SQLite."""
    if engine == "sqlite":
        return str
    server: PostgresServer = request.getfixturevalue("postgres")
    template: str = request.getfixturevalue("postgres_template")
    return lambda: server.new_database(template)


@pytest.fixture
def database_url(new_url: NewUrl) -> str:
    """The setting `database_url` of the test's own database."""
    return new_url()


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
def engine(request: pytest.FixtureRequest) -> str:
    """What the event database lies on: `sqlite`, and in suites of `ON_BOTH` `postgres` as well."""
    return str(getattr(request, "param", "sqlite"))


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A PostgreSQL server of this process."""
    with postgres_server() as server:
        yield server


@pytest.fixture(scope="session")
def postgres_template(postgres: PostgresServer, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The name of a database without a row. To copy it takes a third of what the schema takes."""
    postgres.run("CREATE DATABASE new")
    Store.create(PostgresAddress(postgres.url("new"), tmp_path_factory.mktemp("new"))).close()
    return "new"


@pytest.fixture
def new_address(engine: str, tmp_path: Path, request: pytest.FixtureRequest) -> NewAddress:
    """Gives the address of a database that is not there yet, or has no schema yet, by a name of the test's own."""
    if engine == "sqlite":
        return lambda name: tmp_path / f"{name}.db"
    server: PostgresServer = request.getfixturevalue("postgres")

    def make(name: str) -> Address:
        (tmp_path / name).mkdir()
        return PostgresAddress(server.new_database(), tmp_path / name)

    return make


@pytest.fixture
def database(engine: str, settings: Settings, items: list[Item], request: pytest.FixtureRequest) -> Address:
    """An event database that has `items` and no visitors."""
    make_private_folder(settings.var)
    if engine == "sqlite":
        shutil.copy(request.getfixturevalue("new_database"), settings.event_database)
    with Store(settings.database) as store, store.open_writer() as writer:
        writer.run(lambda db: insert_items(db, items))
    return settings.database


@pytest.fixture
def store(database: Address) -> Iterator[Store]:
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
