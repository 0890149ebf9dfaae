"""The page of an item and the inspector name the same causes, from the slate as it was logged."""

from __future__ import annotations

import re

from flask.testing import FlaskClient

from tests.browser.conftest import BROWSER, LiveSite

pytestmark = BROWSER


def _links(html: str, shelf: str) -> list[str]:
    row = html[html.index(f'data-shelf="{shelf}"') :]
    return [link.replace("&amp;", "&") for link in re.findall(r'<a href="(/item/[^"]+\?slate=[^"]+)"', row)]


def _causes(html: str) -> list[tuple[int, str]]:
    found = re.findall(r'cause-share">(\d+) %</span>\s*<span class="cause-words">(.*?)(?:<small|</span>)', html, re.S)
    return [(int(percent), re.sub(r"<[^>]+>", "", words).strip()) for percent, words in found]


def test_card_item_page_and_inspector_say_the_same(live_site: LiveSite) -> None:
    client: FlaskClient = live_site.app.test_client()
    client.get("/")
    client.get("/about")
    for number in (0, 3, 6):
        client.get(_links(client.get("/").text, "for-you")[number])
    home = client.get("/").text
    card = next(
        block
        for block in re.findall(r'<li class="card".*?</li>', home[home.index('data-shelf="for-you"') :], re.S)
        if 'data-source="als"' in block and "part part--2" in block
    )
    link = re.search(r'<a href="(/item/[^"]+)"', card)
    # The first of the causes that it names: an item of the history, or a trait and how many have it.
    said = re.search(r"(\d+) % (“.+?”|[^%]+?, like \w+ you opened)[,;]", card)
    assert link
    assert said
    address = link.group(1).replace("&amp;", "&")
    item_page = client.get(address).text
    causes = _causes(item_page)
    assert sum(percent for percent, _ in causes) == 100
    assert causes[0][0] == int(said.group(1))
    # A card has less room: a long title is some of its words there.
    title = said.group(2).strip("“”").strip("…")
    assert (title in causes[0][1]) if said.group(2).startswith("“") else causes[0][1].startswith("Your liking for")
    assert not re.search(
        r"propensity|version", re.sub(r"<details class=\"technical\".*?</details>", "", item_page, flags=re.S)
    )

    slate_id = re.search(r"slate=([^&]+)", address)
    position = re.search(r"pos=(\d+)", address)
    assert slate_id
    assert position
    inspector = client.get(f"/flywheel/slates/{slate_id.group(1)}").text
    row = re.findall(r"<tr>.*?</tr>", inspector, re.S)[int(position.group(1))]
    assert _causes(row) == causes
