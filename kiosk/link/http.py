"""The port over HTTP."""

import asyncio
from typing import TypeVar

import httpx
import msgspec

from kiosk.link.port import RefusedError, UnreachableError
from kiosk.words.harmless import harmless
from server.wire.customers import CustomerContext, SearchAnswer, SearchRequest
from server.wire.lookup import ScanAnswer, ScanRequest
from server.wire.orders import OrderPage
from server.wire.problems import Problem
from server.wire.stores import Setup, Store

T = TypeVar("T")

_SETUP: msgspec.json.Decoder[Setup] = msgspec.json.Decoder(Setup)
_SCAN: msgspec.json.Decoder[ScanAnswer] = msgspec.json.Decoder(ScanAnswer)
_SEARCH: msgspec.json.Decoder[SearchAnswer] = msgspec.json.Decoder(SearchAnswer)
_CONTEXT: msgspec.json.Decoder[CustomerContext] = msgspec.json.Decoder(CustomerContext)
_ORDERS: msgspec.json.Decoder[OrderPage] = msgspec.json.Decoder(OrderPage)
_STORES: msgspec.json.Decoder[tuple[Store, ...]] = msgspec.json.Decoder(tuple[Store, ...])
_PROBLEM: msgspec.json.Decoder[Problem] = msgspec.json.Decoder(Problem)

PATIENCE = 5.0
"""Seconds that an answer may take before the server counts as out of reach."""


class HttpPort:
    """Speaks to one server from one store; connections are kept open between questions.

    Args:
        base_url: the server's address.
        store: code of the store the device stands in, None where it stands in none.
        patience: seconds that an answer may take, from the question to its last byte.
        token: what the tablet shows the server, None where it has none yet.
    """

    def __init__(
        self, base_url: str, store: str | None, patience: float = PATIENCE, *, token: str | None = None
    ) -> None:
        self._store = store
        self._patience = patience
        headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        self._client = httpx.AsyncClient(base_url=base_url, timeout=patience, headers=headers)

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def setup(self) -> Setup:
        return await self._ask("GET", "/v1/setup", _SETUP, params=self._here())

    async def scan(self, code: str) -> ScanAnswer:
        return await self._ask("POST", "/v1/scan", _SCAN, body=ScanRequest(code=code, store=self._store))

    async def search(self, text: str) -> SearchAnswer:
        return await self._ask(
            "POST", "/v1/customers/search", _SEARCH, body=SearchRequest(text=text, store=self._store)
        )

    async def context(self, customer_id: int) -> CustomerContext:
        return await self._ask("GET", f"/v1/customers/{customer_id}/context", _CONTEXT, params=self._here())

    async def orders(self, customer_id: int, before: str | None) -> OrderPage:
        params = {} if before is None else {"before": before}
        return await self._ask("GET", f"/v1/customers/{customer_id}/orders", _ORDERS, params=params)

    async def stores(self) -> tuple[Store, ...]:
        return await self._ask("GET", "/v1/stores", _STORES)

    async def picture(self, name: str) -> bytes:
        return (await self._send("GET", f"/v1/pictures/{name}", None, {})).content

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
    ) -> T:
        response = await self._send(method, path, body, params or {})
        return _decoded(decoder, response.content, path)

    async def _send(
        self, method: str, path: str, body: msgspec.Struct | None, params: dict[str, str]
    ) -> httpx.Response:
        content = None if body is None else msgspec.json.encode(body)
        headers = {"Content-Type": "application/json"}
        try:
            # httpx has limits for each step only; a server that sends a byte now and then never runs into one.
            async with asyncio.timeout(self._patience):
                response = await self._client.request(method, path, content=content, params=params, headers=headers)
        except (httpx.HTTPError, TimeoutError) as error:
            raise UnreachableError(f"{path}: {type(error).__name__}") from error
        if response.is_success:
            return response
        if response.status_code >= httpx.codes.INTERNAL_SERVER_ERROR:
            raise UnreachableError(f"{path}: HTTP {response.status_code}")
        raise RefusedError(_decoded(_PROBLEM, response.content, path))


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
