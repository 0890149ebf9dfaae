"""The whole state of the flywheel as Markdown, from the same values as the page."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from app.measure.dashboard.board import Board
from app.measure.dashboard.growth import GrowthCurve
from app.measure.dashboard.momentum import Momentum
from app.measure.dashboard.overview import Overview
from app.measure.experiment.experiments import Experiment
from app.store.measures.hypotheses import Hypothesis
from app.store.measures.portfolio import PortfolioRow
from app.values.interval import Interval

_NEWEST_VERSIONS = 20


def report(board: Board) -> str:
    """The report; a section that could not be measured says why."""
    taken = datetime.fromtimestamp(board.taken_at, UTC).strftime("%Y-%m-%d %H:%M")
    sections = (
        ("overview", "Now", _now),
        ("experiments", "Experiment", _experiments),
        ("growth", "Growth curve", _growth),
        ("momentum", "Momentum", _momentum),
        ("portfolio", "Portfolio", _portfolio),
        ("hypotheses", "Hypotheses", _hypotheses),
    )
    lines = [f"# The flywheel on {taken} UTC", ""]
    for name, title, write in sections:
        lines += [f"## {title}", ""]
        problem = board.problem(name)
        lines += [f"Not measured: {problem}."] if problem else write(board.value(name))
        lines.append("")
    return "\n".join(lines)


def _now(found: Overview) -> list[str]:
    champion = found.champion
    used = (
        f"Version {champion.model.version} is in use, {found.event_lag} events behind."
        if champion is not None
        else str(found.fallback)
    )
    origins = ", ".join(f"{count.count:,} {count.name}" for count in found.events_by_origin)
    baselines = [f"- {row.model} {row.metric} {_figure(row.interval)}" for row in found.baselines]
    return [f"{found.events_total:,} events ({origins or 'none'}). {used}", "", *baselines]


def _experiments(found: Sequence[Experiment]) -> list[str]:
    if not found:
        return ["No visitor has been shown anything yet."]
    return [f"- {experiment.origin} visitors: {experiment.verdict.sentence}" for experiment in found]


def _growth(found: GrowthCurve) -> list[str]:
    rows = [
        (
            point.version,
            point.kind,
            point.state,
            f"{point.events:,}",
            _figure(point.quality),
            _figure(point.popularity),
            _figure(point.gain),
            point.cases,
            point.exam,
        )
        for point in found.models[-_NEWEST_VERSIONS:]
    ]
    models = _table(("version", "kind", "state", "events", "quality", "popularity", "gain", "cases", "exam"), rows)
    online = [
        (
            point.origin,
            point.arm,
            f"{point.first_seq:,} to {point.last_seq:,}" + ("" if point.closed else " (open)"),
            point.impressions,
            point.clicks,
            _figure(point.interval),
        )
        for point in found.online
    ]
    return [*models, "", *_table(("origin", "arm", "events", "seen", "opened", "click-through"), online)]


def _momentum(found: Sequence[Momentum]) -> list[str]:
    lines: list[str] = []
    for one in found:
        lines += [f"### {one.origin} visitors", "", one.offline.sentence, one.online.sentence, ""]
        lines += _table(
            ("arrow", "what", "unit", "now", "before", "change in standard errors", ""),
            [
                (
                    arrow.name + (" (lags)" if arrow.lags else ""),
                    arrow.title,
                    arrow.unit,
                    _figure(arrow.value),
                    _figure(arrow.before),
                    "–" if arrow.standardised is None else f"{arrow.standardised:+.1f}",
                    arrow.beside,
                )
                for arrow in one.arrows
            ],
        )
        lines.append("")
    return lines or ["Nobody has come yet."]


def _portfolio(found: Sequence[PortfolioRow]) -> list[str]:
    if not found:
        return ["Not run yet; `flask portfolio` does."]
    rows = [
        (
            row.model,
            _figure(row.interval),
            _figure(row.gain_interval),
            f"{row.train_s:.2f}",
            f"{row.recommend_us:.0f}",
            row.verdict,
        )
        for row in found
    ]
    basis = f"On {found[0].cases} cases of {found[0].visitors} holdout visitors ({found[0].origin}), up to event"
    heads = ("model", found[0].metric, "gain over popularity", "retrain s", "recommend us", "verdict")
    return [f"{basis} {found[0].watermark:,}.", "", *_table(heads, rows)]


def _hypotheses(found: Sequence[Hypothesis]) -> list[str]:
    rows = []
    for one in found:
        verdict, note = (
            ("open", "Not judged yet.") if one.judgement is None else (one.judgement.verdict, one.judgement.note)
        )
        rows.append((one.number, one.claim.statement, _day(one.claim.deadline), verdict, note))
    return _table(("", "claim", "by", "verdict", "why"), rows) if rows else ["No claim was filed yet."]


def _day(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).date().isoformat()


def _figure(found: Interval | None) -> str:
    return "–" if found is None else f"{found.value:.4g} ({found.low:.4g} to {found.high:.4g})"


def _table(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> list[str]:
    """A table in Markdown; a bar inside a cell would end it, so it is escaped."""
    cells = [heads, ["---"] * len(heads), *rows]
    return ["| " + " | ".join(str(cell).replace("|", "\\|") for cell in row) + " |" for row in cells]
