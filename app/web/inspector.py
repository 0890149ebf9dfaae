"""The inspector: a logged slate replayed entry by entry, with source, score, propensity, reason and what came of it."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, abort, render_template, request

from app.catalog.item import Item
from app.store.slates import LoggedSlate, get_slate, recent_slates, slate_answers
from app.web.login import is_admin
from app.web.origins import SHOWN
from app.web.visiting import flywheel, known_visitor
from app.web.why import sentences

bp = Blueprint("inspector", __name__, url_prefix="/flywheel/slates")

_MOST = 50


@dataclass(frozen=True, slots=True)
class Replayed:
    """One entry of a slate. item: None when it left the catalog. answers: kinds of event that it got."""

    position: int
    item_id: str
    item: Item | None
    source: str
    score: float | None
    propensity: float
    reasons: list[str]
    answers: list[str]


@bp.get("")
def slates() -> str:
    """The newest slates: one's own, those of simulated visitors, and for the admin those of real ones."""
    visitor = known_visitor()
    whose = request.args.get("whose", "mine" if visitor else "simulated")
    if whose not in {"mine", *SHOWN}:
        abort(404)
    allowed = whose != "real" or is_admin()
    found = []
    if whose == "mine" and visitor is not None:
        found = recent_slates(flywheel().store.reader(), visitor.origin, _MOST, visitor.visitor_id)
    elif whose in SHOWN and allowed:
        found = recent_slates(flywheel().store.reader(), whose, _MOST)
    return render_template("flywheel_slates.html", whose=whose, slates=found, allowed=allowed)


@bp.get("/<slate_id>")
def slate(slate_id: str) -> tuple[str, int] | str:
    """One slate as it was served."""
    reader = flywheel().store.reader()
    found = get_slate(reader, slate_id)
    if found is None:
        abort(404)
    if not _may_see(found):
        return render_template("flywheel_slates.html", whose="real", slates=[], allowed=False), 403
    answers = slate_answers(reader, slate_id)
    version = None if found.model_version is None else flywheel().registry.get(found.model_version)
    return render_template(
        "flywheel_slate.html",
        slate=found,
        entries=[_replayed(found, position, answers.get(position, [])) for position in range(1, len(found.items) + 1)],
        version=version,
        mine=_is_own(found),
    )


def _may_see(slate: LoggedSlate) -> bool:
    """What a real person was shown is theirs and the admin's to see."""
    return slate.origin != "real" or _is_own(slate) or is_admin()


def _is_own(slate: LoggedSlate) -> bool:
    visitor = known_visitor()
    return visitor is not None and visitor.visitor_id == slate.visitor_id


def _replayed(slate: LoggedSlate, position: int, answers: list[str]) -> Replayed:
    item_id = slate.items[position - 1]
    return Replayed(
        position=position,
        item_id=item_id,
        item=flywheel().catalog.get(item_id),
        source=slate.sources[position - 1],
        score=slate.scores[position - 1],
        propensity=slate.propensities[position - 1],
        reasons=sentences(slate, position)[1:],
        answers=answers,
    )
