"""For machines that watch: is the process alive, can it serve, and what are its numbers."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from flask import Blueprint, Response, current_app, jsonify

from app.flywheel import Flywheel
from app.models.errors import RegistryError
from app.models.registry import Registry
from app.store import said_to_strangers
from app.store.events import last_seq
from app.web.problems import RETRY_AFTER_S
from app.web.telemetry import CONTENT_TYPE, Telemetry
from app.web.visiting import flywheel

bp = Blueprint("health", __name__)

_PAGES_NEED = ("database", "catalog")


@bp.get("/healthz")
def alive() -> Response:
    """The process answers; nothing else is looked at."""
    return jsonify(status="ok")


@bp.get("/readyz")
def ready() -> tuple[Response, int, dict[str, str]]:
    """Whether pages can be served: 200, or 503 with the part that cannot.

    The status is `degraded` where pages are served and something else is not as it should be: events that cannot be
    stored, a model that cannot be read, a job that fails.
    """
    checks = readiness(flywheel())
    can_serve = all(checks.get(part, {"ok": False})["ok"] for part in _PAGES_NEED)
    fine = all(check["ok"] for check in checks.values())
    version = checks.get("model", {}).get("version")
    status = "not ready" if not can_serve else "ready" if fine else "degraded"
    answer = jsonify(status=status, model_version=version, checks=checks)
    return (answer, 200, {}) if can_serve else (answer, 503, {"Retry-After": str(RETRY_AFTER_S)})


@bp.get("/metrics")
def metrics() -> Response:
    """The numbers in Prometheus' text format."""
    telemetry: Telemetry = current_app.extensions["telemetry"]
    return Response(telemetry.text(), content_type=CONTENT_TYPE)


def readiness(parts: Flywheel) -> dict[str, dict[str, Any]]:
    """Each part with `ok` and what there is to say. A fallback where nothing is published is fine, and named."""
    try:
        opened = parts.open()
        newest = last_seq(opened.store.reader())
    except Exception as error:  # whatever it is, the site is not ready, and this is where that is said
        return {"database": {"ok": False, "detail": said_to_strangers(error)}}
    state = opened.serve.state()
    writer, jobs = opened.writer, opened.jobs
    trainer = {"trainer": _trainer(opened.registry)} if parts.settings.artifacts else {}
    return {
        "database": {"ok": True, "last_event": newest},
        "writer": {
            "ok": writer.alive and writer.problem is None,
            "queue_depth": writer.depth,
            "problem": writer.problem,
            "failures": writer.failures,
            "processes": parts.processes(),
        },
        "catalog": {"ok": len(opened.catalogs.current) > 0, "items": len(opened.catalogs.current)},
        "model": {
            "ok": state.problem is None,
            "version": state.model_version,
            "fallback": state.fallback,
            "problem": state.problem,
        },
        **trainer,
        "jobs": {
            "ok": not jobs.problems(),
            "problems": jobs.problems(),
            "states": {job.name: asdict(job) for job in jobs.states()},
        },
    }


def _trainer(registry: Registry) -> dict[str, Any]:
    """Whether the trainer, wherever it runs, can keep what it makes."""
    try:
        trouble = registry.trouble()
    except RegistryError as error:
        return {"ok": False, "problem": said_to_strangers(error)}
    if trouble is None:
        return {"ok": True, "problem": None}
    return {"ok": False, "problem": trouble[1], "since": trouble[0]}
