"""The recipes of docs/reuse.md run as they stand."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from recommender import ALSConfig, FactorModel, Interactions, config_for, train
from tests.recommender.conftest import generated_rows
from tests.recommender.second_stage.conftest import made_world

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
    recipe("A log with times")
    printed = capsys.readouterr().out.splitlines()
    assert printed[0].startswith("6 rows of 3 users on 4 items")
    assert printed[-2].split()[0] != "tea"
    assert "butter" in {line.split()[0] for line in printed[-4:]}
    assert printed[-1] == "because of bread"


def test_a_matrix_and_a_frame_recommend_what_goes_together(capsys: pytest.CaptureFixture[str]) -> None:
    recipe("A matrix")
    assert capsys.readouterr().out.splitlines()[-1] == "milk"
    pytest.importorskip("pandas")
    recipe("A frame")
    assert capsys.readouterr().out.strip() == "Interactions(5 rows, 3 users, 3 items, ordered) 12"


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


def test_settings_are_chosen_with_and_without_a_search(capsys: pytest.CaptureFixture[str]) -> None:
    choose = recipe("Choosing settings")["choose"]
    rows = [row[:2] for row in generated_rows(users=60)]
    cheap, said = choose(rows, 0)
    assert cheap == config_for(Interactions.from_rows(rows))
    assert said == [repr(cheap)]
    tuned, lines = choose(rows, 0.2)
    assert tuned.recency_boost == 0.0
    assert any("There is no order" in line for line in lines)
    assert capsys.readouterr().out.splitlines()[-1].startswith("100% done")


def test_a_second_stage_is_learned_from_what_was_shown(tmp_path: Path) -> None:
    train_both = recipe("A second stage")["train_both"]
    world = made_world(users=200, shown=30)
    model, report = train_both(world.log, world.exposures, world.attributes)
    assert report.examples >= 200
    assert report.prior == "attributes"
    liked = [item for item, known in world.attributes.items() if "style=1" in known]
    hits = model.recommend(liked[:4])
    plain = model.with_second_stage(None).recommend(liked[:4])
    assert sum(hit.item_id in liked for hit in hits) > sum(hit.item_id in liked for hit in plain)
    model.save(tmp_path / "both")
    assert FactorModel.load(tmp_path / "both").recommend(liked[:4]) == hits
    assumed, nothing = train_both(world.log, [], world.attributes)
    assert nothing is None
    assert sum(hit.item_id in liked for hit in assumed.recommend(liked[:4])) > 5


def test_variety_likeness_and_novelty_are_beside_the_ranking(model: FactorModel) -> None:
    names = recipe("Beside the ranking")
    history = ["item-0", "item-3", "item-6"]
    hits, spread = names["varied"](model, history, 5, 0.7)
    assert len(hits) == 5
    assert spread > names["varied"](model, history, 5, 0.0)[1]
    assert names["peers_of"](model, history, {"a": ["item-9"], "b": ["item-1", "item-4"]}, 1) == ["a"]
    newcomers = names["for_newcomers"](model, {"a": ["club=0"], "b": ["club=1"]}, {"a": ["item-9"], "b": ["item-1"]})
    assert newcomers.recommend(["club=0"], k=3) != newcomers.recommend(["club=1"], k=3)
    assert names["bits_of_news"](Interactions.from_rows(generated_rows()), hits) > 0


def test_a_trend_is_kept_up_between_trainings() -> None:
    begin_live = recipe("News: a trend that is kept up")["begin_live"]
    log = Interactions.from_rows(generated_rows())
    live = begin_live(train(log, ALSConfig(factors=4, trend_weight=1.0, iterations=2)), log)
    assert live.add("item-89", log.newest + 86_400.0)
    assert live.refreshed().recommend([], k=1)[0].item_id == "item-89"


def test_a_row_can_say_kind_time_and_dislike() -> None:
    names = recipe("What a row can say")
    trainer = names["trainer"]
    assert trainer.log.history("ann") == {"b": 3.0, "a": -1.0}
    assert trainer.log.to_csr(trainer.config.half_life).toarray().min() < 0
    again = trainer.model().recommend(["b"], k=2, repeat=True)
    assert {hit.item_id for hit in again} == {"a", "b"}
