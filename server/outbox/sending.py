"""The hand of one server that tells shops what happened; of several servers one tells a shop, the others stand by."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import uuid4

import httpx
import msgspec
import structlog

from server.db.engine import DatabaseError
from server.outbox import actions, queries, rules
from server.outbox.queries import STRETCH, Next
from server.settings import ShopWebhook
from server.shop import Shop
from server.webhooks import PATIENCE, place_in_network, post
from server.wire.base import timestamp

LOOK_AGAIN = 1.0
"""Seconds after which it is looked whether another try is due, or another server has gone."""

_log = structlog.get_logger()
_encode = msgspec.json.Encoder().encode


class Outbox:
    """Runs beside the doors of one server; a shop that is slow holds up no other."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop
        self._holder = uuid4().hex
        self._seen: dict[str, int] = {}
        """Up to which event there is nothing for a shop: kept here, as writing it down would cost a commit a write."""

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Keep at it until the block ends, for each shop that the settings name."""
        webhooks = self._shop.settings.shop_webhooks
        if not webhooks:  # reading what the system trusts takes its time
            yield
            return
        async with httpx.AsyncClient(timeout=PATIENCE) as client:
            telling = [
                asyncio.create_task(self._keep(client, source, webhook), name=f"outbox {source}")
                for source, webhook in webhooks.items()
            ]
            try:
                yield
            finally:
                for task in telling:
                    task.cancel()
                await asyncio.gather(*telling, return_exceptions=True)

    async def tell(self, client: httpx.AsyncClient, source: str, webhook: ShopWebhook) -> None:
        """Tell a shop what it was not told yet, for as long as it takes it."""
        database = self._shop.database
        place = await database.read(queries.place, source)
        if place is None:
            await database.write(actions.begin, source)
            return
        while place is not None and place.next_at <= timestamp(self._shop.clock()):
            after = max(place.position, self._seen.get(source, 0))
            found = await database.read_aside(queries.next_for, source, after)
            nothing_yet = found.message is None and found.position - place.position < STRETCH
            if found.message is None:
                self._seen[source] = found.position
            if nothing_yet and found.position == after:
                return
            if nothing_yet:
                continue
            if not await database.write(actions.take, source, self._holder, self._shop.clock()):
                return
            # Another one may have told it while this one waited for its turn.
            held = await database.read(queries.place, source)
            if held is not None and held.position == place.position:
                if found.message is not None and not await self._told(client, source, webhook, found, held.tries + 1):
                    return
                if not await database.write(actions.went_on, source, self._holder, found.position, self._shop.clock()):
                    return
                held = held._replace(position=found.position, tries=0, next_at="")
            place = held

    async def _keep(self, client: httpx.AsyncClient, source: str, webhook: ShopWebhook) -> None:
        mark = 0
        while True:
            try:
                await self.tell(client, source, webhook)
                mark = await self._shop.database.changed(mark, LOOK_AGAIN)
            except DatabaseError as error:
                _log.warning("shop_waits_for_the_database", source=source, exc_info=error)
                await asyncio.sleep(LOOK_AGAIN)
            except Exception as error:  # noqa: BLE001 - whatever it is, the shop must not go untold from then on
                _log.error("shop_is_not_told", source=source, exc_info=error)
                await asyncio.sleep(LOOK_AGAIN)

    async def _told(
        self, client: httpx.AsyncClient, source: str, webhook: ShopWebhook, found: Next, tries: int
    ) -> bool:
        now = self._shop.clock()
        assert found.message is not None
        name = rules.name_of(source, found.position, found.message.timestamp)
        body = _encode(found.message).decode()
        answer = await post(client, webhook.address, webhook.secret, name, body, now)
        if rules.was_taken(answer):
            return True
        await self._shop.database.write(actions.failed, source, self._holder, tries, f"{answer}", self._shop.clock())
        if rules.is_told(tries):
            _log.error(
                "shop_does_not_take_what_happened",
                source=source,
                place=place_in_network(webhook.address),
                answer=answer,
                tries=tries,
            )
        return False
