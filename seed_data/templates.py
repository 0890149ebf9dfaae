"""The committed template catalog."""

from __future__ import annotations

import csv
from datetime import UTC, datetime
from pathlib import Path

from app.values.item import Item
from seed_data.artwork import artwork_size

TEMPLATES_CSV = Path(__file__).with_name("templates.csv")
COLUMNS = ("item_id", "title", "type", "style", "palette", "layout", "tags", "added_on", "seed")


def load_templates() -> list[Item]:
    """All templates in editorial order, from the CSV that `seed_data.generate` made."""
    with TEMPLATES_CSV.open(encoding="utf-8", newline="") as file:
        return [
            Item(
                item_id=row["item_id"],
                position=position,
                title=row["title"],
                type=row["type"],
                style=row["style"],
                palette=row["palette"],
                layout=row["layout"],
                tags=tuple(row["tags"].split()),
                added_at=datetime.fromisoformat(row["added_on"]).replace(tzinfo=UTC).timestamp(),
                seed=int(row["seed"]),
                image_width=artwork_size(row["type"])[0],
                image_height=artwork_size(row["type"])[1],
            )
            for position, row in enumerate(csv.DictReader(file))
        ]
