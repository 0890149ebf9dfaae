"""The JSON API and its description."""

from __future__ import annotations

from app.web.api import item_views, merge_views, rule_views, views  # importing hangs them on the blueprint
from app.web.api.blueprint import bp

__all__ = ["bp", "item_views", "merge_views", "rule_views", "views"]
