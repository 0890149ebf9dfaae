"""Makes the example shop: 300 groceries and household goods and 5,000 purchases, all made up, the same in every run.

    python examples/shop/make.py [FOLDER]

Customers belong to one of eight kinds of household that like some aisles more than others and have favourites there, so
that there is something to learn; what they buy once they buy again.
"""

from __future__ import annotations

import csv
import sys
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

ITEMS, PURCHASES, CUSTOMERS, HOUSEHOLDS = 300, 5_000, 600, 8
START = datetime(2025, 6, 1, tzinfo=UTC).timestamp()
DAYS = 150.0
AISLES = {
    "Pantry": ("Oils", "Pasta", "Rice", "Spices", "Preserves"),
    "Bakery": ("Bread", "Rolls", "Cakes"),
    "Dairy": ("Cheese", "Yoghurt", "Butter"),
    "Produce": ("Fruit", "Vegetables", "Herbs"),
    "Drinks": ("Tea", "Coffee", "Juice"),
    "Household": ("Cleaning", "Paper", "Candles"),
}
PRICES = {"Pantry": 5.0, "Bakery": 3.0, "Dairy": 3.5, "Produce": 2.2, "Drinks": 6.0, "Household": 7.5}
ORIGINS = ("Crete", "Piedmont", "Provence", "Wales", "Jutland", "Bavaria", "Andalusia", "Friesland")
LOOKS = ("Fine", "Rustic", "Mild", "Strong", "Organic", "Smoked", "Golden", "Dark", "Fresh", "Old", "Wild", "Small")


def made_items(rng: np.random.Generator) -> list[dict[str, object]]:
    """The catalog, in the order of the aisles."""
    shelves = [(department, aisle) for department, aisles in AISLES.items() for aisle in aisles]
    rows: list[dict[str, object]] = []
    for number in range(ITEMS):
        department, aisle = shelves[number % len(shelves)]
        look, origin = LOOKS[number // len(shelves) % len(LOOKS)], ORIGINS[int(rng.integers(len(ORIGINS)))]
        price = round(float(PRICES[department] * rng.lognormal(0.0, 0.45)), 2)
        rows.append(
            {
                "sku": f"{department[:2].lower()}/{number:03}",
                "name": f"{look} {aisle.lower()} from {origin}, no. {number}",
                "department": department,
                "aisle": aisle,
                "tags": "|".join(tag for tag in ("organic", "vegan", "local") if rng.random() < 0.25),
                "price": f"{price:.2f}",
                "origin": origin,
                "in_stock": "no" if number % 50 == 49 else "yes",
                "added_on": datetime.fromtimestamp(START - 86_400 * (ITEMS - number), UTC).date().isoformat(),
            }
        )
    return rows


def made_purchases(items: list[dict[str, object]], rng: np.random.Generator) -> list[dict[str, object]]:
    """What customers bought, oldest first."""
    aisles = sorted({str(item["aisle"]) for item in items})
    likes = rng.gamma(0.35, 1.0, (HOUSEHOLDS, len(aisles))) + 0.01
    charm = rng.gamma(0.5, 1.0, (HOUSEHOLDS, len(items)))
    place = np.array([aisles.index(str(item["aisle"])) for item in items])
    taste = likes[:, place] * charm
    household = rng.integers(0, HOUSEHOLDS, CUSTOMERS)
    weight = rng.pareto(2.5, CUSTOMERS) + 0.5
    rows = []
    bought: dict[int, list[int]] = {}
    for customer in rng.choice(CUSTOMERS, PURCHASES, p=weight / weight.sum()).tolist():
        before = bought.setdefault(customer, [])
        if before and rng.random() < 0.15:
            number = before[int(rng.integers(len(before)))]
        else:
            chances = taste[household[customer]]
            number = int(rng.choice(len(items), p=chances / chances.sum()))
        before.append(number)
        at = START + DAYS * 86_400 * float(rng.random())
        pieces = 1 + int(rng.poisson(0.4))
        rows.append(
            {
                "customer": f"c-{customer:04}",
                "sku": items[number]["sku"],
                "kind": "purchase",
                "amount": f"{float(str(items[number]['price'])) * pieces:.2f}",
                "time": datetime.fromtimestamp(round(at), UTC).isoformat().replace("+00:00", "Z"),
            }
        )
    return sorted(rows, key=lambda row: str(row["time"]))


def write(path: Path, rows: list[dict[str, object]]) -> None:
    """Rows as CSV."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def main() -> None:
    """Write items.csv and purchases.csv into the folder given, or beside this file."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent
    rng = np.random.default_rng(2026)
    items = made_items(rng)
    write(folder / "items.csv", items)
    write(folder / "purchases.csv", made_purchases(items, rng))


if __name__ == "__main__":
    main()
