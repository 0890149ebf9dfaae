"""The learning bar: what the visitor's newest act did to their page, how to take it back, and when the model has it."""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import dataclass

from flask import Blueprint, Flask, abort, g, jsonify, redirect, request
from flask.typing import ResponseReturnValue

from app.serve.insight.click_effect import ClickEffect
from app.serve.traits import parse_trait
from app.settings import Settings
from app.store import StoreError
from app.web.addresses import own_address
from app.web.presses import press_id, press_token, wants_json
from app.web.visiting import current_visitor, flywheel, known_visitor, settings

bp = Blueprint("learning", __name__)

SHOWN_FOR_S = 1_800.0
"""The bar speaks of an act for so long; a visitor who comes back another day wants no news of the last one."""
SAYS_AFTER = 3
"""Things opened, after which the bar says what the page thinks the visitor likes."""
_SAID = 3
_CLOSED = "learning-closed"  # the cookie that learning.js sets
_FITTING_S = 2.0
"""What an update of the factors and its trial take at most on a catalog such as the demo's."""
_ACTS = {
    "click": "Your click",
    "like": "Your like",
    "save": "Your save",
    "use": "Using it",
    "dislike": "Hiding it",
    "wish": "Your wish",
}


@dataclass(frozen=True, slots=True)
class LearningBar:
    """What the bar says.

    effect: of the newest act. subject: the act, as the beginning of a sentence. title: of its item. model: when the
    next model has learned it, in words. learned: whether the model in use has. version: of the model in use. likes:
    what the page thinks the visitor likes, after `SAYS_AFTER` things. closed: whether its reader has closed the bar.
    """

    effect: ClickEffect
    subject: str
    title: str
    model: str
    learned: bool
    version: int | None
    likes: tuple[str, ...]
    closed: bool

    @property
    def took(self) -> str:
        """How long it took, in words that stay on one line."""
        took_ms = self.effect.took_ms
        return f"{took_ms:.0f}\N{NO-BREAK SPACE}ms" if took_ms >= 1 else f"{took_ms:.1f}\N{NO-BREAK SPACE}ms"


def register(app: Flask) -> None:
    """Give the templates the bar."""
    app.jinja_env.globals.update(learning_bar=learning_bar)


def learning_bar() -> LearningBar | None:
    """The bar for who is asking; None for a newcomer, where pages do not learn, and when the newest act is old."""
    if "learning_bar" not in g:
        g.learning_bar = None
        with suppress(StoreError):  # the page matters more, and may be the one that says what is wrong
            g.learning_bar = _bar()
    found: LearningBar | None = g.learning_bar
    return found


def _bar() -> LearningBar | None:
    visitor = known_visitor()
    effect = None if visitor is None else flywheel().effects.of(visitor)
    if visitor is None or effect is None or time.time() - effect.at > SHOWN_FOR_S:
        return None
    item = flywheel().catalog.get(effect.item_id)
    wish = parse_trait(effect.item_id) if effect.kind == "wish" else None
    state = flywheel().serve.state()
    found = flywheel().tastes.of(visitor) if effect.opened >= SAYS_AFTER else ()
    learned = effect.trains == "now" and state.model_version is not None and state.watermark >= effect.event_seq
    return LearningBar(
        effect=effect,
        subject="Taking that back" if effect.undone else _ACTS.get(effect.kind, "That"),
        title=wish.words if wish else item.title if item else effect.item_id,
        model=_model_words(effect, state.model_version, learned, settings()),
        learned=learned,
        version=state.model_version,
        likes=tuple([chip.trait.words for chip in found if chip.level >= 0][:_SAID]),
        closed=request.cookies.get(_CLOSED) == "1",
    )


def moved_marks(bar: LearningBar | None) -> dict[str, str]:
    """The mark of each card of "For you" that the newest act moved: an arrow with places, or that it is new there."""
    if bar is None:
        return {}
    return dict.fromkeys(bar.effect.entered, "in") | {
        item: f"↑ {places}" for item, places in bar.effect.climbed.items()
    }


def learned_within_s(settings: Settings) -> float:
    """How long an act waits at most until a published model has learned it, where the gate lets that model through."""
    return settings.update_interval_s + settings.publish_max_wait_s + _FITTING_S


def _model_words(effect: ClickEffect, version: int | None, learned: bool, settings: Settings) -> str:
    if effect.kind == "wish":
        return "for your page alone"
    if effect.trains == "never":
        return "your clicks judge models and never train them"
    if learned:
        return f"model {version} has learned it"
    if effect.trains == "later":
        return f"models learn it when you are still here {settings.trust_after_s / 60:.0f} minutes after you came"
    return f"model {(version or 0) + 1} learns it in ≤ {learned_within_s(settings):.0f} s"


@bp.get("/learning.json")
def state() -> ResponseReturnValue:
    """Whether the model in use has learned the newest act; asked by the bar until it has."""
    bar = learning_bar()
    if bar is None:
        abort(404)
    return jsonify(learned=bar.learned, version=bar.version, model=bar.model)


@bp.post("/item/<id:item_id>/click/undo")
def undo_click(item_id: str) -> ResponseReturnValue:
    """Take back that the item was opened, and go back to the page that the button was on."""
    if flywheel().catalog.get(item_id) is None:
        abort(404)
    started = time.perf_counter()
    visitor = current_visitor()
    press = press_id(visitor.visitor_id, "undo-click", item_id)
    flywheel().recorder.record_one(
        visitor, "click", item_id, event_id=f"f-{press}" if press else None, undo=True, received_at=time.time()
    )
    flywheel().effects.of(visitor, since=started)
    if wants_json():
        return jsonify(item_id=item_id, kind="click", on=False, press=press_token())
    path, _, query = (own_address(request.form.get("next", "")) or "/").partition("?")
    kept = "&".join(part for part in query.split("&") if part and part != "seen=1")
    # The item's page, shown again after its click was taken back, is no new click.
    query = "&".join(part for part in (kept, "seen=1" if "/item/" in path else "") if part)
    return redirect(f"{path}{'?' + query if query else ''}", 303)
