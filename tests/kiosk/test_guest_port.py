"""The kiosk's port over HTTP, against the real server: a customer comes, changes the cart, and leaves."""

import asyncio
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
from tests.kiosk.given import but
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
            with pytest.raises(RefusedError):
                await port.cart()
            port.enter(session)
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
            none = LineQuantity(quantity=0, base_quantity=now.quantity)
            assert not (await port.change_line(cart.id, now.line, none)).lines
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
            port.enter(await port.prove(ContinueProof(code=shop_floor.code())))
            setup = await port.setup()
            assert setup.store is not None
            assert setup.proofs == ("continue", "code", "vouch")
            assert await port.stores()
            assert isinstance(await port.scan(GTIN), ProductScanned)
            assert isinstance(await port.scan(LUCIA_CARD), CardKnown)
            by_sku = await port.scan("SHIRT-S")
            assert isinstance(by_sku, ProductScanned)
            assert by_sku.product == await port.product("SHIRT-S")
            with pytest.raises(RefusedError, match="unknown_product"):
                await port.product("SHIRT/S")
            one = await port.call("cart")
            assert (one.about, (await port.call("help")).call_id) == ("cart", one.call_id)
            async with aclosing(port.follow(None, None)) as said:
                assert isinstance(await anext(said), LiveOpened)
        finally:
            await port.close()

    played(go())


def test_a_program_that_begins_ends_what_the_one_before_it_left(shop_floor: Floor) -> None:
    """Whoever was in when a program died is in no more once the next has cleared; whoever is in at its own stays."""

    async def go() -> None:
        before, port = kiosk_of(shop_floor), kiosk_of(shop_floor)
        try:
            before.enter(await before.prove(ContinueProof(code=shop_floor.code())))
            await port.clear()
            with pytest.raises(RefusedError, match="session_ended"):
                await before.cart()
            port.enter(await port.prove(ContinueProof(code=shop_floor.code())))
            await port.clear()
            assert (await port.cart()).carts
        finally:
            await before.close()
            await port.close()

    played(go())


@pytest.mark.parametrize("first", ["clear", "prove"])
def test_whoever_gets_in_while_it_clears_stays_in(shop_floor: Floor, first: str) -> None:
    """A session is never ended by a question that was to end the one before it, whichever of the two is slow."""

    async def go() -> None:
        port = kiosk_of(shop_floor)
        send, slow, go_on = port._send, asyncio.Event(), asyncio.Event()

        async def held(method: str, path: str, *more: Any) -> Any:
            if method == "DELETE" and first == "clear":
                slow.set()
                await go_on.wait()
            answer = await send(method, path, *more)
            if method == "POST" and first == "prove":
                slow.set()
                await go_on.wait()
            return answer

        async def come() -> None:
            port.enter(await port.prove(ContinueProof(code=shop_floor.code())))

        port._send = held  # type: ignore[method-assign]
        one, other = (port.clear, come) if first == "clear" else (come, port.clear)
        try:
            begun = [asyncio.ensure_future(one())]
            await slow.wait()
            begun.append(asyncio.ensure_future(other()))
            # As long as the second takes where nothing holds it, and then the first comes to its end.
            await asyncio.wait(begun[1:], timeout=0.5)
            go_on.set()
            await asyncio.gather(*begun)
            assert (await port.cart()).carts
        finally:
            await port.close()

    played(go())


def test_a_session_that_comes_late_ends_alone(shop_floor: Floor) -> None:
    """Nobody is told that it was over already, and whoever is in goes on, also with another token of the device."""

    async def go() -> None:
        refused = list[str]()
        port = kiosk_of(shop_floor)
        try:
            late = await port.prove(ContinueProof(code=shop_floor.code()))
            port.enter(await port.prove(ContinueProof(code=shop_floor.code())))
            port.watch(lambda _reached: None, refused.append)
            await port.end(late)
            assert (await port.cart()).carts
            rolled = await port.roll_token()
            port.use(Place(server=f"http://127.0.0.1:{shop_floor.house.port}", token=rolled.token))
            assert (await port.cart()).carts
            assert refused == []
        finally:
            await port.close()

    played(go())


def test_whoever_was_here_is_not_at_another_place(shop_floor: Floor) -> None:
    """A device that is enrolled elsewhere, or nowhere any more, asks for nobody."""

    async def go() -> None:
        port = kiosk_of(shop_floor)
        try:
            session = await port.prove(ContinueProof(code=shop_floor.code()))
            here = Place(server=f"http://127.0.0.1:{shop_floor.house.port}", token="dev_0_x")
            for place in (but(here, token=None), but(here, store="SE")):
                port.use(here)
                port.enter(session)
                assert (await port.cart()).carts
                port.use(place)
                with pytest.raises(RefusedError):
                    await port.cart()
        finally:
            await port.close()

    played(go())


def test_a_no_to_a_token_before_is_no_news(shop_floor: Floor) -> None:
    """What was asked with the token that a device had before is not told: it has another one by now."""

    async def go() -> None:
        refused = list[str]()
        place = Place(server=f"http://127.0.0.1:{shop_floor.house.port}", token="dev_999999_unknown")
        port = GuestHttp(place.server, token=place.token)
        port.watch(lambda _reached: None, refused.append)
        try:
            asking = asyncio.ensure_future(port.setup())
            await asyncio.sleep(0)
            port.use(but(place, token="dev_999998_unknown"))
            with pytest.raises(RefusedError, match="unknown_token"):
                await asking
            assert refused == []
            with pytest.raises(RefusedError, match="unknown_token"):
                await port.setup()
            assert refused == ["unknown_token"]
        finally:
            await port.close()

    played(go())


def test_a_vouching_is_asked_about_under_one_key(shop_floor: Floor) -> None:
    """No answer is kept while nobody confirmed it; the one that lets them in is told again."""

    async def go() -> None:
        port = kiosk_of(shop_floor)
        try:
            shown = await port.ask_to_vouch()
            proof = VouchProof(challenge_id=shown.challenge_id)
            for _ in range(2):
                with pytest.raises(RefusedError, match="proof_waits"):
                    await port.prove(proof, "one-key")
            said = {"customer_id": shop_floor.house.customer("lucia"), "digits": shown.digits}
            answer = shop_floor.tablet.post(f"/v1/kiosk/challenges/{shown.challenge_id}/confirmation", json=said)
            assert answer.status_code == 204
            first = await port.prove(proof, "one-key")
            assert await port.prove(proof, "one-key") == first
            with pytest.raises(RefusedError, match="proof_over"):
                await port.prove(proof, "another-key")
        finally:
            await port.close()

    played(go())


def test_digits_are_withdrawn(shop_floor: Floor) -> None:
    """Nobody waits by them any more; that nobody answers, or says no, is nothing to whoever has gone."""

    async def go() -> None:
        port = kiosk_of(shop_floor)
        try:
            refused: list[str] = []
            port.watch(lambda _reached: None, refused.append)
            shown = await port.ask_to_vouch()
            assert [one["challenge_id"] for one in shop_floor.tablet.get("/v1/kiosk/challenges").json()] == [
                shown.challenge_id
            ]
            await port.withdraw(shown.challenge_id)
            assert shop_floor.tablet.get("/v1/kiosk/challenges").json() == []
            await port.withdraw(2**63)
            assert refused == []
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


@pytest.mark.parametrize("meanwhile", ["nothing", "a new token", "they leave"])
def test_whoever_watches_is_told_that_a_customer_is_here_no_more(shop_floor: Floor, meanwhile: str) -> None:
    """A stream that the server ends is a no like any other; that of somebody who has left concerns nobody."""

    async def go() -> None:
        refused = list[str]()
        port = kiosk_of(shop_floor)
        port.watch(lambda _reached: None, refused.append)
        try:
            port.enter(await port.prove(ContinueProof(code=shop_floor.code())))
            async with aclosing(port.follow_mine(None)) as said:
                assert isinstance(await anext(said), LiveOpened)
                if meanwhile == "a new token":
                    port.use(Place(server=f"http://127.0.0.1:{shop_floor.house.port}", token="dev_999999_newer"))
                if meanwhile == "they leave":
                    await port.goodbye()
                else:
                    assert shop_floor.kiosk.delete("/v1/kiosk/session").status_code == 204
                with pytest.raises(RefusedError, match="session_ended"):
                    await _to_the_end(said)
            assert refused == ([] if meanwhile == "they leave" else ["session_ended"])
        finally:
            await port.close()

    played(go())


async def _to_the_end(said: AsyncGenerator[Said, None]) -> None:
    """Hear all of it."""
    async for _ in said:
        pass
