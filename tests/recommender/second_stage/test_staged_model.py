"""A model with a second stage: what it recommends, explains, saves and refuses."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from recommender import ArtifactError, FactorModel, Source
from recommender.model.saving.artifact import Artifact, read_artifact, write_artifact
from recommender.second_stage.attributes import ItemAttributes
from recommender.second_stage.beforehand import assumed_stage
from recommender.second_stage.learning import StageTrainer
from recommender.second_stage.stage import SecondStage
from tests.recommender.transitions.test_transitions import random_transitions

HISTORY = {"i0": 1.0, "i4": 3.0, "i9": 1.0}


@pytest.fixture(scope="module")
def stage(learned: tuple[StageTrainer, SecondStage]) -> SecondStage:
    return learned[1]


@pytest.fixture(scope="module")
def staged(model: FactorModel, stage: SecondStage) -> FactorModel:
    return model.with_second_stage(stage)


def test_a_model_without_a_second_stage_answers_as_ever(staged: FactorModel, model: FactorModel) -> None:
    assert model.second_stage is None
    assert staged.with_second_stage(None).recommend(HISTORY, k=20) == model.recommend(HISTORY, k=20)
    assert staged.recommend(HISTORY, k=20) != model.recommend(HISTORY, k=20)


def test_scores_fall_and_what_is_excluded_or_not_chosen_stays_out(staged: FactorModel) -> None:
    hits = staged.recommend(HISTORY, k=200, exclude={"i8"})
    ids, scores = [hit.item_id for hit in hits], [hit.score for hit in hits]
    assert scores == sorted(scores, reverse=True)
    assert len(set(ids)) == len(ids) == 160 - 4
    assert not {"i8", *HISTORY} & set(ids)
    few = ["i1", "i2", "i3", "i8"]
    chosen = staged.recommend(HISTORY, k=10, candidates=few)
    assert {hit.item_id for hit in chosen} == set(few)
    assert chosen == staged.recommend(HISTORY, k=10, candidates=staged.candidates(few))
    assert "i0" in {hit.item_id for hit in staged.recommend(HISTORY, k=160, repeat=True)}


@pytest.mark.parametrize("pool", [300, 20])
@pytest.mark.parametrize("blended", [False, True])
def test_a_batch_is_its_histories_one_by_one(
    staged: FactorModel, monkeypatch: pytest.MonkeyPatch, pool: int, *, blended: bool
) -> None:
    monkeypatch.setattr("recommender.model.staged_ranker.POOL", pool)
    monkeypatch.setattr("recommender.model.batches.answers.CHUNK", 9)
    model = staged
    if blended:
        following = random_transitions(len(staged), 4)
        config = replace(staged.config, transition_weight=0.5)
        parts = staged.item_ids, staged.item_factors, staged.popularity, config
        model = FactorModel(*parts, transitions=following, second_stage=staged.second_stage)
    rng = np.random.default_rng(8)
    histories: list[dict[str, float]] = [
        {f"i{item}": float(rng.choice([1.0, 2.5, -1.0])) for item in rng.integers(0, 170, size)}
        for size in rng.integers(0, 40, 20)
    ]
    chosen = [f"i{item}" for item in range(0, 160, 3)]
    for k, candidates, repeat in ((1, None, False), (10, chosen, True), (50, None, False), (400, None, True)):
        alone = [model.recommend(history, k, {"i6"}, candidates, repeat=repeat) for history in histories]
        for threads in (1, 2):
            assert model.recommend_many(histories, k, {"i6"}, candidates, repeat=repeat, threads=threads) == alone
    assert model.recommend_many(histories, candidates=[]) == [[]] * len(histories)


def test_the_order_beyond_the_pool_is_the_one_that_candidates_are_found_by(
    staged: FactorModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("recommender.model.staged_ranker.POOL", 20)
    found = staged.recommend(HISTORY, k=60)
    first = candidates_by_hand(staged, HISTORY)
    assert {hit.item_id for hit in found[:20]} == set(first[:20])
    assert [hit.item_id for hit in found[20:]] == first[20:60]
    assert all(one.score >= other.score for one, other in pairwise(found))


def candidates_by_hand(model: FactorModel, history: dict[str, float]) -> list[str]:
    """All items that are not in the history, by the scores of the first stage and twice their log rates."""
    stage = model.second_stage
    assert stage is not None
    items = np.array([model.index_of[item_id] for item_id in history], np.int32)
    weights = np.array(list(history.values()), np.float32)
    user = model.fold_in(history)
    norm = model.ranker.folding.score_norm(user)
    every = np.arange(len(model), dtype=np.int32)
    scores = model.ranker.scores(user, items, weights, every) * stage.unit(len(model), norm) + 2.0 * stage.log_rates
    order = np.argsort(-scores, kind="stable")
    return [str(model.item_ids[item]) for item in order.tolist() if model.item_ids[item] not in history]


@pytest.mark.parametrize("score_unit", [None, 0.0])
@pytest.mark.parametrize("blended", [False, True])
def test_candidates_are_the_best_by_factors_transitions_and_rates(
    staged: FactorModel, monkeypatch: pytest.MonkeyPatch, score_unit: float | None, *, blended: bool
) -> None:
    """A stage of older artifacts has no unit of scores: each history has its own."""
    monkeypatch.setattr("recommender.model.staged_ranker.POOL", 20)
    stage = staged.second_stage
    assert stage is not None
    parts = staged.item_ids, staged.item_factors, staged.popularity
    model = FactorModel(
        *parts,
        replace(staged.config, transition_weight=0.5 if blended else 0.0),
        transitions=random_transitions(len(staged), 4),
        second_stage=stage if score_unit is None else replace(stage, score_unit=score_unit),
    )
    expected = candidates_by_hand(model, HISTORY)
    assert {hit.item_id for hit in model.recommend(HISTORY, k=20)} == set(expected[:20])
    among = [*expected[:40:2], *HISTORY]
    for candidates in (among, model.candidates(among)):
        assert {hit.item_id for hit in model.recommend(HISTORY, k=5, candidates=candidates)} <= set(expected[:40:2])
    narrowed = [item_id for item_id in expected if item_id in set(expected[5::3])][:20]
    for candidates in (expected[5::3], model.candidates(expected[5::3])):
        assert {hit.item_id for hit in model.recommend(HISTORY, k=20, candidates=candidates)} == set(narrowed)


def test_a_stage_that_gives_rates_no_weight_takes_candidates_by_factors_alone(
    staged: FactorModel, model: FactorModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("recommender.model.staged_ranker.POOL", 20)
    stage = staged.second_stage
    assert stage is not None
    kept = model.with_second_stage(replace(stage, weights=np.where(np.arange(len(stage.weights)) == 0, 1.0, 0.0)))
    assert kept.staged is not None
    assert kept.staged.first is kept.ranker
    expected = [hit.item_id for hit in model.recommend(HISTORY, k=60)]
    assert [hit.item_id for hit in kept.recommend(HISTORY, k=60)] == expected


def test_a_history_that_says_nothing_gets_what_is_popular(staged: FactorModel, model: FactorModel) -> None:
    for history in ({}, {"unknown": 1.0}, {"i3": -1.0}):
        assert staged.recommend(history, k=5) == model.recommend(history, k=5)


def test_an_explanation_adds_up_to_the_score_and_names_attributes(staged: FactorModel) -> None:
    explainer = staged.explainer(HISTORY)
    for hit in staged.recommend(HISTORY, k=30):
        found = explainer.explain(hit.item_id)
        assert sum(each.share for each in found) == pytest.approx(hit.score, abs=1e-4)
        assert [each.share for each in found] == sorted((each.share for each in found), reverse=True)
    liked = next(each for each in staged.explain(HISTORY, "i8") if each.cause == "style=0")
    assert liked.alike == ("i4", "i0"), "the items of the history with the style, newest first"
    assert liked.share > 0
    assert staged.explainer({}).explain("i8") == []
    assert explainer.strongest("i8") is not None


def test_many_explanations_at_once_are_those_of_each_alone(staged: FactorModel, model: FactorModel) -> None:
    items = ["i8", "i0", "i77", "i8"]
    for known in (staged, model):
        for history in (HISTORY, {}, {"i3": -1.0, "i5": 1.0}):
            assert known.explainer(history).explain_many(items) == [known.explain(history, item) for item in items]
    with pytest.raises(ValueError, match="'no such' is not in the model"):
        staged.explainer(HISTORY).explain_many(["i8", "no such"])


@pytest.mark.parametrize("history", [HISTORY, {"i3": -1.0, "i5": 1.0}, {"i3": -1.0}, {}])
def test_leading_sources_are_the_largest_of_an_explanation(
    staged: FactorModel, model: FactorModel, history: dict[str, float]
) -> None:
    items = ["i8", "i0", "i77", "i8"]
    wishes = [0.5, 0.0, 2.0, 0.5]

    def name(source: Source) -> str | None:
        asked.append(source)
        return None if source.cause == "rate" else str(source.item_id or source.cause)

    for known in (staged, model):
        asked: list[Source] = []
        explainer = known.explainer(history)
        for also in (None, ("wish", wishes)):
            for item, shares, wish in zip(items, explainer.leading(items, name, 2, 0.1, also), wishes, strict=True):
                told = [of for of in known.explain(history, item) if of.share > 0]
                adding = {str(of.item_id or of.cause): of.share for of in told}
                unnamed = {"rate", *(of.cause for of in told if "=" in (of.cause or "") and not of.alike)}
                if also and wish:
                    adding["wish"] = wish
                largest = sorted((amount, key) for key, amount in adding.items() if key not in unnamed)[::-1][:2]
                whole = sum(adding.values())
                expected = [(key, pytest.approx(amount / whole)) for amount, key in largest if amount >= 0.1 * whole]
                assert [(share.name, share.share) for share in shares if share.name] == expected
                assert sum(share.percent for share in shares) == (100 if adding else 0)
        assert len(asked) == len(set(asked)), "a source is named once"


def test_saving_and_loading_is_identity(staged: FactorModel, tmp_path: Path) -> None:
    staged.save(tmp_path / "model")
    for mmap in (True, False):
        loaded = FactorModel.load(tmp_path / "model", mmap=mmap)
        assert loaded.recommend(HISTORY, k=50) == staged.recommend(HISTORY, k=50)
        assert loaded.second_stage is not None
        assert staged.second_stage is not None
        assert loaded.second_stage.values() == staged.second_stage.values()


def test_an_artifact_without_a_second_stage_loads(model: FactorModel, tmp_path: Path) -> None:
    model.save(tmp_path / "model")
    loaded = FactorModel.load(tmp_path / "model")
    assert loaded.second_stage is None
    assert loaded.recommend(HISTORY, k=9) == model.recommend(HISTORY, k=9)


@pytest.mark.parametrize("name", ["stage_values", "stage_lift", "stage_weights", "stage_strength", "stage_kind_of"])
def test_arrays_that_do_not_fit_are_refused_when_loaded(staged: FactorModel, tmp_path: Path, name: str) -> None:
    staged.save(tmp_path / "model")
    whole = read_artifact(tmp_path / "model", mmap=False)
    for wrong in (whole.arrays[name][:-1], np.full_like(whole.arrays[name], 9e9 if name == "stage_lift" else -5)):
        if name == "stage_weights" and len(wrong) == len(whole.arrays[name]):
            wrong = np.full_like(wrong, np.nan)
        if name == "stage_lift":
            wrong = wrong[:, :-1] if len(wrong) == len(whole.arrays[name]) else wrong
        write_artifact(tmp_path / "bad", Artifact(whole.values, whole.lists, {**whole.arrays, name: wrong}))
        with pytest.raises(ArtifactError, match="does not hold a whole model"):
            FactorModel.load(tmp_path / "bad")


def test_a_stage_of_other_items_is_refused(model: FactorModel, stage: SecondStage) -> None:
    other = assumed_stage(ItemAttributes.empty(7))
    with pytest.raises(ValueError, match="7 items does not fit a model of 160"):
        model.with_second_stage(other)
    anything: Any = model
    with pytest.raises(ValueError, match="second_stage must be a SecondStage or None, got FactorModel; StageTrainer"):
        model.with_second_stage(anything)
    with pytest.raises(ValueError, match="attributes must be ItemAttributes, got FactorModel; make them"):
        assumed_stage(anything)
    with pytest.raises(ValueError, match="weights must be finite"):
        replace(stage, weights=stage.weights[:-1].copy())
