"""Whatever happens to the bytes of a saved model, it loads as it was saved or raises ArtifactError."""

from __future__ import annotations

import hashlib
import io
import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from recommender import ArtifactError, FactorModel, RecommenderError
from recommender.model.saving.artifact import read_files
from recommender.model.saving.artifact_format import MANIFEST, checksum_of
from recommender.model.saving.saved_model import DAMAGE, model_arguments
from tests.recommender.conftest import random_model

PATH = Path("model")
PARTS = 4
"""Processes that may share the million inputs."""
Files = dict[str, bytes]


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory, model: FactorModel) -> Files:
    small = random_model(6, 2, 0)
    folder = tmp_path_factory.mktemp("artifact") / "model"
    small.save(folder)
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def load(files: Files) -> FactorModel:
    """`FactorModel.load` of files in memory."""

    def open_file(name: str) -> io.BytesIO:
        if name not in files:
            raise FileNotFoundError(name)
        return io.BytesIO(files[name])

    artifact = read_files(PATH, open_file, mmap=False)
    try:
        return FactorModel(**model_arguments(artifact, PATH))
    except DAMAGE as error:
        raise ArtifactError(f"{PATH} does not hold a whole model: {error}") from error


def same(first: FactorModel, second: FactorModel) -> bool:
    return (
        first.item_ids == second.item_ids
        and first.config == second.config
        and first.item_factors.tobytes() == second.item_factors.tobytes()
        and first.popularity.tobytes() == second.popularity.tobytes()
        and first.recommend([first.item_ids[0]]) == second.recommend([second.item_ids[0]])
    )


@pytest.mark.parametrize("flips", [200, pytest.param(20_000, marks=pytest.mark.slow)])
def test_no_flipped_bit_gives_another_model(saved: Files, flips: int) -> None:
    rng = np.random.default_rng(1)
    whole, names, refused = load(saved), sorted(saved), 0
    sizes = np.array([len(saved[name]) for name in names])
    for flip in range(flips):
        # every second one in the manifest, which is small and vouches for the rest
        name = MANIFEST if flip % 2 else names[rng.choice(len(names), p=sizes / sizes.sum())]
        damaged = bytearray(saved[name])
        damaged[rng.integers(len(damaged))] ^= 1 << rng.integers(8)
        try:
            found = load(saved | {name: bytes(damaged)})
        except ArtifactError:
            refused += 1
        else:
            assert name == MANIFEST, "a bit of the space between values"
            assert same(found, whole)
    assert refused > 0.7 * flips


def mutated(given: bytes, rng: np.random.Generator) -> bytes:
    """Some bytes changed, cut off, doubled or put in."""
    data = bytearray(given)
    for _ in range(rng.integers(1, 4)):
        place = int(rng.integers(len(data) + 1))
        kind = rng.integers(5)
        if kind == 0 and place < len(data):
            data[place] = rng.integers(256)
        elif kind == 1:
            del data[place : place + int(rng.integers(1, 40))]
        elif kind == 2:
            data[place:place] = data[place : place + int(rng.integers(1, 40))]
        elif kind == 3:
            data[place:place] = TOKENS[rng.integers(len(TOKENS))]
        else:
            data = data[: max(place, 1)]
    return bytes(data)


TOKENS = [
    b"-1", b"1e999", b"NaN", b"9" * 400, b"null", b"[]", b"{}", b'"', b"\\ud800", b"\0", b"[" * 2000, b"true",
    b"'descr': '|O', ", b"(99999999999, 99999999999)", b"<f2", b"\xff\xfe",
]  # fmt: skip
VALUES: list[Any] = [
    -1, 0, 1, 2**31, 2**63, 10**400, 0.5, 1e308, -0.0, True, None, "", "x", "\ud800", [], {}, [[]], {"a": 1},
    ["x", "x"], [1.5], [None], "<f4", "|O", "../x.npy", "a\0b.npy",
]  # fmt: skip


def change_somewhere(node: Any, rng: np.random.Generator) -> None:
    """Put a value that does not belong there somewhere into nested dicts and lists, or take one out."""
    while True:
        keys = list(node) if isinstance(node, dict) else list(range(len(node)))
        if not keys:
            return
        key = keys[rng.integers(len(keys))]
        if isinstance(node[key], dict | list) and node[key] and rng.random() < 0.8:
            node = node[key]
            continue
        if rng.random() < 0.2:
            del node[key]
        else:
            node[key] = VALUES[rng.integers(len(VALUES))]
        return


def sign(files: Files) -> Files:
    """The same files under a manifest whose sizes and checksums are true, as a forger would write it."""
    manifest = json.loads(files[MANIFEST])
    for name, entry in manifest["files"].items():
        if isinstance(entry, dict) and name in files:
            entry |= {"bytes": len(files[name]), "sha256": hashlib.sha256(files[name]).hexdigest()}
    manifest.pop("checksum", None)
    return files | {MANIFEST: json.dumps(manifest | {"checksum": checksum_of(manifest)}).encode()}


def fuzzed(saved: Files, rng: np.random.Generator) -> Files:
    """A saved model with one file spoilt, half of the time under true checksums."""
    names = sorted(saved)
    name = names[rng.integers(len(names))]
    if name == MANIFEST and rng.random() < 0.8:
        manifest = json.loads(saved[MANIFEST])
        change_somewhere(manifest, rng)
        manifest.pop("checksum", None)
        return saved | {MANIFEST: json.dumps(manifest | {"checksum": checksum_of(manifest)}).encode()}
    files = saved | {name: mutated(saved[name], rng)}
    return sign(files) if name != MANIFEST and rng.random() < 0.8 else files


def fuzz(saved: Files, inputs: int, seed: int) -> int:
    """Load so many spoilt models; how many were refused."""
    rng = np.random.default_rng(seed)
    refused = 0
    for _ in range(inputs):
        files = fuzzed(saved, rng)
        try:
            found = load(files)
        except ArtifactError:
            refused += 1
        else:
            with suppress(RecommenderError):  # whoever signs can write a model whose equations have no solution
                found.recommend([found.item_ids[0]] if found.item_ids else [], k=3)
    return refused


def test_no_spoilt_artifact_does_anything_but_load_or_be_refused(saved: Files) -> None:
    assert 1_000 < fuzz(saved, 2_000, seed=2) < 2_000


@pytest.mark.slow
@pytest.mark.parametrize("part", range(PARTS))
def test_none_of_a_million_spoilt_artifacts_does_anything_but_load_or_be_refused(saved: Files, part: int) -> None:
    inputs = 1_000_000 // PARTS
    assert inputs // 2 < fuzz(saved, inputs, seed=100 + part) < inputs
