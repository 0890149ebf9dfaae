"""The first page of each kind waits for nothing that the start can do."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from app.server.opening import compile_templates


def test_no_page_compiles_a_template_once_the_site_has_settled(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    templates = client.application.jinja_env
    compile_templates(templates)
    compiled: list[str | None] = []
    monkeypatch.setattr(templates, "compile", lambda source, name=None, filename=None: compiled.append(name))
    for path in ("/", "/item/item-001", "/type/poster", "/search?q=x", "/flywheel", "/about", "/nowhere"):
        client.get(path)
    assert compiled == []
