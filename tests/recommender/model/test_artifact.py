"""Saved models: loading is the identity, and damage is named."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from recommender import ALSConfig, ArtifactError, FactorModel
from recommender.model.derived import Derived
from recommender.model.saving.artifact import write_artifact
from recommender.model.saving.artifact_format import checksum_of
from recommender.model.saving.saved_model import model_artifact
from recommender.topk.index import FactorIndex
from tests.recommender.conftest import random_model


@pytest.fixture
def saved(tmp_path: Path, model: FactorModel) -> Path:
    model.save(tmp_path / "model")
    return tmp_path / "model"


@pytest.mark.parametrize("mmap", [True, False])
def test_a_loaded_model_is_the_saved_one(saved: Path, model: FactorModel, mmap: bool) -> None:
    loaded = FactorModel.load(saved, mmap=mmap)
    assert (loaded.item_ids, loaded.config) == (model.item_ids, model.config)
    assert loaded.item_factors.tobytes() == model.item_factors.tobytes()
    assert loaded.popularity.tobytes() == model.popularity.tobytes()
    for name, array in model.transitions.arrays().items():
        assert loaded.transitions.arrays()[name].tobytes() == array.tobytes()
    assert len(model.transitions.next_ids)
    for history in (["item-0", "item-4"], {"item-9": 2.0}, []):
        assert loaded.recommend(history, k=20) == model.recommend(history, k=20)
    assert loaded.similar("item-0") == model.similar("item-0")
    assert not loaded.item_factors.flags.writeable


def test_an_artifact_of_a_version_that_turned_and_mixed_nothing_is_answered_from_as_well(tmp_path: Path) -> None:
    given = np.random.default_rng(5).normal(size=(300, 12)).astype(np.float32)
    model = FactorModel(range(300), given, np.ones(300, np.float32), ALSConfig(factors=12))
    index = replace(FactorIndex.build(given[::-1].copy()), layout="bytes")  # nothing may be read of it
    parts = model.item_ids, given, model.popularity, model.config, index, model.transitions
    write_artifact(tmp_path / "old", model_artifact(*parts, Derived.of(given, model.popularity)))
    loaded = FactorModel.load(tmp_path / "old")
    assert loaded.recommend([3, 7], k=20) == model.recommend([3, 7], k=20)
    assert loaded.similar(9) == model.similar(9)


def test_text_and_number_ids_keep_their_kind(tmp_path: Path) -> None:
    model = random_model(3, 2, 0)
    mixed = FactorModel([1, "1", "Ünïcødé\n"], model.item_factors, model.popularity, model.config)
    mixed.save(str(tmp_path / "model"))
    assert FactorModel.load(str(tmp_path / "model")).item_ids == (1, "1", "Ünïcødé\n")


def test_saving_again_replaces_and_leaves_nothing_beside(saved: Path) -> None:
    other = random_model(5, 3, 1)
    other.save(saved)
    assert FactorModel.load(saved).item_ids == other.item_ids
    assert [path.name for path in saved.parent.iterdir()] == ["model"]


def test_a_failed_save_leaves_the_old_model_and_nothing_beside(saved: Path, model: FactorModel) -> None:
    class Unwritable(FactorModel):
        @property
        def popularity(self) -> NDArray[np.float32]:
            raise OSError("disk full")

        @popularity.setter
        def popularity(self, value: object) -> None:
            pass

    broken = Unwritable.__new__(Unwritable)
    for name in ("config", "item_ids", "item_factors", "_index", "transitions"):
        object.__setattr__(broken, name, getattr(model, name))
    with pytest.raises(OSError, match="disk full"):
        broken.save(saved)
    assert FactorModel.load(saved).item_ids == model.item_ids
    assert [path.name for path in saved.parent.iterdir()] == ["model"]


def test_there_is_no_pickle_in_an_artifact(saved: Path) -> None:
    for path in saved.iterdir():
        assert path.suffix in {".npy", ".json"}
        if path.suffix == ".npy":
            np.load(path, allow_pickle=False)


def sign(saved: Path, manifest: dict[str, Any]) -> None:
    """Write a manifest with the checksum that it ought to have."""
    manifest.pop("checksum")
    (saved / "manifest.json").write_text(json.dumps(manifest | {"checksum": checksum_of(manifest)}))


def files(saved: Path) -> list[str]:
    return sorted(path.name for path in saved.iterdir() if path.name != "manifest.json")


def test_one_flipped_bit_in_any_file_is_named(saved: Path) -> None:
    for name in files(saved):
        path = saved / name
        good = path.read_bytes()
        path.write_bytes(good[:-1] + bytes([good[-1] ^ 1]))
        with pytest.raises(ArtifactError, match=f"{name} does not have the checksum"):
            FactorModel.load(saved)
        path.write_bytes(good)
    FactorModel.load(saved)


def test_a_cut_or_missing_file_is_named(saved: Path) -> None:
    for name in files(saved):
        path = saved / name
        good = path.read_bytes()
        path.write_bytes(good[:-4])
        with pytest.raises(ArtifactError, match=f"{name} has .* bytes, its manifest says"):
            FactorModel.load(saved)
        path.unlink()
        with pytest.raises(ArtifactError, match=f"{name} is missing"):
            FactorModel.load(saved)
        path.write_bytes(good)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"format": "something else"}, "was not written by this library"),
        ({"version": 99}, "has format version 99"),
        ({"version": 1}, "has format version 1; this library reads version 3: train again and save the model anew"),
        ({"files": {}}, "does not hold a whole model"),
        ({"files": []}, "lacks its list of files"),
        ({"files": {"../model/order.npy": {"bytes": 1, "sha256": ""}}}, "outside the artifact"),
        ({"files": {"order.npy": {}}}, "lacks the size and checksum"),
        ({"values": {"config": {"factors": 0}, "items": 90, "factors": 16}}, "does not hold a whole model"),
        ({"values": {"config": {"later": 1}, "items": 90, "factors": 16}}, "settings this library does not know"),
        ({"values": {}}, "does not hold a whole model"),
    ],
)
def test_a_foreign_or_broken_manifest_is_named(saved: Path, change: dict[str, object], message: str) -> None:
    sign(saved, json.loads((saved / "manifest.json").read_text()) | change)
    with pytest.raises(ArtifactError, match=message):
        FactorModel.load(saved)


def test_what_is_no_artifact_at_all_is_named(tmp_path: Path) -> None:
    with pytest.raises(ArtifactError, match=r"there is no manifest\.json"):
        FactorModel.load(tmp_path)
    with pytest.raises(ArtifactError, match=r"there is no manifest\.json"):
        FactorModel.load(tmp_path / "absent")
    for content in ("{", "[]", "null", ""):
        (tmp_path / "manifest.json").write_text(content)
        with pytest.raises(ArtifactError, match=r"manifest\.json"):
            FactorModel.load(tmp_path)


def test_an_index_that_points_outside_is_refused_even_with_a_true_checksum(saved: Path, model: FactorModel) -> None:
    for name, message in (
        ("order", "must name every item once"),
        ("popular", "must name every item once"),
        ("next_ids", "must lead to items 0 to 89"),
    ):
        path = saved / f"{name}.npy"
        good, manifest_before = path.read_bytes(), (saved / "manifest.json").read_text()
        array = np.load(path)
        array[0] = 10**6
        np.save(path, array)
        manifest = json.loads(manifest_before)
        manifest["files"][path.name]["sha256"] = hashlib.sha256(path.read_bytes()).hexdigest()
        sign(saved, manifest)
        with pytest.raises(ArtifactError, match=message):
            FactorModel.load(saved)
        path.write_bytes(good)
        (saved / "manifest.json").write_text(manifest_before)


def test_an_index_with_blocks_of_another_size_is_built_anew(
    saved: Path, model: FactorModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("recommender.model.saving.saved_model.LANES", 7)
    loaded = FactorModel.load(saved)
    assert not isinstance(loaded._index.blocks, np.memmap)
    assert loaded.recommend(["item-0"], k=20) == model.recommend(["item-0"], k=20)


def test_a_model_saved_without_what_is_derived_has_it_worked_out(saved: Path, model: FactorModel) -> None:
    manifest = json.loads((saved / "manifest.json").read_text())
    for name in ("gram", "norms", "popular"):
        (saved / f"{name}.npy").unlink()
        del manifest["files"][f"{name}.npy"]
    sign(saved, manifest)
    loaded = FactorModel.load(saved)
    for history in (["item-0", "item-4"], []):
        assert loaded.recommend(history, k=20) == model.recommend(history, k=20)


def test_derived_arrays_of_another_model_are_refused(saved: Path, tmp_path: Path) -> None:
    random_model(90, 8, 3).save(tmp_path / "other")
    manifest = json.loads((saved / "manifest.json").read_text())
    other = json.loads((tmp_path / "other" / "manifest.json").read_text())
    (saved / "gram.npy").write_bytes((tmp_path / "other" / "gram.npy").read_bytes())
    manifest["files"]["gram.npy"] = other["files"]["gram.npy"]
    sign(saved, manifest)
    with pytest.raises(ArtifactError, match="cannot have gram, norms, popular"):
        FactorModel.load(saved)
