"""A kind says something of taste from some value on; below it, it is recorded and measured all the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.measure.governance.usecase import load_use_case
from app.values.kind import Kind, KindError, load_kinds
from tests.app.web.conftest import MakeSite

SHIPPED = Path(__file__).parents[4] / "app" / "usecase.toml"
WATCH = """
[[kinds]]
name = "watch"
meaning = "The visitor watched the film"
weight = 2.0
value = "share watched"
positive_from = 0.5
"""


def test_a_film_that_was_left_early_is_no_choice(make_site: MakeSite, tmp_path: Path) -> None:
    file = tmp_path / "usecase.toml"
    file.write_text(
        SHIPPED.read_text("utf-8").replace("[[guardrails]]", f"{WATCH}\n[[guardrails]]", 1), encoding="utf-8"
    )
    assert load_use_case(file).kinds["watch"].positive_from == 0.5
    site = make_site(use_case=file)
    client = site.test_client()
    client.get("/")
    watched = [("item-001", 0.1), ("item-002", 0.5), ("item-003", 0.9), ("item-001", 0.2)]
    events = [
        {"event_id": f"w{number}", "kind": "watch", "item_id": item_id, "value": share}
        for number, (item_id, share) in enumerate(watched)
    ]
    assert client.post("/api/v1/events", json={"events": events}).get_json()["stored"] == 4
    reader = site.extensions["flywheel"].store.reader()
    assert [row[0] for row in reader.execute("SELECT value FROM events ORDER BY seq")] == [0.1, 0.5, 0.9, 0.2]
    assert [tuple(row) for row in reader.execute("SELECT item_id, kind, weight FROM interactions ORDER BY seq")] == [
        ("item-002", "watch", 1.0),
        ("item-003", "watch", 1.0),
    ]
    visitor_id = reader.execute("SELECT visitor_id FROM visitors").fetchone()[0]
    weights = site.extensions["flywheel"].serve.history(visitor_id).weights
    assert set(weights) == {"item-002", "item-003"}
    assert weights["item-003"] == 2.0, "what one of the kind is worth"


@pytest.mark.parametrize(
    ("stated", "said"),
    [
        ({"positive_from": 0.5}, "has positive_from without a value"),
        ({"weight": -1.0}, "has weight = -1.0; give a number from 0"),
        ({"name": "Watch!"}, "must be named by small letters"),
        ({"name": "view", "weight": 1.0}, "leave it out, it says nothing good"),
    ],
)
def test_a_kind_that_is_stated_wrongly_is_refused(stated: dict[str, object], said: str) -> None:
    with pytest.raises(KindError, match=said):
        Kind(**{"name": "watch", **stated})  # type: ignore[arg-type]


def test_a_use_case_that_cannot_be_read_leaves_the_kinds_of_every_site(tmp_path: Path) -> None:
    assert list(load_kinds(tmp_path / "missing.toml")) == ["view", "click", "like", "dislike", "save", "use"]
