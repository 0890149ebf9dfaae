"""Saving is one step for whoever loads, and replaces nothing but a saved model."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import pytest

from recommender import ArtifactError, FactorModel
from recommender.model.saving import artifact, folder_swap
from tests.recommender.conftest import random_model

SAVER = """
import itertools, select, sys
from tests.recommender.conftest import random_model

models = [random_model(items, 4, 0) for items in (30, 50)]
print("ready", flush=True)
for number in itertools.count():
    models[number % 2].save(sys.argv[1])
    if number >= int(sys.argv[2]) and select.select([sys.stdin], [], [], 0)[0]:
        break
"""


def load_while_saving(place: Path, saves: int, loads: int) -> None:
    """Load at least so often while another process saves two models in turn, at least so often; both must be found."""
    random_model(30, 4, 0).save(place)
    done, sizes = 0, set()
    with subprocess.Popen(
        [sys.executable, "-c", SAVER, str(place), str(saves)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as saver:
        assert saver.stdin is not None
        assert saver.stdout is not None
        assert saver.stdout.readline() == "ready\n"
        while saver.poll() is None:
            model = FactorModel.load(place)
            assert model.recommend([model.item_ids[0]], k=3)
            sizes.add(len(model))
            done += 1
            if done >= loads and sizes == {30, 50}:
                saver.stdin.close()  # the saver may stop
    assert saver.returncode == 0
    assert done >= loads
    assert sizes == {30, 50}


def test_a_loader_beside_a_saver_finds_the_old_model_or_the_new_one(tmp_path: Path) -> None:
    load_while_saving(tmp_path / "model", saves=25, loads=25)
    assert [path.name for path in tmp_path.iterdir()] == ["model"]


@pytest.mark.slow
def test_two_thousand_swaps_fail_no_load(tmp_path: Path) -> None:
    load_while_saving(tmp_path / "model", saves=2_000, loads=200)


def test_where_names_cannot_be_exchanged_a_loader_waits_for_the_swap(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folder_swap, "_exchange", lambda first, second: False)
    place, failures, done = tmp_path / "model", list[BaseException](), threading.Event()
    models = [random_model(items, 4, 0) for items in (30, 50)]
    models[0].save(place)

    def save() -> None:
        try:
            for number in range(12):
                models[number % 2].save(place)
        except BaseException as error:
            failures.append(error)
        finally:
            done.set()

    saver = threading.Thread(target=save)
    saver.start()
    sizes = set()
    while not done.is_set():
        sizes.add(len(FactorModel.load(place)))
    saver.join()
    assert not failures
    assert sizes <= {30, 50}
    assert [path.name for path in tmp_path.iterdir()] == ["model"]


def test_a_swap_that_a_crash_cut_short_is_cleared_away_by_the_next_save(tmp_path: Path) -> None:
    place = tmp_path / "model"
    random_model(5, 2, 0).save(place)
    place.rename(folder_swap.parked(place))
    random_model(7, 2, 0).save(place)
    assert len(FactorModel.load(place)) == 7
    assert [path.name for path in tmp_path.iterdir()] == ["model"]


def tree(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_saving_over_anything_but_a_model_is_refused_and_changes_nothing(tmp_path: Path) -> None:
    model = random_model(5, 2, 0)
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "thesis.txt").write_text("years of work")
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "manifest.json").write_text('{"name": "a web app"}')
    (tmp_path / "file").write_text("a file")
    model.save(tmp_path / "mixed")
    (tmp_path / "mixed" / "thesis.txt").write_text("years of work")
    (tmp_path / "dangling-loop").symlink_to(tmp_path / "dangling-loop")
    before = tree(tmp_path)
    for name, found in (
        ("notes", "a folder of something else"),
        ("app", "a folder of something else"),
        ("file", "a file"),
        ("mixed", "a model's folder that also holds 'thesis.txt'"),
        ("dangling-loop", "a file"),
    ):
        with pytest.raises(ArtifactError, match=f"{name} is {found}, which a model must not replace"):
            model.save(tmp_path / name)
    assert tree(tmp_path) == before


def test_an_empty_folder_is_taken_and_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    random_model(5, 2, 0).save(tmp_path / "empty")
    assert len(FactorModel.load(tmp_path / "empty")) == 5
    (tmp_path / "current").symlink_to(tmp_path / "empty")
    random_model(7, 2, 0).save(tmp_path / "current")
    assert (tmp_path / "current").is_symlink()
    assert len(FactorModel.load(tmp_path / "current")) == len(FactorModel.load(tmp_path / "empty")) == 7
    (tmp_path / "ahead").symlink_to(tmp_path / "later")
    random_model(9, 2, 0).save(tmp_path / "ahead")
    assert len(FactorModel.load(tmp_path / "later")) == 9


def test_a_file_that_joins_a_model_while_it_is_replaced_survives(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "model"
    random_model(5, 2, 0).save(place)
    swap = folder_swap.swap_folders

    def join_and_swap(new: Path, old: Path) -> None:
        (old / "thesis.txt").write_text("years of work")
        swap(new, old)

    monkeypatch.setattr(artifact, "swap_folders", join_and_swap)
    random_model(7, 2, 0).save(place)
    assert len(FactorModel.load(place)) == 7
    assert [path.read_text() for path in tmp_path.rglob("thesis.txt")] == ["years of work"]
