"""Webhooks are signed so that whoever is told can check it, by the recipe and a secret of the README."""

import asyncio
import re
from datetime import UTC, datetime, timedelta

import httpx
import msgspec
import pytest

from server.settings import ShopWebhook
from server.webhooks import post
from tests.readme import README, recipe


def secret(capsys: pytest.CaptureFixture[str]) -> str:
    """A secret as the README's command makes it; settings take it."""
    (command,) = re.findall(r"python -c '([^']*whsec_[^']*)'", README)
    exec(compile(command, "README.md", "exec"), {})
    made = capsys.readouterr().out.strip()
    webhook = {"address": "http://127.0.0.1:9000/hook", "secret": made}
    return msgspec.convert(webhook, ShopWebhook).secret


def sent(secret_: str, *times: datetime) -> list[httpx.Request]:
    """What an address gets that is told something at these times."""
    asked: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(204)

    async def tell() -> None:
        async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as client:
            for at in times:
                assert await post(client, "https://shop.example/hook", secret_, "msg-1", '{"a": "á"}', at) == 204

    asyncio.run(tell())
    return asked


def test_the_recipe_works_as_it_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    """What we send is taken; changed, late or under another secret it is not."""
    ours, other = secret(capsys), secret(capsys)
    now = datetime.now(UTC)
    good, late = sent(ours, now, now - timedelta(minutes=6))
    is_signed, shown = recipe("is_signed"), good.headers["webhook-signature"]
    assert is_signed(ours, good.headers, good.content)
    assert is_signed(ours, {**good.headers, "webhook-signature": f"v1,x {shown}"}, good.content)
    assert not is_signed(other, good.headers, good.content)
    assert not is_signed(ours, good.headers, good.content + b" ")
    assert not is_signed(ours, {**good.headers, "webhook-id": "msg-2"}, good.content)
    assert not is_signed(ours, {**good.headers, "webhook-signature": "v1,\u00e9 x"}, good.content)
    assert not is_signed(ours, late.headers, late.content)
