"""`python -m recommender_spark EXPORT OUT`: train on an export with Spark, for `flask models submit`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from recommender import RecommenderError
from recommender_spark.export_reader import CHANGEABLE, read_export
from recommender_spark.training import train_export

DESCRIPTION = """\
Train ALS on Spark from what `flask export-parquet` wrote, and write a model for `flask models submit`.

Spark weighs the rows by the site's rules, fits the factors and counts the transitions. It learns no second stage: the
site does when the model is submitted. Settings are those of the export, unless --set says otherwise.
"""


def main(arguments: list[str] | None = None) -> int:
    """Run the command; returns its exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m recommender_spark",
        description=DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("export", type=Path, help="folder of `flask export-parquet`")
    parser.add_argument("out", type=Path, help="folder for the model: a new one, or one of a training before")
    parser.add_argument("--master", help="where Spark runs, such as local[2]; all cores here if nothing says otherwise")
    parser.add_argument("--work", type=Path, help="folder for tables on the way; on a cluster one that all workers see")
    parser.add_argument("--conf", action="append", default=[], metavar="NAME=VALUE", help="a setting of Spark; again")
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help=f"another value of one of {', '.join(CHANGEABLE)}",
    )
    given = parser.parse_args(arguments)
    pairs = [*given.conf, *given.set]
    wrong = next((pair for pair in pairs if "=" not in pair), None)
    if wrong is not None:
        parser.error(f"{wrong!r} has no '='; write NAME=VALUE")
    try:
        export = read_export(given.export).changed(dict(pair.split("=", 1) for pair in given.set))
        options = dict(pair.split("=", 1) for pair in given.conf)
        done = train_export(
            export,
            given.out,
            master=given.master,
            options=options,
            work=given.work,
            say=lambda text: print(text, flush=True),
        )
    except RecommenderError as error:
        print(f"Error: {error}", file=sys.stderr)
        return 1
    print(
        f"{done.model} is in {given.out}, without a second stage; "
        f"`flask models submit {given.out}` gives it one and hands it to the gate"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
