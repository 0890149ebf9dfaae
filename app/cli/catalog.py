"""The commands that fill an empty site: `seed` for templates, `import-movielens` for films."""

from __future__ import annotations

import time
from pathlib import Path

import click
from flask import Flask, current_app
from flask.cli import with_appcontext

from app.cli.artwork import DRAWN_AT_ONCE, draw_artwork
from app.cli.first_traffic import imported_traffic, seed_traffic
from app.measure.governance.hypotheses import FILM_HYPOTHESES_FILE, FIRST_HYPOTHESES_FILE, first_claims
from app.record.filling import Traffic, fill
from app.settings import Settings
from app.store import Store, StoreError
from app.store.measures.hypotheses import file_claims
from app.values.item import Item
from seed_data.history import seed_history
from seed_data.movielens import MovieLensError, read_movielens
from seed_data.population import Population
from seed_data.templates import load_templates

_DAY_S = 86_400.0


def register(app: Flask) -> None:
    """Add the commands of this folder to `flask`."""
    app.cli.add_command(seed_command)
    app.cli.add_command(import_movielens_command)


_draw_option = click.option(
    "--draw",
    default=DRAWN_AT_ONCE,
    show_default=True,
    type=click.IntRange(0),
    help="Most pictures to draw now; `flask draw-artwork` draws the others.",
)


@click.command("seed")
@click.option(
    "--visitors", default=600, show_default=True, type=click.IntRange(0), help="Simulated visitors before us."
)
@click.option("--seed", "number", default=7, show_default=True, type=click.IntRange(0), help="Seed of the population.")
@_draw_option
@with_appcontext
def seed_command(visitors: int, number: int, draw: int) -> None:
    """Fill an empty database with the template catalog and two weeks of simulated clicks from before any model."""
    settings: Settings = current_app.config["SETTINGS"]
    items = load_templates()
    visits = list(seed_history(items, Population(items, number), visitors, number, start_at=time.time()))
    _fill(settings, items, seed_traffic(visits, settings))
    _file_first_hypotheses(settings, FIRST_HYPOTHESES_FILE)
    draw_artwork(settings, draw)


@click.command("import-movielens")
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--newest", type=click.IntRange(1), help="Take only so many ratings, the newest ones; all by default.")
@_draw_option
@with_appcontext
def import_movielens_command(path: Path, newest: int | None, draw: int) -> None:
    """Fill an empty database with the films and ratings of the MovieLens data set in PATH.

    PATH is a folder or zip file in any layout of GroupLens: ml-100k; ml-1m and ml-10m; ml-latest, ml-latest-small,
    ml-20m, ml-25m and ml-32m; or a folder with items.csv.gz and interactions.csv.gz. The ratings keep their order and
    their distances in time, but end now, so that "popular now" has a meaning; the times of the data set are kept beside
    them. A rating of 4 or more counts as a like, any other as a click. Of two ratings of one film by one user, the
    newest counts; films of the same title and year are one.
    """
    settings: Settings = current_app.config["SETTINGS"]
    try:
        films = read_movielens(path, latest=time.time() + _DAY_S, newest=newest)
    except MovieLensError as error:
        raise click.ClickException(str(error)) from error
    _fill(settings, films.items, imported_traffic(films.rows, settings, time.time(), films.timed))
    for count, what in (
        (films.merged, "films were listed before under the same title and year, and are one with these"),
        (films.replaced, "ratings gave way to a newer one of the same film by the same user"),
        (films.undated, "ratings have no time and count as the oldest"),
    ):
        if count:
            click.echo(f"{count:,} {what}")
    _file_first_hypotheses(settings, FILM_HYPOTHESES_FILE)
    draw_artwork(settings, draw)


def _file_first_hypotheses(settings: Settings, file: Path) -> None:
    with Store(settings.database) as store, store.open_writer(settings.queue_size) as writer:
        numbers = writer.run(lambda db: file_claims(db, first_claims(time.time(), file)))
    click.echo(f"{len(numbers)} hypotheses filed; `flask hypothesis judge` measures them")


def _fill(settings: Settings, items: list[Item], traffic: Traffic) -> None:
    started = time.perf_counter()
    try:
        with Store.create(settings.database) as store:
            fill(store, items, traffic)
    except StoreError as error:
        raise click.ClickException(str(error)) from error
    click.echo(
        f"{len(items):,} items, {len(traffic.visitors):,} visitors, {len(traffic.slates):,} slates and "
        f"{len(traffic.events):,} events written to {settings.database} in {time.perf_counter() - started:.1f} s"
    )
