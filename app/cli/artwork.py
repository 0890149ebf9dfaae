"""Drawing the pictures of items: by the commands that fill a site, and later by `draw-artwork`."""

from __future__ import annotations

import time
from collections.abc import Iterable
from functools import partial

import click
from flask import Flask, current_app
from flask.cli import with_appcontext

from app.catalog.images import image_file, save_image
from app.settings import Settings
from app.store import Store, StoreError
from app.store.items import all_items, set_images
from app.values.counted import counted
from app.values.item import Item
from seed_data.artwork import artwork_size, artwork_svg

DRAWN_AT_ONCE = 20_000
"""Pictures that filling a site draws before it ends: some seven seconds. A larger catalog begins with placeholders."""

_BATCH = 500


def register(app: Flask) -> None:
    """Add the command of this file to `flask`."""
    app.cli.add_command(draw_artwork_command)


@click.command("draw-artwork")
@click.option("--limit", type=click.IntRange(1), help="Most pictures to draw now; all if not given.")
@with_appcontext
def draw_artwork_command(limit: int | None) -> None:
    """Draw the pictures that items lack, in editorial order. It may be stopped at any time, and goes on from there.

    Run it with the site stopped: the database of a running site is written by the site alone.
    """
    draw_artwork(current_app.config["SETTINGS"], limit)


def draw_artwork(settings: Settings, limit: int | None) -> None:
    """Draw at most `limit` of the missing pictures with a progress bar; say how many are left.

    Files are written first and their names in batches after them, so that an item never names a picture that is not
    there. Raises ClickException when the folder or the database cannot be written.
    """
    try:
        with Store(settings.database) as store:
            missing = items_without_image(all_items(store.reader()), settings)
            chosen = missing[:limit]
            if chosen:
                _draw(store, settings, chosen)
            elif not missing:
                click.echo("every item has its picture")
    except StoreError as error:
        raise click.ClickException(str(error)) from error
    except OSError as error:
        raise click.ClickException(
            f"pictures cannot be written to {settings.images_folder} ({error.strerror}); make room or change "
            "FLYWHEEL_VAR, and run `flask draw-artwork`, which goes on from here"
        ) from error
    left = len(missing) - len(chosen)
    if left:
        click.echo(f"{counted(left, 'item shows', 'items show')} a placeholder until `flask draw-artwork` draws them")


def items_without_image(items: Iterable[Item], settings: Settings) -> list[Item]:
    """Those of `items` that are drawn and have no picture, or whose file is gone, in the same order.

    Items of a shop's own are not drawn: pages show their pictures, or a placeholder.
    """
    return [item for item in items if item.layout and image_file(settings.images_folder, item.image) is None]


def _draw(store: Store, settings: Settings, items: list[Item]) -> None:
    started = time.perf_counter()
    folder = settings.images_folder
    with (
        store.open_writer(settings.queue_size) as writer,
        click.progressbar(length=len(items), label="Drawing pictures", show_pos=True, update_min_steps=20) as bar,
    ):
        for first in range(0, len(items), _BATCH):
            rows = []
            for item in items[first : first + _BATCH]:
                name = save_image(folder, artwork_svg(item).encode(), ".svg")
                rows.append((item.item_id, name, *artwork_size(item.type, item.year)))
                bar.update(1)
            writer.run(partial(set_images, images=rows))
    click.echo(f"{len(items):,} pictures drawn into {folder} in {time.perf_counter() - started:.1f} s")
