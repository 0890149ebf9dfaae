"""Bad rows, failing solvers, late rows and forks: what a trainer has learned stays right."""

from __future__ import annotations

import math
import os
import subprocess
import sys
from dataclasses import replace
from typing import Any

import pytest

from recommender import ALSConfig, ALSTrainer, Interactions, RecommenderError, train
from recommender.als import equation_kernels, learned_factors

CONFIG = ALSConfig(factors=8, regularization=0.5, threads=1)
Rows = list[tuple[str, str, float, float]]
POISON = [1e39, 1e20, 3e38, 10**400, float("inf"), float("nan")]


def state_of(trainer: ALSTrainer) -> list[object]:
    model = trainer.model()
    arrays = [model.item_factors, model.popularity, trainer.user_factors, *model.transitions.arrays().values()]
    return [model.item_ids, model.config, trainer.log.rows, trainer.drift, *(array.tobytes() for array in arrays)]


@pytest.mark.parametrize("weight", POISON)
def test_a_row_that_is_refused_leaves_the_trainer_as_it_was(rows: Rows, weight: float) -> None:
    trainer = ALSTrainer(CONFIG)
    trainer.fit(Interactions.from_rows(rows))
    before = state_of(trainer)
    with pytest.raises(ValueError, match="weight of row 1"):
        trainer.update([("new", "item-0"), ("user-1", "newer", weight)])
    assert state_of(trainer) == before


def test_weights_at_the_limit_are_learned_and_answered(rows: Rows) -> None:
    trainer = ALSTrainer(CONFIG)
    trainer.fit(Interactions.from_rows(rows))
    trainer.update([("bold", "item-1", 1e6)] * 3 + [("bold", "item-2", -1e6)])
    for _ in range(2):
        model = trainer.model()
        for history in (["item-1"], {"item-1": 1e6, "item-4": -1e6}):
            hits = model.recommend(history, k=5)
            assert len(hits) == 5
            assert all(math.isfinite(hit.score) for hit in hits)
        trainer.refit()


def test_an_update_that_cannot_be_solved_leaves_the_trainer_as_it_was(
    rows: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    trainer, twin = ALSTrainer(CONFIG), ALSTrainer(CONFIG)
    for one in (trainer, twin):
        one.fit(Interactions.from_rows(rows))
        one.update([("user-3", "item-2")])
    before = state_of(trainer)
    solve, calls = equation_kernels.refresh_rows, []

    def fail_the_third_time(*arguments: object) -> int:
        calls.append(arguments)
        return int(solve(*arguments)) + (len(calls) == 3)

    monkeypatch.setattr(learned_factors, "refresh_rows", fail_the_third_time)
    news = [("user-1", "item-9"), ("newcomer", "novelty"), ("newcomer", "item-0")]
    with pytest.raises(RecommenderError, match=r"1 of .* rows could not be solved"):
        trainer.update(news)
    assert len(calls) == 3
    assert state_of(trainer) == before
    monkeypatch.undo()
    for one in (trainer, twin):
        one.update(news)
    assert state_of(trainer) == state_of(twin)


def test_a_fit_that_fails_leaves_the_trainer_as_it_was(rows: Rows) -> None:
    trainer = ALSTrainer(CONFIG)
    trainer.fit(Interactions.from_rows(rows))
    before = state_of(trainer)

    def stop(sweep: int, sweeps: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        trainer.fit(Interactions.from_rows([("ann", "tea"), ("bob", "ale")]), on_progress=stop)
    assert state_of(trainer) == before
    fresh = ALSTrainer(CONFIG)
    with pytest.raises(ValueError, match="weight of row 0"):
        fresh.update([("ann", "tea", 1e39)])
    assert fresh.log.rows == 0
    fresh.update([("ann", "tea"), ("bob", "ale")])
    assert fresh.model().item_ids == ("tea", "ale")


@pytest.mark.parametrize("setting", ["half_life", "trend_half_life"])
def test_one_time_far_ahead_is_refused_and_silences_nobody(setting: str) -> None:
    day, now = 86_400.0, 1_700_000_000.0
    rows = [(f"u{n}", f"i{(n + step) % 5}", 1.0, now - n * day) for n in range(12) for step in range(3)]
    changes: dict[str, Any] = {setting: 30 * day, "trend_weight": 0.5}
    config = replace(CONFIG, **changes)
    trainer = ALSTrainer(config)
    trainer.fit(Interactions.from_rows(rows))
    before = trainer.model().recommend(["i1"], k=3)
    assert all(hit.score > 0 for hit in before)
    with pytest.raises(ValueError, match=r"timestamp of row 0 is 1700000000000\.0, later than the horizon"):
        trainer.update([("bad", "i1", 1.0, 1000 * now)])
    assert trainer.model().recommend(["i1"], k=3) == before
    believing = ALSTrainer(config)
    believing.fit(Interactions.from_rows(rows, horizon=math.inf))
    believing.update([("bad", "i1", 1.0, 1000 * now)])
    believing.discard("bad")
    believing.refit()
    trainer.refit()
    found, wanted = (one.model().recommend(["i1"], k=3) for one in (believing, trainer))
    assert [hit.item_id for hit in found] == [hit.item_id for hit in wanted]
    assert [hit.score for hit in found] == pytest.approx([hit.score for hit in wanted], rel=0.01)


def test_rows_newest_first_give_the_transitions_of_rows_oldest_first() -> None:
    rows = [(user, item, 1.0, 1e9 + 10 * user + place) for user in range(30) for place, item in enumerate("abc")]
    straight, reverse = (train(Interactions.from_rows(given), CONFIG).transitions for given in (rows, rows[::-1]))
    a, b = 0, 1
    assert straight.weight(a, b) > 0.0 == straight.weight(b, a)
    c, b = 0, 1  # the catalog order is that of appearance
    assert reverse.weight(b, c) == pytest.approx(straight.weight(1, 2))
    assert reverse.weight(c, b) == 0.0


def test_rows_that_come_late_count_as_if_they_had_come_in_time() -> None:
    rows = [(user, item, 1.0, 1e9 + 10 * user + place) for user in range(30) for place, item in enumerate("abcd")]
    in_time = ALSTrainer(CONFIG)
    in_time.fit(Interactions.from_rows(rows))
    late = ALSTrainer(CONFIG)
    late.fit(Interactions.from_rows([row for row in rows if row[1] != "b"]))
    late.update([row for row in rows if row[1] == "b"])

    def weights(trainer: ALSTrainer) -> dict[tuple[object, object], float]:
        model = trainer.model()
        known = model.index_of
        return {(x, y): model.transitions.weight(known[x], known[y]) for x in "abcd" for y in "abcd"}

    assert weights(late) == pytest.approx(weights(in_time))


FORK = """
import os, signal
from recommender import ALSConfig, Interactions, train

log = Interactions.from_rows([(user, item) for user in range(60) for item in range(40) if user * item % 3])
config = ALSConfig(factors=8, threads={threads}, iterations=2)
train(log, config)
child = os.fork()
if child == 0:
    signal.alarm(60)
    train(log, config)
    os._exit(0)
assert os.waitpid(child, 0)[1] == 0, "the fork hung"
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")
@pytest.mark.parametrize("threads", [0, 2])
def test_training_after_a_fork_ends(threads: int) -> None:
    done = subprocess.run(
        [sys.executable, "-c", FORK.format(threads=threads)], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
