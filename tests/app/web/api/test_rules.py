"""Rules, named recommenders and cursors over HTTP."""

from __future__ import annotations

from typing import Any

import jsonschema_rs
import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.keys import CATALOG, READ, add_key
from app.serve.rules.recommenders import RecommenderError, load_recommenders
from tests.app.web.conftest import MakeSite, key_headers

HIDE = {"rule": {"action": "hide", "field": "category", "value": "poster"}}


def recommended(client: FlaskClient, **question: object) -> Any:
    answer = client.get("/api/v1/recommendations", query_string={"k": 6, **question})
    assert answer.status_code == 200, answer.text
    return answer.get_json()


def ids(found: Any) -> list[str]:
    return [entry["item"]["item_id"] for entry in found["items"]]


def test_a_rule_is_tried_made_followed_at_once_and_ended(site: Flask, client: FlaskClient) -> None:
    headers = {"Authorization": f"Bearer {add_key(site.config['SETTINGS'].var, 'shop', [CATALOG])}"}
    document = client.get("/api/openapi.json").get_json()

    def check(schema: str, value: object) -> None:
        jsonschema_rs.validator_for(
            {"$ref": f"#/components/schemas/{schema}", "components": document["components"]}
        ).validate(value)

    tried = client.post("/api/v1/rules/preview", json={**HIDE, "k": 4}, headers=headers).get_json()
    check("Previewed", tried)
    assert tried["hidden"] == 15
    assert tried["before"] != tried["after"]
    assert client.get("/api/v1/rules", headers=headers).get_json() == {"rules": []}
    made = client.post("/api/v1/rules", json=HIDE, headers=headers)
    assert made.status_code == 201
    check("Rule", made.get_json())
    assert (made.get_json()["words"], made.get_json()["made_by"]) == ("hide what has category poster", "key shop")
    ruled = recommended(client)
    assert ids(ruled)[:4] == tried["after"]
    recommended(client)  # the cookie came back: what was shown before is on record
    site.extensions["flywheel"].writer.run(lambda db: None)
    said = site.test_cli_runner().invoke(args=["lineage", ruled["slate_id"]]).output
    assert "rule 1 by key shop: hide what has category poster" in said
    check("Rules", client.get("/api/v1/rules", headers=headers).get_json())
    number = made.get_json()["rule_id"]
    assert client.delete(f"/api/v1/rules/{number}", headers=headers).status_code == 204
    assert client.delete(f"/api/v1/rules/{number}", headers=headers).status_code == 404
    assert client.delete(f"/api/v1/rules/{2**70}", headers=headers).status_code == 404
    assert ids(recommended(client))[:4] == tried["before"]


def test_who_may_not_and_what_is_no_rule_is_refused(site: Flask, client: FlaskClient) -> None:
    reader = {"Authorization": f"Bearer {add_key(site.config['SETTINGS'].var, 'reader', [READ])}"}
    assert client.get("/api/v1/rules").status_code == 401
    assert client.post("/api/v1/rules", json=HIDE, headers=reader).status_code == 403
    headers = key_headers(site)
    for rule in ({"action": "burn"}, {"action": "pin", "value": "a", "number": 0}, {"action": "hide", "field": "type"}):
        answer = client.post("/api/v1/rules", json={"rule": rule}, headers=headers)
        assert answer.status_code == 400
        assert answer.get_json(force=True)["errors"]
    bought = {"rule": {"action": "unbought", "value": "rented"}}
    answer = client.post("/api/v1/rules", json=bought, headers=headers)
    assert answer.status_code == 422
    assert "must be a kind of event: view, click" in answer.get_json(force=True)["detail"]


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        (
            {"action": "pin", "value": "nothing", "number": 1},
            "value is the id of no item; GET /api/v1/items lists",
        ),
        ({"action": "hide", "field": "item_id", "value": "nothing"}, "value is the id of no item"),
        (
            {"action": "hide", "field": "colour", "value": "red"},
            "that no item has; give one of item_id, type",
        ),
        ({"action": "cap", "field": "colour", "number": 2}, "field is a field that no item has"),
    ],
)
def test_a_rule_that_could_do_nothing_is_refused(site: Flask, client: FlaskClient, rule: object, said: str) -> None:
    answer = client.post("/api/v1/rules", json={"rule": rule}, headers=key_headers(site))
    assert answer.status_code == 409
    assert said in answer.get_json(force=True)["detail"]


def test_a_pin_of_the_shop_rests_where_a_question_is_about_others(site: Flask, client: FlaskClient) -> None:
    shown = recommended(client, filter="style:retro")
    other = next(i for i in ids(recommended(client)) if i not in ids(shown))
    pin = {"rule": {"action": "pin", "value": other, "number": 1}}
    assert client.post("/api/v1/rules", json=pin, headers=key_headers(site)).status_code == 201
    assert ids(recommended(client))[0] == other
    assert other not in ids(recommended(client, filter="style:retro"))
    assert ids(recommended(client, filter="style:retro", pin=f"{other}:1"))[0] == other


def test_a_question_may_exclude_filter_boost_and_pin(client: FlaskClient) -> None:
    found = recommended(
        client, exclude="item-000,item-001", filter="style:retro", pin="item-059:2", boost="type:resume:3"
    )
    assert ids(found)[1] == "item-059"
    assert (found["items"][1]["source"], found["items"][1]["propensity"]) == ("pinned", 1.0)
    assert {entry["item"]["style"] for entry in found["items"] if entry["source"] != "pinned"} == {"retro"}
    assert not {"item-000", "item-001"} & set(ids(found))
    told = client.get("/api/v1/recommendations", query_string={"filter": "retro"})
    assert told.status_code == 400
    assert "must be field:value, such as brand:Acme" in told.get_json(force=True)["detail"]


def test_a_body_asks_the_same_with_longer_lists(client: FlaskClient) -> None:
    client.get("/")
    asked = recommended(client, exclude="item-003,item-004", filter="category:poster", pin="item-001:2")
    body = {
        "k": 6,
        "exclude": ["item-003", "item-004", *(f"sku-{number}" for number in range(1_900))],
        "filter": [{"field": "category", "value": "poster"}],
        "pin": [{"item_id": "item-001", "place": 2}],
    }
    answer = client.post("/api/v1/recommendations", json=body)
    assert answer.status_code == 200, answer.text
    found = answer.get_json()
    assert ids(found) == ids(asked)
    assert found["visitor_id"] == asked["visitor_id"]
    assert found["slate_id"] not in (None, asked["slate_id"]), "it is logged as well"
    more = client.post("/api/v1/recommendations", json=body | {"cursor": found["cursor"], "pin": []}).get_json()
    assert not set(ids(found)) & set(ids(more))


@pytest.mark.parametrize(
    ("body", "status", "pointer"),
    [
        ({"k": 0}, 400, "/k"),
        ({"exclude": "item-001"}, 400, "/exclude"),
        ({"exclude": [""]}, 400, "/exclude/0"),
        ({"type": "tapestry"}, 404, "/type"),
        ({"for": "nobody"}, 400, "/for"),
        ({"spoon": 1}, 400, "/spoon"),
        ({"boost": [{"field": "type", "value": "poster", "number": 11}]}, 400, "/boost/0/number"),
        ({"visitor_id": "v", "history": ["item-001"]}, 409, "/history"),
        ({"cursor": "c", "history": ["item-001"]}, 409, "/cursor"),
        ({"visitor_id": "somebody"}, 404, None),
    ],
)
def test_what_a_body_asks_wrongly_is_named(client: FlaskClient, body: Any, status: int, pointer: str | None) -> None:
    answer = client.post("/api/v1/recommendations", json=body)
    assert answer.status_code == status
    assert pointer in [problem.get("pointer") for problem in answer.get_json(force=True).get("errors", [{}])]


def test_a_program_without_a_cookie_is_nobody_until_it_comes_back(site: Flask, client: FlaskClient) -> None:
    first = client.post("/api/v1/recommendations", json={}).get_json()
    assert client.post("/api/v1/recommendations", json={}).get_json()["visitor_id"] == first["visitor_id"]
    other = site.test_client()
    other.post("/api/v1/recommendations", json={})
    site.extensions["flywheel"].writer.run(lambda db: None)
    reader = site.extensions["flywheel"].store.reader()
    assert reader.execute("SELECT count(*) FROM visitors").fetchone()[0] == 1


def test_a_cursor_gives_everything_once(client: FlaskClient) -> None:
    found = recommended(client, k=25)
    seen = ids(found)
    for left in (25, 10, 0):
        cursor = found["cursor"]
        found = recommended(client, k=25, cursor=cursor)
        assert len(found["items"]) == left
        seen += ids(found)
    assert len(seen) == len(set(seen)) == 60
    assert client.get("/api/v1/recommendations?cursor=nothing").status_code == 404
    assert client.get(f"/api/v1/recommendations?history=item-001&cursor={cursor}").status_code == 409


def test_a_recommender_has_rules_and_items_of_its_own(make_site: MakeSite, tmp_path: Any) -> None:
    file = tmp_path / "recommenders.toml"
    file.write_text(
        '[[recommenders]]\nname = "home"\nfrom = "visitor"\n'
        '[[recommenders]]\nname = "cart"\nfrom = "items"\nfilter = { style = "retro" }\n'
        'rules = [{ action = "pin", value = "item-004", number = 1 }]\n'
    )
    site = make_site(recommenders=file)
    client = site.test_client()
    assert ids(recommended(client)) != ids(recommended(client, **{"for": "cart"}))
    found = recommended(client, **{"for": "cart", "items": "item-001,item-002"})
    assert ids(found)[0] == "item-004"
    assert not {"item-001", "item-002"} & set(ids(found))
    assert {entry["item"]["style"] for entry in found["items"][1:]} == {"retro"}
    refused = client.get("/api/v1/recommendations?for=basket")
    assert refused.status_code == 400
    assert "must be one of home, cart" in refused.get_json(force=True)["detail"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[[recommenders]]\nname = 'cart'\nfrom = 'items'\n", "has no recommender 'home'"),
        ("[[recommenders]]\nname = 'home'\nfrom = 'afar'\n", "from = 'afar' of 'home' must be one of visitor, items"),
        ("[[recommenders]]\nname = 'Home'\n", "name = 'Home' must be small letters"),
        ("[[recommenders]]\nname = 'home'\nfrom = 'visitor'\nspoon = 1\n", "'spoon' of 'home' is not known"),
        (
            "[[recommenders]]\nname = 'home'\nfrom = 'visitor'\nrules = [{ action = 'pin' }]\n",
            "a rule of 'home' is wrong: a rule to pin needs value",
        ),
        ("[[", "cannot be read as TOML"),
    ],
)
def test_a_wrong_file_of_recommenders_is_refused_in_words(tmp_path: Any, text: str, said: str) -> None:
    file = tmp_path / "recommenders.toml"
    file.write_text(text)
    with pytest.raises(RecommenderError) as refused:
        load_recommenders(file)
    assert said in str(refused.value)
