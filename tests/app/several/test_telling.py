"""What processes tell each other once a second: calls counted, figures, and the crowd of a site."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path
from urllib.request import urlopen

import pytest
from flask import Flask
from prometheus_client.parser import text_string_to_metric_families

from app.settings import Settings
from app.store import Store
from app.web.dashboard.site_crowd import SharedCrowd
from app.web.telling import telling_of
from tests.app.server.conftest import PATIENCE_S, until
from tests.app.several.asking import parts
from tests.app.several.conftest import OpenSite
from tests.app.several.real_site import several, several_settings, workers_of
from tests.app.several.test_processes import only
from tests.conftest import NewUrl

pytestmark = [pytest.mark.postgres, pytest.mark.postgres_only]

LIMIT = 200


def _tell(*sites: Flask) -> None:
    """A round of each process, as they make one a second."""
    for site in sites:
        telling = telling_of(site)
        assert telling is not None
        telling.round()


def _calls(site: Flask, times: int) -> list[int]:
    client = site.test_client()
    return [client.get("/api/v1/items").status_code for _ in range(times)]


@pytest.fixture
def site_settings(settings: Settings) -> Settings:
    """A site with a small limit, whose own rounds are never due."""
    return replace(settings, api_key="k" * 24, admin_password="p" * 12, rate_limit="10 per minute", demo=True)


@pytest.fixture
def sites(open_site: OpenSite, monkeypatch: pytest.MonkeyPatch) -> tuple[Flask, Flask]:
    """Two processes that tell each other when a test says so."""
    monkeypatch.setattr("app.flywheel.TELL_EVERY_S", 3_600.0)
    return open_site(), open_site()


def test_calls_to_one_count_in_the_other_once_it_has_heard(sites: tuple[Flask, Flask]) -> None:
    one, other = sites
    assert _calls(one, 8) == [200] * 8
    assert _calls(other, 1) == [200], "until they have told each other each counts for itself"
    _tell(one, other, one)
    assert _calls(other, 2) == [200, 429]
    assert _calls(one, 2) == [200, 429], "what the other counted since it told is the error"
    answer = other.test_client().get("/api/v1/items")
    assert 1 <= int(answer.headers["Retry-After"]) <= 60
    told = parts(one).store.reader().execute("SELECT value FROM kept_shortly WHERE room = 'calls'").fetchall()
    assert len(told) == 2
    assert not any("127.0.0.1" in row[0] for row in told), "addresses are hashed"


def test_of_two_crowds_one_is_sent_and_any_process_can_send_it_home(
    sites: tuple[Flask, Flask], monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = sites
    there: set[Flask] = set()
    for site in sites:
        crowd = parts(site).crowd
        monkeypatch.setattr(type(crowd), "running", property(lambda self: any(parts(at).crowd is self for at in there)))
        monkeypatch.setattr(crowd, "send", partial(_comes, there, site))
        monkeypatch.setattr(crowd, "stop", lambda at=site: there.discard(at))
    mine, theirs = (SharedCrowd(parts(site)) for site in sites)
    assert mine.send("http://127.0.0.1", 3)
    assert not theirs.send("http://127.0.0.1", 3)
    mine.tell()
    theirs.hear({})
    assert theirs.running
    theirs.stop()
    assert there == {one}
    mine.hear({})
    assert not there
    assert not mine.running
    theirs.hear({})
    assert not theirs.running
    assert theirs.send("http://127.0.0.1", 3)
    assert there == {other}


def _comes(there: set[Flask], site: Flask, *words: object) -> bool:
    there.add(site)
    return True


@pytest.mark.whole
def test_real_processes_count_calls_together_and_any_tells_the_figures_of_all(tmp_path: Path, new_url: NewUrl) -> None:
    settings = replace(several_settings(tmp_path / "var", new_url()), rate_limit=f"{LIMIT} per minute")
    address = f"http://127.0.0.1:{settings.port}"
    with several(settings) as site, Store(settings.database) as store:
        first, second = workers_of(site)
        with only(first, [first, second]):
            assert [_status(f"{address}/api/v1/items") for _ in range(LIMIT + 1)] == [200] * LIMIT + [429]
            until(lambda: f"[{LIMIT + 1}," in _told(store), "what the first process counted")
        passed = 0
        with only(second, [first, second]):

            def refused() -> bool:
                nonlocal passed
                passed += 1
                return _status(f"{address}/api/v1/items") == 429

            until(refused, "an answer of the second process that it is too much")
        assert passed < LIMIT, "by itself it would have let as many pass"
        until(lambda: len(_processes(address)) == 2, "figures of both processes")


def _status(url: str) -> int:
    from http.client import HTTPConnection

    host, _, path = url.removeprefix("http://").partition("/")
    connection = HTTPConnection(host, timeout=PATIENCE_S)
    try:
        connection.request("GET", f"/{path}")
        return connection.getresponse().status
    finally:
        connection.close()


def _told(store: Store) -> str:
    rows = store.reader().execute("SELECT value FROM kept_shortly WHERE room = 'calls'")
    return " ".join(row[0] for row in rows)


def _processes(address: str) -> set[str]:
    """The processes whose requests any of them tells of."""
    with urlopen(f"{address}/metrics", timeout=PATIENCE_S) as answer:
        text = answer.read().decode()
    families = {family.name: family for family in text_string_to_metric_families(text)}
    assert not any("process" in sample.labels for sample in families["flywheel_events_stored"].samples)
    return {sample.labels["process"] for sample in families["flywheel_requests"].samples}
