"""A bit of what is published turns over on disk: it is refused, or it is the same model."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.promises.flips import flip_bits


def test_no_model_with_a_flipped_bit_is_loaded(tmp_path: Path) -> None:
    found = flip_bits(tmp_path, 100)
    assert (found.bad, found.crashes) == (0, ())
    assert found.refused > 90


@pytest.mark.slow
def test_none_of_a_thousand_flipped_bits_is_loaded(tmp_path: Path) -> None:
    found = flip_bits(tmp_path, 1000, seed=11)
    assert (found.bad, found.crashes) == (0, ())
