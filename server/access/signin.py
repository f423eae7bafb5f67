"""How people show who they are. A PIN is one way; whatever comes beside it proves a person in the same two steps."""

from collections.abc import Callable
from datetime import datetime
from typing import Protocol, TypeVar

from server.access import actions
from server.access.actions import Try
from server.access.callers import Caller
from server.access.pins import Pins
from server.access.queries import Staff
from server.db.engine import Connection
from server.shop import AnyRequest, Shop
from server.wire.access import SignIn
from server.wire.problems import ProblemError

Claim_contra = TypeVar("Claim_contra", contravariant=True)
Confirm = Callable[[Connection, Caller, datetime], Staff]
"""Says in a transaction who was proven, if that still holds; raises the problem if it does not."""


class Proving(Protocol[Claim_contra]):
    """A way to show who one is."""

    async def prove(self, request: AnyRequest, claim: Claim_contra) -> Confirm:
        """Find out, outside of transactions, whether somebody is who they claim to be.

        Raises:
            ProblemError: they are not, or it is too early to try again.
        """
        ...


class ByPin:
    """By a name or a badge, and a PIN."""

    def __init__(self, shop: Shop, pins: Pins) -> None:
        self._shop = shop
        self._pins = pins

    async def prove(self, request: AnyRequest, claim: SignIn) -> Confirm:
        """See `Proving`. The try is counted before the PIN is looked at, which takes a while."""
        shop = self._shop
        tried = await shop.write(request, actions.begin_try, claim, shop.keys, shop.clock())
        assert tried.staff.pin_hash is not None
        if not await self._pins.is_pin(tried.staff.pin_hash, claim.pin):
            raise ProblemError(
                "wrong_pin", "This PIN is not the right one. Try again.", path="$.pin", retry_after=tried.wait or None
            )
        return _confirming(tried)


def _confirming(tried: Try) -> Confirm:
    def confirm(conn: Connection, caller: Caller, now: datetime) -> Staff:
        return actions.confirm_try(conn, caller, tried, now)

    return confirm
