"""Pictures are files with safe names, written whole or not at all, and never read from outside their folder."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from app.catalog.images import image_file, image_version, save_image

SVG = b"<svg xmlns='http://www.w3.org/2000/svg'/>"


def test_a_picture_is_named_by_its_content_in_one_of_256_folders(tmp_path: Path) -> None:
    name = save_image(tmp_path, SVG, ".svg")
    assert re.fullmatch(r"([0-9a-f]{2})/\1[0-9a-f]{30}\.svg", name)
    file = image_file(tmp_path, name)
    assert file is not None
    assert file.read_bytes() == SVG
    assert save_image(tmp_path, SVG + b" ", ".svg") != name


def test_pictures_are_readable_by_their_owner_only(tmp_path: Path) -> None:
    save_image(tmp_path / "artwork", SVG, ".svg")
    assert not [path for path in tmp_path.rglob("*") if path.stat().st_mode & 0o077]


def test_the_same_picture_is_written_once(tmp_path: Path) -> None:
    name = save_image(tmp_path, SVG, ".svg")
    before = (tmp_path / name).stat()
    assert save_image(tmp_path, SVG, ".svg") == name
    assert (tmp_path / name).stat().st_ino == before.st_ino
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == [Path(name).name]


def test_a_file_that_lost_its_content_counts_as_missing_and_is_written_again(tmp_path: Path) -> None:
    name = save_image(tmp_path, SVG, ".svg")
    (tmp_path / name).write_bytes(b"")
    assert image_file(tmp_path, name) is None
    assert save_image(tmp_path, SVG, ".svg") == name
    assert (tmp_path / name).read_bytes() == SVG


def test_a_picture_that_cannot_be_written_leaves_nothing_behind(tmp_path: Path) -> None:
    name = save_image(tmp_path, SVG, ".svg")
    (tmp_path / name).unlink()
    (tmp_path / name).mkdir()  # what the file should replace cannot be replaced
    with pytest.raises(OSError, match=r"directory|denied|permitted"):
        save_image(tmp_path, SVG, ".svg")
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_only_kinds_of_pictures_are_written(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"suffix = '\.html' is no kind of picture; known are .*\.svg"):
        save_image(tmp_path, b"<script>", ".html")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "name",
    [
        None,
        "",
        "gone.svg",
        "../secret.svg",
        "ab/../../secret.svg",
        "{outside}/secret.svg",
        "folder.svg",
        "page.html",
        "no-suffix",
        "nul\0.svg",
        "long" * 100 + ".svg",
    ],
)
def test_what_is_no_picture_of_the_folder_is_not_served(tmp_path: Path, name: str | None) -> None:
    folder = tmp_path / "artwork"
    (folder / "ab").mkdir(parents=True)
    (folder / "folder.svg").mkdir()
    for path in (tmp_path / "secret.svg", folder / "page.html", folder / "no-suffix"):
        path.write_text("here")
    assert image_file(folder, name and name.replace("{outside}", str(tmp_path))) is None


def test_every_picture_has_a_version_of_its_own(tmp_path: Path) -> None:
    names = [save_image(tmp_path, SVG + bytes([number]), ".svg") for number in range(50)]
    versions = {image_version(name) for name in names}
    assert len(versions) == 50
    assert all(re.fullmatch("[0-9a-f]{12}", version) for version in versions)
