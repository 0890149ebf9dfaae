"""Nothing is written to the descriptor number of a pipe that was closed."""

from __future__ import annotations

from pathlib import Path

from app.server.wake_up_pipe import WakeUpPipe


def test_a_closed_pipe_writes_nothing_into_the_file_that_got_its_number(tmp_path: Path) -> None:
    pipe = WakeUpPipe()
    pipe.init()
    pipe.close()
    opened = [(tmp_path / name).open("wb", buffering=0) for name in ("read-end", "write-end", "more")]
    pipe.defer(lambda: None)
    for file in opened:
        file.close()
    assert all((tmp_path / name).stat().st_size == 0 for name in ("read-end", "write-end", "more"))


def test_an_open_pipe_wakes_the_loop_and_runs_what_was_handed_to_it() -> None:
    pipe = WakeUpPipe()
    pipe.init()
    found: list[int] = []
    pipe.defer(found.append, 1)
    pipe.run_callbacks(None)
    pipe.close()
    assert found == [1]
