"""BLAS is held to one thread where that is asked for, and only there."""

from __future__ import annotations

from threadpoolctl import ThreadpoolController, threadpool_info

from recommender.als.blas import one_blas_thread


def blas_threads() -> list[int]:
    """Threads of every BLAS that this process has loaded, as a fresh look finds them."""
    import implicit.cpu.als  # noqa: F401  whatever it brings counts as well

    return [library["num_threads"] for library in threadpool_info() if library["user_api"] == "blas"]


def test_every_blas_of_the_process_uses_one_thread_within_and_as_many_as_before_after_it() -> None:
    with ThreadpoolController().limit(limits=2, user_api="blas"):
        before = blas_threads()
        assert len(before) >= 2, "NumPy and SciPy each bring one"
        for _ in range(2):
            with one_blas_thread():
                assert blas_threads() == [1] * len(before)
            assert blas_threads() == before
