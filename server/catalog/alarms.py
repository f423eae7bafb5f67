"""What an operator must hear of: a line in the log, and their address, which is asked until it took it.

Alarms stand in a table: whichever server is there tells them, and one that cannot be told now is told later.
"""

import base64
import hashlib
import hmac
from datetime import datetime

import httpx
import msgspec
import structlog

from server.catalog.fetching import place_in_network
from server.catalog.queries import SQL
from server.catalog.rules import is_told_no_more, next_telling
from server.db.engine import Connection
from server.shop import Shop
from server.wire.base import timestamp
from server.wire.catalog import NightAlarm

PATIENCE = httpx.Timeout(10.0)
"""Seconds for each step of telling an address."""

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


def signature(secret: str, id_: str, sent_at: str, body: str) -> str:
    """What proves to an address that we say this, as Standard Webhooks has it."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = hmac.digest(key, f"{id_}.{sent_at}.{body}".encode(), hashlib.sha256)
    return f"v1,{base64.b64encode(signed).decode()}"


async def _was_told(shop: Shop, id_: str, body: str, now: datetime) -> bool:
    """Whether an operator's address took an alarm, or wants none; also where there is none."""
    address, secret = shop.settings.alarm_webhook, shop.settings.alarm_secret
    if address is None:
        return True
    sent_at = str(int(now.timestamp()))
    headers = {"Content-Type": "application/json", "webhook-id": id_, "webhook-timestamp": sent_at}
    if secret is not None:
        headers["webhook-signature"] = signature(secret, id_, sent_at, body)
    try:
        async with httpx.AsyncClient(timeout=PATIENCE) as client:
            answer = await client.post(address, content=body, headers=headers)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        _log.warning(
            "alarm_waits_for_its_address", alarm=id_, place=place_in_network(address), reason=type(error).__name__
        )
        return False
    if answer.is_success or answer.status_code == httpx.codes.GONE:
        return True
    _log.warning("alarm_waits_for_its_address", alarm=id_, place=place_in_network(address), status=answer.status_code)
    return False


def _due(conn: Connection, now: str) -> list[tuple[str, int, str]]:
    return [(id_, tries, body) for id_, tries, body in conn.all(SQL.due_alarms, now=now)]


def _take(conn: Connection, id_: str, tries: int, now: datetime) -> bool:
    # Whoever dies while telling it is followed by another after the same wait.
    next_at = timestamp(now + next_telling(tries + 1))
    return conn.run(SQL.take_alarm, id=id_, tries=tries, next_at=next_at) == 1


def _end(conn: Connection, id_: str) -> None:
    conn.run(SQL.end_alarm, id=id_)
