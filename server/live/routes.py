"""`GET /live`."""

from typing import Annotated

from litestar import get
from litestar.handlers import HTTPRouteHandler
from litestar.params import HeaderParameter, Parameter
from litestar.response import ServerSentEvent

from server.access.admission import admitted
from server.access.callers import Caller, Guest
from server.access.doors import MANAGERS
from server.customers.guests import open_cart
from server.db.engine import Connection
from server.live import queries
from server.live.stream import Live, Wanted
from server.orders.queries import NOBODY
from server.problems import DEVICES, LOOKS, PARAMETERS, documented
from server.shop import AnyRequest, Shop, door_of, nothing
from server.wire.problems import ProblemError

HEAR_OF_RUNS = MANAGERS | {"sync"}
"""Who is told how far catalogue syncs are."""


def routes(shop: Shop, live: Live) -> list[HTTPRouteHandler]:
    """The door behind which things are told as they happen."""

    @get(
        "/live",
        media_type="text/event-stream",
        responses=documented(*DEVICES, *PARAMETERS, *LOOKS, "unknown_customer"),
    )
    async def stream(
        request: AnyRequest,
        customer: Annotated[
            int | None, Parameter(ge=1, le=2**63 - 1, description="only what is about this customer's person")
        ] = None,
        store: Annotated[str | None, Parameter(max_length=32, description="only what is about this store")] = None,
        last_event_id: Annotated[
            str | None, HeaderParameter(name="Last-Event-ID", description="go on after this event")
        ] = None,
    ) -> ServerSentEvent:
        """Tell what happens, as server-sent events; the first, `opened`, says whether the stream goes on unbroken."""
        wanted = await shop.read(request, _wanted, customer, store)
        if wanted.personal and wanted.person_id is not None:
            shop.looked(request, "live", (wanted.person_id,))
        shown, door = shop.credentials(request), door_of(request)

        async def look() -> None:
            await shop.database.read(admitted, shown, door, shop.clock(), nothing)

        return ServerSentEvent(live.follow(wanted, _number(last_event_id), look))

    return [stream]


def _wanted(conn: Connection, caller: Caller, customer: int | None, store: str | None) -> Wanted:
    """What a stream tells of: a device on which nobody is signed in hears of no customer, a customer of their carts.

    HQ's programs hear of everybody's carts, as the shops that these are from have to follow what happens to them.

    Raises:
        ProblemError: there is no such customer, or they are not the caller's to hear of.
    """
    if caller.guest is not None:
        return _of_guest(conn, caller.guest, customer)._replace(at=caller.store)
    personal = caller.role is not None
    if customer is None:
        runs = store is None and caller.who in HEAR_OF_RUNS
        return Wanted(None, None, store, personal, runs=runs, carts=caller.who == "sync")
    if not personal:
        raise ProblemError("wrong_caller", "Customers are told of to people who are signed in. Leave `customer` out.")
    person_id = queries.person_of(conn, customer)
    if person_id is None:
        raise ProblemError("unknown_customer", "There is no customer with this number. Search again.")
    return Wanted(customer, person_id, store, personal)


def _of_guest(conn: Connection, guest: Guest, customer: int | None) -> Wanted:
    if customer is not None:
        raise ProblemError("wrong_caller", "At a kiosk nobody is told of but who is there. Leave `customer` out.")
    if guest.customer_id != NOBODY:
        return Wanted(guest.customer_id, queries.person_of(conn, guest.customer_id), None, personal=True, guest=True)
    found = None if guest.cart is None else open_cart(conn, guest.cart)
    return Wanted(None, None, None, personal=True, guest=True, cart_id=None if found is None else found.place.id)


def _number(last_event_id: str | None) -> int | None:
    if not last_event_id:
        return None
    if not (last_event_id.isascii() and last_event_id.isdigit() and len(last_event_id) <= 18):
        raise ProblemError(
            "invalid_field", "This is no event's number: send the `id` of the last event.", path="Last-Event-ID"
        )
    return int(last_event_id)
