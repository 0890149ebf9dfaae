"""Visitors: identity, the arm they are in, their opinions, and how they are exported and erased.

The commands (`app.cli.visitors`) and `app.visitors.erasure` reach the database and are imported by name.
"""

from app.visitors.assignment import assign_arm, bucket, is_jury
from app.visitors.cookie import COOKIE_MAX_AGE_S, COOKIE_NAME, SignedVisitor, VisitorCookie
from app.visitors.opinions import Opinions, fold_opinions
from app.visitors.visitor import new_visitor

__all__ = [
    "COOKIE_MAX_AGE_S",
    "COOKIE_NAME",
    "Opinions",
    "SignedVisitor",
    "VisitorCookie",
    "assign_arm",
    "bucket",
    "fold_opinions",
    "is_jury",
    "new_visitor",
]
