"""Where a visitor comes from. Figures of one origin are never mixed with those of another without saying so."""

from __future__ import annotations

ORIGINS = ("real", "simulated", "seed", "imported")
"""Every origin that a visitor may have."""

LIVE_ORIGINS = ("real", "simulated")
"""Origins of visitors who were served pages by this site, so that an experiment or a trial can be read from them."""
