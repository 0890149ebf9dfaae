"""The use case is stated whole, and its hash follows its meaning."""

from __future__ import annotations

import pytest

from app.measure.evaluation.holdout import METRIC
from app.measure.governance.usecase import USE_CASE_FILE, UseCaseError, load_use_case, parse_use_case

TEXT = USE_CASE_FILE.read_text(encoding="utf-8")


def test_the_use_case_of_this_site_is_complete() -> None:
    use_case = load_use_case()
    assert use_case.inputs
    assert use_case.outputs
    assert use_case.offline_metric.name == METRIC
    assert [arm.name for arm in use_case.arms] == ["control", "treatment"]
    assert len(use_case.risk_indicators) >= 10
    assert {owner.role for owner in use_case.owners} >= {"business", "science"}


def test_the_hash_follows_values_but_not_layout_and_comments() -> None:
    stated = parse_use_case(TEXT)
    assert parse_use_case(f"# a remark\n\n{TEXT}\n\n").content_hash == stated.content_hash
    changed = TEXT.replace("threshold = 24.0", "threshold = 25.0")
    assert parse_use_case(changed).content_hash != stated.content_hash


@pytest.mark.parametrize(
    ("change", "to", "complaint"),
    [
        ("summary =", "sumary =", "lacks 'summary'"),
        ('unit = "hours"', 'units = "hours"', "unexpected keyword argument 'units'"),
        ('alarm = "below"', 'alarm = "under"', "alarm = 'under'; say 'above' or 'below'"),
        ("watch = 0.25", "watch = 25.0", "has watch = 25.0 past its alarm at 24.0"),
        ('owner = "science"', 'owner = "nobody"', "owned by 'nobody', who is not an owner"),
        ("name =", "name", "is not TOML"),
    ],
)
def test_what_is_wrong_with_a_use_case_is_named(change: str, to: str, complaint: str) -> None:
    assert change in TEXT
    with pytest.raises(UseCaseError, match=complaint):
        parse_use_case(TEXT.replace(change, to))
