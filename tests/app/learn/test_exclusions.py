"""Excluded visitors train no model and judge none, their rows stay, and lifting brings them back."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest

from app.learn.trainer import Trainer
from app.settings import Settings
from app.store import Store, Writer
from app.store.events import last_seq
from app.store.measures.exclusions import NewExclusion, exclude, lift
from tests.app.learn.traffic import Traffic

Start = Callable[[], Trainer]


def exclude_crowd(writer: Writer, name: str, visitors: int) -> list[int]:
    found = [NewExclusion(f"{name}-{number}", "by hand", "a test", {}) for number in range(visitors)]
    return writer.run(lambda db: exclude(db, found, "test", 0.0))


@pytest.mark.usefixtures("baseline")
def test_a_running_trainer_notices_exclusions_and_their_end(
    start_trainer: Start, traffic: Traffic, writer: Writer, store: Store
) -> None:
    traffic.crowd("holdout", 60, holdout=True)
    traffic.crowd("visitor", 60)
    traffic.crowd("bot", 20, poison=True)
    trainer = start_trainer()
    first = trainer.step()
    assert first.candidate is not None
    assert (first.rows, first.candidate.metrics["excluded_visitors"]) == (160, 0)
    newest = last_seq(store.reader())

    ids = exclude_crowd(writer, "bot", 20)
    without = trainer.step()
    assert without.candidate is not None
    assert without.learned.rebuilt
    assert without.candidate.rows == 120
    facts = {name: without.candidate.metrics[name] for name in ("curation", "excluded_visitors", "excluded_rows")}
    assert facts == {"curation": 1, "excluded_visitors": 20, "excluded_rows": 40}
    assert last_seq(store.reader()) == newest
    assert "learned from visitors who are excluded since and sets no standard" in without.candidate.verdict

    for number in ids:
        writer.run(partial(lift, exclusion_id=number, reason="a mistake", by="test", at=1.0))
    again = trainer.step()
    assert again.candidate is not None
    assert (again.candidate.rows, again.candidate.metrics["excluded_visitors"]) == (160, 0)
    assert "sets no standard" not in again.candidate.verdict
    assert again.candidate.metrics["curation"] > without.candidate.metrics["curation"]


@pytest.mark.usefixtures("baseline")
def test_a_champion_sets_no_standard_though_as_many_exclusions_end_as_are_made(
    start_trainer: Start, traffic: Traffic, writer: Writer
) -> None:
    traffic.crowd("holdout", 60, holdout=True)
    traffic.crowd("visitor", 60)
    traffic.crowd("mistaken", 10)
    traffic.crowd("bot", 10, poison=True)
    mistaken = exclude_crowd(writer, "mistaken", 10)
    trainer = start_trainer()
    first = trainer.step().candidate
    assert first is not None
    assert first.metrics["exclusion"] == mistaken[-1]

    for number in mistaken:
        writer.run(partial(lift, exclusion_id=number, reason="a mistake", by="test", at=1.0))
    bots = exclude_crowd(writer, "bot", 10)
    judged = trainer.step().candidate
    assert judged is not None
    assert (judged.metrics["excluded_visitors"], judged.metrics["exclusion"]) == (10, bots[-1])
    assert "learned from visitors who are excluded since and sets no standard" in judged.verdict

    traffic.crowd("later", 30)
    later = trainer.step(force=True).candidate
    assert later is not None
    assert "sets no standard" not in later.verdict


@pytest.mark.usefixtures("baseline")
def test_what_excluded_visitors_do_later_is_not_learned_either(
    start_trainer: Start, traffic: Traffic, writer: Writer
) -> None:
    traffic.crowd("holdout", 60, holdout=True)
    traffic.crowd("visitor", 60)
    traffic.visitor("bot-0")
    exclude_crowd(writer, "bot", 1)
    trainer = start_trainer()
    trainer.step()
    traffic.act("bot-0", 5)
    report = trainer.step(force=True)
    assert (report.rows, report.learned.added, report.candidate) == (120, 0, None)


@pytest.mark.usefixtures("baseline")
def test_a_trainer_that_starts_later_finds_that_the_exclusions_changed(
    start_trainer: Start, traffic: Traffic, writer: Writer
) -> None:
    traffic.crowd("holdout", 60, holdout=True)
    traffic.crowd("visitor", 60)
    traffic.visitor("bot-0")
    start_trainer().step()
    exclude_crowd(writer, "bot", 1)
    report = start_trainer().step()
    assert report.candidate is not None
    assert report.candidate.metrics["curation"] == 1


@pytest.mark.usefixtures("baseline")
def test_excluded_jurors_judge_no_model(start_trainer: Start, traffic: Traffic, writer: Writer) -> None:
    traffic.crowd("holdout", 60, holdout=True)
    traffic.crowd("bot", 30, holdout=True, poison=True)
    traffic.crowd("visitor", 60)
    exclude_crowd(writer, "bot", 30)
    version = start_trainer().step().candidate
    assert version is not None
    assert (version.metrics["cases"], version.metrics["visitors"]) == (60, 60)


@pytest.mark.usefixtures("baseline")
def test_a_refit_says_what_the_updates_before_it_had_lost(
    start_trainer: Start, traffic: Traffic, settings: Settings
) -> None:
    traffic.crowd("holdout", 60, holdout=True)
    traffic.crowd("visitor", 60)
    trainer = start_trainer()
    trainer.step()
    first = trainer.step().candidate
    assert first is None
    kinds = []
    for round_ in range(4):
        traffic.crowd(f"more-{round_}", int(60 * settings.refit_growth * 0.9))
        version = trainer.step(force=True).candidate
        assert version is not None
        kinds.append(version.kind)
        if version.kind == "refit":
            drift = version.metrics["drift"]
            assert drift["refitted"] == version.metrics["candidate"]
            assert drift["short"] == max(0.0, 1 - drift["updated"]["mean"] / drift["refitted"]["mean"])
            assert drift["gram_drift"] > 0
        else:
            assert "drift" not in version.metrics
    assert "refit" in kinds
