"""`/carts`: what is changed in a cart at the counter. Each door answers with the whole cart."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any

from litestar import delete, post, put
from litestar.handlers import HTTPRouteHandler
from litestar.params import JSONBody, Parameter

from server.access.callers import Caller
from server.carts import actions
from server.carts.actions import Place
from server.db.engine import Connection
from server.idempotency.actions import once
from server.idempotency.requests import IdempotencyKey, repeatable
from server.messages import told_methods
from server.problems import BODY, LOOKS, PARAMETERS, PERSONS, REPEATABLE, documented
from server.shop import AnyRequest, Shop
from server.wire.base import Wire
from server.wire.carts import Cart, LineQuantity, NewCartLine

CartId = Annotated[int, Parameter(ge=1, le=2**63 - 1, description="number of the cart")]
LineNumber = Annotated[int, Parameter(ge=1, le=2**63 - 1, description="`line` of the line")]
BaseQuantity = Annotated[int, Parameter(ge=0, le=10**9, description="what was there for whoever takes it out")]
PlaceFor = Callable[[Connection, Caller, int], Place]
"""Where a cart lies that a caller may change, by its number; raises the problem if there is none."""
CHANGES = (*PERSONS, *REPEATABLE, *LOOKS, "unknown_cart", "cart_closed", "handoff_taken")


def routes(shop: Shop, place_for: PlaceFor) -> list[HTTPRouteHandler]:
    """The doors for carts."""

    async def change(
        request: AnyRequest, cart_id: int, key: str | None, door: str, wanted: Wire, action: Any, *args: Any
    ) -> Cart:
        customer_id, cart = await shop.write(
            request, _changed, place_for, shop.clock(), cart_id, key, door, wanted, action, *args
        )
        shop.looked(request, "cart", () if customer_id is None else (customer_id,))
        return cart

    @post(
        "/carts/{cart_id:int}/lines",
        status_code=200,
        responses=documented(*CHANGES, *BODY, "unknown_product", "other_currency"),
    )
    async def add_line(
        request: AnyRequest, cart_id: CartId, data: JSONBody[NewCartLine], idempotency_key: IdempotencyKey = None
    ) -> Cart:
        """Put an article into a cart; more of what is there joins its line."""
        door = f"POST /carts/{cart_id}/lines"
        return await change(request, cart_id, idempotency_key, door, data, actions.add_line, data)

    @put(
        "/carts/{cart_id:int}/lines/{line:int}",
        responses=documented(*CHANGES, *BODY, "unknown_line", "unknown_product", "other_product", "other_currency"),
    )
    async def set_line(
        request: AnyRequest,
        cart_id: CartId,
        line: LineNumber,
        data: JSONBody[LineQuantity],
        idempotency_key: IdempotencyKey = None,
    ) -> Cart:
        """Change how many of a line are in a cart, or which variant; what others changed meanwhile counts too."""
        door = f"PUT /carts/{cart_id}/lines/{line}"
        return await change(request, cart_id, idempotency_key, door, data, actions.set_line, line, data)

    @delete(
        "/carts/{cart_id:int}/lines/{line:int}",
        status_code=200,
        responses=documented(*CHANGES, *PARAMETERS, "unknown_line"),
    )
    async def remove_line(
        request: AnyRequest,
        cart_id: CartId,
        line: LineNumber,
        base_quantity: BaseQuantity,
        idempotency_key: IdempotencyKey = None,
    ) -> Cart:
        """Take a line out of a cart; to put it back, change its quantity from 0, or add its article."""
        wanted = LineQuantity(quantity=0, base_quantity=base_quantity)
        door = f"DELETE /carts/{cart_id}/lines/{line}"
        return await change(request, cart_id, idempotency_key, door, wanted, actions.set_line, line, wanted)

    of_line = told_methods("/carts/{cart_id:int}/lines/{line:int}", "PUT", "DELETE")
    return [of_line, add_line, set_line, remove_line]


def _changed(
    conn: Connection,
    caller: Caller,
    place_for: PlaceFor,
    now: datetime,
    cart_id: int,
    key: str | None,
    door: str,
    wanted: Wire,
    action: Any,
    *args: Any,
) -> tuple[int | None, Cart]:
    """Whose cart it is, and the cart after a change that is made once."""
    place = place_for(conn, caller, cart_id)
    asked = repeatable(key, door, wanted, place.customer_id)
    return place.customer_id, once(conn, caller, asked, Cart, now, action, place, *args)
