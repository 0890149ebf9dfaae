"""A Spark session: of a cluster, or of this machine's cores."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from recommender_spark.export_reader import SparkTrainingError


def missing_part() -> str | None:
    """What is missing for Spark on this machine, with the fix; None when it can run."""
    try:
        import pyarrow  # noqa: F401
        import pyspark  # noqa: F401
    except ImportError as error:
        return f"{error.name} is not installed; run `pip install -r requirements/spark.txt`"
    home = os.environ.get("JAVA_HOME")
    if shutil.which("java") is None and not (home and shutil.which("java", path=f"{home}/bin")):
        return "Spark needs Java 17 or newer; install it (Debian: openjdk-17-jre-headless) or set JAVA_HOME"
    return None


@contextmanager
def spark_session(master: str | None, options: Mapping[str, str]) -> Iterator[Any]:
    """A session, which ends with the block. master: such as ``local[2]``; None is what spark-submit says, else all
    cores here. options: further settings of Spark, by name. Raises SparkTrainingError where it cannot run.
    """
    missing = missing_part()
    if missing is not None:
        raise SparkTrainingError(missing)
    from pyspark.errors import PySparkException
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.appName("recommender-flywheel")
    chosen = {"spark.ui.enabled": "false", "spark.sql.session.timeZone": "UTC", **options}
    if master is not None:
        builder = builder.master(master)
    if (master or "local").startswith("local"):
        chosen = {"spark.driver.host": "127.0.0.1", "spark.driver.bindAddress": "127.0.0.1"} | chosen
    for name, value in chosen.items():
        builder = builder.config(name, value)
    try:
        spark = builder.getOrCreate()
    except PySparkException as error:
        raise SparkTrainingError(f"Spark did not start ({error}); is its Java 17 or newer?") from error
    try:
        spark.sparkContext.setLogLevel("ERROR")
        yield spark
    finally:
        spark.stop()
