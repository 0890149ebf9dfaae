"""The dashboard: is the flywheel turning, and what does it bring?"""

from __future__ import annotations

import time

from flask import Blueprint, render_template

from app.measure.overview import overview
from app.measure.usecase import load_use_case
from app.web.dashboard_words import headline, ring_steps
from app.web.visiting import flywheel, settings

bp = Blueprint("flywheel", __name__)


@bp.get("/flywheel")
def dashboard() -> str:
    """The first numbers, read fresh from the databases."""
    parts = flywheel()
    numbers = overview(parts.store, parts.registry, now=time.time(), use_case=load_use_case(settings().use_case_file))
    state = parts.serve.state()
    return render_template(
        "flywheel.html",
        numbers=numbers,
        state=state,
        headline=headline(numbers, state),
        steps=ring_steps(numbers, len(parts.catalog)),
    )
