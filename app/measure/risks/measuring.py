"""One round of the risk indicators: counts of bounded windows are read, and each family makes its figures of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence

from app.measure.governance.suspects import find_suspects
from app.measure.governance.usecase import load_use_case
from app.measure.risks import audience, exposure, freshness, integrity
from app.measure.risks.integrity import Latency
from app.measure.risks.reading import Measurement, Reading, read
from app.measure.risks.stored import stored_points
from app.models.registry import Registry
from app.settings import Settings
from app.store import Store
from app.store.events import last_seq
from app.store.measures.arrivals import arrivals_since
from app.store.measures.exclusions import excluded_visitors
from app.store.measures.quarantine import quarantined_since
from app.store.measures.risk_counts import (
    HomeSlate,
    Window,
    cold_items,
    events_of,
    home_slates,
    item_choices,
    item_impressions,
    live_choices,
    newest_arms,
    newest_window,
)
from app.visitors.contribution import ContributionRules, contribution_rules
from app.visitors.unlearned import Unlearned, read_unlearned

NEWEST_SLATES = 8_000
VISITOR_BLOCK = 500
"""The split is tested from the start of the newest full block of so many visitors on: 500 to 999 of them."""
WARM_CHOICES = 5
NEWEST_SHARE = 0.1
"""Share of the window that is compared with the rest of it for a surge of an item."""
SURGE_S = 3_600.0
"""A crowd from one address is on the page for so long."""
NO_WINDOW = Measurement(None, "The newest events are all from before the site had visitors.")
_REFITS_LOOKED_AT = 200

LatencySource = Callable[[], Latency | None]


def no_latency() -> Latency | None:
    """The latency of a process that answers no pages."""
    return None


def take_risks(
    store: Store, registry: Registry, settings: Settings, now: float, latency: LatencySource = no_latency
) -> tuple[Reading, ...]:
    """Measure every indicator of the use case. now: Unix seconds. Raises UseCaseError when the use case is damaged."""
    indicators = load_use_case(settings.use_case_file).risk_indicators
    measured = measure_risks(store, registry, settings, now, latency)
    return read(indicators, measured, stored_points(store, indicators, now), now)


def measure_risks(
    store: Store, registry: Registry, settings: Settings, now: float, latency: LatencySource = no_latency
) -> dict[str, Measurement]:
    """What can be said of each indicator, by name. Real and simulated visitors together, as the notes of counts say."""
    conn = store.reader()
    window = newest_window(conn, settings.risk_window_events)
    below = load_use_case(settings.use_case_file).experiment.mismatch_below
    arms = newest_arms(conn, VISITOR_BLOCK)
    return {
        **_freshness(store, registry, contribution_rules(settings), now),
        **_shown(store, window, home_slates(conn, NEWEST_SLATES)),
        **_came_in(store, settings, window),
        **_surges(store, window, now),
        integrity.P99_LATENCY: integrity.p99_latency(latency()),
        "sample-ratio mismatch": integrity.mismatch(arms, settings.experiment, settings.control_share, below),
    }


def _freshness(store: Store, registry: Registry, rules: ContributionRules, now: float) -> dict[str, Measurement]:
    conn = store.reader()
    champion = registry.champion()
    watermark = None if champion is None else champion.watermark
    waiting = Unlearned() if watermark is None else read_unlearned(conn, watermark, rules)
    asked = next((row for row in registry.versions(_REFITS_LOOKED_AT) if row.metrics.get("echo")), None)
    refit = next((row for row in registry.versions(_REFITS_LOOKED_AT) if row.metrics.get("drift")), None)
    return {
        "model age": freshness.model_age(watermark, waiting, now),
        "event lag": freshness.event_lag(watermark, waiting, last_seq(conn)),
        "drift of updates": freshness.update_drift(
            None if refit is None else refit.version, {} if refit is None else refit.metrics["drift"]
        ),
        "echo": exposure.echo(None if asked is None else asked.version, {} if asked is None else asked.metrics["echo"]),
    }


def _shown(store: Store, window: Window | None, homes: Sequence[HomeSlate]) -> dict[str, Measurement]:
    conn = store.reader()
    first_seq = 0 if window is None else window.first_seq
    impressions = {} if window is None else item_impressions(conn, first_seq)
    choices = {} if window is None else item_choices(conn, first_seq)
    cold, items = cold_items(conn, WARM_CHOICES)
    learned = [slate for slate in homes if slate.is_ranked_by_model]
    by_version: defaultdict[int, list[Sequence[str]]] = defaultdict(list)
    for slate in learned:
        by_version[slate.model_version or 0].append(slate.items)
    treated = [slate.model_version for slate in homes if slate.arm == "treatment"]
    return {
        "catalog coverage": exposure.coverage(impressions, items),
        "exposure Gini": exposure.gini(impressions, items),
        "popularity lift": exposure.popularity_lift([slate.items for slate in learned], choices),
        "list homogeneity": exposure.homogeneity({slate.visitor_id: slate.items for slate in learned}),
        "drift of exposure": exposure.exposure_drift(by_version),
        "cold-visitor share": audience.cold_visitors(len(homes), sum(not slate.seen_before for slate in homes)),
        "cold-item share": audience.cold_items(items, cold, WARM_CHOICES, live_choices(conn, items)),
        "fallback share": integrity.fallback_share(treated),
    }


def _surges(store: Store, window: Window | None, now: float) -> dict[str, Measurement]:
    conn = store.reader()
    found = {"address surge": audience.address_surge(arrivals_since(conn, now - SURGE_S))}
    if window is None:
        return found | {"item surge": NO_WINDOW}
    newest = window.last_seq + 1 - round(NEWEST_SHARE * (window.last_seq + 1 - window.first_seq))
    _, items = cold_items(conn, WARM_CHOICES)
    chosen, before = item_choices(conn, newest, window.last_seq + 1), item_choices(conn, window.first_seq, newest)
    return found | {"item surge": audience.item_surge(chosen, before, items)}


def _came_in(store: Store, settings: Settings, window: Window | None) -> dict[str, Measurement]:
    if window is None:
        return {"suspicious traffic": NO_WINDOW, "quarantine rate": NO_WINDOW}
    conn = store.reader()
    found = {row.visitor_id for row in find_suspects(store, settings, window.first_seq)}
    suspicious = sorted(found | excluded_visitors(conn))
    counted = events_of(conn, suspicious, window)
    return {
        "suspicious traffic": audience.suspicious_traffic(window.events, counted, len(found)),
        "quarantine rate": integrity.quarantine_rate(window.events, quarantined_since(conn, window.first_at)),
    }
