"""Nothing that the site keeps holds a byte of an erased visitor: no database, log, model, or index of a backup."""

from __future__ import annotations

from contextlib import redirect_stderr, redirect_stdout
from dataclasses import replace
from pathlib import Path

import structlog
from flask import Flask

from app.backup import take_backup
from app.backup.manifest import MANIFEST
from app.learn.loop import run_trainer
from app.measure.evaluation.holdout import METRIC
from app.models.registry import Registry
from app.settings import Settings
from app.store.measures.baselines import BaselineRow, insert_baselines
from app.store.measures.exclusions import NewExclusion, exclude
from app.store.visitors import export_visitor
from app.visitors import COOKIE_NAME
from tests.app.learn.traffic import Traffic
from tests.app.web.conftest import MakeSite, csrf_token, key_headers, recorded, slate_links


def _holding(folder: Path, visitor_id: str) -> list[str]:
    """Files below a folder with the visitor's id in them; the shared memory of a database only counts its pages."""
    return sorted(
        str(path.relative_to(folder))
        for path in folder.rglob("*")
        if path.is_file() and not path.name.endswith("-shm") and visitor_id.encode() in path.read_bytes()
    )


def _live(site: Flask) -> str:
    """Somebody who opens, likes, searches, hides, chooses an arm, sends what is not believed, and is excluded."""
    client = site.test_client()
    parts = site.extensions["flywheel"]
    client.get("/")
    html = client.get("/").text
    for link in slate_links(html)[:3]:
        client.get(link)
    token = csrf_token(html)
    client.get("/search?q=retro")
    client.post("/item/item-003/like", data={"csrf_token": token})
    client.post("/item/item-004/dislike", data={"csrf_token": token})
    client.post("/about/arm", data={"csrf_token": token, "arm": "treatment"})
    visitor_id = next(row.visitor_id for row in reversed(recorded(site)) if row.kind == "like")
    events = [{"event_id": f"{visitor_id}-{n}", "kind": "click", "item_id": item} for n, item in enumerate(("no", "x"))]
    assert client.post("/api/v1/events", json={"events": events}).status_code == 202
    parts.writer.run(
        lambda db: exclude(db, [NewExclusion(visitor_id, "by hand", f"saw {visitor_id}", {})], "test", 1.0)
    )
    site.config["PROPAGATE_EXCEPTIONS"] = False
    client.get(f"/api/v1/visitors/{visitor_id}?nonsense={visitor_id}")
    structlog.get_logger("test").warning("about_somebody", problem=f"visitor {visitor_id!r} did something")
    assert client.get_cookie(COOKIE_NAME) is not None
    return visitor_id


def test_after_the_next_refit_a_search_for_an_erased_id_finds_nothing(
    make_site: MakeSite, settings: Settings, now: float, tmp_path: Path
) -> None:
    log = settings.var / "site.log"
    with log.open("w", encoding="utf-8") as file, redirect_stderr(file), redirect_stdout(file):
        settings = replace(settings, exam_min_history=1)  # visitors of the made-up crowd open two items each
        site = make_site(secret_key="", exam_min_history=1)
        parts = site.extensions["flywheel"]
        traffic = Traffic(parts.writer, now)
        traffic.crowd("holdout", 60, holdout=True)
        traffic.crowd("visitor", 60)
        row = BaselineRow(now, "hash", METRIC, "popularity", 0.05, 0.04, 0.06, 100, 10, 0, 100, "real")
        parts.writer.run(lambda db: insert_baselines(db, [row]))
        planted = [_live(site) for _ in range(3)]
        first = run_trainer(settings, once=True)
        assert first is not None
        assert first.candidate is not None
        assert (first.candidate.kind, first.candidate.state) == ("fit", "champion")
        parts.writer.checkpoint()
        take_backup(settings, tmp_path / "backup", now)
        for visitor_id in planted:
            assert export_visitor(parts.store.reader(), visitor_id) is not None
            assert "events.db" in _holding(settings.var, visitor_id)
            erased = site.test_client().delete(f"/api/v1/visitors/{visitor_id}", headers=key_headers(site))
            assert erased.status_code == 204
        report = run_trainer(settings, once=True)
    assert report is not None
    assert report.candidate is not None
    assert report.candidate.kind == "refit"
    assert Registry(settings).steps()
    assert "about_somebody" in log.read_text(encoding="utf-8")
    for visitor_id in planted:
        assert _holding(settings.var, visitor_id) == []
        assert visitor_id not in (tmp_path / "backup" / MANIFEST).read_text(encoding="utf-8")
