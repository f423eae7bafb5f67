"""The port over HTTP."""

import asyncio
import ssl
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from hashlib import sha256
from typing import TypeVar
from urllib.parse import quote
from uuid import uuid4

import httpx
import msgspec
from httpx_sse import SSEError, aconnect_sse

from kiosk.link.pinned import pinned
from kiosk.link.port import Beat, Place, RefusedError, Said, UnreachableError, UntrustedError
from kiosk.words.harmless import harmless
from server.wire.access import (
    DeviceKind,
    DeviceToken,
    EnrolmentCode,
    SessionStarted,
    SessionUnlocked,
    SignIn,
    StaffName,
    Unlock,
)
from server.wire.calls import HelpCall
from server.wire.carts import Cart, JoinCarts, LineQuantity, NewCartLine
from server.wire.catalog import PictureSize, Product, ProductSearch, ProductsFound
from server.wire.customers import CustomerContext, SearchAnswer, SearchRequest, WisherCount, WisherPage
from server.wire.handoffs import Handoff, NewHandoff
from server.wire.kiosks import Confirmation, WaitingChallenge
from server.wire.live import LiveEnded, LiveEvent, LiveOpened
from server.wire.lookup import ProductScanned, ScanAnswer, ScanRequest
from server.wire.orders import OrderPage
from server.wire.problems import PROBLEMS, Problem, ProblemError
from server.wire.stores import Setup, Store

T = TypeVar("T")

_SETUP: msgspec.json.Decoder[Setup] = msgspec.json.Decoder(Setup)
_SCAN: msgspec.json.Decoder[ScanAnswer] = msgspec.json.Decoder(ScanAnswer)
_SEARCH: msgspec.json.Decoder[SearchAnswer] = msgspec.json.Decoder(SearchAnswer)
_PRODUCTS: msgspec.json.Decoder[ProductsFound] = msgspec.json.Decoder(ProductsFound)
_PRODUCT: msgspec.json.Decoder[Product] = msgspec.json.Decoder(Product)
_CONTEXT: msgspec.json.Decoder[CustomerContext] = msgspec.json.Decoder(CustomerContext)
_WISHER_COUNT: msgspec.json.Decoder[WisherCount] = msgspec.json.Decoder(WisherCount)
_WISHERS: msgspec.json.Decoder[WisherPage] = msgspec.json.Decoder(WisherPage)
_ORDERS: msgspec.json.Decoder[OrderPage] = msgspec.json.Decoder(OrderPage)
_CART: msgspec.json.Decoder[Cart] = msgspec.json.Decoder(Cart)
_HANDOFF: msgspec.json.Decoder[Handoff] = msgspec.json.Decoder(Handoff)
_CALL: msgspec.json.Decoder[HelpCall] = msgspec.json.Decoder(HelpCall)
_CALLS: msgspec.json.Decoder[tuple[HelpCall, ...]] = msgspec.json.Decoder(tuple[HelpCall, ...])
_WAITING: msgspec.json.Decoder[tuple[WaitingChallenge, ...]] = msgspec.json.Decoder(tuple[WaitingChallenge, ...])
_STORES: msgspec.json.Decoder[tuple[Store, ...]] = msgspec.json.Decoder(tuple[Store, ...])
_DEVICE: msgspec.json.Decoder[DeviceToken] = msgspec.json.Decoder(DeviceToken)
_STAFF: msgspec.json.Decoder[tuple[StaffName, ...]] = msgspec.json.Decoder(tuple[StaffName, ...])
_STARTED: msgspec.json.Decoder[SessionStarted] = msgspec.json.Decoder(SessionStarted)
_UNLOCKED: msgspec.json.Decoder[SessionUnlocked] = msgspec.json.Decoder(SessionUnlocked)
_PROBLEM: msgspec.json.Decoder[Problem] = msgspec.json.Decoder(Problem)
_OPENED: msgspec.json.Decoder[LiveOpened] = msgspec.json.Decoder(LiveOpened)
_ENDED: msgspec.json.Decoder[LiveEnded] = msgspec.json.Decoder(LiveEnded)
_EVENT: msgspec.json.Decoder[LiveEvent] = msgspec.json.Decoder(LiveEvent)

PATIENCE = 5.0
"""Seconds that an answer may take before the server counts as out of reach."""

SILENCE = 40.0
"""Seconds without a word after which a stream is given up: the server says every fifteen that it is still there."""


class HttpPort:
    """Speaks to one server from one store; connections are kept open between questions.

    Args:
        base_url: the server's address.
        store: code of the store the device stands in, None where it stands in none.
        patience: seconds that an answer may take, from the question to its last byte.
        token: the device's token, None where it is not enrolled.
        session: the token of whoever is signed in already, None where nobody is.
        dated: told the `Date` of each answer.
    """

    kind: DeviceKind = "tablet"
    """What a device that speaks through it is enrolled as."""

    def __init__(
        self,
        base_url: str,
        store: str | None,
        patience: float = PATIENCE,
        *,
        token: str | None = None,
        session: str | None = None,
        dated: Callable[[str | None], None] = lambda _date: None,
    ) -> None:
        self._dated = dated
        self._patience = patience
        self._clients: list[httpx.AsyncClient] = []
        self._trading = ("", "")
        self.use(Place(server=base_url, store=store, token=token))
        self._session = session

    def use(self, place: Place) -> None:
        self._store = place.store
        self._device = place.token
        self._session = None
        trust = pinned(place.fingerprint) if place.fingerprint else ssl.create_default_context()
        self._client = httpx.AsyncClient(base_url=place.server, timeout=self._patience, verify=trust)
        self._clients.append(self._client)

    def leave(self) -> None:
        self._session = None

    async def close(self) -> None:
        """Close the connections."""
        for client in self._clients:
            await client.aclose()

    async def setup(self) -> Setup:
        return await self._ask("GET", "/v1/setup", _SETUP, params=self._here())

    async def scan(self, code: str) -> ScanAnswer:
        return await self._ask("POST", "/v1/scan", _SCAN, body=ScanRequest(code=code, store=self._store))

    async def search(self, text: str) -> SearchAnswer:
        return await self._ask(
            "POST", "/v1/customers/search", _SEARCH, body=SearchRequest(text=text, store=self._store)
        )

    async def products(self, text: str) -> ProductsFound:
        return await self._ask(
            "POST", "/v1/products/search", _PRODUCTS, body=ProductSearch(text=text, store=self._store)
        )

    async def product(self, sku: str) -> Product:
        if "/" in sku:
            # An address cannot say that a slash is part of a name; a code can.
            answer = await self.scan(sku)
            if isinstance(answer, ProductScanned):
                return answer.product
            raise RefusedError(ProblemError("unknown_product", "No article has this SKU.").problem)
        return await self._ask("GET", f"/v1/products/{quote(sku, safe='')}", _PRODUCT, params=self._here())

    async def wisher_count(self, sku: str) -> WisherCount:
        return await self._ask("GET", "/v1/wishers/count", _WISHER_COUNT, params=self._here() | {"sku": sku})

    async def wishers(self, sku: str) -> WisherPage:
        return await self._ask("GET", "/v1/wishers", _WISHERS, params=self._here() | {"sku": sku})

    async def context(self, customer_id: int) -> CustomerContext:
        return await self._ask("GET", f"/v1/customers/{customer_id}/context", _CONTEXT, params=self._here())

    async def orders(self, customer_id: int, before: str | None) -> OrderPage:
        params = {} if before is None else {"before": before}
        return await self._ask("GET", f"/v1/customers/{customer_id}/orders", _ORDERS, params=params)

    async def add_line(self, cart_id: int, wanted: NewCartLine, key: str) -> Cart:
        return await self._ask("POST", f"/v1/carts/{cart_id}/lines", _CART, body=wanted, key=key)

    async def set_line(self, cart_id: int, line: int, wanted: LineQuantity, key: str) -> Cart:
        return await self._ask("PUT", f"/v1/carts/{cart_id}/lines/{line}", _CART, body=wanted, key=key)

    async def join_carts(self, customer_id: int, wanted: JoinCarts, key: str) -> Cart:
        return await self._ask("POST", f"/v1/customers/{customer_id}/carts/join", _CART, body=wanted, key=key)

    async def hand_over(self, wanted: NewHandoff, key: str) -> Handoff:
        return await self._ask("POST", "/v1/handoffs", _HANDOFF, body=wanted, key=key)

    async def handoff(self, handoff_id: int) -> Handoff:
        return await self._ask("GET", f"/v1/handoffs/{handoff_id}", _HANDOFF)

    async def waiting_kiosks(self) -> tuple[WaitingChallenge, ...]:
        return await self._ask("GET", "/v1/kiosk/challenges", _WAITING)

    async def vouch(self, challenge_id: int, confirmation: Confirmation, key: str) -> None:
        path = f"/v1/kiosk/challenges/{challenge_id}/confirmation"
        await self._send("POST", path, confirmation, {}, key=key)

    async def help_calls(self) -> tuple[HelpCall, ...]:
        return await self._ask("GET", "/v1/kiosk/calls", _CALLS)

    async def answer_call(self, call_id: int, key: str) -> HelpCall:
        return await self._ask("POST", f"/v1/kiosk/calls/{call_id}/answer", _CALL, key=key)

    async def stores(self) -> tuple[Store, ...]:
        return await self._ask("GET", "/v1/stores", _STORES)

    async def picture(self, name: str, size: PictureSize = "large") -> bytes:
        path = f"/v1/pictures/{name}"
        answer = await self._send("GET", path, None, {} if size == "large" else {"size": size})
        digest = sha256(answer.content).hexdigest()
        # A small one is not what its name says, and the page that a store's network shows instead is none.
        if digest != name and answer.headers.get("ETag") != f'"{digest}"':
            raise UnreachableError(f"{path}: not an answer of a Mostrador server")
        return answer.content

    async def follow(self, customer_id: int | None, after: int | None) -> AsyncGenerator[Said, None]:
        params = self._here() if customer_id is None else self._here() | {"customer": str(customer_id)}
        async with aclosing(self._stream(params, after, self._session or self._device)) as said:
            async for one in said:
                yield one

    async def _stream(
        self, params: dict[str, str], after: int | None, bearer: str | None
    ) -> AsyncGenerator[Said, None]:
        path = "/v1/live"
        headers = {} if after is None else {"Last-Event-ID": str(after)}
        if bearer:
            headers["Authorization"] = f"Bearer {bearer}"
        patience = httpx.Timeout(self._patience, read=SILENCE)
        try:
            async with aconnect_sse(
                self._client, "GET", path, params=params, headers=headers, timeout=patience
            ) as source:
                if not source.response.is_success:
                    await source.response.aread()
                    raise _no(source.response, path)
                async for said in source.aiter_sse():
                    if said.event == "opened":
                        yield _decoded(_OPENED, said.data.encode(), path)
                    elif said.event == "ended":
                        raise _closed(_decoded(_ENDED, said.data.encode(), path))
                    elif said.data and (event := _known(said.data.encode(), path)) is not None:
                        yield event
                    elif (number := _number(said.id)) is not None:
                        yield Beat(number)
        except (httpx.HTTPError, SSEError) as error:
            if _is_untrusted(error):
                raise UntrustedError(f"{path}: {error}") from error
            raise UnreachableError(f"{path}: {type(error).__name__}") from error
        raise UnreachableError(f"{path}: the stream ended")

    async def enrol(self, code: str) -> DeviceToken:
        if code != self._trading[0]:
            self._trading = (code, uuid4().hex)
        # Where no answer arrives the same code goes under the same key: the code is not lost with the answer.
        answer = await self._ask(
            "POST",
            "/v1/devices",
            _DEVICE,
            body=EnrolmentCode(code=code, kind=self.kind),
            bearer=None,
            key=self._trading[1],
        )
        self._trading = ("", "")
        return answer

    async def staff(self) -> tuple[StaffName, ...]:
        return await self._ask("GET", "/v1/staff", _STAFF, bearer=self._device)

    async def sign_in(self, who: int | str, pin: str) -> SessionStarted:
        body = SignIn(staff_id=who, pin=pin) if isinstance(who, int) else SignIn(badge=who, pin=pin)
        session = await self._ask("POST", "/v1/sessions", _STARTED, body=body, bearer=self._device)
        self._session = session.token
        return session

    async def unlock(self, pin: str) -> SessionUnlocked:
        return await self._ask("POST", "/v1/sessions/current/unlock", _UNLOCKED, body=Unlock(pin=pin))

    async def sign_out(self) -> None:
        before, self._session = self._session, None
        if before is not None:
            await self._send("DELETE", "/v1/sessions/current", None, {}, before)

    async def roll_token(self) -> DeviceToken:
        return await self._ask("POST", "/v1/devices/current/token", _DEVICE, bearer=self._device)

    def _here(self) -> dict[str, str]:
        return {} if self._store is None else {"store": self._store}

    async def _ask(
        self,
        method: str,
        path: str,
        decoder: msgspec.json.Decoder[T],
        *,
        body: msgspec.Struct | None = None,
        params: dict[str, str] | None = None,
        bearer: str | None | msgspec.UnsetType = msgspec.UNSET,
        key: str | None = None,
    ) -> T:
        response = await self._send(method, path, body, params or {}, bearer, key)
        answer = _decoded(decoder, response.content, path)
        # The page that a store's network shows instead has a date, too.
        self._dated(response.headers.get("Date"))
        return answer

    async def _send(
        self,
        method: str,
        path: str,
        body: msgspec.Struct | None,
        params: dict[str, str],
        bearer: str | None | msgspec.UnsetType = msgspec.UNSET,
        key: str | None = None,
    ) -> httpx.Response:
        """Send a request, as whoever is signed in, or as the device, unless a token says as whom.

        With a key a repeat is answered as the first was, and nothing is done twice.
        """
        content = None if body is None else msgspec.json.encode(body)
        headers = {"Content-Type": "application/json"}
        if token := (self._session or self._device) if bearer is msgspec.UNSET else bearer:
            headers["Authorization"] = f"Bearer {token}"
        if key is not None:
            headers["Idempotency-Key"] = key
        try:
            # httpx has limits for each step only; a server that sends a byte now and then never runs into one.
            async with asyncio.timeout(self._patience):
                response = await self._client.request(method, path, content=content, params=params, headers=headers)
        except (httpx.HTTPError, TimeoutError) as error:
            if _is_untrusted(error):
                raise UntrustedError(f"{path}: {error}") from error
            raise UnreachableError(f"{path}: {type(error).__name__}") from error
        if response.is_success:
            return response
        raise _no(response, path)


def _no(response: httpx.Response, path: str) -> UnreachableError | RefusedError:
    """What an answer that is none comes to."""
    if response.status_code >= httpx.codes.INTERNAL_SERVER_ERROR:
        return UnreachableError(f"{path}: HTTP {response.status_code}")
    return RefusedError(_decoded(_PROBLEM, response.content, path), _number(response.headers.get("Retry-After")))


def _closed(ended: LiveEnded) -> RefusedError:
    """A door that was closed while somebody listened behind it, as if they came to it now."""
    status, title = PROBLEMS.get(ended.code, (httpx.codes.FORBIDDEN, "The stream was ended"))
    return RefusedError(Problem(type=ended.code, title=title, status=status, detail=title, code=ended.code))


def _known(data: bytes, path: str) -> LiveEvent | None:
    """An event; None where it is of a kind that newer servers know."""
    try:
        return _decoded(_EVENT, data, path)
    except UnreachableError:
        return None


def _is_untrusted(error: BaseException | None) -> bool:
    """Whether a certificate was the reason, however far inside."""
    while error is not None:
        if isinstance(error, ssl.SSLCertVerificationError):
            return True
        error = error.__cause__ or error.__context__
    return False


def _number(text: str | None) -> int | None:
    """A number in a header or a stream; a Retry-After may be a date, too, which is none of ours."""
    return int(text) if text is not None and text.isascii() and text.isdecimal() else None


def _decoded(decoder: msgspec.json.Decoder[T], content: bytes, path: str) -> T:
    """An answer's content, harmless to show.

    Raises:
        UnreachableError: it is none of a Mostrador server; the page that a store's network shows instead, perhaps.
    """
    try:
        return decoder.decode(msgspec.json.encode(harmless(msgspec.json.decode(content))))
    except (ValueError, RecursionError) as error:
        # A ValueError: msgspec's own are some, and so is the one for text that is not UTF-8.
        raise UnreachableError(f"{path}: not an answer of a Mostrador server: {error}") from error
