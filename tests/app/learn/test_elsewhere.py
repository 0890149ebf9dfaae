"""A model that was trained elsewhere goes before the gate as the trainer's own do, and no foreign or stale one does."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from app.cli import elsewhere as commands
from app.cli import models as learn_commands
from app.export import site_mark
from app.learn.elsewhere import SubmissionError, read_submission, submit
from app.learn.trainer import Trainer
from app.learn.training_state import TrainingState
from app.models.config import learning_settings
from app.models.current import load_current
from app.models.errors import VersionError
from app.models.registry import Registry
from app.settings import Settings
from app.store import Store, Writer
from app.store.events import last_seq
from app.store.visitors import last_erasure
from recommender import ArtifactError
from tests.app.learn.conftest import Clock
from tests.app.learn.test_stage import Shown
from tests.app.learn.traffic import PAIRS, Traffic

Write = Callable[..., Path]


@pytest.fixture
def write(settings: Settings, store: Store, tmp_path: Path) -> Write:
    """Writes what a trainer elsewhere would that had learned everything there is now."""

    def write(**other: Any) -> Path:
        folder = tmp_path / "trained"
        state = TrainingState(replace(settings, second_stage=False), None)
        state.follow(store)
        assert state.als is not None
        state.als.model().save(folder / "model")
        document = {
            "format": "recommender-flywheel-training",
            "version": 1,
            "engine": "test 1.0",
            "manifest_sha256": hashlib.sha256((folder / "model/manifest.json").read_bytes()).hexdigest(),
            "settings": learning_settings(settings),
            "site": site_mark(settings),
            "watermark": last_seq(store.reader()),
            "erasure": last_erasure(store.reader()),
            "curation": 0,
            "rows": state.als.log.rows,
            "users": state.als.log.users,
            "items": state.als.log.items,
            "seconds": {"factors": 1.5},
        }
        (folder / "training.json").write_text(json.dumps(document | other))
        return folder

    return write


@pytest.mark.usefixtures("baseline", "holdout")
def test_where_nothing_is_published_it_is_once_it_passes(
    settings: Settings, store: Store, registry: Registry, traffic: Traffic, write: Write, clock: Clock
) -> None:
    traffic.crowd("visitor", 60)
    submission = read_submission(settings, store, registry, write())
    version = submit(settings, store, registry, submission, by="a test", now=clock)
    assert (version.version, version.state, version.kind) == (1, "champion", "fit")
    assert (version.rows, version.users, version.config["engine"]) == (120, 60, "test 1.0")
    assert version.timings["factors"] == 1.5
    current = load_current(settings.models_folder)
    assert current is not None
    assert current[1].item_ids == submission.model.item_ids


@pytest.mark.usefixtures("trained")
def test_beside_a_champion_it_goes_on_trial_or_is_published_where_no_trial_is_wanted(
    settings: Settings, store: Store, registry: Registry, write: Write, clock: Clock
) -> None:
    submission = read_submission(settings, store, registry, write())
    version = submit(settings, store, registry, submission, by="a test", note="Nightly.", now=clock)
    assert (version.version, version.state) == (2, "challenger")
    assert registry.steps(2)[-1].sentence.endswith("trained by test 1.0. Nightly.")
    with pytest.raises(VersionError, match="version 2 is on trial"):
        submit(settings, store, registry, submission, by="a test", now=clock)
    published = submit(settings, store, registry, submission, by="a test", trial=False, now=clock)
    assert (published.version, published.state) == (3, "champion")


@pytest.mark.usefixtures("trained")
def test_one_that_is_worse_is_refused_by_the_gate(
    settings: Settings, store: Store, registry: Registry, traffic: Traffic, write: Write, clock: Clock
) -> None:
    traffic.erase(f"visitor-{number}" for number in range(60))
    traffic.crowd("bot", 60, poison=True)
    submission = read_submission(settings, store, registry, write())
    version = submit(settings, store, registry, submission, by="a test", trial=False, now=clock)
    assert version.state == "refused"


@pytest.mark.usefixtures("trained")
def test_it_is_given_a_second_stage_from_what_the_site_showed(
    settings: Settings, store: Store, registry: Registry, traffic: Traffic, writer: Writer, write: Write, clock: Clock
) -> None:
    shown = Shown(writer, traffic, traffic.now)
    for number in range(60):
        one = number % PAIRS
        shown.to(
            f"visitor-{number}",
            [(one + 7) % PAIRS, PAIRS + one, (one + 3) % PAIRS, PAIRS + (one + 5) % PAIRS],
            PAIRS + one,
        )
    submission = read_submission(settings, store, registry, write())
    version = submit(settings, store, registry, submission, by="a test", trial=False, now=clock)
    assert version.metrics["second_stage"]["pairs"] == 240
    assert "second stage" in version.timings
    current = load_current(settings.models_folder)
    assert current is not None
    assert (current[1].second_stage is not None) == (version.state == "champion")
    without = replace(settings, second_stage=False)
    plain = read_submission(settings, store, registry, write(settings=learning_settings(without)))
    assert "second_stage" not in submit(settings, store, registry, plain, by="a test", trial=False, now=clock).metrics


@pytest.mark.usefixtures("trained")
def test_what_cannot_be_judged_is_refused_with_the_fix(
    settings: Settings, store: Store, registry: Registry, write: Write, tmp_path: Path
) -> None:
    def read(folder: Path) -> None:
        read_submission(settings, store, registry, folder)

    with pytest.raises(SubmissionError, match=r"has no training.json; train with `python -m recommender_spark"):
        read(tmp_path)
    for other in ({"version": 2}, {"rows": "many"}, {"rows": float("inf")}, {"settings": None}):
        with pytest.raises(SubmissionError, match="says of no training what it must"):
            read(write(**other))
    with pytest.raises(SubmissionError, match="was trained on another site's export"):
        read(write(site="another"))
    with pytest.raises(SubmissionError, match="was trained on another site's export"):
        read(write(watermark=10**9))
    with pytest.raises(SubmissionError, match=r"is not the model that training.json is about"):
        read(write(manifest_sha256="0"))
    folder = write()
    next((folder / "model").glob("*.npy")).write_bytes(b"damaged")
    with pytest.raises(ArtifactError):
        read(folder)


def test_one_that_knows_of_the_erased_never_replaces_one_that_forgot_them(
    settings: Settings, store: Store, registry: Registry, traffic: Traffic, write: Write, trained: Trainer
) -> None:
    folder = write()
    traffic.erase(["visitor-1", "visitor-2"])
    assert read_submission(settings, store, registry, folder).erasures_since == 2
    app = Flask("commands")
    app.config["SETTINGS"] = settings
    learn_commands.register(app)
    commands.register(app)
    result = app.test_cli_runner().invoke(args=["models", "submit", str(folder), "--no-trial"])
    assert result.exit_code == 0, result.output
    assert "version 2: Passed" in result.output
    assert "2 erasures came after its export, and it still knows of them" in result.output
    forgot = trained.step()
    assert forgot.candidate is not None
    assert forgot.candidate.state == "champion"
    with pytest.raises(SubmissionError, match="version 3 has forgotten visitors who were erased after this export"):
        read_submission(settings, store, registry, folder)
    result = app.test_cli_runner().invoke(args=["models", "submit", str(folder)])
    assert result.exit_code == 1
    assert "export-parquet" in result.output
