"""Pictures from the network: what every kind of server may do to whoever asks it, and what comes of it."""

import asyncio
import gzip
import ssl
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from server import tls
from server.catalog.pictures.addresses import network_of
from server.catalog.pictures.asking import Fetched, Limits, NobodyThereError, Web
from server.catalog.pictures.shape import NoPictureError
from tests.server.catalog.pictures.drawn import photo, saved
from tests.server.catalog.pictures.shops import Talk, WebShop, answer, leads_to, web_shop

LOOPBACK = (network_of("127.0.0.0/8"),)
HURRIED = Limits(seconds=5.0, connect=5.0, largest=300_000, hops=3)
CONTENT = saved(photo(300, 200))


@pytest.fixture(scope="module")
def shop() -> Iterator[WebShop]:
    """A web shop with a picture."""
    with web_shop() as running:
        running.answers["/photo.jpg"] = answer(CONTENT, 'ETag: "v1"', "Last-Modified: Sat, 21 Nov 2026 10:00:00 GMT")
        yield running


def fetched(link: str, *known: str | None, allowed: Any = LOOPBACK, **how: Any) -> Fetched | None:
    """What asking for a picture comes to."""

    async def ask() -> Fetched | None:
        web = Web(allowed, how.pop("limits", HURRIED), **how)
        try:
            return await web.fetch(link, *known)
        finally:
            await web.close()

    return asyncio.run(ask())


def names(**addresses: str) -> Any:
    """A resolver that knows some names, written with `_` for the point."""

    async def resolve(host: str, port: int) -> Sequence[str]:
        return addresses[host.replace(".", "_")].split()

    return resolve


def test_a_picture_comes_with_what_its_server_calls_it(shop: WebShop) -> None:
    """Its bytes as they are; the server is asked for pictures, not packed, by its own name."""
    came = fetched(shop.at("/photo.jpg", "localhost"), allowed=(*LOOPBACK, network_of("::1")))
    assert came == Fetched(CONTENT, '"v1"', "Sat, 21 Nov 2026 10:00:00 GMT")
    headers = shop.talks[-1].headers
    assert headers["host"] == f"localhost:{shop.port}"
    assert headers["accept-encoding"] == "identity"
    assert "image/webp" in headers["accept"]
    assert headers["user-agent"].startswith("mostrador/")
    assert "cookie" not in headers


def test_what_has_not_changed_does_not_come_again(shop: WebShop) -> None:
    """The server is told what we have, and says that it is that."""
    shop.answers["/same.jpg"] = b"HTTP/1.1 304 Not Modified\r\nConnection: close\r\n\r\n"
    assert fetched(shop.at("/same.jpg"), '"v1"', "Sat, 21 Nov 2026 10:00:00 GMT") is None
    headers = shop.talks[-1].headers
    assert (headers["if-none-match"], headers["if-modified-since"]) == ('"v1"', "Sat, 21 Nov 2026 10:00:00 GMT")
    with pytest.raises(NoPictureError, match="answered 304"):
        fetched(shop.at("/same.jpg"))


def test_a_redirect_is_followed(shop: WebShop) -> None:
    """To another path, relative or not, as often as is allowed."""
    shop.answers["/a"], shop.answers["/b"] = leads_to("b"), leads_to(shop.at("/c", "localhost"))
    shop.answers["/c"] = leads_to("//127.0.0.1:" + f"{shop.port}/photo.jpg")
    came = fetched(shop.at("/a"), allowed=(*LOOPBACK, network_of("::1")))
    assert came is not None
    assert came.content == CONTENT


def slowly(talk: Talk) -> None:
    """A byte now and then, of what would be a picture."""
    talk.send(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
    talk.endless(b"x", 0.05)


def slow_head(talk: Talk) -> None:
    """A head that never comes to its end."""
    talk.send(b"HTTP/1.1 200 OK\r\n")
    talk.endless(b"X-A: b\r\n", 0.05)


def silent(talk: Talk) -> None:
    """Nothing at all."""
    talk.over.wait(20)


def endless(talk: Talk) -> None:
    """A body without an end."""
    talk.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    talk.endless(b"8000\r\n" + bytes(0x8000) + b"\r\n")


def endless_head(talk: Talk) -> None:
    """Headers without an end."""
    talk.send(b"HTTP/1.1 200 OK\r\n")
    talk.endless(b"X-A: " + b"b" * 4000 + b"\r\n")


HOSTILE: dict[str, tuple[Any, type[NoPictureError], str]] = {
    "no such picture": (answer(b"", status="404 Not Found"), NoPictureError, "127.0.0.1 answered 404"),
    "in trouble": (answer(b"", status="503 Service Unavailable"), NobodyThereError, "127.0.0.1 answered 503"),
    "asked too often": (answer(b"", status="429 Too Many Requests"), NobodyThereError, "127.0.0.1 answered 429"),
    "part of it": (answer(CONTENT[:99], status="206 Partial Content"), NoPictureError, "127.0.0.1 answered 206"),
    "nothing in it": (answer(b""), NoPictureError, "it is empty"),
    "says that it is too large": (
        b"HTTP/1.1 200 OK\r\nContent-Length: 9999999999\r\n\r\n",
        NoPictureError,
        "larger than 0 MiB",
    ),
    "is too large": (endless, NoPictureError, "larger than 0 MiB"),
    "a byte now and then": (slowly, NobodyThereError, "it did not come within 5 seconds"),
    "a header now and then": (slow_head, NobodyThereError, "it did not come within 5 seconds"),
    "silent": (silent, NobodyThereError, "it did not come within 5 seconds"),
    "headers without an end": (endless_head, NoPictureError, "the answer breaks off"),
    "cut off": (
        b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\nabc",
        NoPictureError,
        "the answer breaks off",
    ),
    "no HTTP": (b"SSH-2.0-OpenSSH_9.2\r\n", NoPictureError, "the answer breaks off"),
    "a bomb of gzip": (
        answer(gzip.compress(bytes(5_000_000)), "Content-Encoding: gzip"),
        NoPictureError,
        "it is packed once more, which was not asked for",
    ),
    "a loop": (leads_to("/hostile"), NoPictureError, "it leads on more than 3 times"),
    "leads to a file": (leads_to("file:///etc/passwd"), NoPictureError, "no address that begins with"),
    "leads to another protocol": (leads_to("gopher://127.0.0.1:6379/_x"), NoPictureError, "no address that begins"),
    "leads nowhere": (leads_to("http://a:b"), NoPictureError, "no address: Invalid port"),
    "leads inside": (
        leads_to("http://10.0.0.1/router"),
        NoPictureError,
        "10.0.0.1 is inside the network, and not in MOSTRADOR_PICTURE_NETWORKS",
    ),
    "leads to a cloud's metadata": (
        leads_to("http://169.254.169.254/latest/"),
        NoPictureError,
        "169.254.169.254 is in",
    ),
    "leads inside, written otherwise": (leads_to("http://[::ffff:10.0.0.1]/"), NoPictureError, "::ffff:10.0.0.1 is in"),
    "leads inside by a number": (leads_to("http://167772161/"), NoPictureError, "167772161 is inside the network"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_server_may_do_what_it_likes(shop: WebShop, name: str) -> None:
    """Each costs its own picture, within the limits of time and size, and says why."""
    shop.answers["/hostile"], kind, reason = HOSTILE[name]
    with pytest.raises(NoPictureError) as refused:
        fetched(shop.at("/hostile"))
    assert f"{refused.value}".startswith(reason)
    assert type(refused.value) is kind


INSIDE = [
    "127.0.0.1",
    "localhost",
    "2130706433",
    "0x7f000001",
    "017700000001",
    "127.1",
    "0",
    "[::1]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[64:ff9b::7f00:1]",
    "[2002:7f00:1::1]",
    "169.254.169.254",
]


@pytest.mark.parametrize("host", INSIDE)
def test_nobody_inside_is_asked(shop: WebShop, host: str) -> None:
    """However an address of ours is written: nothing is even connected to."""
    before = len(shop.talks)
    with pytest.raises(NoPictureError, match="is inside the network, and not in MOSTRADOR_PICTURE_NETWORKS"):
        fetched(shop.at("/photo.jpg", host), allowed=())
    assert len(shop.talks) == before


def test_a_name_that_leads_inside_is_not_asked(shop: WebShop) -> None:
    """Whoever owns a name may let it mean this machine; of several addresses only those of everybody are tried."""
    before = len(shop.talks)
    with pytest.raises(NoPictureError, match=r"cdn.example is inside the network"):
        fetched(shop.at("/photo.jpg", "cdn.example"), allowed=(), resolve=names(cdn_example="127.0.0.1 10.0.0.1"))
    shop.answers["/out"] = leads_to(shop.at("/photo.jpg", "evil.example"))
    known = names(shop_example="127.0.0.1", evil_example="127.0.0.2")
    with pytest.raises(NoPictureError, match=r"evil.example is inside the network"):
        fetched(shop.at("/out", "shop.example"), allowed=(network_of("127.0.0.1"),), resolve=known)
    assert len(shop.talks) == before + 1


def test_what_was_looked_at_is_what_is_connected_to(shop: WebShop) -> None:
    """A name is looked up once for a connection: it cannot mean one address when it is looked at and then another."""
    looked_up = []

    async def resolve(host: str, port: int) -> Sequence[str]:
        looked_up.append(host)
        return ["127.0.0.1" if len(looked_up) == 1 else "127.0.0.2"]

    came = fetched(shop.at("/photo.jpg", "cdn.example"), allowed=(network_of("127.0.0.1"),), resolve=resolve)
    assert came is not None
    assert looked_up == ["cdn.example"]
    assert shop.talks[-1].headers["host"] == f"cdn.example:{shop.port}"
    with pytest.raises(NoPictureError, match="inside"):
        fetched(shop.at("/photo.jpg", "cdn.example"), allowed=(network_of("127.0.0.1"),), resolve=resolve)


def test_the_next_address_is_tried(shop: WebShop) -> None:
    """Of a name with several addresses one that does not answer is passed over."""
    found = names(cdn_example="127.0.0.3 127.0.0.1")
    came = fetched(shop.at("/photo.jpg", "cdn.example"), resolve=found)
    assert came is not None
    with pytest.raises(NobodyThereError, match=r"cdn.example cannot be reached"):
        fetched(shop.at("/photo.jpg", "cdn.example"), resolve=names(cdn_example="127.0.0.3 127.0.0.4"))


def test_a_name_that_is_none_is_told() -> None:
    """Nobody has it."""
    with pytest.raises(NobodyThereError, match="cannot be reached"):
        fetched("http://nobody.invalid/a.jpg")


@pytest.mark.parametrize(
    "link", ["http://", "http:///a.jpg", "http://[::1", "http://a..b/", "http://127.0.0.1:99999/", "http://0177.0.0.1/"]
)
def test_what_is_no_address_is_told(link: str) -> None:
    """It is refused before anybody is asked."""
    with pytest.raises(NoPictureError, match=r"no address|it cannot be asked for|inside"):
        fetched(link)


@pytest.fixture(scope="module")
def certified(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[WebShop, ssl.SSLContext]]:
    """A web shop with a certificate for its name, and what trusts that."""
    folder = tmp_path_factory.mktemp("tls")
    certificate, key = folder / "shop.crt", folder / "shop.key"
    tls.make(["cdn.example"], certificate, key, datetime.now(UTC))
    trust = ssl.create_default_context(cafile=str(certificate))
    with web_shop(tls.load(certificate, key).context) as running:
        running.answers["/photo.jpg"] = answer(CONTENT)
        running.answers["/down"] = leads_to("http://cdn.example/photo.jpg")
        yield running, trust


def test_a_certificate_is_the_names(certified: tuple[WebShop, ssl.SSLContext]) -> None:
    """What is connected to is an address, and what its certificate must name is the name that was asked for."""
    shop, trust = certified
    both = names(cdn_example="127.0.0.1", other_example="127.0.0.1")
    came = fetched(shop.at("/photo.jpg", "cdn.example"), trust=trust, resolve=both)
    assert came is not None
    with pytest.raises(NobodyThereError, match="CERTIFICATE_VERIFY_FAILED"):
        fetched(shop.at("/photo.jpg", "other.example"), trust=trust, resolve=both)
    with pytest.raises(NobodyThereError, match="CERTIFICATE_VERIFY_FAILED"):
        fetched(shop.at("/photo.jpg", "cdn.example"), resolve=both)


def test_nothing_goes_from_https_to_http(certified: tuple[WebShop, ssl.SSLContext]) -> None:
    """What was asked for where nobody reads along does not come from where everybody does."""
    shop, trust = certified
    with pytest.raises(NoPictureError, match="it leads from https to http"):
        fetched(shop.at("/down", "cdn.example"), trust=trust, resolve=names(cdn_example="127.0.0.1"))
