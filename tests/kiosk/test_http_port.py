"""The port over HTTP: the real server's answers, and whatever else may answer in its place."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing, asynccontextmanager
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import pytest

from kiosk.link.http import HttpPort
from kiosk.link.port import Beat, Place, RefusedError, Said, UnreachableError
from kiosk.link.server_clock import ServerClock
from kiosk.sign_in.idle import since_start
from server.wire.carts import JoinCarts, LineQuantity, NewCartLine
from server.wire.catalog import PictureSize
from server.wire.customers import CustomerContext
from server.wire.events import PreferencesChanged
from server.wire.handoffs import CartName, NewHandoff
from server.wire.kiosks import Confirmation
from server.wire.live import LiveEvent, LiveOpened
from server.wire.lookup import CustomerScanned, CustomersScanned, OrderScanned, ProductScanned, ScanAnswer, UnknownCode
from tests.fakes import PATIENCE, played
from tests.server.http.conftest import Running
from tests.server.small_shop import (
    BANK_CARD,
    GTIN,
    LUCIA_CARD,
    MISTYPED_CARD,
    PICTURE,
    PICTURE_HASH,
    SHARED_CARD,
    UNUSED_CARD,
)

IMPATIENCE = 0.15
"""Seconds that a server may take that never answers."""

Ask = Callable[[HttpPort], Awaitable[Any]]
Hear = Callable[[asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def speaking(
    port: int, store: str | None = "GV", patience: float = PATIENCE, token: str | None = None
) -> AsyncIterator[HttpPort]:
    """A client of whatever listens on a port of this machine."""
    client = HttpPort(f"http://127.0.0.1:{port}", store, patience, token=token)
    try:
        yield client
    finally:
        await client.close()


def asked(house: Running, ask: Ask, store: str | None = "GV") -> Any:
    """What a server answers to one question."""

    async def scene() -> Any:
        async with speaking(house.port, store, token=house.tokens.associate) as port:
            return await ask(port)

    return played(scene())


@pytest.mark.parametrize(
    ("code", "answer"),
    [
        (LUCIA_CARD, CustomerScanned),
        (f"]E0{LUCIA_CARD}", CustomerScanned),
        (SHARED_CARD, CustomersScanned),
        (GTIN, ProductScanned),
        ("SHIRT-M", ProductScanned),
        ("T-501", OrderScanned),
        (UNUSED_CARD, UnknownCode),
        ("", UnknownCode),
        ("ñ\x1d€\n", UnknownCode),
    ],
)
def test_a_code_is_what_it_is(house: Running, code: str, answer: type[ScanAnswer]) -> None:
    """Every kind of answer arrives as its own type."""
    assert type(asked(house, lambda port: port.scan(code))) is answer


def test_a_scan_brings_everything(house: Running) -> None:
    """One round trip is all that the counter waits for, with the stock of the store it asks from."""
    scanned = asked(house, lambda port: port.scan(LUCIA_CARD))
    looked_up = asked(house, lambda port: port.context(scanned.context.person.id))
    assert scanned.context == looked_up
    assert isinstance(looked_up, CustomerContext)
    assert (looked_up.store, looked_up.carts[0].lines[0].stock.here.quantity) == ("GV", 2)


def test_who_names_no_store_asks_from_the_devices_own(house: Running) -> None:
    """The server knows where the device stands."""
    scanned = asked(house, lambda port: port.scan(LUCIA_CARD), store=None)
    assert (scanned.context.store, scanned.context.carts[0].lines[0].stock.here.quantity) == ("GV", 2)
    assert asked(house, lambda port: port.context(scanned.context.person.id), store=None) == scanned.context
    assert asked(house, lambda port: port.setup(), store=None).store.code == "GV"


def test_people_are_found_as_typed(house: Running) -> None:
    """Accents, slips and other languages travel whole."""
    for text in ("lucía garcía", "Lucia", "lusia garcia"):
        answer = asked(house, lambda port, text=text: port.search(text))
        assert [hit.name for hit in answer.hits] == ["Lucia Garcia"], text
    assert asked(house, lambda port: port.search("Ελένη")).hits == ()


def test_a_device_learns_where_it_is(house: Running) -> None:
    """Its store, how cards look, and what the other stores are called."""

    async def both(port: HttpPort) -> Any:
        return await port.setup(), await port.stores()

    setup, stores = asked(house, both)
    assert (setup.store.name, setup.store.time_zone) == ("Gran Vía", "Europe/Madrid")
    assert setup.card_patterns
    assert {store.code: store.name for store in stores} == {"GV": "Gran Vía", "SE": "Serrano"}


def test_a_cart_is_changed_and_handed_over(house: Running) -> None:
    """Each change answers with the whole cart and counts once under its key; then there is a code for it."""

    async def scene(port: HttpPort) -> None:
        scanned = await port.scan(LUCIA_CARD)
        cart = scanned.context.carts[0]
        line = cart.lines[0]
        more = LineQuantity(quantity=line.quantity + 1, base_quantity=line.quantity)
        changed = await port.set_line(cart.id, line.line, more, "key-1")
        assert (changed.lines[0].quantity, changed.lines[0].pending) == (line.quantity + 1, True)
        assert await port.set_line(cart.id, line.line, more, "key-1") == changed
        for _ in range(2):
            filled = await port.add_line(cart.id, NewCartLine(sku=line.sku), "key-2")
            assert filled.lines[0].quantity == line.quantity + 2
        with pytest.raises(RefusedError) as refused:
            await port.join_carts(scanned.context.person.id, JoinCarts(source=cart.id, target=cart.id), "key-3")
        assert refused.value.problem.code == "invalid_field"
        name = CartName(source=cart.source, external_id=cart.external_id)
        issued = await port.hand_over(NewHandoff(way="till", cart=name), "key-4")
        assert (issued.state, len(issued.code or "")) == ("issued", 6)
        seen = await port.handoff(issued.handoff_id or 0)
        assert (seen.state, seen.code) == ("issued", None)

    asked(house, scene)


def test_nobody_waits_at_a_kiosk(house: Running) -> None:
    """Who waits is a list; what is said of a kiosk where nobody does is refused."""

    async def scene(port: HttpPort) -> list[str]:
        assert (await port.waiting_kiosks(), await port.help_calls()) == ((), ())
        codes = []
        said = Confirmation(customer_id=1, digits="47")
        for verb in (port.vouch(1, said, "key-5"), port.answer_call(1, "key-6")):
            with pytest.raises(RefusedError) as refused:
                await verb
            codes.append(refused.value.problem.code)
        return codes

    assert asked(house, scene) == ["unknown_challenge", "unknown_call"]


def test_orders_go_on_where_the_context_ends(house: Running) -> None:
    """The latest ten, then the rest, without gap or repetition."""

    async def all_of_them(port: HttpPort) -> list[str]:
        scanned = await port.scan(LUCIA_CARD)
        orders, before = list(scanned.context.orders), scanned.context.orders_before
        while before is not None:
            page = await port.orders(scanned.context.person.id, before)
            orders, before = [*orders, *page.orders], page.before
        first = await port.orders(scanned.context.person.id, None)
        assert list(first.orders) == orders
        return [order.number for order in orders]

    assert asked(house, all_of_them) == [f"#{1000 + n}" for n in range(12, 0, -1)]


def test_what_happens_is_told(house: Running) -> None:
    """A stream begins by saying from where, then tells of the customer it is about, and goes on after an event."""

    async def scene(port: HttpPort) -> None:
        customer_id = (await port.scan(LUCIA_CARD)).context.person.id
        async with aclosing(port.follow(customer_id, None)) as said:
            opened = await anext(said)
            assert opened == LiveOpened(id=house.last_event, resumed=False)
            house.client.put(f"/v1/customers/{customer_id}/preferences", json={"likes": ["linen"]}).raise_for_status()
            event = await anext(said)
        assert isinstance(event, LiveEvent)
        assert (event.customer_id, event.event) == (customer_id, PreferencesChanged())
        async with aclosing(port.follow(customer_id, opened.id)) as said:
            assert await anext(said) == LiveOpened(id=opened.id, resumed=True)
            assert await anext(said) == event

    asked(house, scene)


def test_a_stream_ends_with_a_no(house: Running) -> None:
    """Nobody in particular hears nothing, and is told why."""

    async def scene() -> str:
        async with speaking(house.port, token="dev_1_x") as port, aclosing(port.follow(None, None)) as said:
            with pytest.raises(RefusedError) as refused:
                await anext(said)
            return refused.value.problem.code

    assert played(scene()) == "unknown_token"


def test_articles_are_found_and_opened(house: Running) -> None:
    """By what was typed, from the store that the device stands in; an article has its place in the grid."""

    async def both(port: HttpPort) -> Any:
        found = await port.products("linnen s")
        return found, await port.product(found.hits[0].item.sku)

    found, product = asked(house, both)
    assert (found.hits[0].item.sku, found.corrected, found.hits[0].stock.here.store) == (
        *("SHIRT-S", {"linnen": ("linen",)}),
        "GV",
    )
    assert (product.sku, product.grid.columns) == ("SHIRT-S", ("S", "M"))


def test_a_picture_comes_as_it_is(house: Running) -> None:
    """Bytes, not words; one that is as small as can be is the same in both sizes."""
    assert asked(house, lambda port: port.picture(PICTURE_HASH)) == PICTURE
    assert asked(house, lambda port: port.picture(PICTURE_HASH, "small")) == PICTURE


@pytest.mark.parametrize("size", ["small", "large"])
def test_what_is_shown_instead_of_a_picture_is_none(size: PictureSize) -> None:
    """The page of a store's network has neither the name's hash nor tells its own; a small picture tells its own."""

    async def ask(port: HttpPort) -> bytes:
        return await port.picture(PICTURE_HASH, size)

    page = b"<!doctype html>"
    for tag in ("", 'ETag: "abc"', f'ETag: "{PICTURE_HASH}"'):
        with pytest.raises(UnreachableError, match="not an answer of a Mostrador server"):
            played(_answered(http("200 OK", page, *filter(None, [tag])), ask))
    small = b"small"
    assert played(_answered(http("200 OK", small, f'ETag: "{sha256(small).hexdigest()}"'), ask)) == small


@pytest.mark.parametrize(
    ("ask", "store", "code"),
    [
        (lambda port: port.scan(BANK_CARD), "GV", "bank_card"),
        (lambda port: port.scan(MISTYPED_CARD), "GV", "mistyped_card"),
        (lambda port: port.scan("X" * 3000), "GV", "invalid_field"),
        (lambda port: port.search("!"), "GV", "search_too_short"),
        (lambda port: port.search("x" * 300), "GV", "invalid_field"),
        (lambda port: port.products("!"), "GV", "search_too_short"),
        (lambda port: port.product("nothing / of % this?"), "GV", "unknown_product"),
        (lambda port: port.context(999999), "GV", "unknown_customer"),
        (lambda port: port.context(-1), "GV", "invalid_field"),
        (lambda port: port.orders(999999, None), "GV", "unknown_customer"),
        (lambda port: port.orders(1, "yesterday"), "GV", "invalid_field"),
        (lambda port: port.picture("0" * 64), "GV", "unknown_picture"),
        (lambda port: port.setup(), "XX", "unknown_store"),
    ],
)
def test_a_refusal_says_why(house: Running, ask: Ask, store: str, code: str) -> None:
    """What the server says no to is told by its code, and is no matter of the network."""
    with pytest.raises(RefusedError) as refused:
        asked(house, ask, store)
    assert refused.value.problem.code == code
    assert str(refused.value) == code


def test_one_connection_serves_many_questions(house: Running) -> None:
    """Questions at the same time do not disturb each other, and a refusal closes nothing."""

    async def many(port: HttpPort) -> list[str]:
        answers = await asyncio.gather(
            *(port.scan(code) for code in [LUCIA_CARD, GTIN, MISTYPED_CARD] * 5), return_exceptions=True
        )
        return [type(answer).__name__ for answer in answers]

    assert asked(house, many) == ["CustomerScanned", "ProductScanned", "RefusedError"] * 5


@pytest.mark.parametrize("ahead", [-6, 6])
def test_a_device_whose_clock_is_wrong_learns_the_time(house: Running, ahead: float) -> None:
    """Each answer says what time it is at the server; before the first it is what the device thinks."""

    async def scene() -> None:
        clock = ServerClock(lambda: datetime.now(UTC) + timedelta(minutes=ahead), since_start)
        port = HttpPort(f"http://127.0.0.1:{house.port}", "GV", token=house.tokens.associate, dated=clock.told)
        with pytest.raises(RefusedError):
            await port.context(999999)
        assert abs(clock.now() - datetime.now(UTC)) > timedelta(minutes=5)
        await port.stores()
        assert abs(clock.now() - datetime.now(UTC)) < timedelta(seconds=PATIENCE)
        await port.close()

    played(scene())


def test_nobody_is_there() -> None:
    """A server that is off counts as out of reach at once."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]

    async def scene() -> None:
        async with speaking(port) as client:
            with pytest.raises(UnreachableError):
                await client.setup()

    played(scene())


def test_a_server_that_never_answers_is_out_of_reach() -> None:
    """Whoever waits gets an end, and may ask again."""

    async def scene() -> None:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            async with speaking(listener.getsockname()[1], patience=IMPATIENCE) as port:
                for ask in (port.setup, port.stores):
                    with pytest.raises(UnreachableError):
                        await ask()

    played(scene())


def test_no_answer_commands_the_screen() -> None:
    """Control characters in names, and what turns the direction of writing, are signs by the time they are shown."""
    store = b'[{"code": "GV", "name": "Gran\\u001b[31m \\u202eV\xc3\xada", "time_zone": "Europe/Madrid"}]'
    (known,) = played(_answered(http("200 OK", store), HttpPort.stores))
    assert known.name == "Gran\ufffd[31m \ufffdVía"


async def _answered(hear: Hear, ask: Ask, patience: float = PATIENCE) -> Any:
    """What a client makes of what something else than a server says."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await reader.readuntil(b"\r\n\r\n")
            await hear(writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server, speaking(server.sockets[0].getsockname()[1], patience=patience) as port:
        return await ask(port)


def http(status: str, body: bytes, *headers: str) -> Hear:
    """An answer over HTTP, whole."""

    async def say(writer: asyncio.StreamWriter) -> None:
        head = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Connection: close", *headers]
        writer.write("\r\n".join([*head, "", ""]).encode() + body)
        await writer.drain()

    return say


def raw(content: bytes) -> Hear:
    """Bytes, and then the end."""

    async def say(writer: asyncio.StreamWriter) -> None:
        writer.write(content)
        await writer.drain()

    return say


async def without_end(writer: asyncio.StreamWriter) -> None:
    """An answer that comes byte by byte and never ends, so that no single step of it takes long."""
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n")
    while not writer.is_closing():
        writer.write(b" ")
        await writer.drain()
        await asyncio.sleep(0)


DEEP = b'{"brand":' + b"[" * 100_000


@pytest.mark.parametrize(
    "hear",
    [
        pytest.param(http("200 OK", b"<!doctype html><title>Welcome to our Wi-Fi</title>"), id="a page"),
        pytest.param(http("200 OK", b""), id="nothing"),
        pytest.param(http("200 OK", b"{}"), id="other JSON"),
        pytest.param(http("200 OK", b'{"brand":'), id="half of it"),
        pytest.param(http("200 OK", b'{"brand": {"name": "\xff"}}'), id="no UTF-8"),
        pytest.param(http("200 OK", DEEP), id="deeper than a stack"),
        pytest.param(http("200 OK", b"x", "Content-Encoding: gzip"), id="broken compression"),
        pytest.param(http("204 No Content", b""), id="no content"),
        pytest.param(http("302 Found", b"", "Location: http://login.example/"), id="elsewhere"),
        pytest.param(http("403 Forbidden", b"<h1>Forbidden</h1>"), id="a proxy's no"),
        pytest.param(http("404 Not Found", b'{"detail": "Not Found"}'), id="another program's no"),
        pytest.param(http("404 Not Found", DEEP), id="a deep no"),
        pytest.param(http("404 Not Found", b'"\xff"'), id="a no that is no UTF-8"),
        pytest.param(http("500 Internal Server Error", b'{"code": "internal_error"}'), id="500"),
        pytest.param(http("502 Bad Gateway", b""), id="502"),
        pytest.param(http("503 Service Unavailable", b""), id="503"),
        pytest.param(raw(b""), id="hangs up"),
        pytest.param(raw(b"SSH-2.0-OpenSSH_9.2\r\n"), id="no HTTP"),
        pytest.param(raw(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"), id="hangs up in the middle"),
    ],
)
def test_what_is_no_server_of_ours_is_out_of_reach(hear: Hear) -> None:
    """The pages of a network, other programs, and a server in trouble: no customer, and no crash either."""
    with pytest.raises(UnreachableError):
        played(_answered(hear, lambda port: port.setup()))


STREAM = b"""id: 4
event: opened
data: {"type": "opened", "id": 4, "resumed": true}

: still here
id: 7

: who speaks of no number
id: x

id: 9
event: unheard_of
data: {"id": 9, "at": "", "customer_id": null, "person_id": null, "store": null, "event": {"type": "unheard_of"}}

"""


def test_a_beat_tells_from_where_to_go_on() -> None:
    """Where nothing is for whoever listens, and where something is of a kind that only newer clients know."""
    said = list[Said]()

    async def listen(port: HttpPort) -> None:
        async for one in port.follow(None, None):
            said.append(one)

    with pytest.raises(UnreachableError):
        played(_answered(http("200 OK", STREAM, "Content-Type: text/event-stream"), listen))
    assert said == [LiveOpened(id=4, resumed=True), Beat(id=7), Beat(id=9)]


def test_an_answer_without_end_is_given_up() -> None:
    """Patience is for the whole answer, not for each byte of it."""
    with pytest.raises(UnreachableError):
        played(_answered(without_end, lambda port: port.setup(), patience=IMPATIENCE))


def test_an_answer_lost_once_is_had_the_next_time(house: Running) -> None:
    """A client that met a dead connection asks on a new one."""

    async def scene() -> list[str]:
        said = []
        server = await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        async with speaking(port, token=house.tokens.associate) as client:
            async with server:
                with pytest.raises(UnreachableError):
                    await client.setup()

            async def forward(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
                there, back = await asyncio.open_connection("127.0.0.1", house.port)
                back.write(await reader.readuntil(b"\r\n\r\n"))
                writer.write(await there.readuntil(b"\r\n\r\n") + await there.read(65536))
                back.close()
                writer.close()

            async with await asyncio.start_server(forward, "127.0.0.1", port):
                said.append((await client.setup()).brand.name)
        return said

    assert played(scene()) == [asked(house, lambda port: port.setup()).brand.name]


def test_a_code_is_not_lost_with_an_answer(house: Running) -> None:
    """Where the answer to an enrolment did not arrive, the same code brings the same token; once it did, no more."""
    made = [
        house.client.post("/v1/devices/enrolments", json={"kind": kind, "name": "New", "store": "GV"}).json()["code"]
        for kind in ("tablet", "tablet", "kiosk")
    ]

    async def scene() -> None:
        with socket.create_server(("127.0.0.1", 0)) as closed:
            nowhere = closed.getsockname()[1]
        async with speaking(nowhere, token=None) as port:
            with pytest.raises(UnreachableError):
                await port.enrol(made[0])
            # The request did come to the server; only its answer was lost.
            headers = {"Idempotency-Key": port._trading[1]}
            lost = house.client.post("/v1/devices", json={"code": made[0], "kind": "tablet"}, headers=headers).json()
            port.use(Place(server=f"http://127.0.0.1:{house.port}"))
            assert (await port.enrol(made[0])).token == lost["token"]
            # Answered once, it is spent.
            with pytest.raises(RefusedError, match="wrong_code"):
                await port.enrol(made[0])
            assert (await port.enrol(made[1])).device_id != lost["device_id"]
            with pytest.raises(RefusedError, match="wrong_kind"):
                await port.enrol(made[2])

    played(scene())
