"""Requests behind which nobody reads the page: crawlers that say who they are, and browsers that look ahead."""

from __future__ import annotations

import re
from functools import lru_cache

from app.web.callers import this_request

# Search engines, previews of links, archives, monitors and audits. "bot" ends a name (Googlebot, AhrefsBot/7.0), except
# that of a phone (CUBOT); a word that people's browsers use must not be here.
_CRAWLER = re.compile(
    r"(?<!cu)bot\b|crawler|crawling|spider|slurp|archiver|facebookexternalhit|facebookcatalog|meta-externalagent"
    r"|embedly|quora link preview|whatsapp/|skypeuripreview|bitlypreview|vkshare|google-read-aloud|googleother"
    r"|google-inspectiontool|apis-google|mediapartners-google|feedfetcher|chatgpt-user|claude-user|perplexity-user"
    r"|pingdom|uptimerobot|statuscake|lighthouse|pagespeed|gtmetrix|w3c_validator|ia_archiver|wayback",
    re.IGNORECASE,
)
_PURPOSE_HEADERS = ("HTTP_SEC_PURPOSE", "HTTP_PURPOSE", "HTTP_X_PURPOSE", "HTTP_X_MOZ")
_KEPT = 4_096
_MAX_CHARACTERS = 500


@lru_cache(_KEPT)
def names_a_crawler(user_agent: str) -> bool:
    """Whether a User-Agent is that of a known kind of crawler."""
    return _CRAWLER.search(user_agent) is not None


def is_crawler() -> bool:
    """Whether the request comes from a crawler that says so."""
    return names_a_crawler(this_request().environ.get("HTTP_USER_AGENT", "")[:_MAX_CHARACTERS])


def looks_ahead() -> bool:
    """Whether a browser fetches a page that it may never show (prefetch, prerender, preview)."""
    environ = this_request().environ
    said = [environ[name] for name in _PURPOSE_HEADERS if name in environ]
    if not said:
        return False
    purpose = " ".join(said).lower()
    return "prefetch" in purpose or "prerender" in purpose or "preview" in purpose
