"""`GET /live`."""

from typing import Annotated

from litestar import get
from litestar.handlers import HTTPRouteHandler
from litestar.params import HeaderParameter, Parameter
from litestar.response import ServerSentEvent

from server.live import queries
from server.live.stream import Live, Wanted
from server.problems import LOOKS, PARAMETERS, documented
from server.shop import Shop
from server.wire.problems import ProblemError


def routes(shop: Shop, live: Live) -> list[HTTPRouteHandler]:
    """The door behind which things are told as they happen."""

    @get("/live", media_type="text/event-stream", responses=documented(*PARAMETERS, *LOOKS, "unknown_customer"))
    async def stream(
        customer: Annotated[
            int | None, Parameter(ge=1, le=2**63 - 1, description="only what is about this customer's person")
        ] = None,
        store: Annotated[str | None, Parameter(max_length=32, description="only what is about this store")] = None,
        last_event_id: Annotated[
            str | None, HeaderParameter(name="Last-Event-ID", description="go on after this event")
        ] = None,
    ) -> ServerSentEvent:
        """Tell what happens, as server-sent events; the first, `opened`, says whether the stream goes on unbroken."""
        person_id = None
        if customer is not None:
            person_id = await shop.database.read(queries.person_of, customer)
            if person_id is None:
                raise ProblemError("unknown_customer", "There is no customer with this number. Search again.")
            shop.looked("live", (person_id,))
        wanted = Wanted(customer, person_id, store)
        return ServerSentEvent(live.follow(wanted, _number(last_event_id)))

    return [stream]


def _number(last_event_id: str | None) -> int | None:
    if not last_event_id:
        return None
    if not (last_event_id.isascii() and last_event_id.isdigit() and len(last_event_id) <= 18):
        raise ProblemError(
            "invalid_field", "This is no event's number: send the `id` of the last event.", path="Last-Event-ID"
        )
    return int(last_event_id)
