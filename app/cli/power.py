"""The command `usecase power`: how long it takes to find a lift of the signed metric at the traffic of this site."""

from __future__ import annotations

import click
from flask import current_app
from flask.cli import with_appcontext

from app.measure.experiment.ledger import open_ledger
from app.measure.experiment.power import Power, past_moments, visitors_needed
from app.measure.governance.usecase import UseCaseError, load_use_case, use_case_metrics
from app.settings import Settings
from app.store import Store, StoreError
from app.store.measures.experiments import exposures_per_day
from app.values.origin import LIVE_ORIGINS


@click.command("power")
@click.option("--lift", default=5.0, show_default=True, help="Lift to be found, in per cent; may be below 0.")
@click.option("--visitors-per-day", type=click.FloatRange(min=0.01), help="New visitors a day; measured if not given.")
@with_appcontext
def power_command(lift: float, visitors_per_day: float | None) -> None:
    """Say how many visitors, and how many days at your traffic, it takes to find a lift of the success metric.

    The spread between visitors is that of the visitors so far; before there are any, that of the imported history, in
    which what a customer did in all stands for what a visitor will do.
    """
    settings: Settings = current_app.config["SETTINGS"]
    try:
        use_case = load_use_case(settings.use_case_file)
        metric, plan = use_case_metrics(use_case)[0], use_case.experiment
        with Store(settings.event_database) as store:
            state = open_ledger(store, settings).follow()
            live = [arm.moments for arm in state.arms if arm.origin in LIVE_ORIGINS and arm.moments.count]
            of_past = not any(moments.total(metric.acts) for moments in live)
            moments = past_moments(store.reader(), metric) if of_past else sum(live[1:], live[0])
            daily = visitors_per_day or exposures_per_day(store.reader())
        found = visitors_needed(
            moments,
            metric,
            lift / 100,
            control_share=settings.control_share,
            confidence=plan.confidence,
            expected_visitors=plan.expected_visitors,
        )
    except (StoreError, UseCaseError, ValueError) as error:
        raise click.ClickException(str(error)) from error
    if found is None:
        raise click.ClickException(
            f"nobody did yet what {metric.name!r} counts, so nothing tells how far visitors differ; "
            "import a history with `flask import-history FILE`"
        )
    if of_past:
        click.echo("Of the imported history: no visitor of this site did yet what the metric counts.")
    click.echo(Power(metric.name, lift / 100, found, found / daily if daily else None).sentence)
