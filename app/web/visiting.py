"""Who is asking: the signed cookie, and the visitor behind it.

A first visit hands out a cookie and makes nobody yet: programs fetch pages as well. Somebody is there once the cookie
comes back, with a page, with its artwork or with a beacon; what they were served before is logged then.
"""

from __future__ import annotations

import threading
import time
from contextlib import suppress
from functools import partial
from typing import Any

from cachetools import LRUCache
from flask import Flask, Response

from app.flywheel import Flywheel
from app.serve.waiting import LOG_NOW, Logging, LogSlates
from app.settings import Settings
from app.store import StoreError
from app.store.visitors import assign_returning, get_visitor
from app.values.visitor import Visitor
from app.visitors import COOKIE_MAX_AGE_S, COOKIE_NAME, SignedVisitor, cookie_name, new_visitor, returning_visitor
from app.web.callers import caller_address, kept_for_request, this_app, this_request
from app.web.onlookers import is_crawler, looks_ahead

_BOOK_SIZE = 20_000
_UNKNOWN: Any = object()
"""What was not looked at yet, where None says that there is nobody."""


class VisitorBook:
    """Visitors seen lately, by id. Someone new is known here before the database has them, so that a second click that
    follows at once is still theirs. An id that was merged stands for the id of today, so that whoever is dropped is
    dropped under every id.
    """

    def __init__(self, size: int = _BOOK_SIZE) -> None:
        self._visitors: LRUCache[str, Visitor] = LRUCache(size)
        self._merged: LRUCache[str, str] = LRUCache(size)
        self._forgotten = 0
        self._lock = threading.Lock()

    @property
    def forgotten(self) -> int:
        """How many visitors were dropped so far; read it before the database, for `keep`."""
        return self._forgotten

    def keep(self, visitor: Visitor, as_of: int | None = None, known_as: str | None = None) -> None:
        """Remember a visitor, forgetting the one longest unseen when there are too many.

        known_as: an id that the visitor had before a merge. as_of: `forgotten` from before the visitor was looked up.
        When somebody was dropped since, nothing is kept: it may have been this visitor, and who was erased must not
        come back.
        """
        with self._lock:
            if as_of is not None and as_of != self._forgotten:
                return
            self._visitors[visitor.visitor_id] = visitor
            if known_as is not None and known_as != visitor.visitor_id:
                self._merged[known_as] = visitor.visitor_id

    def get(self, visitor_id: str) -> Visitor | None:
        """The visitor, if seen lately."""
        with self._lock:
            return self._visitors.get(self._merged.get(visitor_id, visitor_id))

    def forget(self, visitor_id: str) -> None:
        """Drop a visitor who was erased or whose row has changed."""
        with self._lock:
            self._forgotten += 1
            self._merged.pop(visitor_id, None)
            self._visitors.pop(visitor_id, None)

    def forget_all(self) -> None:
        """Drop everybody; who is in the database is read anew."""
        with self._lock:
            self._forgotten += 1
            self._merged.clear()
            self._visitors.clear()


def register(app: Flask) -> None:
    """Keep a book of visitors, hand a cookie to everyone new, and see who comes back with one."""
    app.extensions["visitor_book"] = VisitorBook()
    app.before_request(_welcome_back)
    app.after_request(_hand_out_cookie)


def flywheel() -> Flywheel:
    """The running site's parts."""
    parts: Flywheel = this_app().extensions["flywheel"]
    return parts


def book() -> VisitorBook:
    """The running site's book of visitors."""
    visitors: VisitorBook = this_app().extensions["visitor_book"]
    return visitors


def settings() -> Settings:
    """The running site's settings."""
    values: Settings = this_app().config["SETTINGS"]
    return values


def find_visitor(visitor_id: str) -> Visitor | None:
    """The visitor of this id, or whom it was merged into, or None."""
    seen = book()
    visitor = seen.get(visitor_id)
    if visitor is not None:
        return visitor
    as_of, parts = seen.forgotten, flywheel()
    visitor = get_visitor(parts.store.reader(), visitor_id) or parts.serve.newcomer(visitor_id)
    if visitor is not None:
        seen.keep(visitor, as_of, visitor_id)
    return visitor


def as_present(visitor: Visitor) -> Visitor:
    """The visitor as one who is here now: a customer whose past was imported is assigned to an arm when they come."""
    if visitor.origin != "imported":
        return visitor
    back = returning_visitor(visitor, settings(), kept_for_request().get("origin", "real"))
    # In order before what they are served now, so that whoever counts it finds them assigned.
    flywheel().writer.submit(partial(assign_returning, visitor=back, at=time.time()))
    book().keep(back)
    return back


def cookie_visitor_id() -> str | None:
    """The visitor id that the request's cookie vouches for, or None."""
    signed = signed_visitor()
    return None if signed is None else signed.visitor_id


def signed_visitor() -> SignedVisitor | None:
    """What the request's cookie says, or None when there is none that we signed."""
    kept = kept_for_request()
    found: SignedVisitor | None = kept.get("signed_visitor", _UNKNOWN)
    if found is _UNKNOWN:
        if value := this_request().cookies.get(_cookie_name()):
            found = flywheel().cookie.open(value)
        else:
            earlier = _earlier_cookie()
            found = flywheel().cookie.open_earlier(earlier) if earlier else None
            kept.cookie_is_earlier = found is not None
        kept.signed_visitor = found
    return found


def known_visitor() -> Visitor | None:
    """The visitor of the request's cookie, or None on a first visit."""
    kept = kept_for_request()
    found: Visitor | None = kept.get("visitor", _UNKNOWN)
    if found is _UNKNOWN:
        visitor_id = cookie_visitor_id()
        found_visitor = find_visitor(visitor_id) if visitor_id else None
        found = kept.visitor = None if found_visitor is None else as_present(found_visitor)
    return found


def current_visitor() -> Visitor:
    """The visitor of the request's cookie; on a first visit a new one, who has no row yet (see `slate_logging`)."""
    visitor = known_visitor()
    if visitor is None:
        kept = kept_for_request()
        visitor = new_visitor(settings(), origin=kept.get("origin", "real"), now=time.time())
        kept.visitor = visitor
        kept.visitor_is_new = True
        if not _is_nobody():
            book().keep(visitor)
    return visitor


def slate_logging() -> Logging:
    """When what this request is served is logged, for its `current_visitor`."""
    source = caller_address()
    if _is_nobody():
        return Logging(LogSlates.NEVER)
    if looks_ahead():
        return Logging(LogSlates.ON_ANSWER, source)
    # A form that carries its token comes from a browser that kept the cookie which belongs to it; the API has no forms.
    if is_first_request() and (this_request().method == "GET" or this_request().blueprint == "api"):
        return Logging(LogSlates.ON_RETURN, source)
    return LOG_NOW


def welcome(visitor_id: str) -> None:
    """Something came back from this visitor: log what they were served before it was sure that they are there."""
    flywheel().serve.welcome(visitor_id)


def _is_nobody() -> bool:
    """Whether nobody reads the answer: a crawler asks, or only the header is asked for."""
    return this_request().method == "HEAD" or is_crawler()


def _cookie_name() -> str:
    return cookie_name(settings().secure_cookies)


def _earlier_cookie() -> str | None:
    """The cookie as version 0.1 named it, where today's has another name: its visitor is still the same visitor."""
    return this_request().cookies.get(COOKIE_NAME) if settings().secure_cookies else None


def _welcome_back() -> None:
    """See whether the cookie of somebody new comes back. A site that cannot be opened says so in its views."""
    if not this_request().cookies or _is_nobody() or looks_ahead():
        return
    with suppress(StoreError):
        visitor_id = cookie_visitor_id()
        if visitor_id is not None:
            welcome(visitor_id)


def is_first_request() -> bool:
    """Whether this very request made its visitor."""
    return bool(kept_for_request().get("visitor_is_new", False))


def forget_cookie() -> None:
    """Take the cookie back with this answer; no cookie of a new visitor is handed out either."""
    kept_for_request().visitor_is_gone = True


def _hand_out_cookie(response: Response) -> Response:
    if kept_for_request().get("visitor_is_gone", False):
        _take_back(response, _cookie_name())
        if _earlier_cookie():
            _take_back(response, COOKIE_NAME)
    elif _needs_cookie() and response.status_code < 500 and not _is_nobody():
        response.set_cookie(
            _cookie_name(),
            flywheel().cookie.write(kept_for_request().visitor.visitor_id),
            max_age=COOKIE_MAX_AGE_S,
            secure=settings().secure_cookies,
            httponly=True,
            samesite="Lax",
        )
        if _earlier_cookie():
            _take_back(response, COOKIE_NAME)
        response.vary.add("Cookie")
    return response


def _needs_cookie() -> bool:
    """Whether this request made its visitor, or a page asked for one whose cookie is still of version 0.1."""
    kept = kept_for_request()
    return is_first_request() or (kept.get("cookie_is_earlier", False) and kept.get("visitor") is not None)


def _take_back(response: Response, name: str) -> None:
    response.delete_cookie(name, secure=settings().secure_cookies, httponly=True, samesite="Lax")
