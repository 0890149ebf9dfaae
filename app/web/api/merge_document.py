"""What is sent to merge two visitors."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from app.catalog.item_document import ItemIdText


class MergeDocument(BaseModel):
    """Which visitor is to become part of the one that the address names. create: whether that one may be new."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, regex_engine="python-re")

    merged_id: ItemIdText
    create: bool = True
