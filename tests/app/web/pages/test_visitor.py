"""Who a visitor is, and what they can do about it."""

from __future__ import annotations

from flask import Flask
from flask.testing import FlaskClient
from itsdangerous import URLSafeTimedSerializer

from app.store.visitors import get_visitor
from app.visitors import COOKIE_NAME, VisitorCookie
from app.web.visiting import VisitorBook
from tests.app.web.conftest import MakeSite, csrf_token, load_artwork, recorded, slate_links


def a_visitor(app: Flask) -> str:
    """The id of somebody who has been here, with one click."""
    client, options = app.test_client(), {"base_url": "https://localhost"}
    client.get(slate_links(client.get("/", **options).text)[0], **options)
    return str(recorded(app)[-1].visitor_id)


def test_the_cookie_is_signed_and_out_of_reach_of_scripts_and_other_sites(client: FlaskClient) -> None:
    cookies = [value for value in client.get("/").headers.getlist("Set-Cookie") if value.startswith(f"{COOKIE_NAME}=")]
    assert len(cookies) == 1
    assert "HttpOnly" in cookies[0]
    assert "SameSite=Lax" in cookies[0]
    assert "Max-Age=34560000" in cookies[0], "400 days"
    assert "Secure" not in cookies[0]


def test_behind_tls_the_cookie_is_secure(make_site: MakeSite) -> None:
    answer = make_site(secure_cookies=True).test_client().get("/", base_url="https://localhost")
    cookies = answer.headers.getlist("Set-Cookie")
    assert {value.partition("=")[0] for value in cookies} == {f"__Host-{COOKIE_NAME}", "__Host-session"}
    for value in cookies:
        assert "Secure" in value
        assert "HttpOnly" in value
        assert "Path=/" in value
        assert "Domain" not in value


def test_behind_tls_a_visitor_and_the_admin_are_known_again(make_site: MakeSite) -> None:
    client = make_site(secure_cookies=True, admin_password="open sesame").test_client()
    options = {"base_url": "https://localhost"}
    client.get("/", **options)
    assert not client.get("/", **options).headers.getlist("Set-Cookie")
    token = csrf_token(client.get("/flywheel/login", **options).text)
    answer = client.post(
        "/flywheel/login",
        data={"csrf_token": token, "password": "open sesame"},
        headers={"Referer": "https://localhost/flywheel/login"},
        **options,
    )
    assert any(value.startswith("__Secure-admin-browser=") for value in answer.headers.getlist("Set-Cookie"))
    assert "Log out" in client.get("/flywheel", **options).text


def test_behind_tls_a_visitor_of_version_0_1_is_known_again_and_gets_the_cookie_of_today(make_site: MakeSite) -> None:
    app = make_site(secure_cookies=True, secret_key="a secret of this test alone")
    visitor_id, options = a_visitor(app), {"base_url": "https://localhost"}
    client = app.test_client()
    signed_then = URLSafeTimedSerializer("a secret of this test alone", salt="flywheel-visitor").dumps(visitor_id)
    client.set_cookie(COOKIE_NAME, signed_then, domain="localhost", secure=True)
    assert visitor_id in client.get("/about/data.json", **options).text
    assert client.get_cookie(COOKIE_NAME, domain="localhost") is None
    prefixed = client.get_cookie(f"__Host-{COOKIE_NAME}", domain="localhost")
    assert prefixed is not None
    assert VisitorCookie("a secret of this test alone").read(prefixed.value) == visitor_id
    assert visitor_id in client.get("/about/data.json", **options).text


def test_behind_tls_a_cookie_of_today_counts_under_its_own_name_only(make_site: MakeSite) -> None:
    app = make_site(secure_cookies=True, secret_key="a secret of this test alone")
    visitor_id, client = a_visitor(app), app.test_client()
    signed_now = VisitorCookie("a secret of this test alone").write(visitor_id)
    client.set_cookie(COOKIE_NAME, signed_now, domain="localhost", secure=True)
    assert visitor_id not in client.get("/about/data.json", base_url="https://localhost").text


def test_who_is_forgotten_or_logs_out_leaves_nothing_in_the_browser(client: FlaskClient) -> None:
    form = {"csrf_token": csrf_token(client.get("/").text)}
    assert client.post("/about/forget", data=form).headers["Clear-Site-Data"] == '"cache", "storage"'
    form = {"csrf_token": csrf_token(client.get("/").text)}
    assert client.post("/flywheel/logout", data=form).headers["Clear-Site-Data"] == '"cache"'


def test_a_known_visitor_gets_no_new_cookie(client: FlaskClient) -> None:
    client.get("/")
    assert not any(value.startswith(f"{COOKIE_NAME}=") for value in client.get("/").headers.getlist("Set-Cookie"))


def test_a_forged_cookie_makes_a_new_visitor(client: FlaskClient) -> None:
    client.set_cookie(COOKIE_NAME, "InNvbWVib2R5Ig.forged.signature")
    assert any(value.startswith(f"{COOKIE_NAME}=") for value in client.get("/").headers.getlist("Set-Cookie"))


def test_visitors_survive_a_restart(make_site: MakeSite) -> None:
    first = make_site()
    client = first.test_client()
    client.get(slate_links(client.get("/").text)[0])
    cookie = client.get_cookie(COOKIE_NAME)
    assert cookie is not None
    first.extensions["flywheel"].close()
    again = make_site().test_client()
    again.set_cookie(COOKIE_NAME, cookie.value)
    assert not any(value.startswith(f"{COOKIE_NAME}=") for value in again.get("/").headers.getlist("Set-Cookie"))


def test_about_shows_the_arm_and_makes_nobody_a_visitor(client: FlaskClient) -> None:
    answer = client.get("/about")
    assert "Nothing yet." in answer.text
    assert not any(value.startswith(f"{COOKIE_NAME}=") for value in answer.headers.getlist("Set-Cookie"))
    client.get("/")
    assert "<strong>treatment</strong>" in client.get("/about").text


def test_a_visitor_takes_their_data_along(client: FlaskClient) -> None:
    client.get(slate_links(client.get("/").text)[0])
    answer = client.get("/about/data.json")
    assert answer.headers["Content-Disposition"] == "attachment; filename=carousel-data.json"
    found = answer.get_json()
    assert found["visitor"]["arm"] == "treatment"
    assert [event["kind"] for event in found["events"]] == ["click"]
    assert len(found["slates"]) > 1


def test_without_a_visitor_there_is_nothing_to_take_along(client: FlaskClient) -> None:
    assert client.get("/about/data.json").status_code == 404


def test_to_be_forgotten_removes_rows_and_cookie(site: Flask, client: FlaskClient) -> None:
    html = client.get("/").text
    client.get(slate_links(html)[0])
    visitor_id = recorded(site)[0].visitor_id
    answer = client.post("/about/forget", data={"csrf_token": csrf_token(html)})
    assert answer.location == "/about/forgotten"
    assert client.get_cookie(COOKIE_NAME) is None
    assert "You are forgotten" in client.get(answer.location).text
    assert client.get_cookie(COOKIE_NAME) is None, "the answer must not make a new visitor"
    assert recorded(site) == []
    assert get_visitor(site.extensions["flywheel"].store.reader(), visitor_id) is None


def test_leaving_the_control_group_is_remembered_as_a_choice(make_site: MakeSite) -> None:
    site = make_site(control_share=1.0)
    client = site.test_client()
    html = client.get("/").text
    answer = client.post("/about/arm", data={"csrf_token": csrf_token(html), "arm": "treatment"})
    assert answer.location == "/"
    html = client.get("/").text
    assert "You are in the control group" not in html
    assert "by your own choice" in client.get("/about").text
    assert client.get("/about/data.json").get_json()["visitor"]["arm_source"] == "chosen"


def test_an_arm_that_does_not_exist_cannot_be_chosen(client: FlaskClient) -> None:
    token = csrf_token(client.get("/").text)
    assert client.post("/about/arm", data={"csrf_token": token, "arm": "best"}).status_code == 400


def test_saved_and_hidden_items_are_listed(client: FlaskClient) -> None:
    token = csrf_token(client.get("/").text)
    client.post("/item/item-003/save", data={"csrf_token": token})
    client.post("/item/item-004/dislike", data={"csrf_token": token})
    html = client.get("/about").text
    assert "Saved by you" in html
    assert "Hidden by you" in html
    assert "Show again" in html


def test_the_book_forgets_who_was_unseen_longest(site: Flask, client: FlaskClient) -> None:
    from dataclasses import replace

    from app.visitors import new_visitor

    book = VisitorBook(size=2)
    someone = new_visitor(site.config["SETTINGS"], now=0.0)
    for name in ("a", "b", "c"):
        book.keep(replace(someone, visitor_id=name))
    assert book.get("a") is None
    assert book.get("c") is not None


def test_forgetting_asks_first_without_scripts(client: FlaskClient) -> None:
    client.get("/")
    load_artwork(client)
    html = client.get("/about").text
    asking = html[html.index('<details class="sure">') : html.index("Yes, forget me now")]
    assert "Forget me …" in asking
    assert 'formaction="/about/forget"' in asking
    assert html.count('formaction="/about/forget"') == 1


def test_a_shared_link_names_no_slate_so_that_opening_it_is_organic(client: FlaskClient) -> None:
    link = slate_links(client.get("/type/poster").text)[0]
    html = client.get(link).text
    assert f'href="{link.partition("?")[0]}" data-share=' in html


def test_the_page_that_the_header_calls_you_has_that_address(client: FlaskClient) -> None:
    assert client.get("/you").location == "/about"
