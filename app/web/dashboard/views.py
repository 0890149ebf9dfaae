"""The dashboard: is the flywheel turning, what is it worth, and what is at risk? It shows the board as it was taken."""

from __future__ import annotations

from flask import Blueprint, Response, abort, jsonify, render_template, request

from app.web.dashboard.dashboard_words import headline
from app.web.dashboard.origins import choose_origin, origins_of
from app.web.dashboard.plain import plain
from app.web.dashboard.ring import ring_steps
from app.web.visiting import flywheel, settings

bp = Blueprint("flywheel", __name__, url_prefix="/flywheel")


@bp.get("")
def dashboard() -> str:
    """The story on one page: verdict, ring, growth, experiment, risks."""
    return _show("flywheel.html")


@bp.get("/experiment")
def experiment() -> str:
    """Treatment against control, and what it is for."""
    return _show("flywheel_experiment.html")


@bp.get("/models")
def models() -> str:
    """Every model version, its trial, and what happened to it."""
    return _show("flywheel_models.html")


@bp.get("/risks")
def risks() -> str:
    """Every risk indicator with its threshold, owner and trend."""
    return _show("flywheel_risks.html")


@bp.get("/data")
def data() -> str:
    """What was recorded, what was refused, and what is left out."""
    return _show("flywheel_data.html")


@bp.get("/bets")
def bets() -> str:
    """Hypotheses and the portfolio of models."""
    return _show("flywheel_bets.html")


@bp.get("/board.json")
def board_json() -> Response:
    """The board as JSON; `section` picks some of it."""
    board = flywheel().board.current()
    wanted = request.args.getlist("section")
    if set(wanted) - set(board.sections):
        abort(404)
    shown = {name: section for name, section in board.sections.items() if not wanted or name in wanted}
    return jsonify(plain({"taken_at": board.taken_at, "cost_s": board.cost_s, "sections": shown}))


def _show(template: str) -> str:
    parts = flywheel()
    board = parts.board.current()
    origins = origins_of(board)
    origin = choose_origin(origins, request.args.get("origin"))
    state = parts.serve.state()
    return render_template(
        template,
        board=board,
        origin=origin,
        origins=origins,
        state=state,
        headline=headline(board, origin, state),
        ring=ring_steps(board, origin),
        jobs=parts.jobs.states(),
        writer=parts.writer,
        processes=parts.processes(),
        refresh_s=settings().board_interval_s,
    )
