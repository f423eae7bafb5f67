"""`/handoffs`. A code is good for ten minutes and is a secret, so it stands in a body and never in an address."""

from typing import Annotated

import msgspec
from litestar import get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import JSONBody, Parameter

from server.handoffs import actions, queries
from server.idempotency.actions import once
from server.idempotency.requests import SECRETS_TOLD, IdempotencyKey, Repeatable
from server.problems import BODY, DEVICES, LOOKS, PARAMETERS, PERSONS, READS, REPEATABLE, documented
from server.shop import AnyRequest, Shop
from server.wire.handoffs import Handoff, HandoffCode, HandoffEnd, NewHandoff, RedeemedHandoff
from server.wire.problems import ProblemError

HandoffId = Annotated[int, Parameter(ge=1, le=2**63 - 1)]


def routes(shop: Shop) -> list[HTTPRouteHandler]:
    """The doors through which a cart leaves."""

    @post(
        "/handoffs",
        responses=documented(
            *PERSONS, *BODY, *REPEATABLE, "unknown_cart", "empty_cart", "handoff_taken", "answer_expired"
        ),
    )
    async def issue(request: AnyRequest, data: JSONBody[NewHandoff], idempotency_key: IdempotencyKey = None) -> Handoff:
        """Send a cart to a till, with a code that is good once, to the phone, or to the door."""
        asked = _repeatable(shop, "POST /v1/handoffs", idempotency_key, data)
        return await shop.write(
            request, once, asked, Handoff, shop.clock(), actions.issue, data, shop.keys, shop.settings
        )

    @get("/handoffs/{handoff_id:int}", responses=documented(*PERSONS, *PARAMETERS, *READS, "unknown_handoff"))
    async def state(request: AnyRequest, handoff_id: HandoffId) -> Handoff:
        """What became of a handoff; the code is told no more."""
        return await shop.read(request, queries.seen, handoff_id, shop.clock())

    @post(
        "/handoffs/redemption",
        status_code=200,
        responses=documented(
            *DEVICES,
            *BODY,
            *REPEATABLE,
            *LOOKS,
            *("unknown_handoff", "handoff_taken", "handoff_over", "too_many_tries", "answer_expired"),
        ),
    )
    async def redeem(
        request: AnyRequest, data: JSONBody[HandoffCode], idempotency_key: IdempotencyKey = None
    ) -> RedeemedHandoff:
        """Take a cart at a till, by its code: once, and again only for the same till and Idempotency-Key."""
        asked = _repeatable(shop, "POST /v1/handoffs/redemption", idempotency_key, data)
        outcome, whom = await shop.write(request, actions.redeem_once, asked, data, shop.keys, shop.clock())
        if isinstance(outcome, ProblemError):
            shop.guessed(request)
            raise outcome
        shop.looked(request, "handoff", (whom,) if whom else ())
        return outcome

    @post(
        "/handoffs/{handoff_id:int}/completion",
        status_code=200,
        responses=documented(*DEVICES, *PARAMETERS, *REPEATABLE, "unknown_handoff", "handoff_over"),
    )
    async def complete(
        request: AnyRequest, handoff_id: HandoffId, idempotency_key: IdempotencyKey = None
    ) -> HandoffEnd:
        """Say that it was sold: that leaves the cart, which is converted where nothing is left."""
        asked = _repeatable(shop, f"POST /v1/handoffs/{handoff_id}/completion", idempotency_key)
        return await shop.write(request, once, asked, HandoffEnd, shop.clock(), actions.complete, handoff_id)

    @post(
        "/handoffs/{handoff_id:int}/release",
        status_code=200,
        responses=documented(*DEVICES, *PARAMETERS, *REPEATABLE, "unknown_handoff", "handoff_over"),
    )
    async def release(request: AnyRequest, handoff_id: HandoffId, idempotency_key: IdempotencyKey = None) -> HandoffEnd:
        """Give a cart back: it stays open."""
        asked = _repeatable(shop, f"POST /v1/handoffs/{handoff_id}/release", idempotency_key)
        return await shop.write(request, once, asked, HandoffEnd, shop.clock(), actions.release, handoff_id)

    return [issue, redeem, state, complete, release]


def _repeatable(shop: Shop, door: str, key: str | None, body: msgspec.Struct | None = None) -> Repeatable:
    """A request behind which there are codes."""
    return Repeatable(
        key=key,
        door=door,
        body=b"" if body is None else msgspec.json.encode(body),
        seal=shop.keys.answers,
        told_for=SECRETS_TOLD,
    )
