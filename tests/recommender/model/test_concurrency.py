"""One model, many threads; and a process forked after it was used."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

from recommender import FactorModel

FORKED = """
import os
import numpy as np
from recommender import ALSConfig, ALSTrainer, Interactions

rows = [(user, (user * 7 + step * step) % 40) for user in range(30) for step in range(8)]
trainer = ALSTrainer(ALSConfig(factors=8, threads=2))
trainer.fit(Interactions.from_rows(rows))
model = trainer.model()
expected = model.recommend([1, 2, 3], k=7)
batch = [[step % 40, 3] for step in range(200)]
together = model.recommend_many(batch, threads=2)
child = os.fork()
if child == 0:
    same = model.recommend([1, 2, 3], k=7) == expected and model.similar(1) and model.explain([1, 2], 3)
    same = same and model.recommend_many(batch, threads=2) == together
    trainer.update([(1, 5), ("new", 6)])
    os._exit(0 if same and trainer.model().recommend([5], k=3) else 1)
_, status = os.waitpid(child, 0)
assert os.waitstatus_to_exitcode(status) == 0
assert model.recommend([1, 2, 3], k=7) == expected
"""


def test_threads_get_the_answers_that_one_thread_gets(model: FactorModel) -> None:
    histories = [[f"item-{(step * 5 + offset) % 90}" for offset in range(step % 9)] for step in range(200)]
    expected = [model.recommend(history, k=8) for history in histories]
    with ThreadPoolExecutor(8) as pool:
        for _ in range(3):
            assert list(pool.map(lambda history: model.recommend(history, k=8), histories)) == expected


def test_a_forked_child_recommends_and_updates() -> None:
    done = subprocess.run([sys.executable, "-c", FORKED], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
