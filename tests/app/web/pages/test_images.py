"""Pictures are served as files that browsers keep; items without one show a placeholder."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree
from dataclasses import replace
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from app.catalog import Item
from app.catalog.images import save_image
from app.settings import Settings
from app.store import Store
from app.store.items import insert_items, set_images
from app.web.pages.placeholder import initials, placeholder_svg
from tests.app.web.conftest import MakeSite
from tests.conftest import make_items

SVG = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 640 360"><style>a{}</style></svg>'
POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
ODD_ID = "/Łódź//50 % & #1"


def give_image(settings: Settings, item_id: str, image: str) -> None:
    with Store(settings.event_database) as store, store.open_writer(group_commit_ms=0) as writer:
        writer.run(lambda db: set_images(db, [(item_id, image, 640, 360)]))


@pytest.fixture
def pictured(settings: Settings, database: Path, make_site: MakeSite) -> FlaskClient:
    """A browser on a site on which item-001 has a picture, and so has an item of an odd id."""
    image = save_image(settings.images_folder, SVG, ".svg")
    odd = replace(make_items(1)[0], item_id=ODD_ID, position=1000, image=image, image_width=640, image_height=360)
    with Store(database) as store, store.open_writer(group_commit_ms=0) as writer:
        writer.run(lambda db: insert_items(db, [odd]))
    give_image(settings, "item-001", image)
    return make_site().test_client()


def address_of(client: FlaskClient, item_id: str) -> str:
    for item in client.get("/api/v1/items?per_page=100").get_json()["items"]:
        if item["item_id"] == item_id:
            return str(item["artwork"]["url"])
    raise AssertionError(f"{item_id} is not listed")


@pytest.mark.parametrize("item_id", ["item-001", ODD_ID])
def test_a_picture_is_kept_forever_at_the_address_that_names_it(pictured: FlaskClient, item_id: str) -> None:
    address = address_of(pictured, item_id)
    assert re.search(r"\?v=[0-9a-f]{12}$", address)
    with pictured.get(address) as answer:
        assert answer.data == SVG
        assert answer.mimetype == "image/svg+xml"
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert answer.headers["Content-Security-Policy"] == POLICY
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        tag = answer.headers["ETag"]
    with pictured.get(address, headers={"If-None-Match": tag}) as again:
        assert again.status_code == 304
        assert again.data == b""


@pytest.mark.parametrize("address", ["/image/item-001", "/image/item-001?v=000000000000"])
def test_at_an_address_that_does_not_name_it_a_picture_is_asked_for_again(pictured: FlaskClient, address: str) -> None:
    with pictured.get(address) as answer:
        assert answer.data == SVG
        assert answer.headers["Cache-Control"] == "public, no-cache"


def test_the_former_address_leads_to_the_picture(pictured: FlaskClient) -> None:
    answer = pictured.get("/art/item-001.svg")
    assert answer.status_code == 302
    assert answer.headers["Location"] == address_of(pictured, "item-001")


def test_a_page_reserves_the_place_of_a_picture_and_of_a_placeholder(pictured: FlaskClient) -> None:
    assert 'width="640" height="360"' in pictured.get("/item/item-001").text
    assert 'width="480" height="600"' in pictured.get("/item/item-002").text


def test_an_item_without_a_picture_has_a_placeholder_until_it_gets_one(make_site: MakeSite, settings: Settings) -> None:
    site = make_site()
    client = site.test_client()
    assert address_of(client, "item-002") == "/image/item-002"
    answer = client.get("/image/item-002")
    assert answer.status_code == 200
    assert answer.mimetype == "image/svg+xml"
    assert answer.headers["Cache-Control"] == "public, no-cache"
    assert answer.headers["Content-Security-Policy"] == POLICY
    assert client.get("/image/item-002", headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304
    site.extensions["flywheel"].close()
    give_image(settings, "item-002", save_image(settings.images_folder, SVG, ".svg"))
    later = make_site().test_client()
    with later.get("/image/item-002", headers={"If-None-Match": answer.headers["ETag"]}) as drawn:
        assert drawn.data == SVG


def test_a_picture_whose_file_is_gone_has_a_placeholder_too(settings: Settings, pictured: FlaskClient) -> None:
    address = address_of(pictured, "item-001")
    for file in settings.images_folder.rglob("*.svg"):
        file.unlink()
    answer = pictured.get(address)
    assert answer.status_code == 200
    assert b">BP</text>" in answer.data, "Bakery poster 1"
    assert "immutable" not in answer.headers["Cache-Control"], "the picture may come back"


@pytest.mark.parametrize("image", ["../events.db", "/etc/passwd", "../secret.svg", "events.db"])
def test_no_picture_leads_out_of_the_folder(
    settings: Settings, database: Path, make_site: MakeSite, image: str
) -> None:
    (settings.var / "secret.svg").write_text("secret")
    give_image(settings, "item-001", image)
    with make_site().test_client().get("/image/item-001") as answer:
        assert answer.data.startswith(b"<svg")
        assert b">BP</text>" in answer.data


@pytest.mark.parametrize("path", ["/image/../events.db", "/image/%2e%2e/events.db", "/image/"])
def test_the_address_is_an_item_and_no_file(pictured: FlaskClient, path: str) -> None:
    assert pictured.get(path).status_code == 404


@pytest.mark.parametrize(
    ("title", "letters"),
    [
        ("Old Town Bakery", "OT"),
        ("jazz", "J"),
        ("“(500) Days”", "5D"),
        ("& <b> 'x'", "BX"),
        ("東京 の 夜", "東の"),
        ("Élan vital", "ÉV"),
        (" ", ""),
        ("\x01 \ud800 !", ""),
    ],
)
def test_a_placeholder_carries_the_first_letters_of_the_title(title: str, letters: str) -> None:
    assert initials(title) == letters
    item = replace(make_items(1)[0], title=title)
    assert "".join(ElementTree.fromstring(placeholder_svg(item)).itertext()).endswith(letters)


def test_a_placeholder_has_the_size_of_the_picture_and_the_colour_of_its_type() -> None:
    items = make_items(60)
    svg = placeholder_svg(replace(items[0], image_width=640, image_height=360))
    assert 'viewBox="0 0 640 360"' in svg
    assert "prefers-color-scheme:dark" in svg
    hues = {item.type: re.findall(r"hsl\((\d+) ", placeholder_svg(item))[0] for item in items}
    assert len(set(hues.values())) == len(hues)


def test_items_of_unknown_size_share_one_shape() -> None:
    item: Item = replace(make_items(1)[0], image_width=300, image_height=None)
    assert item.image_size == (480, 600)


@pytest.mark.usefixtures("pictured")
def test_pictures_are_found_from_a_relative_var_folder(
    settings: Settings, make_site: MakeSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(settings.var.parent)
    client = make_site(var=Path(settings.var.name)).test_client()
    with client.get(address_of(client, "item-001")) as answer:
        assert (answer.status_code, answer.data) == (200, SVG)
