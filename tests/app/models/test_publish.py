"""Promoting, rolling back, clearing away and recovering."""

from __future__ import annotations

import pytest

from app.models.current import POINTER, load_current, read_current
from app.models.errors import VersionError
from app.models.locks import publish_lock
from app.models.publish import promote, prune_artifacts, recover, rollback
from app.models.registry import Registry
from app.settings import Settings
from tests.app.learn.versions import add_version, marked_as, publish_version


def in_use(settings: Settings, registry: Registry) -> int:
    """The published version, after checking that pointer, artifact and registry agree."""
    current = load_current(settings.models_folder)
    champion = registry.champion()
    assert current is not None
    assert champion is not None
    assert current[0].version == champion.version == marked_as(current[1])
    assert current[0].watermark == champion.watermark
    return champion.version


def test_publishing_retires_the_version_before(settings: Settings, registry: Registry) -> None:
    publish_version(settings, registry)
    publish_version(settings, registry)
    assert [(row.version, row.state) for row in registry.versions()] == [(2, "champion"), (1, "retired")]
    assert in_use(settings, registry) == 2


def test_rolling_back_goes_one_further_each_time(settings: Settings, registry: Registry) -> None:
    for _ in range(3):
        publish_version(settings, registry)
    add_version(settings, registry, "refused")
    assert rollback(settings, registry).version == 2
    assert in_use(settings, registry) == 2
    assert rollback(settings, registry).version == 1
    with pytest.raises(VersionError, match="version 1 is in use and no earlier published version"):
        rollback(settings, registry)
    assert in_use(settings, registry) == 1


def test_nothing_can_be_rolled_back_before_something_is_published(settings: Settings, registry: Registry) -> None:
    with pytest.raises(VersionError, match="nothing is published"):
        rollback(settings, registry)


def test_any_version_can_be_promoted_and_the_registry_says_so(settings: Settings, registry: Registry) -> None:
    publish_version(settings, registry)
    add_version(settings, registry, "refused")
    promoted = promote(settings, registry, 2, now=lambda: 1_700_000_000.0)
    assert promoted.state == "champion"
    assert promoted.verdict == "Passed: made up. Put in use by hand on 2023-11-14."
    assert in_use(settings, registry) == 2


def test_a_version_that_is_not_there_cannot_be_promoted(settings: Settings, registry: Registry) -> None:
    with pytest.raises(VersionError, match="there is no model version 5; the newest are: none"):
        promote(settings, registry, 5)
    publish_version(settings, registry)
    with pytest.raises(VersionError, match="there is no model version 5; the newest are: 1"):
        promote(settings, registry, 5)
    with pytest.raises(VersionError, match="version 1 is in use already"):
        promote(settings, registry, 1)


def test_a_damaged_version_cannot_be_promoted(settings: Settings, registry: Registry) -> None:
    publish_version(settings, registry)
    publish_version(settings, registry)
    (settings.models_folder / "1" / "popularity.npy").unlink()
    with pytest.raises(VersionError, match=r"version 1 cannot be published: .*popularity\.npy is missing"):
        promote(settings, registry, 1)
    assert in_use(settings, registry) == 2


def test_old_artifacts_are_cleared_away_but_never_the_champion(settings: Settings, registry: Registry) -> None:
    for _ in range(6):
        publish_version(settings, registry)
    for _ in range(5):
        add_version(settings, registry, "refused")
    promote(settings, registry, 1)
    with publish_lock(settings.models_folder):
        assert prune_artifacts(settings, registry) == [3, 2, 8, 7]
        assert prune_artifacts(settings, registry) == []
    folders = {int(entry.name) for entry in settings.models_folder.iterdir() if entry.is_dir()}
    assert folders == {1, 4, 5, 6, 9, 10, 11}
    assert in_use(settings, registry) == 1
    with pytest.raises(VersionError, match="the artifact of version 2 was cleared away"):
        promote(settings, registry, 2)


def test_a_lost_registry_is_made_up_from_the_pointer(settings: Settings, registry: Registry) -> None:
    publish_version(settings, registry)
    publish_version(settings, registry)
    settings.registry_database.unlink()
    assert recover(settings, registry) == ["version 2 is published, but was not marked so"]
    assert in_use(settings, registry) == 2
    assert registry.next_version() == 3


def test_a_damaged_pointer_is_replaced_by_the_registrys_champion(settings: Settings, registry: Registry) -> None:
    publish_version(settings, registry)
    (settings.models_folder / POINTER).write_text("{", encoding="utf-8")
    assert recover(settings, registry) == ["the champion pointer was damaged; it names version 1 again"]
    assert in_use(settings, registry) == 1


def test_a_lost_pointer_means_that_nothing_is_published(settings: Settings, registry: Registry) -> None:
    publish_version(settings, registry)
    (settings.models_folder / POINTER).unlink()
    assert recover(settings, registry) == ["version 1 was marked as published, but nothing is published"]
    assert registry.champion() is None
    promote(settings, registry, 1)
    assert in_use(settings, registry) == 1


def test_leftovers_and_unjudged_candidates_are_put_right(settings: Settings, registry: Registry) -> None:
    publish_version(settings, registry)
    add_version(settings, registry)
    (settings.models_folder / ".3.half-written").mkdir()
    fixed = recover(settings, registry)
    assert fixed == [".3.half-written was left over and is removed", "version 2 was never judged"]
    unjudged = registry.get(2)
    assert unjudged is not None
    assert (unjudged.state, unjudged.verdict) == (
        "refused",
        "Refused: the trainer ended before this version was judged.",
    )
    assert recover(settings, registry) == []
    assert read_current(settings.models_folder) is not None


def test_a_reason_stays_with_the_step_that_it_was_given_for(settings: Settings, registry: Registry) -> None:
    for _ in range(2):
        publish_version(settings, registry)
    promote(settings, registry, 1, by="the dashboard", reason="Two was slow. ")
    promoted = registry.steps(1)[0]
    assert (promoted.step, promoted.by) == ("by hand", "the dashboard")
    assert promoted.sentence == "The site uses version 1 instead of version 2. Reason: Two was slow."
    promote(settings, registry, 2)
    assert registry.steps(2)[0].sentence == "The site uses version 2 instead of version 1."
    rollback(settings, registry, reason="it is back")
    assert registry.steps(1)[0].sentence.endswith("Reason: it is back.")
