"""`python -m tests.app.server.held_site gunicorn|waitress`: the site, whose POSTs wait until the file `release` exists.

Each leaves a file `held-…` in the var folder once a thread of the server has it.
"""

from __future__ import annotations

import sys
import threading
import time

from flask import request

from app import create_app
from app.settings import load_settings


def main() -> None:
    """Serve with the settings of the environment."""
    settings = load_settings()
    app = create_app(settings)

    def hold() -> None:
        if request.method == "POST":
            (settings.var / f"held-{threading.get_ident()}").touch()
            while not (settings.var / "release").exists():
                time.sleep(0.01)

    app.before_request(hold)
    if sys.argv[1] == "waitress":
        from app.server.waitress_site import run_waitress as run
    else:
        from app.server.gunicorn_site import run_gunicorn as run
    run(app, settings)


if __name__ == "__main__":
    main()
