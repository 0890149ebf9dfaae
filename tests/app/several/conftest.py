"""Two web processes' worth of a site, on one database and one var folder."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app import create_app
from app.settings import Settings
from app.values.database_address import Address
from tests.app.several.asking import parts

OpenSite = Callable[[], Flask]


@pytest.fixture
def site_settings(settings: Settings) -> Settings:
    """Settings of every process of the site."""
    return replace(settings, api_key="k" * 24, admin_password="p" * 12, control_share=0.3)


@pytest.fixture
def open_site(site_settings: Settings, database: Address, monkeypatch: pytest.MonkeyPatch) -> Iterator[OpenSite]:
    """Opens one more process of the site; none takes itself for the only one, so that nobody waits for that."""
    monkeypatch.setattr("app.store.engines.postgres.alone.ALONE_S", 0.0)
    with ExitStack() as closing:

        def open_one() -> Flask:
            site = create_app(site_settings)
            closing.callback(parts(site).close)
            parts(site).open()
            return site

        yield open_one


@pytest.fixture
def sites(open_site: OpenSite) -> tuple[Flask, Flask]:
    """Two processes of the site."""
    return open_site(), open_site()


@pytest.fixture
def browser(sites: tuple[Flask, Flask]) -> tuple[FlaskClient, FlaskClient]:
    """One browser, whose requests go to either process."""
    one, other = (site.test_client() for site in sites)
    other._cookies = one._cookies
    return one, other
