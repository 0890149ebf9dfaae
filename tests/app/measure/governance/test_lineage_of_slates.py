"""Every recommendation can be followed back to the model, the data and the verdict behind it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from app import create_app
from app.learn.trainer import Trainer
from app.measure.governance.lineage import LineageError, lineage
from app.models.registry import Registry
from app.record.filling import store_events
from app.settings import Settings
from app.store import Store, Writer
from app.store.events import NewEvent
from app.store.slates import LoggedSlate, log_slates
from tests.app.learn.traffic import Traffic, item_id

LATER = 1_000_000.0


@pytest.fixture
def slate(
    start_trainer: Callable[[], Trainer], traffic: Traffic, writer: Writer, baseline: object, now: float
) -> LoggedSlate:
    """A slate by version 1 for a visitor who had clicked two items, and who clicked a third one afterwards."""
    traffic.crowd("holdout", 60, holdout=True)
    traffic.crowd("visitor", 60)
    traffic.visitor("reader")
    traffic.act("reader", 0)
    traffic.act("reader", 31)
    version = start_trainer().step().candidate
    assert version is not None
    assert version.state == "champion"
    shown = LoggedSlate(
        slate_id="the-slate",
        page_id="page",
        visitor_id="reader",
        shelf="for-you",
        policy="als",
        arm="treatment",
        model_version=1,
        served_at=now + LATER,
        origin="real",
        items=(item_id(30), item_id(5)),
        sources=("als", "explore"),
        propensities=(0.92, 0.01),
        scores=(0.5, None),
    )
    after = NewEvent("after", "reader", item_id(9), "click", now + 2 * LATER, "real")
    writer.run(lambda db: (log_slates(db, [shown]), store_events(db, [after], after.received_at)))
    return shown


def test_an_entry_leads_to_the_history_then_the_model_and_its_verdict(
    slate: LoggedSlate, store: Store, registry: Registry, settings: Settings
) -> None:
    found = lineage(store, registry, settings, "the-slate")
    assert found.slate == slate
    assert [item for item, _ in found.history] == [item_id(0), item_id(31)]
    learned, explored = found.entries
    assert (learned.source, learned.propensity, learned.score) == ("als", 0.92, 0.5)
    assert {share.item_id for share in learned.shares if share.cause is None} == {item_id(0), item_id(31)}
    assert learned.shares[0].item_id == item_id(0)
    assert explored.shares == ()
    assert explored.without_shares == "The model did not rank this entry; it came from explore."
    assert found.model is not None
    assert (found.model.version, found.model.rows, found.parents) == (1, 122, ())
    assert found.steps[0].step == "filed"
    assert lineage(store, registry, settings, "the-slate", 2).entries == (explored,)


@pytest.mark.usefixtures("slate")
def test_what_is_lost_is_said_and_what_never_was_is_refused(
    store: Store, registry: Registry, settings: Settings
) -> None:
    registry.change(1, artifact="")
    assert "was cleared away" in str(lineage(store, registry, settings, "the-slate").entries[0].without_shares)
    with pytest.raises(LineageError, match="positions 1 to 2, not 3"):
        lineage(store, registry, settings, "the-slate", 3)
    with pytest.raises(LineageError, match="no slate 'other' was served"):
        lineage(store, registry, settings, "other")


@pytest.mark.usefixtures("slate")
def test_the_command_tells_the_same_story(settings: Settings) -> None:
    shown = create_app(replace(settings)).test_cli_runner().invoke(args=["lineage", "the-slate", "--position", "1"])
    assert shown.exit_code == 0, shown.output
    assert f"{item_id(30)}: als, chance 0.92, score 0.5000" in shown.output
    assert "model 1, fit, champion" in shown.output
    assert "excluded_visitors 0" in shown.output
