"""Headers that every answer carries: what a browser may load, frame, sniff, send along and keep."""

from __future__ import annotations

from flask import Flask, Response

from app.settings import Settings
from app.web.callers import this_request

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'self'",
        "img-src 'self' data:",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
"""Of a site whose pictures are all its own."""
HSTS_S = 365 * 24 * 3600
"""For how long a browser that came over HTTPS comes over nothing else."""
_ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Resource-Policy": "same-origin",
}
_OF_DASHBOARDS = frozenset(("flywheel", "admin", "login", "inspector", "rules", "wheel"))
"""Blueprints of pages on which an admin acts: no window that another site opened may keep a hold on them.

Not of the gallery: with this header a browser starts a new process once the answer is here, where it otherwise has one
ready by then, and paints a third later. The hold gives no sight of a page, only of its having been closed or left.
"""


def _headers_of_all(https: bool, image_hosts: tuple[str, ...], of_dashboard: bool) -> tuple[tuple[str, str, str], ...]:
    """Name in small letters, name and value of each header, of a site whose pages may load pictures of these hosts as
    well. of_dashboard: of a page on which an admin acts.
    """
    allowed = " ".join(["img-src 'self' data:", *(f"https://{host}" for host in image_hosts)])
    headers = _ALWAYS | {
        "Content-Security-Policy": CONTENT_SECURITY_POLICY.replace("img-src 'self' data:", allowed),
        # Pages and answers are made for one visitor at one moment.
        "Cache-Control": "private, no-cache",
    }
    if of_dashboard:
        headers["Cross-Origin-Opener-Policy"] = "same-origin"
    if https:
        headers["Strict-Transport-Security"] = f"max-age={HSTS_S}"
    return tuple((name.lower(), name, value) for name, value in headers.items())


def register(app: Flask) -> None:
    """Add the headers to every answer; a view that set one itself keeps its own."""
    values: Settings = app.config["SETTINGS"]
    of_others, of_dashboards = (
        _headers_of_all(values.secure_cookies, values.image_host_names(), of_dashboard)
        for of_dashboard in (False, True)
    )

    def add_headers(response: Response) -> Response:
        headers, request = response.headers, this_request()
        own = {name.lower() for name, _ in headers}
        for key, name, value in of_dashboards if request.blueprint in _OF_DASHBOARDS else of_others:
            if key not in own:
                headers.add(name, value)
        if request.endpoint == "static" and request.args.get("v"):
            # The address carries a hash of the content, so that it never changes under it.
            headers["Cache-Control"] = "public, max-age=31536000, immutable"
        return response

    app.after_request(add_headers)
