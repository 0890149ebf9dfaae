"""ALS on Spark, for what one machine's memory does not hold: an export of a site in, a model that the site judges out.

    flask export-parquet export/
    python -m recommender_spark export/ trained/
    flask models submit trained/

Spark weighs the rows, numbers users and items, fits the factors and counts the transitions; docs/scale.md says how its
settings follow from ours. It learns no second stage: `flask models submit` does, from what the site showed last.
"""

from recommender_spark.export_reader import Export, SparkTrainingError, read_export
from recommender_spark.training import Trained, train_export

__all__ = ["Export", "SparkTrainingError", "Trained", "read_export", "train_export"]
