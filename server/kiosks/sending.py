"""How codes reach people: by e-mail, or through a gateway for short messages. What is sent to whom, nobody is told.

A code is sent after the kiosk was answered, and whether anybody has the contact is asked only then: so the answer and
its time say nothing of it.
"""

import asyncio
import smtplib
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from typing import Any, Protocol
from urllib.parse import unquote, urlsplit

import httpx
import structlog

from server.customers.rules import Kind
from server.kiosks import actions, rules
from server.kiosks.actions import Pending
from server.kiosks.words import Message, message
from server.networks import is_loopback
from server.settings import Gateway, Settings
from server.shop import Shop

PATIENCE = 10.0
"""Seconds that a mail server or a gateway has for each step."""
AT_ONCE = 4
"""Messages that are on their way; others wait."""
LAST_MESSAGES = 15.0
"""Seconds that a server which ends lets messages go out."""

_log = structlog.get_logger()


class Sending(Protocol):
    """A way to reach people."""

    async def send(self, to: str, words: Message) -> None:
        """Send a message to an address; raises an error of whatever kind where it did not go out."""
        ...


class ByMail:
    """By e-mail.

    Args:
        server: `smtps://user:password@host:465` or `smtp://…:587`; see `Settings.mail`.
        sender: who it is from.
    """

    def __init__(self, server: str, sender: str) -> None:
        self._server = urlsplit(server)
        self._sender = sender

    async def send(self, to: str, words: Message) -> None:
        """See `Sending`."""
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Subject"] = self._sender, to, words.subject
        mail["Date"] = formatdate(usegmt=True)
        mail["Message-ID"] = make_msgid(domain=self._sender.rpartition("@")[2].strip("> ") or None)
        # No out-of-office assistant need answer.
        mail["Auto-Submitted"] = "auto-generated"
        mail.set_content(words.text)
        await asyncio.to_thread(self._hand_in, mail)

    def _hand_in(self, mail: EmailMessage) -> None:
        host = self._server.hostname or ""
        if self._server.scheme == "smtps":
            opened: smtplib.SMTP = smtplib.SMTP_SSL(
                host, self._server.port or 465, timeout=PATIENCE, context=ssl.create_default_context()
            )
        else:
            opened = smtplib.SMTP(host, self._server.port or 587, timeout=PATIENCE)
        with opened as server:
            if self._server.scheme == "smtp" and not (host == "localhost" or is_loopback(host)):
                # Raises where the server knows no TLS: a code goes over no network in the clear.
                server.starttls(context=ssl.create_default_context())
            if self._server.username:
                server.login(unquote(self._server.username), unquote(self._server.password or ""))
            server.send_message(mail)


class ByGateway:
    """By a short message, through whatever gateway takes a POST of JSON."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

    async def send(self, to: str, words: Message) -> None:
        """See `Sending`."""
        body = _filled(self._gateway.body, {"{phone}": to, "{text}": words.text})
        async with httpx.AsyncClient(timeout=PATIENCE, trust_env=False) as client:
            answer = await client.post(self._gateway.url, json=body, headers=self._gateway.headers)
        answer.raise_for_status()


def _filled(part: Any, facts: Mapping[str, str]) -> Any:
    if isinstance(part, dict):
        return {name: _filled(inner, facts) for name, inner in part.items()}
    if isinstance(part, list):
        return [_filled(inner, facts) for inner in part]
    if isinstance(part, str):
        for name, fact in facts.items():
            part = part.replace(name, fact)
    return part


def ways_of(settings: Settings) -> dict[Kind, Sending]:
    """The ways to reach people that the settings name, by the kind of contact."""
    ways: dict[Kind, Sending] = {}
    if settings.mail is not None and settings.mail_from is not None:
        ways["email"] = ByMail(settings.mail, settings.mail_from)
    if settings.gateway is not None:
        ways["phone"] = ByGateway(settings.gateway)
    return ways


class Codes:
    """Codes of one server that are on their way."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop
        self.ways = ways_of(shop.settings)
        self._under_way: set[asyncio.Task[None]] = set()
        self._turn = asyncio.Semaphore(AT_ONCE)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Let what is on its way go out once the block ends."""
        try:
            yield
        finally:
            if self._under_way:
                await asyncio.wait(self._under_way, timeout=LAST_MESSAGES)
            for task in self._under_way:
                task.cancel()

    def send(self, pending: Pending) -> None:
        """See after the answer whether anybody has the contact, and send them the code."""
        task = asyncio.create_task(self._send(pending), name="code")
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)

    async def _send(self, pending: Pending) -> None:
        settings = self._shop.settings
        try:
            found = await self._shop.database.write(
                actions.address, pending, by_mail="email" in self.ways, by_text="phone" in self.ways
            )
            if found is None:
                return
            languages = (pending.contact.language, found.locale, *settings.languages)
            minutes = int(rules.CODE_LIVES.total_seconds()) // 60
            words = message(languages, settings.brand, pending.code, minutes)
            async with self._turn:
                # Behind a mail server that hangs it may have waited for long.
                if self._shop.clock() >= pending.over_at:
                    _log.warning("code_was_over_before_it_was_sent")
                    return
                await self.ways[found.kind].send(found.value, words)
        except Exception as error:  # noqa: BLE001 - whatever it is, nobody waits for it but the customer
            _log.warning("code_was_not_sent", exc_info=error)
