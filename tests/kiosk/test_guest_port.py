"""The kiosk's port over HTTP, against the real server: a customer comes, changes the cart, and leaves."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from contextlib import aclosing
from typing import Any

import pytest

from kiosk.link.guest_http import GuestHttp
from kiosk.link.port import Place, RefusedError, Said, UnreachableError
from server.db.engine import Database
from server.wire.carts import LineQuantity, NewCartLine
from server.wire.handoffs import NewHandoff
from server.wire.kiosks import CodeProof, ContinueProof, VouchProof
from server.wire.live import LiveOpened
from server.wire.lookup import CardKnown, ProductScanned
from tests.fakes import played
from tests.server.http.floor import Floor, floor
from tests.server.small_shop import GTIN, LUCIA_CARD

Ask = Callable[[GuestHttp], Awaitable[Any]]


@pytest.fixture
def shop_floor(database: Database) -> Iterator[Floor]:
    """The floor, where customers come with the shop's code."""
    with floor(database) as opened:
        yield opened


def kiosk_of(shop_floor: Floor) -> GuestHttp:
    """The client of the floor's first kiosk."""
    token = shop_floor.kiosk.headers["Authorization"].removeprefix("Bearer ")
    return GuestHttp(f"http://127.0.0.1:{shop_floor.house.port}", token=token)


def test_a_customer_comes_and_goes(shop_floor: Floor) -> None:
    """Proven by the shop's code they see and change their cart and hand it over; once they leave, nobody is theirs."""

    async def go() -> None:
        port = kiosk_of(shop_floor)
        try:
            with pytest.raises(RefusedError):
                await port.cart()
            session = await port.prove(ContinueProof(code=shop_floor.code()))
            assert session.token.startswith("kio_")
            seen = await port.cart()
            (cart,) = seen.carts
            line = cart.lines[0]
            more = await port.change_line(
                cart.id, line.line, LineQuantity(quantity=line.quantity + 1, base_quantity=line.quantity)
            )
            assert more.lines[0].quantity == line.quantity + 1
            added = await port.add_line(cart.id, NewCartLine(sku=line.sku), "a-key-of-its-own")
            again = await port.add_line(cart.id, NewCartLine(sku=line.sku), "a-key-of-its-own")
            assert added.version == again.version
            assert (await port.product(line.sku)).variants
            given = await port.hand_off(NewHandoff(way="till"))
            assert given.handoff_id is not None
            assert (await port.handoff(given.handoff_id)).state == "issued"
            async with aclosing(port.follow_mine(None)) as said:
                assert isinstance(await anext(said), LiveOpened)
            now = added.lines[0]
            assert not (await port.take_out(cart.id, now.line, now.quantity)).lines
            await port.goodbye()
            with pytest.raises(RefusedError):
                await port.cart()
        finally:
            await port.close()

    played(go())


def test_what_the_device_asks_it_asks_as_itself(shop_floor: Floor) -> None:
    """Setup, articles, cards and calls for help go by the kiosk's own token, whoever is before it."""

    async def go() -> None:
        port = kiosk_of(shop_floor)
        try:
            await port.prove(ContinueProof(code=shop_floor.code()))
            setup = await port.setup()
            assert setup.store is not None
            assert setup.proofs == ("continue", "code", "vouch")
            assert await port.stores()
            assert isinstance(await port.scan(GTIN), ProductScanned)
            assert isinstance(await port.scan(LUCIA_CARD), CardKnown)
            one = await port.call("cart")
            assert (one.about, (await port.call("help")).call_id) == ("cart", one.call_id)
            async with aclosing(port.follow(None, None)) as said:
                assert isinstance(await anext(said), LiveOpened)
            await port.clear()
            with pytest.raises(RefusedError, match="session_ended"):
                await port.cart()
        finally:
            await port.close()

    played(go())


def test_codes_and_digits(shop_floor: Floor) -> None:
    """A code can be asked for, digits shown; neither opens anything before somebody proved something."""

    async def go() -> None:
        port = kiosk_of(shop_floor)
        try:
            sent = await port.ask_for_code("nobody@example.org", "es")
            with pytest.raises(RefusedError, match="wrong_proof"):
                await port.prove(CodeProof(challenge_id=sent.challenge_id, code="000000"))
            shown = await port.ask_to_vouch()
            assert len(shown.digits or "") == 2
            with pytest.raises(RefusedError, match="proof_waits"):
                await port.prove(VouchProof(challenge_id=shown.challenge_id))
        finally:
            await port.close()

    played(go())


def test_whoever_watches_is_told(shop_floor: Floor) -> None:
    """Each answer, each no with its code, and each silence."""

    async def go() -> None:
        told, refused = list[bool](), list[str]()
        port = kiosk_of(shop_floor)
        port.watch(told.append, refused.append)
        try:
            await port.setup()
            with pytest.raises(RefusedError):
                await port.prove(ContinueProof(code="MC1.x.y"))
            port.use(Place(server="http://127.0.0.1:9"))
            with pytest.raises(UnreachableError):
                await port.setup()
            assert (told, refused) == ([True, True, False], ["wrong_proof"])
        finally:
            await port.close()

    played(go())


def test_whoever_watches_is_told_that_a_customer_is_here_no_more(shop_floor: Floor) -> None:
    """A stream that the server ends is a no like any other; that of somebody who has left concerns nobody."""

    async def go() -> None:
        refused = list[str]()
        port = kiosk_of(shop_floor)
        port.watch(lambda _reached: None, refused.append)
        try:
            for leaves_first in (False, True):
                await port.prove(ContinueProof(code=shop_floor.code()))
                async with aclosing(port.follow_mine(None)) as said:
                    assert isinstance(await anext(said), LiveOpened)
                    if leaves_first:
                        await port.goodbye()
                    else:
                        assert shop_floor.kiosk.delete("/v1/kiosk/session").status_code == 204
                    with pytest.raises(RefusedError, match="session_ended"):
                        await _to_the_end(said)
                assert refused == ["session_ended"]
        finally:
            await port.close()

    played(go())


async def _to_the_end(said: AsyncGenerator[Said, None]) -> None:
    """Hear all of it."""
    async for _ in said:
        pass
