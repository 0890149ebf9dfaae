"""The recipes of docs/reuse.md run as they stand."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from recommender import FactorModel
from tests.recommender.conftest import generated_rows

DOCUMENT = Path(__file__).parent.parent.parent / "docs" / "reuse.md"


def recipe(heading: str) -> dict[str, Any]:
    """The names that the Python under this heading leaves behind."""
    text = DOCUMENT.read_text(encoding="utf-8")
    (code,) = re.findall(rf"^## {heading}\n.*?```python\n(.*?)```", text, re.DOTALL | re.MULTILINE)
    names: dict[str, Any] = {"__name__": "recipe"}
    exec(compile(code, f"docs/reuse.md, {heading}", "exec"), names)
    return names


def test_the_script_recommends_and_explains(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    recipe("A script")
    printed = capsys.readouterr().out.splitlines()
    assert printed[0].split()[0] == "butter"
    assert printed[-1] == "because of bread"


def test_the_flask_app_serves_and_takes_up_what_was_published(tmp_path: Path, model: FactorModel) -> None:
    pytest.importorskip("flask")
    path = tmp_path / "model"
    model.save(path)
    client = recipe("Another Flask app")["create_app"](path).test_client()
    for history in ([], ["item-0", "item-3"]):
        expected = [{"item": hit.item_id, "score": hit.score} for hit in model.recommend(history)]
        assert client.get("/next", query_string={"read": history}).get_json() == expected
    FactorModel(["x", *model.item_ids[1:]], model.item_factors, model.popularity, model.config).save(path)
    assert client.post("/reload").status_code == 204
    renamed = client.get("/next", query_string={"read": model.item_ids[0]}).get_json()
    assert renamed == client.get("/next").get_json()  # the old name is nobody's now


def test_the_batch_job_publishes_every_batch_and_refits_when_it_has_drifted(tmp_path: Path) -> None:
    names = recipe("A batch job")
    rows = generated_rows()
    trainer = names["begin"](rows[:800])
    batches = [rows[start : start + 80] for start in range(800, len(rows), 80)]
    refits = names["learn"](trainer, batches, tmp_path / "model")
    assert 0 < refits < len(batches)
    assert FactorModel.load(tmp_path / "model").item_ids == trainer.log.item_ids


def test_the_best_blend_is_chosen_on_the_past() -> None:
    names = recipe("Choosing settings on the past")
    config, trials = names["best_blend"](generated_rows())
    best = max(trials, key=lambda trial: trial.ndcg)
    assert {name: getattr(config, name) for name in names["BLEND"]} == dict(best.settings)
    assert len(trials) == 1 + sum(len(values) - 1 for values in names["BLEND"].values())


def test_a_row_can_say_kind_time_and_dislike() -> None:
    names = recipe("What a row can say")
    trainer = names["trainer"]
    assert trainer.log.history("ann") == {"b": 3.0, "a": -1.0}
    assert trainer.log.to_csr(trainer.config.half_life).toarray().min() < 0
    again = trainer.model().recommend(["b"], k=2, repeat=True)
    assert {hit.item_id for hit in again} == {"a", "b"}
