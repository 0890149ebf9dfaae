"""What is written takes its place whole, or what was there stays."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from app.files import (
    exchange,
    lock_holder,
    make_private,
    making_folder,
    open_to_others,
    replacing_file,
    write_file,
    write_once,
)


@pytest.mark.parametrize("durable", [True, False])
def test_a_file_is_replaced_whole_whether_or_not_it_waits_for_the_disk(tmp_path: Path, durable: bool) -> None:
    path = tmp_path / "picture.svg"
    path.write_bytes(b"older")
    write_file(path, b"newer", durable=durable)
    assert path.read_bytes() == b"newer"
    assert list(tmp_path.iterdir()) == [path]


def test_a_write_that_fails_leaves_the_older_file_and_nothing_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "backup.gz"
    path.write_bytes(b"older")

    def fail() -> None:
        with replacing_file(path) as file:
            file.write(b"half of the ne")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert path.read_bytes() == b"older"
    assert list(tmp_path.iterdir()) == [path]


def test_until_the_end_the_older_file_is_there_and_then_the_new_one(tmp_path: Path) -> None:
    path = tmp_path / "report.md"
    path.write_text("older")
    with replacing_file(path) as file:
        file.write(b"newer")
        assert path.read_text() == "older"
    assert path.read_text() == "newer"


def test_what_is_new_is_readable_by_its_owner_only_and_older_rights_stay(tmp_path: Path) -> None:
    write_file(tmp_path / "new", "x")
    assert (tmp_path / "new").stat().st_mode & 0o777 == 0o600
    (tmp_path / "old").write_text("")
    (tmp_path / "old").chmod(0o640)
    write_file(tmp_path / "old", "x")
    assert (tmp_path / "old").stat().st_mode & 0o777 == 0o640


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "real").write_text("older")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    write_file(tmp_path / "link", "newer")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_text() == "newer"


def test_a_device_is_written_to_and_a_folder_is_refused(tmp_path: Path) -> None:
    write_file(Path(os.devnull), "x")
    assert not Path(os.devnull).is_file()
    with pytest.raises(IsADirectoryError):
        write_file(tmp_path, "x")


def test_what_is_made_once_is_never_replaced_and_never_seen_empty(tmp_path: Path) -> None:
    write_once(tmp_path / "key", "first")
    with pytest.raises(FileExistsError):
        write_once(tmp_path / "key", "second")
    assert (tmp_path / "key").read_text() == "first"
    assert [path.name for path in tmp_path.iterdir()] == ["key"]


def test_a_folder_appears_whole_or_not_at_all(tmp_path: Path) -> None:
    def fail() -> None:
        with making_folder(tmp_path / "backup") as beside:
            (beside / "file").write_text("x")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert list(tmp_path.iterdir()) == []
    with making_folder(tmp_path / "backup") as beside:
        (beside / "file").write_text("x")
        assert not (tmp_path / "backup").exists()
    assert (tmp_path / "backup" / "file").read_text() == "x"
    assert (tmp_path / "backup").stat().st_mode & 0o777 == 0o700


def test_a_folder_with_something_in_it_is_refused(tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine").write_text("x")
    with pytest.raises(FileExistsError), making_folder(tmp_path / "full"):
        pytest.fail("the block must not be entered")
    assert (tmp_path / "full" / "mine").read_text() == "x"


def test_two_folders_change_places_in_one_step(tmp_path: Path) -> None:
    for name in ("one", "other"):
        (tmp_path / name).mkdir()
        (tmp_path / name / name).write_text("")
    exchange(tmp_path / "one", tmp_path / "other")
    assert [path.name for path in (tmp_path / "one").iterdir()] == ["other"]
    with pytest.raises(OSError, match=r"[Nn]o such file"):
        exchange(tmp_path / "one", tmp_path / "missing")


def test_rights_of_others_are_seen_and_taken_away(tmp_path: Path) -> None:
    path = tmp_path / "events.db"
    path.write_text("")
    path.chmod(0o664)
    assert open_to_others(path)
    make_private(path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert not open_to_others(path)
    assert not open_to_others(tmp_path / "nothing")
    make_private(tmp_path / "nothing")


@pytest.mark.parametrize(
    ("written", "holder"),
    [(str(os.getpid()), os.getpid()), ("", None), (str(2**22 + 1), None)],
    ids=["this process", "nobody", "an ended process"],
)
def test_a_lock_names_a_holder_that_is_alive_or_nobody(tmp_path: Path, written: str, holder: int | None) -> None:
    path = tmp_path / "lock"
    path.write_text(written, encoding="ascii")
    with path.open("rb") as file:
        assert lock_holder(file.fileno()) == holder
