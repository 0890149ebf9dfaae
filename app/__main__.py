"""`python -m app`: serve the site."""

from __future__ import annotations

import sys

from app import create_app
from app.server import run_site
from app.settings import SettingError, load_settings
from app.store import StoreError


def main() -> None:
    """Serve with the settings of the environment; a setting that does not fit ends with a sentence, not a traceback."""
    try:
        settings = load_settings()
        app = create_app(settings)
        app.extensions["flywheel"].check()
    except (SettingError, StoreError) as error:
        sys.exit(f"error: {error}")
    run_site(app, settings)


if __name__ == "__main__":
    main()
