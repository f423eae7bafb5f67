"""`/customers`: search, context, orders by page, notes, preferences."""

from typing import Annotated

import msgspec
from litestar import get, post, put
from litestar.handlers import HTTPRouteHandler
from litestar.params import HeaderParameter, JSONBody, Parameter

from server.customers import actions, context
from server.customers.rules import people_in_context
from server.customers.search import search
from server.customers.vocabulary import Vocabulary
from server.idempotency.actions import Repeatable, once
from server.problems import BODY, LOOKS, PARAMETERS, WRITES, documented
from server.shop import Shop
from server.wire.customers import (
    CustomerContext,
    NewNote,
    NewPreferences,
    Note,
    Preferences,
    SearchAnswer,
    SearchRequest,
)
from server.wire.orders import OrderPage

CALLER = "loopback"
"""Who writes, until devices have names of their own."""

CustomerId = Annotated[int, Parameter(ge=1, le=2**63 - 1, description="any of the person's customer numbers")]
StoreHere = Annotated[str | None, Parameter(max_length=32, description="code of the store where the question is asked")]
IdempotencyKey = Annotated[
    str | None,
    HeaderParameter(
        name="Idempotency-Key",
        min_length=1,
        max_length=200,
        description="a repeat with the same key gets the first answer again",
    ),
]


def routes(shop: Shop, vocabulary: Vocabulary) -> list[HTTPRouteHandler]:
    """The doors for customers."""

    @post("/customers/search", status_code=200, responses=documented(*BODY, *LOOKS, "search_too_short"))
    async def search_customers(data: JSONBody[SearchRequest]) -> SearchAnswer:
        """Find people by what was typed so far. Names never stand in an address, so this is a POST."""
        answer = await shop.database.read_aside(search, data, vocabulary)
        shop.looked("search", tuple(hit.customer_id for hit in answer.hits))
        return answer

    @get("/customers/{customer_id:int}/context", responses=documented(*PARAMETERS, *LOOKS, "unknown_customer"))
    async def customer_context(customer_id: CustomerId, store: StoreHere = None) -> CustomerContext:
        """All we know of the person that a customer is."""
        answer = await shop.database.read(context.of_customer, customer_id, store, shop.clock())
        shop.looked("context", people_in_context(answer))
        return answer

    @get("/customers/{customer_id:int}/orders", responses=documented(*PARAMETERS, *LOOKS, "unknown_customer"))
    async def customer_orders(
        customer_id: CustomerId,
        before: Annotated[str | None, Parameter(max_length=60, description="`before` of the page before")] = None,
        limit: Annotated[int, Parameter(ge=1, le=100)] = 20,
    ) -> OrderPage:
        """A person's orders, latest first, from a place in the list on."""
        answer = await shop.database.read(context.orders_page, customer_id, before, limit)
        shop.looked("orders", (customer_id,))
        return answer

    @post(
        "/customers/{customer_id:int}/notes",
        responses=documented(*BODY, *WRITES, "unknown_customer", "idempotency_key_reused"),
    )
    async def write_note(
        customer_id: CustomerId, data: JSONBody[NewNote], idempotency_key: IdempotencyKey = None
    ) -> Note:
        """Write down something about a customer."""
        request = _repeatable(idempotency_key, f"POST /customers/{customer_id}/notes", data, customer_id)
        return await shop.database.write(once, request, Note, shop.clock(), actions.add_note, customer_id, data)

    @put(
        "/customers/{customer_id:int}/preferences",
        responses=documented(*BODY, *WRITES, "unknown_customer", "idempotency_key_reused"),
    )
    async def set_preferences(
        customer_id: CustomerId, data: JSONBody[NewPreferences], idempotency_key: IdempotencyKey = None
    ) -> Preferences:
        """Set what fits and pleases a customer, whole."""
        request = _repeatable(idempotency_key, f"PUT /customers/{customer_id}/preferences", data, customer_id)
        return await shop.database.write(
            once, request, Preferences, shop.clock(), actions.set_preferences, customer_id, data
        )

    return [search_customers, customer_context, customer_orders, write_note, set_preferences]


def _repeatable(key: str | None, door: str, body: msgspec.Struct, customer_id: int) -> Repeatable:
    return Repeatable(caller=CALLER, key=key, door=door, body=msgspec.json.encode(body), customer_id=customer_id)
