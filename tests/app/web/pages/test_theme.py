"""A chosen theme is kept, and has the tones of the theme that a system prefers."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from tests.app.web.conftest import csrf_token

STATIC = Path(__file__).parents[4] / "app/web/static"


def test_a_choice_is_kept_on_every_page_and_can_be_changed(client: FlaskClient) -> None:
    html = client.get("/").text
    assert "data-theme" not in html
    answer = client.post("/theme", data={"csrf_token": csrf_token(html), "theme": "dark", "next": "/about"})
    assert (answer.status_code, answer.location) == (303, "/about")
    page = client.get("/flywheel").text
    assert 'data-theme="dark"' in page
    assert 'name="theme" value="light"' in page


@pytest.mark.parametrize("theme", ["", "pink", "dark light"])
def test_there_are_two_themes(client: FlaskClient, theme: str) -> None:
    token = csrf_token(client.get("/").text)
    assert client.post("/theme", data={"csrf_token": token, "theme": theme}).status_code == 400


def test_chosen_and_preferred_themes_have_the_same_tones() -> None:
    site, theme = (STATIC / "site.css").read_text(), (STATIC / "theme.css").read_text()

    def tones(css: str, start: str) -> dict[str, str]:
        block = css[css.index(start) :]
        return dict(re.findall(r"(--[\w-]+):\s*([^;]+);", block[block.index("{") : block.index("}")]))

    preferred = site[site.index("@media (prefers-color-scheme: dark)") :]
    dark = tones(preferred, ":root {")
    assert tones(theme, ':root[data-theme="dark"]') == dark
    light = tones(site, ":root {")
    assert tones(theme, ':root[data-theme="light"]') == {name: light[name] for name in dark}
