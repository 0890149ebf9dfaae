"""`tune` finds what a log's past asks for, says so, believes only what is clear, and stops in time."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from recommender import ALSConfig, FactorModel, Interactions, train, tune
from recommender.tuning import tune as tuning
from recommender.tuning.candidates import Step, steps_for
from recommender.tuning.judging import Budget, Judging, fit_seconds
from recommender.tuning.profile import profile_log
from recommender.tuning.rules import config_of
from recommender.tuning.windows import Window, windows_of
from tests.recommender.conftest import generated_rows
from tests.recommender.tuning.test_profile import chains


class Ticks:
    """A clock that moves on by a second at each look."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        self.now += 1.0
        return self.now


def pairs() -> list[tuple[str, str]]:
    return [row[:2] for row in generated_rows(users=90)]


def quiet(share: float, what: str) -> None:
    pass


def frozen() -> float:
    return 0.0


def test_windows_ask_for_what_their_log_does_not_know() -> None:
    for rows in (pairs(), chains()):
        log = Interactions.from_rows(rows)
        windows = windows_of(log, 50, seed=7)
        assert len(windows) >= 2
        for window in windows:
            assert 0 < len(window.cases) <= 50
            assert window.log.item_ids == log.item_ids
            for case in window.cases:
                user = window.log.user_ids[int(str(case.user))]
                assert user is not None
                known = window.log.history(user)
                assert not case.targets & set(case.history)
                if log.ordered:
                    assert list(known) == list(case.history)[: len(known)] or set(known) <= set(case.history)
                else:
                    assert set(known) == set(case.history)


def test_windows_with_order_lie_at_the_end_one_after_the_other() -> None:
    log = Interactions.from_rows(generated_rows())
    newer, older = windows_of(log, 1000, seed=7)
    assert older.log.rows < newer.log.rows < log.rows
    assert older.log.newest <= newer.log.newest <= log.newest
    assert newer.log.popularity().sum() == newer.log.rows


def test_a_part_of_a_log_keeps_numbers_and_descriptions() -> None:
    log = Interactions.from_rows(pairs())
    log.describe({"item-0": ["kind=0"], "item-99": ["kind=0"]})
    part = log.part(np.arange(0, log.length - 2, 2))
    assert (part.item_ids, part.user_ids) == (log.item_ids, log.user_ids)
    assert part.rows == len(range(0, log.rows, 2))
    everybody = np.arange(log.user_slots, dtype=np.int32)
    assert np.array_equal(part.rows_of_users(everybody).toarray(), part.to_csr().toarray())
    model = train(part, ALSConfig(factors=4))
    assert model.item_factors[log.item_index("item-99")].any()


def test_the_same_seed_gives_the_same_answer() -> None:
    log = Interactions.from_rows(pairs())
    first, second = (tune(log, 1.5, seed=3, on_progress=quiet, clock=frozen) for _ in range(2))
    assert first.config == second.config
    assert str(first.report) == str(second.report)
    assert not first.report.stopped_by_clock


def test_what_is_chosen_is_not_below_the_rules_on_what_was_judged() -> None:
    log = Interactions.from_rows(chains())
    profile = profile_log(log)
    tuned = tune(log, 2.0, on_progress=quiet, clock=frozen)
    windows = windows_of(log, tuning.MOST_CASES, 7)
    judging = Judging(windows, Budget(1e9, 1e9, frozen), 7, profile.strength)
    assert judging.mean(tuned.config, 10**6) >= judging.mean(config_of(profile), 10**6)


def test_a_setting_that_matters_is_found_and_said() -> None:
    log = Interactions.from_rows(chains())
    windows = windows_of(log, 500, 7)
    search = tuning._Search(windows, profile_log(log), 60.0, 0.0, frozen, 7, quiet)
    poor = ALSConfig(factors=8, iterations=3, threads=1, transition_weight=0.0, recency_boost=0.0)
    step = Step("what comes next", lambda best: [replace(best, transition_weight=weight) for weight in (0.01, 5.0)])
    better, finding = search.take(step, poor)
    assert better.transition_weight == 5.0
    assert finding.believed
    assert "transition_weight 0 → 5" in str(finding)
    assert str(finding).endswith("taken")
    same, refused = search.take(Step("noise", lambda best: [replace(best, transition_neighbours=99)]), better)
    assert same == better
    assert str(refused).endswith("not believed")
    assert search.judging.fits == 2, "one fit a window serves every blend"


def test_a_first_look_is_near_what_a_fit_says_and_keeps_no_fit() -> None:
    log = Interactions.from_rows(pairs())
    windows = windows_of(log, 50, 7)
    judging = Judging(windows, Budget(1e9, 1e9, frozen), 7)
    near = replace(config_of(profile_log(log)), factors=8)
    judging.mean(near, 2)
    assert judging.fits == 1, "windows that chance made are alike: one is looked at first"
    other = replace(near, alpha=near.alpha * 1.5)
    found = judging.look(other, near, 2)
    assert judging.fits == 1
    assert found == pytest.approx(judging.mean(other, 2), rel=0.1)
    assert judging.fits == 2
    assert judging.look(other, near, 2) == judging.mean(other, 2), "a fit that was made serves a look"


def test_who_is_judged_again_goes_on_where_they_were(monkeypatch: pytest.MonkeyPatch) -> None:
    log = Interactions.from_rows(chains())
    windows = windows_of(log, 50, 7)
    config = replace(config_of(profile_log(log)), factors=8)
    at_once = Judging(windows, Budget(1e9, 1e9, frozen), 7).values(config, 50)
    judging = Judging(windows, Budget(1e9, 1e9, frozen), 7)
    asked: list[tuple[int, int]] = []
    judge = Window.judge

    def noted(window: Window, model: FactorModel, count: int, known: int) -> NDArray[np.float64]:
        asked.append((count, known))
        return judge(window, model, count, known)

    monkeypatch.setattr(Window, "judge", noted)
    judging.values(config, 20)
    assert all(map(np.array_equal, judging.values(config, 50), at_once))
    assert asked == [(20, 0), (20, 0), (50, 20), (50, 20)]


@pytest.mark.parametrize("name", ["transition_shrinkage", "transition_damping", "transition_neighbours"])
def test_neighbours_are_chosen_anew_among_what_was_counted(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    log = Interactions.from_rows(pairs())
    windows = windows_of(log, 50, 7)
    config = replace(config_of(profile_log(log)), factors=8)
    other: ALSConfig = replace(config, **{name: 2})  # type: ignore[arg-type]
    anew = Judging(windows, Budget(1e9, 1e9, frozen), 7).values(other, 50)
    judging = Judging(windows, Budget(1e9, 1e9, frozen), 7)
    judging.values(config, 50)
    monkeypatch.setattr("recommender.tuning.judging.count_log", None)
    assert all(map(np.array_equal, judging.values(other, 50), anew))


@pytest.mark.parametrize(("half_life", "believed"), [(0.0, True), (900.0, False)])
def test_where_items_age_a_small_gain_is_not_believed(
    half_life: float, believed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tuning, "LEAST_GAIN", 100.0)  # so that a gain of some hundred percent is small
    log = Interactions.from_rows(chains())
    profile = replace(profile_log(log), half_life=half_life)
    search = tuning._Search(windows_of(log, 200, 7), profile, 60.0, 0.0, frozen, 7, quiet)
    poor = ALSConfig(factors=8, iterations=3, threads=1, transition_weight=0.0, recency_boost=0.0)
    step = Step("what comes next", lambda best: [replace(best, transition_weight=5.0)])
    assert search.take(step, poor)[1].believed == believed


def test_the_clock_stops_a_search_and_the_report_says_so() -> None:
    log = Interactions.from_rows(pairs())
    tuned = tune(log, 8.0, on_progress=quiet, clock=Ticks())
    assert tuned.report.stopped_by_clock
    assert "stopped by the clock" in str(tuned.report)
    assert len(tuned.report.findings) < len(steps_for(tuned.report.profile))


def test_a_small_budget_searches_on_a_part_of_the_users() -> None:
    log = Interactions.from_rows(generated_rows(users=400))
    seconds = fit_seconds(config_of(profile_log(log)), log) * tuning.FITS / tuning.WORK / 3
    tuned = tune(log, seconds, on_progress=quiet, clock=frozen)
    assert 0.2 < tuned.report.share_of_users < 0.5
    assert "of the users" in str(tuned.report)
    assert any("budget was used up" in str(finding) for finding in tuned.report.findings)


def test_progress_is_told_from_beginning_to_end() -> None:
    told: list[tuple[float, str]] = []
    tune(Interactions.from_rows(pairs()), 1.0, on_progress=lambda share, what: told.append((share, what)), clock=frozen)
    shares = [share for share, _ in told]
    assert shares == sorted(shares)
    assert (shares[0], shares[-1]) == (0.0, 1.0)
    assert told[0][1].startswith("looking at ")


def test_a_log_too_small_to_search_on_keeps_the_rules() -> None:
    tuned = tune(Interactions.from_rows([("a", 1), ("b", 2)]), on_progress=quiet)
    assert "too little past" in str(tuned.report)
    assert not tuned.report.changed


def test_a_search_begins_where_it_is_told_and_changes_only_what_it_may() -> None:
    log = Interactions.from_rows(chains())
    poor = ALSConfig(factors=8, iterations=2, transition_weight=0.01, recency_boost=3.0, threads=1)
    tuned = tune(log, 2.0, start=poor, only={"transition_weight"}, on_progress=quiet, clock=frozen)
    assert set(tuned.report.changed) == {"transition_weight"}
    assert tuned.config == replace(poor, transition_weight=tuned.config.transition_weight)
    with pytest.raises(ValueError, match="only must name settings of ALSConfig, got 'width'"):
        tune(log, 1.0, only=["width"])


@pytest.mark.parametrize(("rows", "seconds", "message"), [([], 1, "nothing to look at"), ([("a", 1)], 0, "seconds")])
def test_what_cannot_be_tuned_is_refused(rows: list[tuple[str, int]], seconds: float, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        tune(Interactions.from_rows(rows), seconds)
