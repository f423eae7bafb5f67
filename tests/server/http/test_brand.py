"""A retailer's looks over HTTP: what devices are told of them, and the pictures themselves, on each engine."""

from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import httpx
import msgspec
import pytest
import structlog

from server.db.engine import Database
from tests.screens.retailer import COLOUR, NAME, logo, picture
from tests.server.cli.conftest import run_in
from tests.server.http.conftest import UNHURRIED, Running, client_of, running


@pytest.fixture
def branded(database: Database, tmp_path: Path) -> Iterator[Running]:
    """A server that was told of a retailer's looks."""
    (tmp_path / "logo.png").write_bytes(logo())
    (tmp_path / "welcome.png").write_bytes(picture())
    settings = msgspec.structs.replace(
        UNHURRIED,
        brand=NAME,
        brand_color=COLOUR,
        brand_logo=str(tmp_path / "logo.png"),
        brand_welcome=str(tmp_path / "welcome.png"),
    )
    with running(database, settings) as house:
        yield house


def test_devices_are_told_and_get_the_pictures(branded: Running) -> None:
    """Setup names colour and pictures; those come from the door for pictures, in either size, and are kept for good."""
    brand = branded.client.get("/v1/setup").json()["brand"]
    assert (brand["name"], brand["color"]) == (NAME, COLOUR)
    for name in (brand["logo"], brand["welcome"]):
        for size in ("", "?size=small", "?size=large"):
            answer = branded.client.get(f"/v1/pictures/{name}{size}")
            assert answer.status_code == 200
            assert answer.headers["cache-control"] == "private, max-age=31536000, immutable"
            assert sha256(answer.content).hexdigest() == name
            assert answer.headers["etag"] == f'"{name}"'
            assert answer.headers["content-type"] in {"image/png", "image/jpeg"}


def test_they_are_for_devices_alone(branded: Running) -> None:
    """As every picture; another name is no picture's."""
    brand = branded.client.get("/v1/setup").json()["brand"]
    with client_of(branded.port, None) as nobody:
        refused = nobody.get(f"/v1/pictures/{brand['logo']}")
    assert (refused.status_code, refused.json()["code"]) == (401, "no_token")
    unknown: httpx.Response = branded.client.get(f"/v1/pictures/{'0' * 64}")
    assert unknown.json()["code"] == "unknown_picture"


def test_a_server_says_what_is_wrong_before_it_serves(tmp_path: Path) -> None:
    """A logo that is none: one line that names the setting and the file, status 2, and no log of the server's yet."""
    before = structlog.get_config()
    (tmp_path / "logo.svg").write_text("<svg/>", "utf-8")
    assert run_in(tmp_path, "init").status == 0
    ended = run_in(tmp_path, "serve", "--port", "0", MOSTRADOR_BRAND_LOGO=str(tmp_path / "logo.svg"))
    assert (ended.status, ended.out) == (2, "")
    assert f"MOSTRADOR_BRAND_LOGO={tmp_path / 'logo.svg'} cannot be shown: neither JPEG" in ended.err
    assert structlog.get_config() == before
