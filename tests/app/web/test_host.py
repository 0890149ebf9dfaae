"""A Host that can be none is the client's fault."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import EnvironBuilder, run_wsgi_app


@pytest.mark.parametrize("path", ["/", "/api/v1/recommendations"])
def test_a_host_that_is_none_is_refused_in_words(client: FlaskClient, path: str) -> None:
    answer = client.get(path, headers={"Host": "a" * 300})
    assert answer.status_code == 400
    assert answer.content_length


@pytest.mark.parametrize("path", ["/", "/api/v1/recommendations", "/healthz"])
def test_a_request_without_a_host_is_refused_but_of_old_clients(site: Flask, path: str) -> None:
    statuses = {}
    for version in ("HTTP/1.0", "HTTP/1.1"):
        environ = EnvironBuilder(path).get_environ() | {"SERVER_PROTOCOL": version}
        del environ["HTTP_HOST"]
        statuses[version] = run_wsgi_app(site.wsgi_app, environ)[1]
    assert statuses["HTTP/1.1"] == "400 BAD REQUEST"
    assert statuses["HTTP/1.0"] == "200 OK"
