"""`/customers`: search, context, orders by page, notes, preferences, joining carts."""

from typing import Annotated

import msgspec
from litestar import get, post, put
from litestar.handlers import HTTPRouteHandler
from litestar.params import JSONBody, Parameter

from server.access.callers import Caller
from server.customers import actions, context
from server.customers.rules import people_in_context
from server.customers.search import search
from server.customers.vocabulary import Vocabulary
from server.customers.wishers import count_wishers, wishers_of
from server.db.engine import Connection
from server.idempotency.actions import once
from server.idempotency.requests import IdempotencyKey, repeatable
from server.problems import BODY, LOOKS, PARAMETERS, PERSONS, READS, REPEATABLE, documented
from server.shop import AnyRequest, Shop, same_for_all
from server.wire.carts import Cart, JoinCarts
from server.wire.customers import (
    CustomerContext,
    NewNote,
    NewPreferences,
    Note,
    Preferences,
    SearchAnswer,
    SearchRequest,
    WisherCount,
    WisherPage,
)
from server.wire.orders import OrderPage

CustomerId = Annotated[int, Parameter(ge=1, le=2**63 - 1, description="any of the person's customer numbers")]
Before = Annotated[str | None, Parameter(max_length=60, description="`before` of the page before")]
StoreHere = Annotated[str | None, Parameter(max_length=32, description="code of the store where the question is asked")]

AnyVariant = Annotated[str, Parameter(max_length=100, description="of any variant of the product")]


def routes(shop: Shop, vocabulary: Vocabulary) -> list[HTTPRouteHandler]:
    """The doors for customers."""

    @post("/customers/search", status_code=200, responses=documented(*PERSONS, *BODY, *LOOKS, "search_too_short"))
    async def search_customers(request: AnyRequest, data: JSONBody[SearchRequest]) -> SearchAnswer:
        """Find people by what was typed so far. Names never stand in an address, so this is a POST."""
        answer = await shop.read_aside(request, _search, data, vocabulary)
        shop.looked(request, "search", tuple(hit.customer_id for hit in answer.hits))
        return answer

    @get(
        "/customers/{customer_id:int}/context", responses=documented(*PERSONS, *PARAMETERS, *LOOKS, "unknown_customer")
    )
    async def customer_context(
        request: AnyRequest, customer_id: CustomerId, store: StoreHere = None
    ) -> CustomerContext:
        """All we know of the person that a customer is."""
        answer = await shop.read(request, context.for_caller, customer_id, store, shop.clock())
        shop.looked(request, "context", people_in_context(answer))
        return answer

    @get("/customers/{customer_id:int}/orders", responses=documented(*PERSONS, *PARAMETERS, *LOOKS, "unknown_customer"))
    async def customer_orders(
        request: AnyRequest,
        customer_id: CustomerId,
        before: Before = None,
        limit: Annotated[int, Parameter(ge=1, le=100)] = 20,
    ) -> OrderPage:
        """A person's orders, latest first, from a place in the list on."""
        answer = await shop.read(request, same_for_all(context.orders_page), customer_id, before, limit)
        shop.looked(request, "orders", (customer_id,))
        return answer

    @get("/wishers", responses=documented(*PERSONS, *PARAMETERS, *LOOKS, "unknown_product"))
    async def wishers(
        request: AnyRequest,
        sku: AnyVariant,
        store: StoreHere = None,
        before: Before = None,
        limit: Annotated[int, Parameter(ge=1, le=100)] = 20,
    ) -> WisherPage:
        """Customers of a store who wish for a product, the latest wish first."""
        answer = await shop.read_aside(request, wishers_of, sku, store, before, limit)
        shop.looked(request, "search", tuple(wisher.hit.customer_id for wisher in answer.wishers))
        return answer

    @get("/wishers/count", responses=documented(*PERSONS, *PARAMETERS, *READS, "unknown_product"))
    async def wisher_count(request: AnyRequest, sku: AnyVariant, store: StoreHere = None) -> WisherCount:
        """How many customers of a store wish for a product: nobody is named, so nobody was looked at."""
        return await shop.read_aside(request, count_wishers, sku, store)

    @post(
        "/customers/{customer_id:int}/notes",
        responses=documented(*PERSONS, *BODY, *REPEATABLE, "unknown_customer"),
    )
    async def write_note(
        request: AnyRequest, customer_id: CustomerId, data: JSONBody[NewNote], idempotency_key: IdempotencyKey = None
    ) -> Note:
        """Write down something about a customer."""
        asked = repeatable(idempotency_key, f"POST /customers/{customer_id}/notes", data, customer_id)
        return await shop.write(request, once, asked, Note, shop.clock(), actions.add_note, customer_id, data)

    @put(
        "/customers/{customer_id:int}/preferences",
        responses=documented(*PERSONS, *BODY, *REPEATABLE, "unknown_customer"),
    )
    async def set_preferences(
        request: AnyRequest,
        customer_id: CustomerId,
        data: JSONBody[NewPreferences],
        idempotency_key: IdempotencyKey = None,
    ) -> Preferences:
        """Set what fits and pleases a customer, whole."""
        asked = repeatable(idempotency_key, f"PUT /customers/{customer_id}/preferences", data, customer_id)
        return await shop.write(
            request, once, asked, Preferences, shop.clock(), actions.set_preferences, customer_id, data
        )

    @post(
        "/customers/{customer_id:int}/carts/join",
        status_code=200,
        responses=documented(
            *PERSONS,
            *BODY,
            *REPEATABLE,
            *LOOKS,
            *("unknown_customer", "unknown_cart", "cart_closed", "handoff_taken", "other_currency"),
        ),
    )
    async def join_carts(
        request: AnyRequest, customer_id: CustomerId, data: JSONBody[JoinCarts], idempotency_key: IdempotencyKey = None
    ) -> Cart:
        """Put all that is in one of a person's carts into another; answers with the one that is filled."""
        asked = repeatable(idempotency_key, f"POST /customers/{customer_id}/carts/join", data, customer_id)
        cart = await shop.write(request, once, asked, Cart, shop.clock(), actions.join_carts, customer_id, data)
        shop.looked(request, "cart", (customer_id,))
        return cart

    return [
        search_customers,
        customer_context,
        customer_orders,
        wishers,
        wisher_count,
        write_note,
        set_preferences,
        join_carts,
    ]


def _search(conn: Connection, caller: Caller, asked: SearchRequest, vocabulary: Vocabulary) -> SearchAnswer:
    if asked.store is None and caller.store is not None:
        asked = msgspec.structs.replace(asked, store=caller.store)
    return search(conn, asked, vocabulary)
