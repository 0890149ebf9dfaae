"""The table of what a visitor of one taste sees says what was measured."""

from __future__ import annotations

from benchmarks.site.one_taste import Alike, Row, has_value, main_values, table
from seed_data.templates import load_templates


def test_the_table_has_means_and_extremes_of_values_and_worst_rows() -> None:
    rows = [
        Row("retro", 3, 0.5, 0.25, 3, 0.5, 0.4, 4, 1, 0),
        Row("retro", 3, 0.7, 0.75, 5, 0.6, 0.6, 6, 0, 0),
        Row("bold", 3, 0.2, 0.5, 4, 0.4, 0.5, 5, 2, 1),
    ]
    found = table(rows, [Alike("retro", 6, 1, 0.0), Alike("bold", 7, 0, 0.5), Alike("bold", 3, 3, 0.1)])
    assert "| 3 | 40% | 20% | 60% | 50% | 4.0 (least 3) | 50% (most 60%) | 50% | 5.0 | 1.00 | 0.33 |" in found
    assert "(2 visitors, 6.5 alike in the row): 0.50 alike in the next row, most 1." in found
    assert "20% is in the next row" in found


def test_the_values_are_the_styles_with_most_templates() -> None:
    items = load_templates()
    values = main_values(items, 3)
    assert len(set(values)) == 3
    sizes = [sum(has_value(item, value) for item in items) for value in values]
    assert sizes == sorted(sizes, reverse=True)
