"""Kernels compile and run where nothing can be cached."""

from __future__ import annotations

from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from numba.core import config

from recommender import kernel as kernels
from recommender import warm_up
from recommender.kernel import kernel
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
