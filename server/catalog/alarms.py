"""What an operator must hear of: a line in the log, and their address, which is asked until it took it.

Alarms stand in a table: whichever server is there tells them, and one that cannot be told now is told later.
"""

from datetime import datetime

import httpx
import msgspec
import structlog

from server.catalog.queries import SQL
from server.catalog.rules import is_told_no_more, next_telling
from server.db.engine import Connection
from server.shop import Shop
from server.webhooks import PATIENCE, place_in_network, post
from server.wire.base import timestamp
from server.wire.catalog import NightAlarm

_log = structlog.get_logger()
_encode = msgspec.json.Encoder().encode
_alarm = msgspec.json.Decoder(NightAlarm)


def raise_alarm(conn: Connection, alarm: NightAlarm) -> None:
    """Have something told, once for each night and kind."""
    id_ = f"{alarm.type}.{alarm.data.night}"
    conn.run(SQL.raise_alarm, id=id_, raised_at=alarm.timestamp, body=_encode(alarm).decode())


async def tell_alarms(shop: Shop) -> None:
    """Tell what is to be told now."""
    for id_, tries, body in await shop.database.read(_due, timestamp(shop.clock())):
        now = shop.clock()
        if not await shop.database.write(_take, id_, tries, now):
            continue
        if tries == 0:
            alarm = _alarm.decode(body)
            _log.error(
                "catalog_alarm",
                alarm=alarm.type,
                night=alarm.data.night,
                source=alarm.data.source,
                run=alarm.data.run,
                reason=alarm.data.detail,
            )
        if await _was_told(shop, id_, body, now) or is_told_no_more(tries + 1):
            await shop.database.write(_end, id_)


async def _was_told(shop: Shop, id_: str, body: str, now: datetime) -> bool:
    """Whether an operator's address took an alarm, or wants none; also where there is none."""
    address, secret = shop.settings.alarm_webhook, shop.settings.alarm_secret
    if address is None:
        return True
    async with httpx.AsyncClient(timeout=PATIENCE) as client:
        answer = await post(client, address, secret, id_, body, now)
    if isinstance(answer, int) and (httpx.codes.is_success(answer) or answer == httpx.codes.GONE):
        return True
    _log.warning("alarm_waits_for_its_address", alarm=id_, place=place_in_network(address), answer=answer)
    return False


def _due(conn: Connection, now: str) -> list[tuple[str, int, str]]:
    return [(id_, tries, body) for id_, tries, body in conn.all(SQL.due_alarms, now=now)]


def _take(conn: Connection, id_: str, tries: int, now: datetime) -> bool:
    # Whoever dies while telling it is followed by another after the same wait.
    next_at = timestamp(now + next_telling(tries + 1))
    return conn.run(SQL.take_alarm, id=id_, tries=tries, next_at=next_at) == 1


def _end(conn: Connection, id_: str) -> None:
    conn.run(SQL.end_alarm, id=id_)
