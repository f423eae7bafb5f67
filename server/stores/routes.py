"""`GET /stores`, `GET /setup`."""

from typing import Annotated

from litestar import get
from litestar.handlers import HTTPRouteHandler
from litestar.params import Parameter

from server.access.callers import Caller
from server.db.engine import Connection
from server.problems import DEVICES, PARAMETERS, READS, documented
from server.shop import AnyRequest, Shop, same_for_all
from server.stores import queries
from server.wire.problems import ProblemError
from server.wire.stores import Brand, Setup, Store


def routes(shop: Shop) -> list[HTTPRouteHandler]:
    """The doors for stores and for what a device needs first."""

    @get("/stores", responses=documented(*DEVICES, *READS))
    async def stores(request: AnyRequest) -> tuple[Store, ...]:
        """Every store of the chain, by name."""
        return await shop.read(request, same_for_all(queries.all_stores))

    @get("/setup", responses=documented(*DEVICES, *PARAMETERS, *READS, "unknown_store"))
    async def setup(
        request: AnyRequest,
        store: Annotated[
            str | None, Parameter(max_length=32, description="code of another store than the device stands in")
        ] = None,
    ) -> Setup:
        """What a device needs to know before its first scan."""
        found = await shop.read(request, _store, store)
        if store is not None and found is None:
            raise ProblemError("unknown_store", "There is no store with this code. The codes stand at /v1/stores.")
        settings, look = shop.settings, shop.look
        return Setup(
            brand=Brand(
                name=settings.brand,
                color=settings.brand_color,
                logo=look.logo and look.logo.digest,
                welcome=look.welcome and look.welcome.digest,
            ),
            store=found,
            card_patterns=settings.card_patterns,
            currency=settings.currency,
            languages=settings.languages,
            proofs=settings.proofs,
        )

    return [stores, setup]


def _store(conn: Connection, caller: Caller, code: str | None) -> Store | None:
    """A store by its code, else the one in which the caller stands, if it is known by now."""
    wanted = caller.store if code is None else code
    return None if wanted is None else queries.by_code(conn, wanted)
