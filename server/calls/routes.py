"""`/kiosk/calls`."""

from typing import Annotated

from litestar import get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import JSONBody, Parameter

from server.calls import actions, queries
from server.idempotency.actions import once
from server.idempotency.requests import IdempotencyKey, Repeatable, repeatable
from server.messages import told_methods
from server.problems import BODY, DEVICES, PARAMETERS, PERSONS, READS, REPEATABLE, documented
from server.shop import AnyRequest, Shop
from server.wire.calls import HelpCall, NewHelpCall


def routes(shop: Shop) -> list[HTTPRouteHandler]:
    """The doors for calls for help."""

    @post("/kiosk/calls", responses=documented(*DEVICES, *BODY, *REPEATABLE))
    async def call(
        request: AnyRequest, data: JSONBody[NewHelpCall], idempotency_key: IdempotencyKey = None
    ) -> HelpCall:
        """Call somebody to this kiosk; a kiosk has one call that waits, a second one is answered with it."""
        asked = repeatable(idempotency_key, "POST /v1/kiosk/calls", data, None)
        return await shop.write(request, once, asked, HelpCall, shop.clock(), actions.call, data)

    @get("/kiosk/calls", responses=documented(*PERSONS, *READS))
    async def calls(request: AnyRequest) -> tuple[HelpCall, ...]:
        """Kiosks of this store at which somebody waits for help."""
        return await shop.read(request, queries.waiting_here, shop.clock())

    @post(
        "/kiosk/calls/{call_id:int}/answer",
        status_code=200,
        responses=documented(*PERSONS, *PARAMETERS, *REPEATABLE, "unknown_call"),
    )
    async def answer(
        request: AnyRequest,
        call_id: Annotated[int, Parameter(ge=1, le=2**63 - 1)],
        idempotency_key: IdempotencyKey = None,
    ) -> HelpCall:
        """Say that one is on the way; the answer says who is, if somebody else was quicker."""
        asked = Repeatable(key=idempotency_key, door=f"POST /v1/kiosk/calls/{call_id}/answer", body=b"")
        return await shop.write(request, once, asked, HelpCall, shop.clock(), actions.answer, call_id)

    return [told_methods("/kiosk/calls", "GET", "POST"), call, calls, answer]
