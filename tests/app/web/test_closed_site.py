"""A request that meets a site which is ending is told to come again; it is never a 500."""

from __future__ import annotations

import pytest
from flask import Flask, Response
from flask.testing import FlaskClient

from app.web.visiting import flywheel


@pytest.mark.parametrize(
    "path",
    ["/", "/item/item-000", "/search?q=retro", "/api/v1/recommendations", "/api/v1/items", "/readyz", "/flywheel"],
)
def test_every_answer_after_the_close_is_a_503_that_says_when_to_come_again(
    site: Flask, client: FlaskClient, path: str
) -> None:
    client.get("/")
    site.extensions["flywheel"].close()
    answer = client.get(path)
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) >= 1


def test_a_first_visit_during_which_the_site_closes_gets_its_page(site: Flask, client: FlaskClient) -> None:
    @site.after_request
    def close(response: Response) -> Response:
        flywheel().close()
        return response

    assert client.get("/").status_code == 200
