"""The command `risks`: every indicator as it stands now."""

from __future__ import annotations

import time
from dataclasses import replace

import click
from flask import Flask, current_app
from flask.cli import with_appcontext

from app.measure.governance.usecase import UseCaseError
from app.measure.risks.measuring import take_risks
from app.measure.risks.reading import Reading, state_of
from app.models.registry import Registry
from app.settings import Settings
from app.store import Store, StoreError
from app.store.measures.risk_readings import latest_reading

_FRESH_INTERVALS = 5.0


def register(app: Flask) -> None:
    """Add the command to `flask`."""
    app.cli.add_command(risks_command)


@click.command("risks")
@with_appcontext
def risks_command() -> None:
    """Measure every risk indicator and print it with owner and what to do; exit code 1 on an alarm.

    Latency is known to the running site only: its newest stored reading is taken, if it is fresh.
    """
    settings: Settings = current_app.config["SETTINGS"]
    try:
        with Store(settings.database) as store:
            now = time.time()
            readings = [
                _of_the_site(store, settings, reading)
                for reading in take_risks(store, Registry(settings), settings, now)
            ]
    except (StoreError, UseCaseError) as error:
        raise click.ClickException(str(error)) from error
    for reading in readings:
        click.echo(_line(reading))
        if reading.state in ("watch", "alarm"):
            click.echo(f"         {reading.indicator.owner}: {reading.indicator.what_to_do}")
    if any(reading.state == "alarm" for reading in readings):
        raise SystemExit(1)


def _of_the_site(store: Store, settings: Settings, reading: Reading) -> Reading:
    stored = latest_reading(store.reader(), reading.indicator.name) if reading.value is None else None
    oldest = reading.measured_at - _FRESH_INTERVALS * max(settings.risk_interval_s, 1.0)
    if stored is None or stored.value is None or stored.measured_at < oldest:
        return reading
    state = state_of(reading.indicator, stored.value)
    return replace(reading, value=stored.value, state=state, note=stored.note, measured_at=stored.measured_at)


def _line(reading: Reading) -> str:
    risk = reading.indicator
    value = "-" if reading.value is None else f"{reading.value:.4g}"
    trend = "" if reading.trend is None else reading.trend.direction
    limits = f"{risk.alarm} {risk.watch:g} / {risk.threshold:g}"
    return f"{reading.state:<8} {risk.name:<22}{value:>10} {risk.unit:<7}{limits:<20}{trend:<8}{reading.note}"
