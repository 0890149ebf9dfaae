"""The request under way, and where it comes from, as far as limits care: an address, or the network that one subscriber
has.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from ipaddress import IPv6Address, ip_address
from typing import Any

from flask import Flask, Request, current_app, g, request

# What Flask's stand-ins stand for. A read through one takes several times as long as to ask for the thing itself, and
# what every request runs made seventy.
this_request: Callable[[], Request] = request._get_current_object  # type: ignore[attr-defined]
this_app: Callable[[], Flask] = current_app._get_current_object  # type: ignore[attr-defined]
kept_for_request: Callable[[], Any] = g._get_current_object

_SUBSCRIBER_BITS = 64
"""An IPv6 subscriber has at least a /64, so its last half is free to choose (RFC 6177)."""


def caller_address() -> str:
    """The address of the request; of IPv6 the network, as every request may come from another address of it."""
    return address_group(this_request().remote_addr or "")


@lru_cache(4_096)
def address_group(address: str) -> str:
    """An IPv4 address as it is, an IPv6 address as its /64; what is neither as it is."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if not isinstance(parsed, IPv6Address):
        return address
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    network = int(parsed) >> _SUBSCRIBER_BITS << _SUBSCRIBER_BITS
    return f"{IPv6Address(network)}/{_SUBSCRIBER_BITS}"
