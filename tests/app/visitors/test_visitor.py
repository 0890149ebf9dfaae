"""A visitor is made whole or not at all, and their cookie is theirs alone."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, strategies
from itsdangerous import URLSafeTimedSerializer

from app.settings import Settings, load_settings
from app.values.visitor import Visitor
from app.visitors import VisitorCookie, assign_arm, is_holdout, new_visitor


def test_a_new_visitor_has_an_id_that_nobody_guesses(settings: Settings, now: float) -> None:
    visitors = [new_visitor(settings, now=now) for _ in range(50)]
    assert len({visitor.visitor_id for visitor in visitors}) == 50
    assert all(len(visitor.visitor_id) >= 22 for visitor in visitors)


def test_arm_and_holdout_follow_from_the_id_and_the_settings(settings: Settings, now: float) -> None:
    visitor = new_visitor(settings, "simulated", now=now, visitor_id="v-1")
    assert visitor == Visitor(
        visitor_id="v-1",
        created_at=now,
        arm=assign_arm("v-1", settings.experiment, settings.control_share),
        arm_source="assigned",
        origin="simulated",
        holdout=is_holdout("v-1", settings.holdout_share),
    )
    everyone_controls = load_settings(environment={}, overrides={"control_share": 1, "holdout_share": 0})
    assert new_visitor(everyone_controls, now=now).arm == "control"
    assert not new_visitor(everyone_controls, now=now).holdout


@pytest.mark.parametrize("fault", [{"arm": "both"}, {"arm_source": "dreamt"}, {"origin": "mars"}, {"visitor_id": ""}])
def test_a_visitor_of_unknown_values_cannot_be_made(visitor: Visitor, fault: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=next(iter(fault))):
        replace(visitor, **fault)  # type: ignore[arg-type]


@given(visitor_id=strategies.text(min_size=1, max_size=40).filter(lambda text: text.isprintable()))
def test_a_cookie_gives_back_the_id_it_was_made_for(visitor_id: str) -> None:
    cookie = VisitorCookie("secret")
    assert cookie.read(cookie.write(visitor_id)) == visitor_id


@given(value=strategies.text(max_size=60))
def test_no_made_up_cookie_is_believed(value: str) -> None:
    assert VisitorCookie("secret").read(value) is None


def test_a_cookie_that_was_changed_or_signed_elsewhere_is_not_believed() -> None:
    cookie = VisitorCookie("secret")
    value = cookie.write("visitor-1")
    assert cookie.read(value[:-1]) is None
    assert cookie.read("x" + value) is None
    assert cookie.read(VisitorCookie("another secret").write("visitor-1")) is None
    assert cookie.read(str(URLSafeTimedSerializer("secret", salt="another use").dumps("visitor-1"))) is None
    assert cookie.read(None) is None


def test_an_expired_cookie_is_not_believed() -> None:
    assert VisitorCookie("secret", max_age_s=-1).read(VisitorCookie("secret").write("visitor-1")) is None


def test_cookies_are_not_signed_with_nothing() -> None:
    with pytest.raises(ValueError, match="secret_key"):
        VisitorCookie("")


def test_whoever_looks_at_a_demo_sees_the_page_that_learns_where_there_is_one(settings: Settings) -> None:
    demo = replace(settings, demo=True)
    lookers = [new_visitor(demo, now=1.0) for _ in range(60)]
    assert {(one.arm, one.arm_source, one.holdout) for one in lookers} == {("treatment", "assigned", False)}
    crowd = [new_visitor(demo, "simulated", now=1.0) for _ in range(200)]
    assert {one.arm for one in crowd} == {"treatment", "control"}
    assert new_visitor(replace(demo, control_share=1.0), now=1.0).arm == "control"
