"""`GET /stores`, `GET /setup`."""

from typing import Annotated

from litestar import get
from litestar.handlers import HTTPRouteHandler
from litestar.params import Parameter

from server.problems import PARAMETERS, READS, documented
from server.shop import Shop
from server.stores import queries
from server.wire.problems import ProblemError
from server.wire.stores import Brand, Setup, Store


def routes(shop: Shop) -> list[HTTPRouteHandler]:
    """The doors for stores and for what a device needs first."""

    @get("/stores", responses=documented(*READS))
    async def stores() -> tuple[Store, ...]:
        """Every store of the chain, by name."""
        return await shop.database.read(queries.all_stores)

    @get("/setup", responses=documented(*PARAMETERS, *READS, "unknown_store"))
    async def setup(
        store: Annotated[
            str | None, Parameter(max_length=32, description="code of the store the device stands in")
        ] = None,
    ) -> Setup:
        """What a device needs to know before its first scan."""
        found = None if store is None else await shop.database.read(queries.by_code, store)
        if store is not None and found is None:
            raise ProblemError("unknown_store", "There is no store with this code. The codes stand at /v1/stores.")
        settings = shop.settings
        return Setup(
            brand=Brand(name=settings.brand),
            store=found,
            card_patterns=settings.card_patterns,
            currency=settings.currency,
            languages=settings.languages,
        )

    return [stores, setup]
