"""The site's data as Parquet files, for trainers and analyses that are not this process's."""

from app.export.exporting import Exported, export_parquet
from app.export.manifest import ExportError, site_mark

__all__ = ["ExportError", "Exported", "export_parquet", "site_mark"]
