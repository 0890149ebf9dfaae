"""The acts of the proof, in the order in which they are played; each ends with what was found."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

from app.cli.shop.shop_folder import DemoError
from app.measure.evaluation.gate import NO_BASELINE
from app.models.current import load_current
from app.store.events import last_seq
from benchmarks.bulk import BulkTally
from benchmarks.proof.finding import Finding, percent
from benchmarks.proof.learning_acts import learning_acts, model_has_grown
from benchmarks.proof.readings import CALM, experiment, risk, take_board
from benchmarks.proof.site import FIRST_VISITOR, ProofSite
from benchmarks.proof.sizes import STRONG, Sizes
from benchmarks.proof.swarm_act import play_swarm
from recommender import FactorModel

PROMOTED = "a challenger with a second stage is promoted by interleaving"
_PATIENCE = 5
_LONGEST_S = 300.0  # after a dear candidate the trainer rests four times as long as it took


Progress = Callable[[BulkTally], None]


class Acts:
    """Plays the acts on one site."""

    def __init__(self, site: ProofSite, sizes: Sizes, on_progress: Progress | None = None) -> None:
        self._site = site
        self._sizes = sizes
        self._on_progress = on_progress
        self._sent = 0
        self._sessions = 0
        self._first: FactorModel | None = None

    @property
    def visitors(self) -> int:
        """New visitors sent so far."""
        return self._site.visitors

    def play(self) -> Iterator[Finding]:
        """Every finding, as soon as it is made."""
        yield self.no_baseline_no_model()
        self._site.open()
        self._site.start_trainer()
        for stage in self._sizes.stages[:-1]:
            yield self.grow(stage)
        yield self.trial()
        yield self.grow(self._sizes.stages[-1])
        yield model_has_grown(self._site, self._first)
        yield from self.outage()
        yield from self.poison()
        yield from self.broken_assignment()
        yield self.roll_back()
        yield self.lift()
        yield from learning_acts(self._site)

    def no_baseline_no_model(self) -> Finding:
        """The gate refuses every model until the baseline was measured."""
        site = self._site
        site.command("seed")
        site.command("trainer", "--once")
        refused = site.versions()[-1]
        site.command("baseline")
        site.command("trainer", "--once")
        first = site.registry.champion()
        published = load_current(site.settings.models_folder)
        self._first = None if published is None else published[1]  # the folder keeps the newest ones alone
        holds = refused.state == "refused" and refused.metrics.get("reason") == NO_BASELINE and first is not None
        seen = f"version {refused.version}: {refused.verdict} After `flask baseline`: " + (
            f"version {first.version} published." if first else "still nothing was published."
        )
        return Finding(
            "no baseline, no model", holds, seen, {"refused": refused.version, "first": first and first.version}
        )

    def grow(self, stage: int) -> Finding:
        """Send new visitors up to `stage` in all, some of whom come back, and say what each arm did."""
        site, count = self._site, stage - self._sent
        before = len(site.versions())
        tally, visited = site.send(count, pages=1, on_progress=self._on_progress)
        self._sent = stage
        self._return(visited.first - FIRST_VISITOR, min(count, self._sizes.returning))
        site.wait("a version that has seen it all", lambda: site.caught_up(1_000), _LONGEST_S)
        found = experiment(take_board(site))
        published = [version for version in site.versions()[before:] if version.state in ("champion", "retired")]
        rates = {arm.arm: arm.click_through.value for arm in (found.control, found.treatment)}
        seen = (
            f"click-through {percent(rates['control'])} in control, {percent(rates['treatment'])} in treatment; "
            f"{len(published)} versions published meanwhile; {found.verdict.sentence}"
        )
        events = last_seq(site.flywheel.store.reader())
        return Finding(
            f"{stage:,} visitors",
            bool(published),
            seen,
            {"visitors": stage, "events": events, "rates": rates, "events_per_s": tally.events / tally.seconds},
        )

    def trial(self) -> Finding:
        """A challenger of better settings is put on trial, and wins by the clicks on shelves that both fill."""
        site = self._site
        words = [word for name, value in STRONG.items() for word in ("--set", f"{name}={value}")]
        site.command(
            "challenge",
            *words,
            "--note",
            "More factors, attributes, order, a second stage.",
        )
        challenger = site.registry.challenger()
        if challenger is None:
            refused = site.versions()[-1]
            return Finding(PROMOTED, False, refused.verdict, {})
        for number in range(self._sizes.trial_rounds):
            self._return(number * self._sizes.trial_visitors % self._site.visitors, self._sizes.trial_visitors)
            if site.registry.challenger() is None:
                break
        else:
            try:
                site.command("trial", "end", "--reason", "the proof sends no more visitors")
            except DemoError:
                if site.registry.challenger() is not None:  # else the trainer decided while the command started
                    raise
        ended = site.registry.get(challenger.version)
        promoted = next((step for step in site.registry.steps(challenger.version) if step.step == "promoted"), None)
        seen = promoted.sentence if promoted else (ended.verdict if ended else "it is gone")
        figures = dict(promoted.figures) if promoted else {}
        return Finding(PROMOTED, promoted is not None, seen, figures)

    def outage(self) -> Iterator[Finding]:
        """The trainer stops: events wait, and the lag is seen; it starts again, and the lag is gone."""
        site, name = self._site, "event lag"
        site.stop_trainer()
        low = risk(site, name)
        for _ in range(_PATIENCE):  # only what trains waits, and most of what visitors do is looking
            site.send(self._sizes.outage, pages=2, on_progress=self._on_progress)
            low = risk(site, name)
            if low.state != CALM:
                break
        yield Finding(
            f"stopped trainer: {name} leaves {CALM}",
            low.state != CALM,
            low.note,
            {"state": low.state, "value": low.value},
        )
        site.start_trainer()
        back = risk(site, name)
        for _ in range(_PATIENCE):  # the gate may refuse one version, and the next has seen a little more
            site.wait("a version that has seen it all", lambda: site.caught_up(500), _LONGEST_S)
            back = risk(site, name)
            if back.state == CALM:
                break
            site.send(20, on_progress=self._on_progress)
        yield Finding(
            f"trainer started again: {name} is {CALM}",
            back.state == CALM,
            back.note,
            {"state": back.state, "value": back.value},
        )

    def poison(self) -> Iterator[Finding]:
        """See `play_swarm`; then traffic is ordinary again."""
        site, name = self._site, "suspicious traffic"
        yield from play_swarm(site, self._sizes.bots, self._sizes.outage, _LONGEST_S)
        self._flush()
        back = risk(site, name)
        yield Finding(
            f"after the swarm: {name} is {CALM}",
            back.state == CALM,
            back.note,
            {"state": back.state, "value": back.value},
        )

    def broken_assignment(self) -> Iterator[Finding]:
        """A deployment puts everybody into treatment: the split is found to be wrong; it is fixed, and right again."""
        site, name = self._site, "sample-ratio mismatch"
        with site.changed(control_share=0.0):
            site.send(self._sizes.misassigned, on_progress=self._on_progress)
        wrong = risk(site, name)
        yield Finding(
            f"broken assignment: {name} leaves {CALM}",
            wrong.state != CALM,
            wrong.note,
            {"state": wrong.state, "value": wrong.value},
        )
        site.send(1_000, on_progress=self._on_progress)
        right = risk(site, name)
        yield Finding(
            f"assignment fixed: {name} is {CALM}",
            right.state == CALM,
            right.note,
            {"state": right.state, "value": right.value},
        )

    def roll_back(self) -> Finding:
        """One command puts the version before into use, and the running site follows."""
        site = self._site
        site.wait("the trainer to catch up", lambda: site.caught_up(1_000), _LONGEST_S)
        site.stop_trainer()
        before = site.registry.champion()
        started = time.monotonic()
        site.command("models", "rollback")
        after = site.registry.champion()
        assert before is not None
        assert after is not None
        site.wait("the site to follow", lambda: site.flywheel.serve.state().model_version == after.version, 30)
        seconds = time.monotonic() - started
        seen = f"version {before.version} was rolled back to {after.version}; the site served it after {seconds:.1f} s"
        site.command("models", "promote", str(before.version))
        site.start_trainer()
        return Finding("one command rolls back", after.version != before.version, seen, {"seconds": seconds})

    def lift(self) -> Finding:
        """Treatment against control over everybody sent, watched all the while."""
        self.settle()
        found = experiment(take_board(self._site))
        comparison = found.click_through
        if comparison is None:
            return Finding("treatment beats control", False, found.verdict.sentence, {})
        low, high = comparison.lift_always.low, comparison.lift_always.high
        return Finding(
            "treatment beats control",
            low > 0 and not found.mismatch.tripped,
            found.verdict.sentence,
            {"lift": comparison.lift, "low": low, "high": high, "mismatch_p": found.mismatch.p_value},
        )

    def settle(self) -> None:
        """Let known visitors come back, learn from them, and measure every indicator once more: an ordinary day."""
        self._return(0, self._sizes.last_returns)
        self._site.wait("the trainer to catch up", lambda: self._site.caught_up(500), _LONGEST_S)
        self._site.flywheel.monitor.round()

    def _return(self, first: int, count: int) -> None:
        """Let `count` of the visitors sent so far come again, from the one who came as number `first` on."""
        self._sessions += 1
        numbers = range(FIRST_VISITOR + first, min(FIRST_VISITOR + first + count, FIRST_VISITOR + self._site.visitors))
        self._site.send_again(numbers, self._sessions, on_progress=self._on_progress)

    def _flush(self) -> None:
        """Ordinary traffic until the window of the indicators holds nothing older."""
        reader = self._site.flywheel.store.reader()
        until = last_seq(reader) + self._site.settings.risk_window_events
        while last_seq(reader) < until:
            self._site.send(50, pages=2, on_progress=self._on_progress)
