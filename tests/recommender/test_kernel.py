"""Kernels compile and run where nothing can be cached."""

from __future__ import annotations

import subprocess
import sys
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numba.core import config

from recommender import kernel as kernels
from recommender import warm_up
from recommender.kernel import compiled_at_once, kernel
from recommender.topk.score_kernels import exact_score

caching = pytest.importorskip("numba.core.caching")


def test_kernels_are_compiled_unless_that_is_switched_off() -> None:
    compiled = hasattr(exact_score, "py_func")
    assert compiled is not bool(getattr(config, "DISABLE_JIT"))  # noqa: B009


def test_no_folder_to_cache_in_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(caching.CacheImpl, "_locator_classes", [])

    @kernel(fast=False)
    def double(value: int) -> int:
        return 2 * value

    assert double(21) == 42


@pytest.mark.jit("only what is compiled is cached")
def test_a_cache_that_breaks_under_way_is_no_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "cache"
    monkeypatch.setattr("numba.core.config.CACHE_DIR", str(folder))

    @kernel(fast=True)
    def triple(value: int) -> int:
        return 3 * value

    for path in sorted(folder.rglob("*"), reverse=True):
        path.rmdir()
    folder.rmdir()
    folder.write_text("in the way")
    assert triple(14) == 42


def test_warming_up_twice_is_harmless() -> None:
    warm_up()
    warm_up()


@pytest.mark.jit("only what is compiled is cached")
def test_a_kernel_is_compiled_anew_when_another_kernel_file_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("numba.core.config.CACHE_DIR", str(tmp_path))

    def cache_hits() -> int:
        @kernel(fast=False)
        def quadruple(value: int) -> int:
            return 4 * value

        assert quadruple(2) == 8
        dispatcher: Any = quadruple
        return sum(dispatcher.stats.cache_hits.values())

    assert cache_hits() == 0
    assert cache_hits() == 1
    monkeypatch.setattr("recommender.kernel._kernel_sources", lambda: "another kernel was changed")
    assert cache_hits() == 0


class Terminal(StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.mark.jit("only what is compiled takes long")
@pytest.mark.parametrize(("stream", "words"), [(Terminal, 1), (StringIO, 0)])
def test_a_terminal_is_told_once_why_a_first_call_takes_long(
    stream: type[StringIO], words: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = stream()
    monkeypatch.setattr("sys.stderr", told)
    monkeypatch.setattr(kernels, "_told", False)
    for compiled_s in (0.0, 2 * kernels.TELL_AFTER_S, 2 * kernels.TELL_AFTER_S):
        monkeypatch.setattr(kernels, "_compiled_s", compiled_s)

        @kernel(fast=False)
        def again(value: int) -> int:
            return value + 1

        assert again(1) == 2
        assert told.getvalue().count(kernels.WORD) == (words if compiled_s else 0)


@pytest.mark.jit("only what is compiled takes long")
def test_without_standard_error_nothing_is_told_and_kernels_work(monkeypatch: pytest.MonkeyPatch) -> None:
    closed = StringIO()
    closed.close()
    for stream in (None, closed):
        monkeypatch.setattr("sys.stderr", stream)
        monkeypatch.setattr(kernels, "_told", False)
        monkeypatch.setattr(kernels, "_compiled_s", 2 * kernels.TELL_AFTER_S)

        @kernel(fast=False)
        def again(value: int) -> int:
            return value + 1

        assert again(1) == 2


SMALL_LOGS = """
import random
from recommender import ALSConfig, Interactions, train
from recommender.kernel import compiled_at_once
from recommender.topk.scan_kernels import rank_one
from recommender.transitions.blend_kernels import blend_one

def answers():
    found = []
    for seed in range(3):
        drawn = random.Random(seed)
        rows = [(drawn.randrange(9), drawn.randrange(70), drawn.choice([1.0, 2.5, -1.0]), time) for time in range(80)]
        model = train(Interactions.from_rows(rows), ALSConfig(factors=5 + seed, trend_weight=0.1 * seed), seed=seed)
        histories = [[drawn.randrange(70) for _ in range(6)] for _ in range(3)]
        found += [[(hit.item_id, hit.score.hex()) for hit in model.recommend(history, k=7)] for history in histories]
        found.append([array.tobytes() for array in (model.transitions.next_ids, model.transitions.next_weights)])
    return found

plain = answers()
assert not rank_one.signatures and not blend_one.signatures
with compiled_at_once():
    assert answers() == plain
assert rank_one.signatures and blend_one.signatures
"""


@pytest.mark.jit("nothing is compiled")
def test_small_logs_are_answered_alike_before_and_after_kernels_are_compiled() -> None:
    subprocess.run([sys.executable, "-W", "error", "-c", SMALL_LOGS], check=True, timeout=120)


@pytest.mark.jit("nothing is compiled")
def test_a_patient_kernel_is_compiled_once_it_has_much_to_do_or_has_taken_long(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def counting() -> Any:
        @kernel(fast=False, patient=True)
        def total(values: Any) -> Any:
            found = 0.0
            for value in values:
                found += value
            return found

        return total

    few, many = np.ones(4), np.ones(kernels.SMALL + 1)
    monkeypatch.setattr(kernels, "_patience_s", 3600.0)
    total = counting()
    assert total(few) == 4.0
    assert not total.signatures
    assert total(many) == len(many)
    assert len(total.signatures) == 1
    weary = counting()
    assert weary(few) == 4.0
    monkeypatch.setattr(kernels, "_patience_s", 1e-9)
    assert weary(few) == 4.0
    assert len(weary.signatures) == 1
    fresh = counting()
    monkeypatch.setattr(kernels, "_patience_s", 3600.0)
    with compiled_at_once():
        assert fresh(few) == 4.0
    assert len(fresh.signatures) == 1
