"""Every setting of the application: one field is one row of name, default, unit and help."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from app.setting_rows import KEY_HASH_PREFIX, POSTGRES_SCHEMES, SECRETS, SettingError, converted
from app.setting_rows import artifacts as _artifacts
from app.setting_rows import database_url as _database_url
from app.setting_rows import hosts as _hosts
from app.setting_rows import key as _key
from app.setting_rows import log_format as _log_format
from app.setting_rows import not_blank as _not_blank
from app.setting_rows import origins as _origins
from app.setting_rows import password as _password
from app.setting_rows import rate as _rate
from app.setting_rows import setting as _setting
from app.setting_rows import url as _url
from app.values.database_address import Address, PostgresAddress
from app.values.kind import Kinds, load_kinds

__all__ = ["KEY_HASH_PREFIX", "SECRETS", "SettingError", "Settings", "load_settings", "settings_environment"]

ENVIRONMENT_PREFIX = "FLYWHEEL_"
_USE_CASE = Path(__file__).parent / "usecase.toml"
_RENAMED = {"jury_share": "holdout_share"}
"""Names of settings in version 0.1, and what they are called now."""


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of one process. `load_settings` makes one from defaults, TOML and the environment."""

    # fmt: off

    var: Path = _setting(Path("var"), "folder", "Where databases, models and pictures are kept.")
    database_url: str = _setting("", "text", "PostgreSQL server that keeps the events, such as postgresql://user:password@host/database (`DATABASE_URL` is read as well); a SQLite file in the var folder when empty. See docs/scale.md.", check=_database_url)
    database_connections: int = _setting(10, "connections", "Most connections to PostgreSQL that one process reads by.", minimum=2, maximum=1000)
    artifacts: str = _setting("", "text", "Where hosts without a folder in common share models: `s3://bucket/prefix`, or the path of a folder that all of them see; needs `database_url`, which then keeps the registry too. The var folder when empty. See docs/scale.md.", check=_artifacts)
    host: str = _setting("127.0.0.1", "address", "Address that the site listens on.", check=_not_blank)
    port: int = _setting(8000, "port", "Port that the site listens on.", minimum=0, maximum=65535)
    threads: int = _setting(8, "threads", "Request threads of the web process.", minimum=1, maximum=256)
    web_concurrency: int = _setting(1, "processes", "Web processes on this host (`WEB_CONCURRENCY` is read as well); more than one needs `database_url`.", minimum=1, maximum=256)
    grace_s: int = _setting(8, "s", "How long requests that are under way may take when the site ends, or SIGHUP replaces its web processes; 0 cuts them off.", minimum=0, maximum=600)
    read_timeout_s: float = _setting(15.0, "s", "How long a client may take to send one request, head and body.", minimum=0.1, maximum=3600)
    client_connections: int = _setting(100, "connections", "Most connections of one address; 0 for no bound, such as behind a proxy that bounds them.", minimum=0, maximum=100_000)
    waiting_requests: int = _setting(32, "requests", "Requests that may wait for a thread for long before more are answered with 503; eight times as many in a burst.", minimum=1, maximum=100_000)
    secret_key: str = _setting("", "text", "Key that signs cookies; made and kept in the var folder when empty.", check=_not_blank)
    secure_cookies: bool = _setting(False, "yes/no", "Send cookies over HTTPS only; turn on behind TLS.")
    datasets: Path | None = _setting(None, "folder", "Folder of real data sets for measuring; tests that need it skip without.")

    demo: bool = _setting(False, "yes/no", "Show this site to people: everybody may start simulated traffic on /flywheel, and whoever looks sees the page that learns. `make demo` turns it on.")
    use_case: Path | None = _setting(None, "file", "The signed use case; app/usecase.toml when empty.")
    queue_size: int = _setting(2000, "tasks", "Writes that may wait for the database before a request is refused.", minimum=1, maximum=1_000_000)
    group_commit_ms: float = _setting(2.0, "ms", "How long the writer gathers tasks into one commit; those that nobody waits for, such as the log of pages, ten times as long.", minimum=0, maximum=1000)
    max_event_batch: int = _setting(200, "events", "Most events in one POST.", minimum=1, maximum=10_000)
    max_body_kib: int = _setting(256, "KiB", "Largest request body.", minimum=1, maximum=65_536)
    rate_limit: str = _setting("1200 per minute", "rate", "Most API calls of one visitor, or of all newcomers of one address: whoever got their cookie in the last hour or has none.", check=_rate)
    address_rate_limit: str = _setting("12000 per minute", "rate", "Most API calls of one address, whoever makes them.", check=_rate)
    cors_origins: str = _setting("", "websites", "Other websites whose pages may call the API from a visitor's browser, such as https://shop.example,https://www.shop.example; empty for none.", check=_origins)
    trusted_proxies: int = _setting(0, "proxies", "Proxies in front of the site that append to X-Forwarded-For and X-Forwarded-Proto; that many of the newest entries are believed.", minimum=0, maximum=10)
    client_clock_skew_s: float = _setting(300.0, "s", "How far a client's clock may be off before its time is clamped.", minimum=0, maximum=86_400)

    control_share: float = _setting(0.1, "share", "Share of visitors in the control arm, which never sees the model.", minimum=0, maximum=1)
    experiment: str = _setting("for-you", "name", "Name that salts the assignment of visitors to arms.", check=_not_blank)
    aa_mode: bool = _setting(False, "yes/no", "Run an A/A test: visitors of the control arm get the pages of the treatment arm.")
    experiment_start: float = _setting(0.0, "Unix seconds", "When the experiment started; what visitors did before is the pre-period. 0 is with the first visitor.", minimum=0, maximum=4_102_444_800)
    holdout_share: float = _setting(0.1, "share", "Share of visitors whose pages are drawn by lot: their clicks judge models and never train them.", minimum=0, maximum=0.5)
    holdout_popular_share: float = _setting(0.5, "share", "Share of the slots of these pages that are drawn from the most popular fifth of the items, the others from all.", minimum=0, maximum=0.95)
    exam_min_cases: int = _setting(200, "choices", "Choices from pages drawn by lot from which on they judge models; before, what holdout visitors found themselves.", minimum=20, maximum=1_000_000)
    exam_min_history: int = _setting(2, "items", "Items that a holdout visitor must have chosen before a choice of theirs judges models.", minimum=1, maximum=1000)

    image_hosts: str = _setting("", "hosts", "Hosts whose pictures pages may load over HTTPS, such as `cdn.example.com *.example.org`; of others they show a placeholder.", check=_hosts)
    words: Path | None = _setting(None, "file", "What pages call the items and what is done with them (TOML); found by the catalog when empty.")
    recommenders: Path | None = _setting(None, "file", "Named recommenders of the API with their rules (TOML); app/recommenders.toml when empty.")
    shelf_size: int = _setting(12, "items", "Items on one shelf.", minimum=1, maximum=100)
    history_length: int = _setting(100, "items", "Newest interactions of a visitor that a page is ranked from.", minimum=1, maximum=10_000)
    history_cache: int = _setting(20_000, "visitors", "Histories kept in memory.", minimum=1, maximum=10_000_000)
    waiting_pages: int = _setting(5_000, "pages", "Pages kept in memory, not logged, until a newcomer's cookie comes back; of one address at most a tenth.", minimum=10, maximum=1_000_000)
    exploration_share: float = _setting(0.08, "share", "Chance that a slot of a learned shelf shows an exploration item.", minimum=0, maximum=1)
    exploration_pool: int = _setting(100, "items", "Items that the exploration slots of a visit are drawn from.", minimum=1, maximum=1_000_000)
    exploration_first_place: int = _setting(4, "place", "First place of a shelf that may show an exploration item.", minimum=1, maximum=100)
    row_affinity: float = _setting(0.1, "score", "What the types and styles that a visitor turns to add to the first row, where the model's scores go from 0 to 1; 0 for nothing.", minimum=0, maximum=100)
    row_calibration: float = _setting(0.05, "score", "How hard the first row is pulled towards the shares in which a visitor turns to them; 0 for not at all.", minimum=0, maximum=100)
    row_largest_share: float = _setting(0.6, "share", "Most of the first row, and of its first cards, that one type takes, unless the visitor asked for it or is certain to turn to it more often; 1 for no bound.", minimum=0, maximum=1)
    row_rejection: float = _setting(3.0, "score", "How far an item marked not interested pushes its like down in the first row; 0 for not at all.", minimum=0, maximum=100)
    row_passes: int = _setting(5, "times", "Times that an item is on screen without being opened after which it leaves the first row; it fades before.", minimum=1, maximum=1_000_000)
    model_poll_s: float = _setting(1.0, "s", "How often the web process looks for a newly published model.", minimum=0, maximum=3600)

    weight_click: float | None = _setting(None, "weight", "What a click says about taste, in place of what the use case states.", minimum=0, maximum=1000)
    weight_save: float | None = _setting(None, "weight", "What a save says about taste, in place of what the use case states.", minimum=0, maximum=1000)
    weight_like: float | None = _setting(None, "weight", "What a like says about taste, in place of what the use case states.", minimum=0, maximum=1000)
    weight_use: float | None = _setting(None, "weight", "What a use says about taste, in place of what the use case states.", minimum=0, maximum=1000)
    trust_after_s: float = _setting(120.0, "s", "Visitors who act again so long after they were first seen count for others in full.", minimum=0, maximum=31_536_000)
    first_visit_weight: float = _setting(1.0, "weight", "Most that one item of a visitor who does not yet count in full trains a model by.", minimum=0, maximum=100_000)
    popularity_weight: float = _setting(2.0, "weight", "Most that one visitor adds to what is popular of an item.", minimum=0, maximum=100_000)
    steered_weight: float = _setting(0.25, "weight", "The same of an item that the site never put before the visitor: found by a search, the list of a type or a link, it can be aimed.", minimum=0, maximum=100_000)

    attribute_weight: float = _setting(1.0, "weight", "How much sharing a type, style or palette says of two items; 0 for nothing.", minimum=0, maximum=1000)
    placed_weight: float = _setting(0.2, "share", "What a visitor does with an entry that a model chose trains by this share, so that a model does not learn its own echo.", minimum=0, maximum=1)
    second_stage: bool = _setting(True, "yes/no", "Put the best by factors in an order that is learned from what was shown and opened or passed over.")
    first_factors: bool = _setting(True, "yes/no", "While no model is published, rank by factors of the newest choices that hear attributes; otherwise by items that the same visitors opened.")
    factors: int = _setting(32, "factors", "Length of the vectors of the model.", minimum=1, maximum=1024)
    regularization: float = _setting(12.0, "", "Regularization of the model.", minimum=0, maximum=1_000_000)
    activity_shrinkage: float = _setting(12.0, "weight", "What a visitor has taken in all, by weight, at which their rows count half in the factors; 0: all visitors alike.", minimum=0, maximum=1_000_000)
    alpha: float = _setting(1.0, "", "Confidence that one unit of weight adds.", minimum=0, maximum=1_000_000)
    transition_weight: float = _setting(0.25, "share", "How much what usually comes next adds to a score, beside taste.", minimum=0, maximum=1000)
    iterations: int = _setting(12, "sweeps", "Sweeps of a full fit.", minimum=1, maximum=1000)
    seed: int = _setting(7, "", "Seed of everything random in training.", minimum=0, maximum=4_294_967_295)

    trainer_nice: int = _setting(10, "niceness", "How far the trainer steps back when the site wants the processor as well; 19 is furthest.", minimum=0, maximum=19)
    update_interval_s: float = _setting(3.0, "s", "How often the trainer looks for new events.", minimum=0.05, maximum=86_400)
    publish_min_events: int = _setting(50, "events", "New interactions that make a new model version worth publishing at once.", minimum=1, maximum=1_000_000_000)
    publish_max_wait_s: float = _setting(30.0, "s", "Longest that a new interaction waits for a model version.", minimum=0, maximum=86_400)
    refit_growth: float = _setting(0.25, "share", "Growth of the data since the last full fit that brings on a refit.", minimum=0.001, maximum=1000)
    gate_window_events: int = _setting(10_000, "events", "Newest holdout interactions that a candidate is judged on.", minimum=10, maximum=10_000_000)
    gate_margin: float = _setting(0.05, "share", "Share of the champion's quality that a candidate may fall short of, unless it is surely worse.", minimum=0, maximum=1)
    trial_config_changes: bool = _setting(True, "yes/no", "Let visitors try a model of changed settings beside the champion before it is published.")
    tune_after_import_s: float = _setting(60.0, "s", "How long the trainer searches on the site's own past, once after an import, for settings that go on trial; it learns nothing new meanwhile. 0 for never.", minimum=0, maximum=3600)
    trial_share: float = _setting(0.5, "share", "Share of treatment visitors whose shelf champion and challenger fill together.", minimum=0, maximum=1)
    trial_check_s: float = _setting(10.0, "s", "How often the trainer reads how a trial stands.", minimum=0, maximum=86_400)
    trial_max_visitors: int = _setting(5000, "visitors", "Visitors who clicked, of one origin, after which a trial without decision ends.", minimum=20, maximum=1_000_000_000)
    trial_max_days: float = _setting(14.0, "days", "Longest time that a trial may take.", minimum=0, maximum=3650)
    risk_interval_s: float = _setting(30.0, "s", "How often the risk indicators are measured and stored; 0 for never.", minimum=0, maximum=86_400)
    risk_window_events: int = _setting(10_000, "events", "Newest events that the risk indicators are measured on.", minimum=100, maximum=10_000_000)
    bot_actions_per_minute: int = _setting(60, "events", "Actions of one visitor in a minute, impressions aside, beyond which they are suspected.", minimum=1, maximum=1_000_000)
    bot_click_ratio: float = _setting(5.0, "ratio", "How many times the click share of all others makes a visitor suspected.", minimum=1, maximum=1_000_000)
    bot_visitors_per_minute: int = _setting(20, "visitors", "New visitors of one address in a minute beyond which they are suspected.", minimum=1, maximum=1_000_000)
    bot_significance: float = _setting(0.001, "share", "Chance that the rule of click shares suspects anybody where nobody clicks too much.", minimum=0, maximum=0.05)
    alert_webhook: str = _setting("", "text", "Address that is sent a POST with JSON when a risk indicator changes its state; empty for none, a log line comes anyway.", check=_url)
    log_format: str = _setting("text", "text", "How lines are logged: `text` for people, or `json`, a record of OpenTelemetry's data model a line.", check=_log_format)
    auto_exclude: bool = _setting(False, "yes/no", "Let the monitor exclude suspected visitors by itself, instead of `flask exclusions apply`.")
    board_interval_s: float = _setting(5.0, "s", "How often the figures of /flywheel are taken; 0 for anew with every look.", minimum=0, maximum=86_400)
    admin_password: str = _setting("", "text", "Password, or Werkzeug hash of it, that opens the buttons of /flywheel; made and kept in the var folder when empty.", check=_password)
    api_key: str = _setting("", "text", "Key, or `sha256:` and its hexadecimal hash, with which programs act for any visitor (`Authorization: Bearer …`); made and kept in the var folder when empty.", check=_key)
    retention_days: float = _setting(0.0, "days", "Days after which events, slates, quarantined events and what stands of them are deleted, and visitors of whom nothing is left; 0 keeps them. At least trial_max_days.", minimum=0, maximum=36_500)
    keep_versions: int = _setting(20, "versions", "Model artifacts kept on disk for rollback.", minimum=2, maximum=100_000)
    # fmt: on

    @property
    def event_database(self) -> Path:
        """The SQLite file of items, visitors, slates and events; `database` says whether it is in use."""
        return self.var / "events.db"

    @property
    def database(self) -> Address:
        """Where items, visitors, slates and events are."""
        if self.database_url:
            return PostgresAddress(self.database_url, self.var, self.database_connections)
        return self.event_database

    @property
    def registry_database(self) -> Path:
        """The database that the trainer writes: one row a model version."""
        return self.var / "registry.db"

    @property
    def models_folder(self) -> Path:
        """The folder of model artifacts and of `current.json`, which names the champion; of copies with `artifacts`."""
        return self.var / "models"

    @property
    def images_folder(self) -> Path:
        """The folder of the items' pictures."""
        return self.var / "artwork"

    def image_host_names(self) -> tuple[str, ...]:
        """The names in `image_hosts`, in lower case."""
        return tuple(self.image_hosts.replace(",", " ").lower().split())

    @property
    def use_case_file(self) -> Path:
        """The use case in force."""
        return self.use_case or _USE_CASE

    def kinds(self) -> Kinds:
        """Every kind of event that may be recorded, by name, as the use case states them."""
        return load_kinds(self.use_case_file)

    def kind_weights(self) -> dict[str, float]:
        """Weight of each kind of event that says something good about an item: the four of the site's own pages first."""
        kinds = self.kinds()
        set_here = {
            "click": self.weight_click, "save": self.weight_save, "like": self.weight_like, "use": self.weight_use,
        }  # fmt: skip
        weights = {name: kinds[name].weight if given is None else given for name, given in set_here.items()}
        return weights | {kind.name: kind.weight for kind in kinds.values() if kind.weight and kind.name not in weights}


def load_settings(
    environment: Mapping[str, str] | None = None, toml: Path | None = None, overrides: Mapping[str, Any] | None = None
) -> Settings:
    """Read settings: `overrides` win over the environment (``FLYWHEEL_NAME``), that over TOML, that over defaults.

    Raises SettingError, naming the setting, for an unknown name in TOML or overrides, for one that has another name now,
    wherever it is set, and for a value that does not fit.
    """
    environment = os.environ if environment is None else environment
    _refuse_renamed(
        ENVIRONMENT_PREFIX + name.upper() for name in _RENAMED if environment.get(ENVIRONMENT_PREFIX + name.upper())
    )
    known = {f.name: f for f in fields(Settings)}
    given: dict[str, Any] = {}
    path = toml or (Path(environment["FLYWHEEL_CONFIG"]) if environment.get("FLYWHEEL_CONFIG") else None)
    if path is not None:
        given |= _read_toml(path)
    given |= {
        name: environment[ENVIRONMENT_PREFIX + name.upper()]
        for name in known
        if environment.get(ENVIRONMENT_PREFIX + name.upper(), "") != ""
    }
    if not given.get("database_url") and environment.get("DATABASE_URL", "").startswith(POSTGRES_SCHEMES):
        given["database_url"] = environment["DATABASE_URL"]  # another program's SQLite or MySQL is none of ours
    if "web_concurrency" not in given and environment.get("WEB_CONCURRENCY"):
        given["web_concurrency"] = environment["WEB_CONCURRENCY"]
    given |= dict(overrides or {})
    _refuse_renamed(given)
    unknown = sorted(set(given) - set(known))
    if unknown:
        raise SettingError(f"unknown setting {unknown[0]!r}; known are {', '.join(known)}")
    settings = Settings(**{name: converted(known[name], value) for name, value in given.items()})
    _check_together(settings)
    return settings


def _refuse_renamed(given: Iterable[str]) -> None:
    """Raise SettingError for a name of before, in its own spelling: left alone, it would be a value that nobody reads."""
    for name in given:
        prefix = ENVIRONMENT_PREFIX if name.startswith(ENVIRONMENT_PREFIX) else ""
        now = _RENAMED.get(name.removeprefix(prefix).lower())
        if now is not None:
            raise SettingError(
                f"setting {name} is called {prefix}{now.upper() if prefix else now} now; rename it, its meaning is the same"
            )


def _check_together(settings: Settings) -> None:
    """Raise SettingError for settings that each are right and together are not."""
    if 0 < settings.retention_days < settings.trial_max_days:
        raise SettingError(
            f"setting retention_days = {settings.retention_days:g} is below trial_max_days = "
            f"{settings.trial_max_days:g}: a trial would lose what it is decided by; raise the one or lower the other"
        )
    if settings.artifacts and not settings.database_url:
        raise SettingError(
            "setting artifacts is for a site whose events are on PostgreSQL, where the registry of models then is as "
            "well; set database_url, or leave artifacts empty: on SQLite site and trainer share the var folder"
        )


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError as error:
        raise SettingError(f"settings file {path} does not exist; unset FLYWHEEL_CONFIG or make the file") from error
    except OSError as error:
        raise SettingError(f"settings file {path} cannot be read: {error.strerror}; name a file in TOML") from error
    except ValueError as error:  # no TOML, or no UTF-8
        raise SettingError(f"settings file {path} is not TOML: {error}") from error


def settings_environment(settings: Settings) -> dict[str, str]:
    """The environment that gives another process the same settings."""
    values = {row.name: getattr(settings, row.name) for row in fields(Settings)}
    return {ENVIRONMENT_PREFIX + name.upper(): str(value) for name, value in values.items() if value not in (None, "")}
