"""The inspector: a logged slate replayed entry by entry, with source, score, propensity, reason and what came of it."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, abort, render_template, request

from app.measure.governance.lineage import EntryLineage, SlateLineage
from app.store.slates import LoggedSlate, get_slate, recent_slates, slate_answers
from app.values.item import Item
from app.web.dashboard.login import is_admin
from app.web.dashboard.origins import SHOWN
from app.web.pages.why import Why, explain_entry, slate_lineage
from app.web.visiting import flywheel, known_visitor

bp = Blueprint("inspector", __name__, url_prefix="/flywheel/slates")

_MOST = 50


@dataclass(frozen=True, slots=True)
class Replayed:
    """One entry of a slate with what it came from. item: None when it left the catalog.

    why: the reason and the causes, the same as under its card. answers: kinds of event that the entry got.
    """

    origin: EntryLineage
    item: Item | None
    why: Why
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
    behind = slate_lineage(flywheel(), slate_id)
    answers = slate_answers(reader, slate_id)
    return render_template(
        "flywheel_slate.html",
        slate=found,
        entries=[_replayed(behind, entry, answers.get(entry.position, [])) for entry in behind.entries],
        behind=behind,
        mine=_is_own(found),
    )


def _may_see(slate: LoggedSlate) -> bool:
    """What a person was shown is theirs and the admin's to see, on this site or on the one it was imported from."""
    return slate.origin in {"simulated", "seed"} or _is_own(slate) or is_admin()


def _is_own(slate: LoggedSlate) -> bool:
    visitor = known_visitor()
    return visitor is not None and visitor.visitor_id == slate.visitor_id


def _replayed(behind: SlateLineage, entry: EntryLineage, answers: list[str]) -> Replayed:
    return Replayed(
        origin=entry,
        item=flywheel().catalog.get(entry.item_id),
        why=explain_entry(flywheel(), behind, entry, opened="click" in answers),
        answers=answers,
    )
