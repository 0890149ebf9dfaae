"""Two catalogs as other people keep them: books with odd ids and empty fields, recipes with lists. All made up."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import numpy as np

BOOKS = 9_000
RECIPES = 500
_ADJECTIVES = ("Quiet", "Lost", "Last", "Bright", "Hidden", "Long", "Small", "Other", "Burning", "Northern")
_NOUNS = ("River", "House", "Garden", "Letter", "Winter", "Harbour", "Mirror", "Orchard", "Train", "Island")
_SUBJECTS = ("Novels", "Crime", "History", "Cooking", "Travel", "Poetry", "Science", "Children's books")
_PUBLISHERS = ("Müller & Söhne", 'The "Quill"', "Éditions du Pont", "Harbour, Ltd.", "1984 Press")
_DISHES = ("Soup", "Curry", "Pie", "Salad", "Stew", "Dumplings", "Risotto")
_MAIN = ("Lentil", "Pumpkin", "Fennel", "Barley", "Mushroom", "Chickpea", "Leek")
_INGREDIENTS = ("onion", "garlic", "olive oil", "salt", "thyme", "lemon", "butter", "stock", "cream", "ginger")


def write_books(path: Path) -> dict[str, int]:
    """A CSV of 9,000 books: BOM, CRLF, semicolons, quotes, commas and line breaks in fields, ids with slashes, blanks,
    umlauts and per cent signs, empty fields, prices with a stray word. Returns the line of each planted fault by name.
    """
    rng = np.random.default_rng(11)
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=";")
    writer.writerow(
        ["Article", "Name", "Department", "Publisher", "Pages", "Price", "In stock", "Link", "Published", "EAN"]
    )
    faults: dict[str, int] = {}
    line = 2
    for number in range(BOOKS):
        adjective, noun = _ADJECTIVES[number % 10], _NOUNS[number // 10 % 10]
        article = (f"bk/{number}", f"ISBN {number}", f"größe-{number}", f"100%{number}?#&", f"{number}.svg")[number % 5]
        title = f"The {adjective} {noun}, vol. {number // 100}"
        row = [
            article,
            title if number % 7 else f'{title}: "a\nreader"',
            "" if number % 97 == 0 else _SUBJECTS[number % 8],
            _PUBLISHERS[number % 5] if number % 3 else "",
            str(80 + int(rng.integers(0, 900))) if number % 11 else "",
            f"{rng.uniform(4, 60):.2f}",
            ("yes", "no", "")[int(rng.choice(3, p=(0.8, 0.1, 0.1)))],
            f"https://books.example/{number}" if number % 4 else "",
            f"{1950 + number % 70}-0{1 + number % 9}-1{number % 10}",
            f"{number:013}",
        ]
        planted = {5000: "no title", 6000: "dots", 6001: "twice", 7000: "price", 8000: "link"}.get(number)
        if planted == "no title":
            row[1] = "  "
        elif planted == "dots":
            row[0] = ".."
        elif planted == "twice":
            row[0] = "bk/0"
        elif planted == "price":
            row[5] = "on request"
        elif planted == "link":
            row[7] = "javascript:alert(1)"
        if planted:
            faults[planted] = line
        line += 1 + row[1].count("\n")
        writer.writerow(row)
    path.write_bytes(b"\xef\xbb\xbf" + text.getvalue().encode())
    return faults


def write_recipes(path: Path) -> dict[str, int]:
    """JSON lines of 500 recipes with lists, numbers, nested values, a line that is no JSON and one that is a list."""
    faults = {"nested": 101, "no JSON": 201, "a list": 301}
    lines = []
    for number in range(RECIPES):
        recipe = {
            "key": number,
            "name": f"{_MAIN[number % 7]} {_DISHES[number // 7 % 7].lower()} no. {number}",
            "categories": ["Dinner" if number % 2 else "Lunch", _DISHES[number // 7 % 7]],
            "tags": ["vegan"] if number % 3 == 0 else [],
            "ingredients": [_INGREDIENTS[(number + step * 3) % 10] for step in range(3 + number % 4)],
            "minutes": 10 + number % 80,
            "spicy": number % 5 == 0,
            "added_at": 1_700_000_000 + 3600 * number,
            "note": None,
        }
        if number == faults["nested"] - 1:
            recipe["minutes"] = {"active": 10, "waiting": 20}
        lines.append(json.dumps(recipe, ensure_ascii=False))
    lines[faults["no JSON"] - 1] = '{"key": 200, "name": "Half a'
    lines[faults["a list"] - 1] = "[300]"
    path.write_text("\n".join(lines), encoding="utf-8")
    return faults
