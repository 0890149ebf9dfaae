"""Make the template catalog: ``python -m seed_data.generate`` writes templates.csv, the same bytes every time."""

from __future__ import annotations

import csv
import io
import random
import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta

from app.values.item import Item
from seed_data.artwork import artwork_size
from seed_data.artwork.palettes import PALETTES
from seed_data.looks import LAYOUTS, PALETTES_OF_STYLE, STYLES_OF_TYPE
from seed_data.templates import COLUMNS, TEMPLATES_CSV
from seed_data.titles import COUNTS, Draft, draft_titles

SEED = 20_261
REFERENCE_DAY = date(2026, 11, 22)
"""The catalog's own today: the newest template was added the day before."""

_NEW_SHARE = 0.05  # of the catalog was added in the last two weeks, so that "New here" has something to show


def generate_templates(seed: int = SEED) -> list[Item]:
    """The whole catalog in editorial order, drawn from `seed`."""
    rng = random.Random(seed)
    dressed = [_dress(draft, rng) for draft in draft_titles(rng)]
    items = _editorial_order(dressed, rng)
    days = _added_days(len(items), rng)
    return [
        Item(
            item_id=_slug(draft.title),
            position=position,
            title=draft.title,
            type=draft.type,
            style=style,
            palette=palette,
            layout=layout,
            tags=draft.tags,
            added_at=datetime.combine(day, datetime.min.time(), UTC).timestamp(),
            seed=rng.randrange(1, 1_000_000),
            image_width=artwork_size(draft.type)[0],
            image_height=artwork_size(draft.type)[1],
        )
        for position, ((draft, style, palette, layout), day) in enumerate(zip(items, days, strict=True))
    ]


_Dressed = tuple[Draft, str, str, str]


def _dress(draft: Draft, rng: random.Random) -> _Dressed:
    """Choose style, palette and layout: what suits the topic and the type is likely, nothing is impossible."""
    weights = dict.fromkeys(PALETTES_OF_STYLE, 1.0)
    for rank, style in enumerate(draft.styles):
        weights[style] += 9.0 - rank
    for style in STYLES_OF_TYPE[draft.type]:
        weights[style] *= 2.5
    style = rng.choices(list(weights), list(weights.values()))[0]
    suited = PALETTES_OF_STYLE[style]
    palette = rng.choice(suited) if rng.random() < 0.75 else rng.choice(sorted(PALETTES))
    return draft, style, palette, rng.choice(LAYOUTS[draft.type])


def _editorial_order(drafts: Iterable[_Dressed], rng: random.Random) -> list[_Dressed]:
    """Spread every type evenly over the catalog, then keep entries of one type or style from standing side by side."""
    of_type: dict[str, list[_Dressed]] = {type_: [] for type_ in COUNTS}
    for entry in drafts:
        of_type[entry[0].type].append(entry)
    placed: list[tuple[float, str, _Dressed]] = []
    for entries in of_type.values():
        rng.shuffle(entries)
        placed += [((index + rng.random()) / len(entries), e[0].title, e) for index, e in enumerate(entries)]
    waiting = [entry for _, _, entry in sorted(placed)]
    ordered: list[_Dressed] = []
    while waiting:
        before = ordered[-1] if ordered else None
        ordered.append(waiting.pop(next((i for i, e in enumerate(waiting[:40]) if not _alike(before, e)), 0)))
    return ordered


def _alike(first: _Dressed | None, second: _Dressed) -> bool:
    return first is not None and (first[0].type == second[0].type or first[1] == second[1])


def _added_days(count: int, rng: random.Random) -> list[date]:
    new = {round(place) for place in (rng.random() * (count - 1) for _ in range(round(count * _NEW_SHARE)))}
    ages = (rng.randint(1, 13) if index in new else rng.randint(14, 364) for index in range(count))
    return [REFERENCE_DAY - timedelta(days=age) for age in ages]


def _slug(title: str) -> str:
    plain = title.lower().replace("é", "e").replace("'", "").replace("&", "and")
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")


def templates_csv(items: Iterable[Item]) -> str:
    """The text of templates.csv for `items`."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for item in items:
        added = datetime.fromtimestamp(item.added_at, UTC).date().isoformat()
        tags = " ".join(item.tags)
        look = (item.type, item.style, item.palette, item.layout)
        writer.writerow((item.item_id, item.title, *look, tags, added, item.seed))
    return out.getvalue()


def main() -> None:
    """Write the catalog and say what is in it."""
    items = generate_templates()
    TEMPLATES_CSV.write_text(templates_csv(items), encoding="utf-8", newline="")
    print(f"{len(items)} templates, {TEMPLATES_CSV.stat().st_size / 1000:.0f} kB in {TEMPLATES_CSV.name}")


if __name__ == "__main__":
    main()
