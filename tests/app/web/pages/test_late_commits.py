"""A write that is committed after the answer gave it up: pages follow it all the same."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from app.store import Writer, WriteTimeoutError
from tests.app.web.api.test_merge import browsed, merge
from tests.app.web.conftest import MakeSite, csrf_token, key_headers

Late = Callable[[int], None]


@pytest.fixture
def late(monkeypatch: pytest.MonkeyPatch) -> Late:
    """Lets who waits for the nth write from now on be told that it took too long, when it is committed."""
    run = Writer.run

    def begin(nth: int) -> None:
        begun = 0

        def run_late(writer: Writer, *args: Any, **kwargs: Any) -> Any:
            nonlocal begun
            begun += 1
            told = begun
            outcome = run(writer, *args, **kwargs)
            if told == nth:
                raise WriteTimeoutError("a write was not committed within 10 s and may still be written")
            return outcome

        monkeypatch.setattr(Writer, "run", run_late)

    return begin


def test_a_wish_is_followed(make_site: MakeSite, late: Late) -> None:
    site = make_site()
    client = site.test_client()
    browsed(client)
    html = client.get("/").text
    late(1)
    form = {"csrf_token": csrf_token(html), "wish": "style:retro -2", "next": "/"}
    assert client.post("/you/wish", data=form).status_code == 503
    assert "left out" in client.get("/").text


def test_a_chosen_arm_is_followed(make_site: MakeSite, late: Late) -> None:
    client = make_site(control_share=1.0).test_client()
    browsed(client)
    html = client.get("/about").text
    late(1)
    assert client.post("/about/arm", data={"csrf_token": csrf_token(html), "arm": "treatment"}).status_code == 503
    assert client.get("/api/v1/recommendations").get_json()["arm"] == "treatment"


def test_who_was_erased_is_known_no_more(make_site: MakeSite, late: Late) -> None:
    site = make_site()
    client = site.test_client()
    visitor_id = browsed(client)
    late(2)  # the first write asks for the ids
    shop = site.test_client(use_cookies=False)
    assert shop.delete(f"/api/v1/visitors/{visitor_id}", headers=key_headers(site)).status_code == 503
    assert client.get("/api/v1/recommendations").get_json()["visitor_id"] != visitor_id


def test_a_merge_is_followed(make_site: MakeSite, late: Late) -> None:
    site = make_site()
    client = site.test_client()
    anonymous = browsed(client)
    late(1)
    assert merge(site, "customer-7", anonymous).status_code == 503
    assert client.get("/api/v1/recommendations").get_json()["visitor_id"] == "customer-7"
