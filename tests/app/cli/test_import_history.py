"""What customers did before is stored line by line, with repeats, values and times as they are told."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask

from app import create_app
from app.keys import EVENTS, READ, add_key
from app.settings import Settings
from app.store import Store
from app.store.visitors import get_visitor
from tests.app.measure.experiment.test_metrics import signed_for

HEADER = "customer,sku,event,amount,when\n"
LINES = [
    "ann/1,item-001,purchase,9.90,2026-03-01",
    "ann/1,item-001,purchase,9.90,2026-03-01",
    "ann/1,item-001,purchase,9.90,2026-04-01",
    "bob@example.org,item-002,click,,1770000000",
    "bob@example.org,item-002,purchase,5,2026-05-01T10:00:00+02:00",
]


@pytest.fixture
def site(settings: Settings, database: Path, tmp_path: Path) -> Flask:
    """A site with sixty items whose use case knows purchases."""
    return create_app(replace(settings, use_case=signed_for("value per visitor", tmp_path), control_share=0.5))


def run(site: Flask, *arguments: object) -> Result:
    """What the command prints."""
    return site.test_cli_runner().invoke(args=["import-history", *map(str, arguments)])


def stored(database: Path) -> list[tuple[object, ...]]:
    """The events as they are in the database."""
    with Store(database) as store:
        rows = store.reader().execute(
            "SELECT visitor_id, item_id, kind, value, received_at, origin FROM events ORDER BY seq"
        )
        return [tuple(row) for row in rows]


def test_repeats_values_and_times_are_kept_and_counts_are_honest(site: Flask, database: Path, tmp_path: Path) -> None:
    feed = tmp_path / "log.csv"
    feed.write_text(HEADER + "\n".join(LINES))
    said = run(site, feed).output
    assert "5 of 5 lines taken, 0 refused: 5 events stored, 0 known from an import before; 2 new visitors" in said
    assert "2 events say again what was said before: kept, and counted less for taste" in said
    events = stored(database)
    assert [event[3] for event in events] == [None, 9.9, 9.9, 9.9, 5.0], "oldest first"
    assert events[1][:3] == ("ann/1", "item-001", "purchase")
    assert events[1][4] == 1_772_323_200.0
    feed.write_text(HEADER + "\n".join([*LINES, "cid,item-003,save,,2026-05-02"]))
    said = run(site, feed).output
    assert "6 of 6 lines taken, 0 refused: 1 event stored, 5 known from an import before; 1 new visitor" in said
    assert len(stored(database)) == 6


def test_each_refusal_names_line_field_and_fix(site: Flask, database: Path, tmp_path: Path) -> None:
    feed = tmp_path / "log.csv"
    wrong = [
        ",item-001,click,,2026-03-01",
        "ann,nothing,click,,2026-03-01",
        "ann,item-001,stare,,2026-03-01",
        "ann,item-001,purchase,,2026-03-01",
        "ann,item-001,purchase,cheap,2026-03-01",
        "ann,item-001,click,,yesterday",
        "ann,item-001,click,,2099-01-01",
    ]
    feed.write_text(HEADER + "\n".join([*wrong, *LINES]))
    said = run(site, feed)
    assert said.exit_code == 1
    assert stored(database) == []
    said = run(site, feed, "--force")
    for sentence in (
        "line 2: user '' is empty; give every line its id",
        "line 3: item 'nothing' is no item of the catalog; import it first, or leave its lines out",
        "line 4: kind 'stare' is no kind of event; use view, click, like, dislike, save, use, purchase",
        "line 5: value '' is empty; give every line of this kind its price in EUR",
        "line 6: value 'cheap' is no number",
        "line 7: time 'yesterday' tells no time; write Unix seconds, an ISO time such as",
        "line 8: time '2099-01-01' lies ahead of now",
    ):
        assert sentence in said.output
    assert len(stored(database)) == 5


def test_a_german_till_is_read_with_its_dates_commas_words_and_refunds(
    site: Flask, database: Path, tmp_path: Path
) -> None:
    feed, mapping = tmp_path / "bons.csv", tmp_path / "map.toml"
    feed.write_text(
        "Datum;Kunde;Artikel;Vorgang;Betrag\n"
        "01.03.2026;Jörg;item-001;Verkauf;1.249,90\n"
        "02.03.2026 9:05;Jörg;item-002;Verkauf;7,5\n"
        "02.03.2026 18:05:10;Jörg;item-001;Retoure;-1.249,90\n"
        "3.3.2026;Jörg;item-002;Tausch;\n",
        encoding="cp1252",
    )
    mapping.write_text(
        'decimal = ","\n[fields]\nuser = "Kunde"\nitem = "Artikel"\nkind = "Vorgang"\nvalue = "Betrag"\n'
        'time = "Datum"\n[kinds]\nVerkauf = "purchase"\nRetoure = "undo purchase"\nTausch = "swap"\n'
    )
    said = run(site, feed, "--encoding", "cp1252", "--mapping", mapping, "--force").output
    assert "line 5: kind 'Tausch' stands for 'swap', which is no kind of event; use view," in said
    assert '[kinds] "Tausch" = "purchase"' in said
    assert "3 of 4 lines taken, 1 refused: 3 events stored" in said
    rows = [(item, kind, value, at) for _, item, kind, value, at, _ in stored(database)]
    assert rows == [
        ("item-001", "purchase", 1249.9, 1_772_323_200.0),
        ("item-002", "purchase", 7.5, 1_772_442_300.0),
        ("item-001", "purchase", None, 1_772_474_710.0),
    ]
    with Store(database) as store:
        assert all_standing(store) == {"item-001": 0.0, "item-002": 1.0}, "what was given back does not stand"
    again = run(site, feed, "--encoding", "cp1252", "--mapping", mapping, "--force").output
    assert "0 events stored, 3 known" in again


def test_a_value_with_a_comma_is_refused_with_the_option_that_reads_it(site: Flask, tmp_path: Path) -> None:
    feed = tmp_path / "log.csv"
    feed.write_text("user;item;kind;value;time\nann;item-001;purchase;9,90;2026-03-01\n")
    assert "value '9,90' is no number" in (said := run(site, feed).output)
    assert "give --decimal ," in said
    assert "1 of 1 line taken" in run(site, feed, "--decimal", ",").output


def all_standing(store: Store) -> dict[str, float]:
    """What stands of purchases by item."""
    rows = store.reader().execute(
        "SELECT item_id, sum(weight) FROM interactions WHERE kind = 'purchase' GROUP BY item_id ORDER BY item_id"
    )
    return {str(item_id): float(weight) for item_id, weight in rows}


def test_an_old_customer_is_assigned_to_an_arm_when_they_come(site: Flask, database: Path, tmp_path: Path) -> None:
    feed = tmp_path / "log.csv"
    feed.write_text(HEADER + "\n".join(f"c{n},item-00{n % 9},purchase,5,2026-03-0{1 + n % 9}" for n in range(40)))
    run(site, feed)
    key = add_key(site.config["SETTINGS"].var, "shop", [READ, EVENTS])
    client, headers = site.test_client(), {"Authorization": f"Bearer {key}"}
    arms = []
    for number in range(40):
        answer = client.get(f"/api/v1/recommendations?visitor_id=c{number}", headers=headers).get_json()
        arms.append(answer["arm"])
    assert 8 < arms.count("control") < 32, "half of them, by the hash"
    event = {"event_id": "e1", "kind": "purchase", "item_id": "item-005", "value": 3.5}
    answer = client.post("/api/v1/events?visitor_id=c0", headers=headers, json={"events": [event]})
    assert answer.get_json()["stored"] == 1
    with Store(database) as store:
        visitor = get_visitor(store.reader(), "c0")
        assert visitor is not None
        assert (visitor.origin, visitor.arm) == ("real", arms[0])
    assert [event[5] for event in stored(database) if event[0] == "c0"] == ["imported", "real"]
    site.extensions["flywheel"].close()


def test_an_unknown_kind_or_a_value_that_does_not_fit_is_unprocessable(site: Flask, tmp_path: Path) -> None:
    client = site.test_client()
    client.get("/")
    client.get("/")

    def send(**event: object) -> tuple[int, str]:
        answer = client.post("/api/v1/events", json={"events": [{"event_id": "e", "item_id": "item-001", **event}]})
        return answer.status_code, answer.get_json().get("detail", "")

    status, detail = send(kind="stare")
    assert status == 422
    assert "must be one of view, click, like, dislike, save, use, purchase" in detail
    assert send(kind="purchase") == (422, "/events/0/value: must be given: purchase carries price in EUR")
    assert send(kind="click", value=3.0)[0] == 422
    assert send(kind=7)[0] == 400
    assert send(kind="purchase", value=3.0)[0] == 202
    site.extensions["flywheel"].close()
