"""The commands that read what a shop keeps: `import-catalog` its items, `import-history` what customers did."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import TextIOWrapper
from pathlib import Path
from typing import Any

import click
from flask import Flask, current_app
from flask.cli import with_appcontext

from app.catalog.feed import FeedError, Report, read_rows, stated_columns
from app.catalog.feed.errors import printable
from app.catalog.feed.items import FIELDS, read_items
from app.catalog.feed.pictures import PictureFolder
from app.catalog.feed.rows import Progress
from app.catalog.images import may_load
from app.cli.output import check_output
from app.files import replacing_file
from app.record.catalog_import import Imported, import_items, refuse_many
from app.record.history_import import FIELDS as HISTORY_FIELDS
from app.record.history_import import catalog_ids, import_history, read_deeds
from app.settings import Settings
from app.store import Store, StoreError, WriterBusyError
from app.values.counted import counted
from app.values.item import Item

_NEW_FILE = click.Path(dir_okay=False, path_type=Path)
_FOUND_FILE = click.Path(dir_okay=False, exists=True, path_type=Path)
_FOUND_FOLDER = click.Path(file_okay=False, exists=True, path_type=Path)
_RUNNING = (
    "the site is running, and its database is written by the site alone: send the items with POST /api/v1/items, "
    "or stop the site and run this again"
)

_RUNNING_HISTORY = (
    "the site is running, and its database is written by the site alone: send the events with POST /api/v1/events, "
    "or stop the site and run this again"
)


def register(app: Flask) -> None:
    """Add the commands of this file to `flask`."""
    app.cli.add_command(import_catalog_command)
    app.cli.add_command(import_history_command)


def feed_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options that every command has which reads a feed."""
    for option in (
        click.option("--map", "maps", multiple=True, metavar="FIELD=COLUMN", help="Column of a field; again for more."),
        click.option("--mapping", type=_FOUND_FILE, help="The same for many fields, in TOML."),
        click.option("--ignore", multiple=True, metavar="COLUMN", help="A column to pass over; again for more."),
        click.option("--separator", metavar="TEXT", help="What stands between the parts of a list; | if not given."),
        click.option("--decimal", help="What stands before the part of a number below one; . if not given."),
        click.option("--encoding", help="Encoding of a text without byte-order mark; UTF-8 if not given."),
        click.option("--delimiter", help="What stands between the columns of CSV; found by itself if not given."),
        click.option("--report", "report_file", type=_NEW_FILE, help="Where to write every note, as JSON lines."),
        click.option("--force", is_flag=True, help="Take the others although more than a tenth is refused."),
        click.option("--dry-run", is_flag=True, help="Read and report, and write nothing."),
    ):
        command = option(command)
    return command


@click.command("import-catalog")
@click.argument("file", type=_NEW_FILE)
@feed_options
@click.option("--text", multiple=True, metavar="COLUMN", help="A column of texts that look like numbers; again.")
@click.option("--split", multiple=True, metavar="FIELD=TEXT", help="Separator of one field or column; again for more.")
@click.option("--images", type=_FOUND_FOLDER, help="Folder of the pictures that FILE names; FILE's own if not given.")
@click.option("--hide-missing", is_flag=True, help="Put items that FILE does not have on no list.")
@with_appcontext
def import_catalog_command(file: Path, images: Path | None, hide_missing: bool, **options: Any) -> None:
    """Write the items of FILE (CSV, JSONL or Parquet, .gz too) into the catalog: new ones, and changes of known ones.

    An item has an id (any text) and a title, and may have url, image (an address or a file), categories, tags, added_at
    and available; every other column becomes an attribute of it. Columns are found by their usual names, or stated with
    --map or --mapping. Each line that is refused, and each value that is left out, is named with line, field and fix.
    All that can be taken is written in one transaction, and nothing when more than a tenth of the lines is refused.
    """
    settings: Settings = current_app.config["SETTINGS"]
    pictures = PictureFolder(images or file.parent, settings.images_folder)
    _check_report(file, settings, options)
    started = time.perf_counter()
    try:
        stated = stated_columns(
            options["mapping"],
            options["maps"],
            tuple(FIELDS),
            ignore=options["ignore"],
            text=options["text"],
            split=options["split"],
            separator=options["separator"],
            decimal=options["decimal"],
        )
        encoding, delimiter = options["encoding"], options["delimiter"]
        with open_report(options["report_file"]) as report:
            try:
                with progress("Reading items") as on_progress:
                    rows = read_rows(file, encoding=encoding, delimiter=delimiter, on_progress=on_progress)
                    feed = read_items(file, rows, stated, report, save_picture=pictures.save)
                    done = _write(settings, feed.items, report, hide_missing, options)
            finally:
                say(report)
    except WriterBusyError as error:
        raise click.ClickException(_RUNNING) from error
    except (FeedError, StoreError, OSError) as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"Read: {feed.columns.sentence()}; attributes: {', '.join(map(printable, feed.attributes)) or 'none'}.")
    if done is None:
        click.echo(f"{report.taken:,} of {counted(report.lines, 'line')} can be taken; nothing was written (--dry-run)")
        return
    _say_written(done, report, time.perf_counter() - started)
    _say_hosts(done, settings)


@click.command("import-history")
@click.argument("file", type=_NEW_FILE)
@feed_options
@click.option("--kind", help="Kind of every line, such as purchase, where no column tells it.")
@with_appcontext
def import_history_command(file: Path, kind: str | None, **options: Any) -> None:
    """Store what customers did from FILE (CSV, JSONL or Parquet, .gz too): user, item, kind, value and time of each
    line.

    Items must be in the catalog and kinds in the use case. Each line becomes an event with the time that it tells,
    equal lines as well; a line that was imported before is known again. A table `kinds` in --mapping says what the
    words of FILE mean: Sale = "purchase", and for what takes it back, Refund = "undo purchase". Users keep their ids,
    and are assigned to an arm when they come. All that can be taken is stored in one transaction, and nothing when more
    than a tenth is refused.
    """
    settings: Settings = current_app.config["SETTINGS"]
    started, encoding, delimiter = time.perf_counter(), options["encoding"], options["delimiter"]
    _check_report(file, settings, options)
    try:
        kinds = settings.kinds()
        if kind is not None and kind not in kinds:
            raise FeedError(f"--kind {kind!r} is no kind of event; use {', '.join(kinds)}, or state it in the use case")
        stated = stated_columns(
            options["mapping"],
            options["maps"],
            tuple(HISTORY_FIELDS),
            ignore=options["ignore"],
            separator=options["separator"],
            decimal=options["decimal"],
        )
        done = None
        with Store(settings.database) as store, open_report(options["report_file"]) as report:
            items = catalog_ids(store)
            try:
                with progress("Reading history") as on_progress:
                    rows = read_rows(file, encoding=encoding, delimiter=delimiter, on_progress=on_progress)
                    columns, deeds = read_deeds(
                        file, rows, stated, report, kinds, kind=kind, items=items, now=time.time()
                    )
                    if options["dry_run"]:
                        for _ in deeds:
                            pass
                        refuse_many(report, options["force"])
                    else:
                        done = import_history(store, deeds, report, settings, force=options["force"])
            finally:
                say(report)
    except WriterBusyError as error:
        raise click.ClickException(_RUNNING_HISTORY) from error
    except (FeedError, StoreError, OSError) as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"Read: {columns.sentence()}.")
    if done is None:
        click.echo(f"{report.taken:,} of {counted(report.lines, 'line')} can be taken; nothing was written (--dry-run)")
        return
    click.echo(
        f"{report.taken:,} of {counted(report.lines, 'line')} taken, {report.refused_lines:,} refused: "
        f"{counted(done.stored, 'event')} stored, {done.known:,} known from an import before; "
        f"{counted(done.visitors, 'new visitor')} "
        f"(in {time.perf_counter() - started:.1f} s)"
    )
    if done.repeated:
        again = counted(done.repeated, "event says", "events say")
        click.echo(f"{again} again what was said before: kept, and counted less for taste")
    if done.stored and settings.tune_after_import_s:
        click.echo(
            "Once a model is published and visitors come, the trainer searches for settings on this past "
            f"({settings.tune_after_import_s:g} s, FLYWHEEL_TUNE_AFTER_IMPORT_S), and puts better ones on trial"
        )


def _write(
    settings: Settings, items: Iterator[Item], report: Report, hide_missing: bool, options: dict[str, Any]
) -> Imported | None:
    """Write the items, or only read them for a dry run, which gives None."""
    if options["dry_run"]:
        for _ in items:
            pass
        refuse_many(report, options["force"])
        return None
    with Store.create(settings.database) as store:
        return import_items(store, items, report, hide_missing=hide_missing, force=options["force"])


def _check_report(file: Path, settings: Settings, options: dict[str, Any]) -> None:
    if options["report_file"] is not None:
        check_output(options["report_file"], settings, file, *filter(None, [options["mapping"]]))


@contextmanager
def open_report(path: Path | None) -> Iterator[Report]:
    """A report whose notes are in `path` when the block ends, if there is one: all of them, in place of what was there.

    A new file is readable by its owner only, for notes name customers. Raises OSError; then, and after a refusal
    without a note, `path` is as it was.
    """
    if path is None:
        yield Report()
        return
    refusal: FeedError | StoreError | None = None
    with replacing_file(path) as file:
        notes = TextIOWrapper(file, encoding="utf-8")
        report = Report(notes)
        try:
            yield report
        except (FeedError, StoreError) as error:
            if not report.counts:
                raise
            refusal = error  # the notes say why, so that they are kept
        notes.detach()  # writes what is left and leaves the file to whoever opened it
    if refusal is not None:
        raise refusal


@contextmanager
def progress(label: str) -> Iterator[Progress]:
    """A bar that is told which share is done."""
    with click.progressbar(length=1000, label=label) as bar:
        yield lambda share: bar.update(max(0, round(share * 1000) - bar.pos))


def say(report: Report) -> None:
    """Print the notes of a report."""
    for sentence in report.sentences():
        click.echo(sentence)


def _say_written(done: Imported, report: Report, seconds: float) -> None:
    written = done.written
    click.echo(
        f"{report.taken:,} of {counted(report.lines, 'line')} taken, {report.refused_lines:,} refused: "
        f"{counted(written.new, 'new item')}, {written.updated:,} changed, {written.unchanged:,} as they were"
        + (f"; {done.hidden:,} hidden, which the file no longer has" if done.hidden else "")
        + f" (in {seconds:.1f} s)"
    )


def _say_hosts(done: Imported, settings: Settings) -> None:
    """Which hosts of pictures pages may not load yet."""
    for host, count in sorted(done.hosts.items()):
        if not may_load(host, settings.image_host_names()):
            click.echo(
                f"{counted(count, 'picture is', 'pictures are')} on {host}, which pages do not load: "
                "add it to FLYWHEEL_IMAGE_HOSTS, else a placeholder is shown"
            )
