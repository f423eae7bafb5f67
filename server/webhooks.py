"""Telling another program's address something, signed as Standard Webhooks has it."""

import base64
import hashlib
import hmac
from datetime import datetime

import httpx

PATIENCE = httpx.Timeout(10.0)
"""Seconds for each step of telling an address."""


def place_in_network(address: str) -> str:
    """An address without what in it may be a key, which is all but where it leads."""
    bare = httpx.URL(address).copy_with(username=None, password=None, query=None, fragment=None, path="")
    return str(bare).rstrip("/")


def signature(secret: str, id_: str, sent_at: str, body: str) -> str:
    """What proves to an address that we say this, as Standard Webhooks has it."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = hmac.digest(key, f"{id_}.{sent_at}.{body}".encode(), hashlib.sha256)
    return f"v1,{base64.b64encode(signed).decode()}"


async def post(
    client: httpx.AsyncClient, address: str, secret: str | None, id_: str, body: str, now: datetime
) -> int | str:
    """Tell an address something: the status it answers with, or why there was no answer.

    Args:
        client: its connections.
        address: where to.
        secret: `whsec_` and Base64, what it is signed with; None for no signature.
        id_: of what is told; told again it has the same.
        body: JSON.
        now: when it is told.
    """
    sent_at = str(int(now.timestamp()))
    headers = {"Content-Type": "application/json", "webhook-id": id_, "webhook-timestamp": sent_at}
    if secret is not None:
        headers["webhook-signature"] = signature(secret, id_, sent_at, body)
    try:
        answer = await client.post(address, content=body, headers=headers)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        return type(error).__name__
    return answer.status_code
