"""`GET /products/{sku}`."""

from typing import Annotated

from litestar import get
from litestar.handlers import HTTPRouteHandler
from litestar.params import Parameter

from server.catalog import queries
from server.problems import documented
from server.shop import Shop
from server.wire.catalog import Product
from server.wire.problems import ProblemError


def routes(shop: Shop) -> list[HTTPRouteHandler]:
    """The doors for products."""

    @get("/products/{sku:str}", responses=documented("unknown_product"))
    async def product(
        sku: Annotated[str, Parameter(max_length=100)],
        store: Annotated[str | None, Parameter(max_length=32, description="code of the store to look from")] = None,
    ) -> Product:
        """A product by the SKU of one of its variants, with all of them and their stock."""
        found = await shop.database.read(queries.product_by_sku, sku, store)
        if found is None:
            raise ProblemError("unknown_product", "No article has this SKU. Scan its code, or look for it by name.")
        return found

    return [product]
