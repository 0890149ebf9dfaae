"""A folder in which somebody keeps a shop for `make demo`: items, what customers did, and how to read both."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from app.settings import Settings

BUNDLED = ("templates", "movielens")
_ENDINGS = (".csv", ".csv.gz", ".jsonl", ".jsonl.gz", ".parquet")
_HISTORIES = ("purchases", "history", "events", "interactions")


class DemoError(RuntimeError):
    """The demo cannot go on; the message says what to do."""


@dataclass(frozen=True, slots=True)
class ShopFolder:
    """items: its catalog. history: what customers did, if it is there; the three others, each if it is there."""

    items: Path
    history: Path | None
    mapping: Path | None
    words: Path | None
    use_case: Path | None

    def adopted(self, settings: Settings) -> Settings:
        """Settings with the folder's words and use case, where the environment names no others."""
        return replace(settings, words=settings.words or self.words, use_case=settings.use_case or self.use_case)

    def imports(self, data: Path | None) -> list[list[str]]:
        """The commands that fill an empty site. data: another file of what customers did."""
        mapping = [] if self.mapping is None else ["--mapping", str(self.mapping)]
        commands = [["import-catalog", str(self.items), *mapping]]
        history = data or self.history
        if history is None:
            raise DemoError(
                f"{self.items.parent} has no file of what customers did ({', '.join(_HISTORIES)} as .csv, .jsonl or "
                ".parquet); add one, or give DATA=file"
            )
        return [*commands, ["import-history", str(history)]]


def shop_folder(catalog: str) -> ShopFolder | None:
    """The folder that CATALOG names, None for a bundled catalog. Raises DemoError for what is neither."""
    if catalog in BUNDLED:
        return None
    folder = Path(catalog)
    items = _first(folder, ("items", "catalog", "products"))
    if items is None:
        raise DemoError(
            f"CATALOG={catalog} is neither {' nor '.join(BUNDLED)} nor a folder with items.csv, .jsonl or .parquet; "
            "try CATALOG=examples/shop"
        )
    others = (folder / f"{name}.toml" for name in ("mapping", "words", "usecase"))
    return ShopFolder(items, _first(folder, _HISTORIES), *(path if path.is_file() else None for path in others))


def _first(folder: Path, names: tuple[str, ...]) -> Path | None:
    return next((path for name in names for end in _ENDINGS if (path := folder / f"{name}{end}").is_file()), None)
