"""A trainer whose models go to a storage that hosts share, while that storage is away."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path

import pytest

from app.learn.loop import MAX_FAILURES, MAX_REST_S, run_trainer
from app.models.errors import StorageUnavailableError
from app.models.registry import Registry
from app.settings import Settings
from tests.app.learn.traffic import Traffic

pytestmark = pytest.mark.postgres_only


def test_a_trainer_waits_for_the_storage_and_says_why_no_model_comes(
    settings: Settings, traffic: Traffic, baseline: object, tmp_path: Path
) -> None:
    traffic.crowd("holdout", 60, holdout=True)
    traffic.crowd("visitor", 60)
    shared = tmp_path / "shared"
    settings = replace(settings, artifacts=str(shared), update_interval_s=0.5)
    registry = Registry(settings)
    rests: list[float] = []

    class Stop(threading.Event):
        """Mounts the storage after more failures than a trainer stands of other kinds."""

        def wait(self, timeout: float | None = None) -> bool:
            assert timeout is not None
            rests.append(timeout)
            if len(rests) == MAX_FAILURES + 2:
                assert registry.versions() == [], "nothing is written down for each try"
                assert registry.trouble() is not None
                shared.mkdir()
            if registry.champion() is not None:
                self.set()
            return self.is_set()

    run_trainer(settings, stop=Stop())
    assert rests[: MAX_FAILURES + 2] == [1, 2, 4, 8, 16, 32, MAX_REST_S]
    champion = registry.champion()
    assert champion is not None
    assert champion.version == 1
    assert registry.trouble() is None
    assert (shared / "1" / "manifest.json").exists()
    shared.rename(tmp_path / "away")
    with pytest.raises(StorageUnavailableError, match="make it, or mount it"):
        run_trainer(replace(settings, var=tmp_path / "another host"), once=True)
