"""Simulated visitors refuse a site whose items they know nothing of, in words."""

from __future__ import annotations

from benchmarks.simulated import why_no_visitors
from seed_data.templates import load_templates


def test_films_are_refused_by_name_with_what_to_do_and_templates_are_not() -> None:
    template = load_templates()[0]
    assert why_no_visitors([{"item_id": template.item_id, "title": template.title}]) is None
    refused = why_no_visitors([{"item_id": "film-1", "title": "Toy Story"}])
    assert refused is not None
    assert "“Toy Story”" in refused
    assert "without CATALOG=" in refused
