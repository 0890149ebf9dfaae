"""Headers that every answer carries: what a browser may load, frame, sniff, send along and keep."""

from __future__ import annotations

from functools import cache

from flask import Flask, Response, request

from app.web.visiting import settings

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
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


@cache
def _policy(image_hosts: tuple[str, ...]) -> str:
    """The policy of pages that may load pictures of these hosts as well."""
    allowed = " ".join(["img-src 'self' data:", *(f"https://{host}" for host in image_hosts)])
    return CONTENT_SECURITY_POLICY.replace("img-src 'self' data:", allowed)


def register(app: Flask) -> None:
    """Add the headers to every answer; a view that set one itself keeps its own."""
    app.after_request(_add_headers)


def _add_headers(response: Response) -> Response:
    if settings().secure_cookies:
        response.headers.setdefault("Strict-Transport-Security", f"max-age={HSTS_S}")
    for name, value in _ALWAYS.items():
        response.headers.setdefault(name, value)
    response.headers.setdefault("Content-Security-Policy", _policy(settings().image_host_names()))
    if "Cache-Control" not in response.headers:
        # Pages and answers are made for one visitor at one moment.
        response.headers["Cache-Control"] = "private, no-cache"
    if request.endpoint == "static" and request.args.get("v"):
        # The address carries a hash of the content, so that it never changes under it.
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    return response
