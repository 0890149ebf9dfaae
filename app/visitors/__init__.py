"""Visitors: identity, the arm they are in, their history and opinions, and how they are exported and erased.

The commands (`app.cli.visitors`) and `app.visitors.erasure` reach the database and are imported by name.
"""

from app.visitors.address_digest import AddressDigest
from app.visitors.assignment import assign_arm, bucket, is_holdout
from app.visitors.cookie import COOKIE_MAX_AGE_S, COOKIE_NAME, SignedVisitor, VisitorCookie, cookie_name
from app.visitors.history import History, Opinions
from app.visitors.visitor import new_visitor, returning_visitor

__all__ = [
    "COOKIE_MAX_AGE_S",
    "COOKIE_NAME",
    "AddressDigest",
    "History",
    "Opinions",
    "SignedVisitor",
    "VisitorCookie",
    "assign_arm",
    "bucket",
    "cookie_name",
    "is_holdout",
    "new_visitor",
    "returning_visitor",
]
