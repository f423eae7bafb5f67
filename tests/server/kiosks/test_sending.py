"""Codes on their way to people: none arrives that is good for nothing any more."""

import asyncio
from datetime import timedelta

from server.kiosks.actions import Contact, Pending
from server.kiosks.sending import AT_ONCE, Codes
from server.kiosks.words import Message
from server.settings import Settings
from server.shop import Ending
from server.shop import Shop as Served
from tests.server.given import KEYS, NOW, Shop, ledger
from tests.server.http.floor import Hands
from tests.server.http.log import Log
from tests.server.small_shop import EMAIL, LUCIA_CARD, RECORDS


class Hanging:
    """A mail server that takes nothing until it is let go."""

    def __init__(self) -> None:
        self.began, self.goes_on = asyncio.Semaphore(0), asyncio.Event()
        self.sent: list[str] = []

    async def send(self, to: str, words: Message) -> None:
        """See `Sending`."""
        self.began.release()
        await self.goes_on.wait()
        self.sent.append(f"{to}: {words.text}")


def test_a_code_that_is_over_is_not_sent(shop: Shop, log: Log) -> None:
    """What waited behind a mail server that hangs is dropped once it is over; the log says so, and not whose it was."""
    shop.take(*RECORDS)
    hands, contact = Hands(), Contact("card", LUCIA_CARD, "en")
    codes = Codes(Served(shop.database, Settings(), hands, Ending(), KEYS, ledger(shop.database)))

    async def run() -> list[str]:
        hanging = Hanging()
        codes.ways = {"email": hanging}
        async with asyncio.timeout(20), codes.running():
            for n in range(AT_ONCE + 3):
                over = timedelta(minutes=10 if n < AT_ONCE + 2 else 11)
                codes.send(Pending(n + 1, contact, f"12345{n}", NOW + over))
                if n < AT_ONCE:
                    await hanging.began.acquire()
            hands.on(minutes=10)
            hanging.goes_on.set()
        return hanging.sent

    sent = asyncio.run(run())
    assert [text.partition(":")[0] for text in sent] == [EMAIL] * (AT_ONCE + 1)
    assert f"12345{AT_ONCE + 2}" in sent[-1]
    told = [line for line in log.lines if line["level"] == "warning"]
    assert [line["event"] for line in told] == ["code_was_over_before_it_was_sent"] * 2
    assert not [word for word in (EMAIL, LUCIA_CARD, "12345") if word in log.text]
