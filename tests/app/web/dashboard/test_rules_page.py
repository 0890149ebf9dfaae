"""The page of business rules: everybody sees them, the admin tries, makes, ends and restores them, without scripts."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.store.rules import read_rules
from app.values.rule import Rule
from tests.app.web.conftest import MakeSite, csrf_token, press_field
from tests.app.web.dashboard.test_login import log_in

HIDE = {"action": "hide", "field": "item_id", "value": "item-007", "number": ""}


@pytest.fixture
def shop(make_site: MakeSite) -> Flask:
    """A site with a password, whose control arm sees the same pages as everybody."""
    return make_site(admin_password="open sesame")


@pytest.fixture
def admin(shop: Flask) -> FlaskClient:
    """The admin's browser."""
    client = shop.test_client()
    assert log_in(client, "open sesame") == 303
    return client


def make(admin: FlaskClient, **stated: str) -> str:
    """Preview a rule and put it in force by the form below the preview; the page that follows."""
    html = admin.get("/flywheel/rules", query_string=stated).text
    form = html[html.index('class="acts"') :]
    data = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', form[: form.index("</form>")]))
    return admin.post("/flywheel/rules", data=data, follow_redirects=True).text


def press(admin: FlaskClient, path: str, **form: str) -> str:
    """Press a button of the page."""
    html = admin.get("/flywheel/rules").text
    data = {"csrf_token": csrf_token(html), "press": press_field(html), **form}
    return admin.post(f"/flywheel/rules/{path}", data=data, follow_redirects=True).text


def in_force(site: Flask) -> list[Rule]:
    """The rules in force."""
    return [row.rule for row in read_rules(site.extensions["flywheel"].store.reader())]


def test_a_preview_says_what_leaves_and_comes_and_changes_nothing(shop: Flask, admin: FlaskClient) -> None:
    shown = re.findall(r'id="i-(item-\d+)"', shop.test_client().get("/").text)
    title = shop.extensions["flywheel"].catalog[shown[0]].title
    html = admin.get("/flywheel/rules", query_string=HIDE | {"value": shown[0]}).text
    preview = html[html.index('id="preview"') :]
    assert (
        f"“hide what has item_id {shown[0]}” on the home page of a newcomer; 1 item is on no list any more" in preview
    )
    assert f'data-label="Leaves">{title}' in preview
    assert re.search(r'data-label="Comes">[^<]+ at \d', preview)
    assert in_force(shop) == []
    unknown = admin.get("/flywheel/rules", query_string=HIDE | {"value": "nowhere"}).text
    assert "value = &#39;nowhere&#39; is the id of no item" in unknown
    nothing = admin.get("/flywheel/rules", query_string=HIDE | {"field": "style", "value": "nowhere"}).text
    assert "Nothing on this page. Does an item have this value?" in nothing


def test_a_rule_is_made_switched_off_and_on_again_and_removed(shop: Flask, admin: FlaskClient) -> None:
    assert "In force: hide what has item_id item-007." in make(admin, **HIDE)
    assert in_force(shop) == [Rule("hide", "item_id", "item-007", rule_id=1)]
    assert "item-007" not in shop.test_client().get("/").text, "pages follow at once"
    assert "Rule 1 is switched off." in press(admin, "1/off")
    assert in_force(shop) == []
    assert "Rule 1 is in force again." in press(admin, "1/on")
    assert in_force(shop) == [Rule("hide", "item_id", "item-007", rule_id=2)], "under a number of its own"
    html = press(admin, "2/remove")
    assert "Rule 2 is off the list." in html
    assert "item-007" not in html
    [first, second] = read_rules(shop.extensions["flywheel"].store.reader(), [1, 2])
    assert (first.made_by, first.ended_by, second.ended_by) == ("the dashboard",) * 3, "who did it stays on record"
    assert "Nothing was changed: rule 2 is not among those that are switched off." in press(admin, "2/on")
    assert "Nothing was changed: rule 9 is not on the list." in press(admin, "9/remove")


@pytest.mark.parametrize(
    ("stated", "words"),
    [
        ({"action": "pin", "value": "item-001", "number": "first"}, "number = &#39;first&#39; must be a number"),
        ({"action": "pin", "value": "item-001", "number": "0"}, "must be the place: a whole number from 1 to 100"),
        ({"action": "hide", "value": "x"}, "a rule to hide needs field and value; field is &#39;&#39;"),
        ({"action": "unbought", "value": "rent"}, "must be a kind of event: view, click"),
        ({"action": "burn"}, "action = &#39;burn&#39; must be one of hide, pin"),
        ({"action": "boost", "field": "type", "value": "poster", "number": "nan"}, "must be from -10 to 10"),
    ],
)
def test_a_wrong_rule_is_named_and_stays_in_the_form(
    shop: Flask, admin: FlaskClient, stated: dict[str, str], words: str
) -> None:
    token = csrf_token(admin.get("/flywheel/rules").text)
    html = admin.post("/flywheel/rules", data={"csrf_token": token, **stated}, follow_redirects=True).text
    assert words in html
    assert f'value="{stated.get("value", "")}"' in html
    assert in_force(shop) == []


def test_nobody_else_changes_a_rule_and_a_form_sent_twice_makes_one(shop: Flask, admin: FlaskClient) -> None:
    other = shop.test_client()
    assert "See what it changes" not in other.get("/flywheel/rules", query_string=HIDE).text
    token = csrf_token(other.get("/flywheel/login").text)
    answer = other.post("/flywheel/rules", data={"csrf_token": token, **HIDE})
    assert answer.status_code == 303
    assert "/flywheel/login" in answer.headers["Location"]
    assert admin.post("/flywheel/rules", data=HIDE).status_code == 400, "without the token of a form"
    assert in_force(shop) == []
    html = admin.get("/flywheel/rules").text
    data = {"csrf_token": csrf_token(html), "press": press_field(html), **HIDE}
    assert [admin.post("/flywheel/rules", data=data).status_code for _ in range(2)] == [303, 303]
    assert len(in_force(shop)) == 1
    assert "hide what has item_id item-007" in other.get("/flywheel/rules").text, "everybody may see what holds"


def test_a_rule_can_be_tried_on_ones_own_page(admin: FlaskClient) -> None:
    admin.get("/")
    html = admin.get("/flywheel/rules", query_string=HIDE | {"whose": "mine"}).text
    assert "on the home page of yourself" in html
