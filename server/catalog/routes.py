"""`GET /products/{sku}`, `GET /pictures/{hash}`."""

import asyncio
import hashlib
from pathlib import Path
from typing import Annotated

from litestar import Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.params import Parameter

from server.access.callers import Caller
from server.catalog import queries
from server.db.engine import Connection
from server.problems import DEVICES, PARAMETERS, READS, documented
from server.shop import AnyRequest, Shop, same_for_all
from server.wire.catalog import Product
from server.wire.problems import ProblemError


def routes(shop: Shop) -> list[HTTPRouteHandler]:
    """The doors for products."""

    @get("/products/{sku:str}", responses=documented(*DEVICES, *PARAMETERS, *READS, "unknown_product"))
    async def product(
        request: AnyRequest,
        sku: Annotated[str, Parameter(max_length=100)],
        store: Annotated[str | None, Parameter(max_length=32, description="code of the store to look from")] = None,
    ) -> Product:
        """A product by the SKU of one of its variants, with all of them and their stock."""
        found = await shop.read(request, _product, sku, store)
        if found is None:
            raise ProblemError("unknown_product", "No article has this SKU. Scan its code, or look for it by name.")
        return found

    @get(
        "/pictures/{picture_hash:str}",
        media_type="image/*",
        responses=documented(*DEVICES, *PARAMETERS, *READS, "unknown_picture"),
    )
    async def picture(
        request: AnyRequest,
        picture_hash: Annotated[str, Parameter(pattern="^[0-9a-f]{64}$", description="SHA-256 of its content")],
    ) -> Response[bytes]:
        """A picture. As its name is the hash of its content, whoever has it need never ask again."""
        found = await shop.read(request, same_for_all(queries.picture), picture_hash)
        content = None if found is None else await asyncio.to_thread(_content, Path(found[0]), picture_hash)
        if found is None or content is None:
            raise ProblemError(
                "unknown_picture", "This picture is not here any more. The next catalogue brings it again."
            )
        return Response(content, media_type=found[1], headers={"Cache-Control": "private, max-age=31536000, immutable"})

    return [product, picture]


def _content(path: Path, picture_hash: str) -> bytes | None:
    """A picture's bytes; None where the file is gone or has become another."""
    try:
        content = path.read_bytes()
    except OSError:
        return None
    return content if hashlib.sha256(content).hexdigest() == picture_hash else None


def _product(conn: Connection, caller: Caller, sku: str, store: str | None) -> Product | None:
    return queries.product_by_sku(conn, sku, caller.store if store is None else store)
