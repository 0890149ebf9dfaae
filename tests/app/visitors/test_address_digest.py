"""An address leaves a digest that lasts a day and can be traced to nobody."""

from __future__ import annotations

from app.visitors import AddressDigest

DAY = 86_400.0


def test_one_address_has_one_digest_a_day_and_another_the_next() -> None:
    digest = AddressDigest()
    assert digest("10.0.0.1", 0.0) == digest("10.0.0.1", DAY - 1) != digest("10.0.0.2", 0.0)
    assert digest("10.0.0.1", 0.0) != digest("10.0.0.1", DAY)


def test_the_key_of_a_day_is_gone_with_the_day_and_with_the_process() -> None:
    digest = AddressDigest()
    first = digest("10.0.0.1", 0.0)
    digest("10.0.0.1", DAY)
    assert digest("10.0.0.1", 0.0) != first
    assert AddressDigest()("10.0.0.1", 0.0) != first
    assert "10.0.0.1" not in first
    assert len(first) == 24
