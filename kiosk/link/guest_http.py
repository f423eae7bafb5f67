"""The kiosk's port over HTTP."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing, suppress
from uuid import uuid4

import httpx
import msgspec

from kiosk.link.http import PATIENCE, HttpPort
from kiosk.link.port import LinkError, Place, RefusedError, Said, UnreachableError
from server.wire.calls import About, HelpCall, NewHelpCall
from server.wire.carts import Cart, JoinCarts, LineQuantity, NewCartLine
from server.wire.handoffs import Handoff, NewHandoff
from server.wire.kiosks import AskForCode, AskToVouch, Challenge, KioskCart, KioskSession, Proof

_CHALLENGE: msgspec.json.Decoder[Challenge] = msgspec.json.Decoder(Challenge)
_SESSION: msgspec.json.Decoder[KioskSession] = msgspec.json.Decoder(KioskSession)
_KIOSK_CART: msgspec.json.Decoder[KioskCart] = msgspec.json.Decoder(KioskCart)
_CART: msgspec.json.Decoder[Cart] = msgspec.json.Decoder(Cart)
_CALL: msgspec.json.Decoder[HelpCall] = msgspec.json.Decoder(HelpCall)
_HANDOFF: msgspec.json.Decoder[Handoff] = msgspec.json.Decoder(Handoff)


class GuestHttp(HttpPort):
    """Speaks to one server as a kiosk, and as the customer before it once they proved who they are.

    Args:
        base_url: the server's address.
        store: code of the store the kiosk stands in, None where its token says so.
        patience: seconds that an answer may take, from the question to its last byte.
        token: the device's token, None where it is not enrolled.
        dated: told the `Date` of each answer.
    """

    kind = "kiosk"

    def __init__(
        self,
        base_url: str,
        store: str | None = None,
        patience: float = PATIENCE,
        *,
        token: str | None = None,
        dated: Callable[[str | None], None] = lambda _date: None,
    ) -> None:
        self._guest: str | None = None
        # Sessions are made and cleared in turn: what was to end the one before would end the one just made.
        self._turn = asyncio.Lock()
        self._spot: tuple[str | None, ...] = ()
        self._told: Callable[[bool], None] = lambda _reached: None
        self._refused: Callable[[str], None] = lambda _code: None
        super().__init__(base_url, store, patience, token=token, dated=dated)

    def use(self, place: Place) -> None:
        spot = (place.server, place.fingerprint, place.store)
        if place.token is None or spot != self._spot:
            # Another token of the same device is nothing to whoever is before it.
            self._guest = None
        self._spot = spot
        super().use(place)

    def watch(self, told: Callable[[bool], None], refused: Callable[[str], None]) -> None:
        self._told, self._refused = told, refused

    async def ask_for_code(self, contact: str, language: str, key: str | None = None) -> Challenge:
        body = AskForCode(contact=contact, language=language)
        return await self._ask("POST", "/v1/kiosk/challenges", _CHALLENGE, body=body, key=key or _new())

    async def ask_to_vouch(self, key: str | None = None) -> Challenge:
        return await self._ask("POST", "/v1/kiosk/challenges", _CHALLENGE, body=AskToVouch(), key=key or _new())

    async def withdraw(self, challenge_id: int) -> None:
        # As with a session that is ended: a no is nothing to whoever is here by then.
        with suppress(LinkError):
            await super()._send("DELETE", f"/v1/kiosk/challenges/{challenge_id}", None, {}, self._device, _new())

    async def prove(self, proof: Proof, key: str | None = None) -> KioskSession:
        async with self._turn:
            return await self._ask("POST", "/v1/kiosk/session", _SESSION, body=proof, key=key or _new())

    async def call(self, about: About, key: str | None = None) -> HelpCall:
        return await self._ask(
            "POST", "/v1/kiosk/calls", _CALL, body=NewHelpCall(about=about), bearer=self._device, key=key or _new()
        )

    async def clear(self) -> None:
        async with self._turn:
            if self._guest is None:
                await self._send("DELETE", "/v1/kiosk/session", None, {}, self._device, _new())

    def enter(self, session: KioskSession) -> None:
        self._guest = session.token

    async def end(self, session: KioskSession) -> None:
        await self._end(session.token)

    async def goodbye(self) -> None:
        before, self._guest = self._guest, None
        if before is not None:
            await self._end(before)

    async def cart(self) -> KioskCart:
        return await self._ask("GET", "/v1/kiosk/cart", _KIOSK_CART, bearer=self._guest)

    async def add_line(self, cart_id: int, line: NewCartLine, key: str | None = None) -> Cart:
        return await self._ask(
            "POST", f"/v1/carts/{cart_id}/lines", _CART, body=line, bearer=self._guest, key=key or _new()
        )

    async def change_line(self, cart_id: int, line: int, to: LineQuantity, key: str | None = None) -> Cart:
        return await self._ask(
            "PUT", f"/v1/carts/{cart_id}/lines/{line}", _CART, body=to, bearer=self._guest, key=key or _new()
        )

    async def join(self, carts: JoinCarts, key: str | None = None) -> Cart:
        return await self._ask("POST", "/v1/kiosk/carts/join", _CART, body=carts, bearer=self._guest, key=key or _new())

    async def hand_off(self, wanted: NewHandoff, key: str | None = None) -> Handoff:
        return await self._ask("POST", "/v1/handoffs", _HANDOFF, body=wanted, bearer=self._guest, key=key or _new())

    async def handoff(self, handoff_id: int) -> Handoff:
        return await self._ask("GET", f"/v1/handoffs/{handoff_id}", _HANDOFF, bearer=self._guest)

    def follow_mine(self, after: int | None) -> AsyncGenerator[Said, None]:
        return self._stream({}, after, self._guest)

    async def _end(self, token: str) -> None:
        # Nobody who watches hears of it: a no is about somebody who is not here.
        with suppress(LinkError):
            await super()._send("DELETE", "/v1/kiosk/session", None, {}, token, _new())

    async def _stream(
        self, params: dict[str, str], after: int | None, bearer: str | None
    ) -> AsyncGenerator[Said, None]:
        try:
            async with aclosing(super()._stream(params, after, bearer)) as said:
                async for one in said:
                    yield one
        except RefusedError as error:
            self._told(True)
            # That somebody who has left is in no more concerns nobody.
            if bearer == (self._guest or self._device):
                self._refused(error.problem.code)
            raise

    async def _send(
        self,
        method: str,
        path: str,
        body: msgspec.Struct | None,
        params: dict[str, str],
        bearer: str | None | msgspec.UnsetType = msgspec.UNSET,
        key: str | None = None,
    ) -> httpx.Response:
        asker = (self._guest, self._device)
        try:
            response = await super()._send(method, path, body, params, bearer, key)
        except UnreachableError:
            self._told(False)
            raise
        except RefusedError as error:
            self._told(True)
            # A no that comes late is about somebody who has left, or a token that is not used any more.
            if asker == (self._guest, self._device):
                self._refused(error.problem.code)
            raise
        self._told(True)
        return response


def _new() -> str:
    """A key for a write that is none before it."""
    return uuid4().hex
