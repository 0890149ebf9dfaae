"""The signed metric is the measured one: by its name, from the events, through the ledger to the verdict."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from app.measure.experiment.experiments import Experiment, read_experiment
from app.measure.experiment.ledger import open_ledger
from app.measure.experiment.metrics import MetricError, metric_named
from app.measure.governance.usecase import USE_CASE_FILE, UseCaseError, load_use_case, parse_use_case
from app.settings import Settings
from app.store import Database, Store, Writer
from app.store.events import NewEvent, insert_events
from app.store.slates import LoggedSlate, log_slates
from app.store.visitors import assign_returning, ensure_visitor
from app.values.kind import kinds_of
from app.values.visitor import Visitor
from app.visitors import new_visitor, returning_visitor

PURCHASE = {"name": "purchase", "meaning": "bought", "weight": 5.0, "value": "price in EUR"}
KINDS = kinds_of([PURCHASE])
NOW, DAY = 1_700_000_000.0, 86_400.0


def signed_for(metric: str, folder: Path, *further: str) -> Path:
    """The use case with purchases and another success metric."""
    text = USE_CASE_FILE.read_text(encoding="utf-8").replace('name = "click-through"', f'name = "{metric}"')
    rows = "".join(f'\n[[further_metrics]]\nname = "{name}"\ndefinition = "d"\ncomputed = "c"\n' for name in further)
    kind = '\n[[kinds]]\nname = "purchase"\nmeaning = "bought"\nweight = 5.0\nvalue = "price in EUR"\n'
    path = folder / "usecase.toml"
    path.write_text(text + rows + kind, encoding="utf-8")
    return path


def slate(visitor: Visitor, slate_id: str, at: float, item_id: str = "item-001") -> LoggedSlate:
    """A slate of one item."""
    return LoggedSlate(
        slate_id, f"p-{slate_id}", visitor.visitor_id, "for-you", "popularity", visitor.arm, None, at, visitor.origin,
        (item_id,), ("popularity",), (1.0,), (None,),
    )  # fmt: skip


def bought(
    visitor: Visitor, event_id: str, at: float, value: float, item_id: str = "item-001", **others: Any
) -> NewEvent:
    """A purchase."""
    return NewEvent(event_id, visitor.visitor_id, item_id, "purchase", at, visitor.origin, value=value, **others)


def population(
    db: Database, settings: Settings, visitors: int, lift: float, seed: int = 3, item_id: str = "item-001"
) -> None:
    """Visitors who buy with a chance and spend by a skewed law; in treatment they spend more by `lift`."""
    rng = np.random.default_rng(seed)
    slates, events = [], []
    for number in range(visitors):
        visitor = new_visitor(settings, now=NOW + number, visitor_id=f"v{number}")
        ensure_visitor(db, visitor)
        slates.append(slate(visitor, f"s{number}", NOW + number, item_id))
        factor = 1.0 + lift if visitor.arm == "treatment" else 1.0
        for purchase in range(int(rng.poisson(1.0))):
            value = float(rng.gamma(3.0, 5.0)) * factor
            events.append(bought(visitor, f"e{purchase}", NOW + number + 5, value, item_id))
    log_slates(db, slates)
    insert_events(db, events)


def read(store: Store, settings: Settings) -> Experiment:
    """The experiment of the real visitors."""
    state = open_ledger(store, settings).follow()
    use_case = load_use_case(settings.use_case_file)
    found = read_experiment(state, "real", use_case, control_share=settings.control_share)
    assert found is not None
    return found


@pytest.mark.parametrize(("lift", "state"), [(0.15, "better"), (-0.15, "worse"), (0.0, "open")])
def test_a_planted_change_of_value_per_visitor_is_found(
    settings: Settings, database: Path, tmp_path: Path, lift: float, state: str
) -> None:
    use_case = signed_for("value per visitor", tmp_path, "share of visitors with purchase", "return within 7 days")
    settings = replace(settings, use_case=use_case, control_share=0.5)
    with Store(database) as store, store.open_writer() as writer:
        writer.run(lambda db: population(db, settings, 8_000, lift), 120)
        found = read(store, settings)
    assert found.verdict.state == state, found.verdict.sentence
    assert found.success is not None
    assert found.success.metric == "value per visitor"
    assert found.success.lift_always.low < lift < found.success.lift_always.high
    assert "In value per visitor, treatment is" in found.verdict.sentence
    assert found.control.success.value == pytest.approx(15.0, rel=0.06)
    assert found.control.success.denominator == found.control.visitors
    shares = [comparison for comparison in found.further if comparison.metric == "share of visitors with purchase"]
    assert shares[0].lift_always.low < 0 < shares[0].lift_always.high, "no more of them buy"


def test_what_was_bought_before_counts_apart_and_what_is_taken_back_does_not(
    settings: Settings, store: Store, writer: Writer, tmp_path: Path
) -> None:
    settings = replace(settings, use_case=signed_for("purchase value per visitor", tmp_path), control_share=0.0)
    visitor = new_visitor(settings, now=NOW, visitor_id="v")

    def write(db: Database) -> None:
        ensure_visitor(db, visitor)
        insert_events(db, [bought(visitor, "before", NOW - DAY, 100.0)])
        log_slates(db, [slate(visitor, "s", NOW)])
        insert_events(
            db,
            [
                bought(visitor, "a", NOW + 1, 7.0, slate_id="s", position=1),
                bought(visitor, "b", NOW + 2, 9.5),
                NewEvent("c", "v", "item-002", "purchase", NOW + 3, "real", value=2.0),
                bought(visitor, "undo", NOW + 4, 0.0, undo=True),
            ],
        )

    writer.run(write)
    arm = open_ledger(store, settings).follow().arm("real", "treatment")
    assert arm is not None
    found = {column: arm.moments.total(column) for column in arm.moments.columns if "purchase" in column}
    assert found == {"value:purchase": 2.0, "count:purchase": 1, "value_before:purchase": 100.0}


def test_the_growth_curve_is_of_the_signed_metric(
    settings: Settings, store: Store, writer: Writer, tmp_path: Path
) -> None:
    use_case = signed_for("purchase value per visitor", tmp_path)
    settings = replace(settings, use_case=use_case, control_share=0.0, holdout_share=0.0)
    buyer, looker = (new_visitor(settings, now=NOW, visitor_id=name) for name in ("buyer", "looker"))

    def write(db: Database) -> None:
        for visitor in (buyer, looker):
            ensure_visitor(db, visitor)
            log_slates(db, [slate(visitor, visitor.visitor_id, NOW)])
        looked = bought(looker, "l", NOW + 1, 0.0, slate_id="looker", position=1)
        insert_events(db, [looked._replace(kind="view", value=None)])
        insert_events(db, [bought(buyer, "a", NOW + 2, 7.0), bought(buyer, "b", NOW + 3, 5.0)])

    writer.run(write)
    [window] = open_ledger(store, settings).follow().windows
    assert (window.metric, window.origin, window.arm) == ("purchase value per visitor", "real", "treatment")
    assert (window.rate.numerator, window.rate.denominator, window.rate.value) == (12.0, 2, 6.0)


def test_an_old_customer_is_compared_from_when_they_come(
    settings: Settings, store: Store, writer: Writer, tmp_path: Path
) -> None:
    settings = replace(
        settings, use_case=signed_for("purchase per visitor", tmp_path), control_share=0.0, holdout_share=0.0
    )
    imported = new_visitor(settings, "imported", now=NOW - 300 * DAY, visitor_id="customer")

    def past(db: Database) -> None:
        ensure_visitor(db, imported)
        insert_events(db, [bought(imported, "h", NOW - 200 * DAY, 5.0)._replace(origin="imported")])

    ledger = open_ledger(store, settings)
    writer.run(past)
    assert ledger.follow().arm("real", "treatment") is None
    back = returning_visitor(imported, settings)

    def come(db: Database) -> None:
        assign_returning(db, back, NOW)
        log_slates(db, [slate(back, "s", NOW)])
        insert_events(db, [bought(back, "now", NOW + 1, 6.0)])

    writer.run(come)
    arm = ledger.follow().arm("real", "treatment")
    assert arm is not None
    assert (arm.exposed, arm.moments.total("count:purchase"), arm.moments.total("count_before:purchase")) == (1, 1, 1)


def test_who_comes_again_within_days_is_counted_when_the_days_are_over(
    settings: Settings, store: Store, writer: Writer, tmp_path: Path
) -> None:
    settings = replace(
        settings, use_case=signed_for("return within 7 days", tmp_path), control_share=0.0, holdout_share=0.0
    )

    def write(db: Database) -> None:
        for name, first, again in (("back", 0.0, 3.0), ("same", 0.0, 0.2), ("late", 0.0, 9.0), ("new", 5.0, 6.0)):
            visitor = new_visitor(settings, now=NOW, visitor_id=name)
            ensure_visitor(db, visitor)
            log_slates(db, [slate(visitor, f"{name}{n}", NOW + DAY * at) for n, at in enumerate([first, again])])

    writer.run(write)
    arm = open_ledger(store, settings).follow().arm("real", "treatment")
    assert arm is not None
    assert (arm.moments.total("returned:7"), arm.moments.total("mature:7"), arm.moments.count) == (1, 3, 4)


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("click-through", ("clicks", "impressions")),
        ("purchase per impression", ("entries:purchase", "impressions")),
        ("like per visitor", ("count:like", "visitors")),
        ("value per visitor", ("value:purchase", "visitors")),
        ("share of visitors with save", ("any:save", "visitors")),
        ("return within 30 days", ("returned:30", "mature:30")),
    ],
)
def test_a_name_is_a_ratio(name: str, parts: tuple[str, str]) -> None:
    metric = metric_named(name, KINDS)
    assert (metric.numerator, metric.denominator) == parts


def test_a_name_that_cannot_be_computed_is_refused_with_those_that_can() -> None:
    with pytest.raises(MetricError, match="'revenue per visitor' cannot be computed; it may be one of click-through"):
        metric_named("revenue per visitor", KINDS)
    with pytest.raises(MetricError, match="0 kinds carry a value"):
        metric_named("value per visitor", kinds_of([]))
    with pytest.raises(MetricError, match="like carries no value"):
        metric_named("like value per visitor", KINDS)
    text = USE_CASE_FILE.read_text(encoding="utf-8").replace('name = "click-through"', 'name = "happiness"')
    with pytest.raises(UseCaseError, match="metric 'happiness' cannot be computed"):
        parse_use_case(text)
