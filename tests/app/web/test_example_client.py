"""The client of `examples/` does with a running site what it says."""

from __future__ import annotations

import importlib.util
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from flask import Flask
from werkzeug.serving import make_server

from app.keys import EVENTS, READ, VISITORS, add_key
from tests.browser.conftest import QuietHandler

FILE = Path(__file__).parents[3] / "examples" / "client.py"


@pytest.fixture(scope="module")
def client_module() -> Iterator[ModuleType]:
    spec = importlib.util.spec_from_file_location("example_client", FILE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    yield module
    del sys.modules[spec.name]


@pytest.fixture
def address(site: Flask) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, site, threaded=True, request_handler=QuietHandler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_it_recommends_records_once_exports_and_erases(site: Flask, address: str, client_module: Any) -> None:
    key = add_key(site.config["SETTINGS"].var, "shop", [READ, EVENTS, VISITORS])
    client = client_module.FlywheelClient(address, key)
    shown = client.recommend("Kunde 7/ä", k=5)
    assert len(shown.items) == 5
    chosen = client_module.click(shown, position=2)
    assert client.record("Kunde 7/ä", [chosen])["stored"] == 1
    assert client.record("Kunde 7/ä", [chosen])["duplicates"] == 1
    item_id = shown.items[1]["item"]["item_id"]
    assert all(entry["item"]["item_id"] != item_id for entry in client.similar(item_id, "Kunde 7/ä", k=3))
    assert [row["item_id"] for row in client.export("Kunde 7/ä")["events"]] == [item_id]
    client.erase("Kunde 7/ä")
    with pytest.raises(client_module.FlywheelError) as refused:
        client.export("Kunde 7/ä")
    assert refused.value.status == 404


def test_it_says_what_the_site_says_is_wrong(site: Flask, address: str, client_module: Any) -> None:
    key = add_key(site.config["SETTINGS"].var, "reader", [READ])
    client = client_module.FlywheelClient(address, key)
    with pytest.raises(client_module.FlywheelError, match="400: /k: must be at most 100"):
        client.recommend("anna", k=1000)
    with pytest.raises(client_module.FlywheelError, match="404: There is no visitor of this id for whom you may act"):
        client.record("anna", [client_module.event("view", "item-001")])
    with pytest.raises(client_module.FlywheelError) as nobody:
        client_module.FlywheelClient("http://127.0.0.1:9", key, tries=1).recommend("anna")
    assert nobody.value.status == 0
