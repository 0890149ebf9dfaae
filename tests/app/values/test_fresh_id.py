"""Fresh ids come once, whoever asks."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor

import pytest

from app.values.fresh_id import fresh_id


def test_no_id_comes_twice_between_threads() -> None:
    with ThreadPoolExecutor(4) as pool:
        found = [each for part in pool.map(lambda _: [fresh_id() for _ in range(500)], range(8)) for each in part]
    assert len(set(found)) == 4_000
    assert {len(each) for each in found} == {16}


@pytest.mark.filterwarnings("ignore:.*fork")
@pytest.mark.skipif(not hasattr(os, "register_at_fork"), reason="needs a system that forks")
def test_a_forked_process_hands_out_ids_of_its_own() -> None:
    fresh_id()
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        os.write(writing, fresh_id().encode())
        os._exit(0)
    os.waitpid(child, 0)
    theirs = os.read(reading, 16).decode()
    os.close(reading)
    os.close(writing)
    assert theirs not in {fresh_id() for _ in range(300)}
