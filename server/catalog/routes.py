"""`GET /products/{sku}`, `GET /pictures/{hash}`, `/catalog/syncs`, `/stock/snapshots`."""

import hashlib
import tempfile
from contextlib import suppress
from datetime import UTC, datetime
from typing import Annotated

import msgspec
from litestar import Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import JSONBody, Parameter

from server.access.callers import Caller
from server.brand import BrandPicture
from server.catalog import queries, runs
from server.catalog.aside import Snapshots, Syncs
from server.catalog.feeds.formats import FormatName
from server.catalog.search import search
from server.catalog.stocktake import StockOrder
from server.catalog.vocabulary import Vocabulary
from server.db.engine import Connection
from server.idempotency.actions import once
from server.idempotency.requests import IdempotencyKey, Repeatable
from server.messages import told_methods
from server.problems import BODY, DEVICES, PARAMETERS, READS, WRITES, documented
from server.shop import AnyRequest, Shop, nothing, same_for_all
from server.wire.catalog import PictureSize, Product, ProductSearch, ProductsFound, StockReport, SyncRejects, SyncRun
from server.wire.problems import ProblemError

SourceName = Annotated[
    str,
    Parameter(
        pattern=r"^[A-Za-z0-9][A-Za-z0-9._:-]*$", max_length=64, description="whose catalogue this is: shopify:madrid"
    ),
]
RunId = Annotated[int, Parameter(ge=1, le=2**62)]


def routes(shop: Shop, syncs: Syncs, vocabulary: Vocabulary) -> list[HTTPRouteHandler]:
    """The doors for products."""

    @post("/products/search", status_code=200, responses=documented(*DEVICES, *BODY, *READS, "search_too_short"))
    async def search_products(request: AnyRequest, data: JSONBody[ProductSearch]) -> ProductsFound:
        """Find articles by what was typed so far."""
        return await shop.read_aside(request, _search, data, vocabulary)

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
        picture_hash: Annotated[str, Parameter(pattern="^[0-9a-f]{64}$", description="SHA-256 of the large one")],
        size: Annotated[PictureSize, Parameter(description="small for a line of a list")] = "large",
    ) -> Response[bytes]:
        """A picture. Under its name it never changes: whoever has it need never ask again. ETag is its own SHA-256."""
        found: BrandPicture | queries.Picture | None = shop.look.picture(picture_hash)
        if found is None:
            found = await shop.read_aside(request, same_for_all(queries.picture), picture_hash, size)
        else:
            await shop.read(request, nothing)
        if found is None:
            raise ProblemError(
                "unknown_picture", "This picture is not here any more. The next catalogue brings it again."
            )
        kept = {"Cache-Control": "private, max-age=31536000, immutable", "ETag": f'"{found.digest}"'}
        return Response(found.content, media_type=found.media_type, headers=kept)

    @post(
        "/catalog/syncs",
        status_code=202,
        request_max_body_size=None,
        responses=documented(
            *DEVICES, *PARAMETERS, *WRITES, "too_slow", "sync_under_way", "idempotency_key_reused", "invalid_request"
        ),
        description="The body is a whole catalogue, plain or gzip, of any length: Google Merchant as text or XML, "
        "Shopify's product CSV, or a product record a line. All of it counts at once, or nothing.",
    )
    async def begin_sync(
        request: AnyRequest,
        source: SourceName,
        format: Annotated[FormatName | None, Parameter(description="else it is looked at")] = None,  # noqa: A002
        accept: Annotated[bool, Parameter(description="take it although much would be gone or cost much else")] = False,
        dry_run: Annotated[bool, Parameter(description="only say what would change")] = False,
        idempotency_key: IdempotencyKey = None,
    ) -> SyncRun:
        """Take a catalogue: the answer is the run, which goes on when it is given; ask for it to see how far it is."""
        await shop.read(request, nothing)
        options = [
            *(("--format", format) if format else ()),
            *(("--accept",) if accept else ()),
            *(("--dry-run",) if dry_run else ()),
        ]
        file, content = tempfile.TemporaryFile(), hashlib.blake2b(repr((source, options)).encode())  # noqa: SIM115
        begun: list[int] = []

        def begin(conn: Connection, caller: Caller, now: datetime) -> SyncRun:
            run, _ = runs.begin(conn, source, f"sent by {caller.name}", now)
            begun.append(run.id)
            return run

        try:
            async for chunk in request.stream():
                content.update(chunk)
                file.write(chunk)
            repeatable = Repeatable(key=idempotency_key, door="POST /catalog/syncs", body=content.digest())
            run = await shop.write(request, once, repeatable, SyncRun, shop.clock(), begin)
            if run.id in begun:
                syncs.start(run, file, options)
        finally:
            if not begun:
                file.close()
        return run

    @get("/catalog/syncs", responses=documented(*DEVICES, *PARAMETERS, *READS))
    async def latest_syncs(
        request: AnyRequest, limit: Annotated[int, Parameter(ge=1, le=500)] = 50
    ) -> tuple[SyncRun, ...]:
        """Every time that a catalogue was taken, or was to be; the latest first."""
        return await shop.read(request, same_for_all(runs.latest), limit)

    @get("/catalog/syncs/{run_id:int}", responses=documented(*DEVICES, *PARAMETERS, *READS, "unknown_run"))
    async def sync_of(request: AnyRequest, run_id: RunId) -> SyncRun:
        """A run: how far it is, or what it brought."""
        return required(await shop.read(request, same_for_all(runs.run_of), run_id))

    @get("/catalog/syncs/{run_id:int}/rejects", responses=documented(*DEVICES, *PARAMETERS, *READS, "unknown_run"))
    async def sync_rejects(
        request: AnyRequest,
        run_id: RunId,
        after: Annotated[int, Parameter(ge=0, le=2**62)] = 0,
        limit: Annotated[int, Parameter(ge=1, le=10_000)] = 1_000,
    ) -> SyncRejects:
        """The rows that a run refused: line, field, value, rule."""
        required(await shop.read(request, same_for_all(runs.run_of), run_id))
        found = await shop.read_aside(request, same_for_all(runs.rejects_of), run_id, after, limit)
        return SyncRejects(rejects=tuple(row for _, row in found), next=found[-1][0] if len(found) == limit else None)

    return [
        search_products,
        product,
        picture,
        told_methods("/catalog/syncs", "GET", "POST"),
        begin_sync,
        latest_syncs,
        sync_of,
        sync_rejects,
    ]


def stock_routes(shop: Shop, snapshots: Snapshots) -> list[HTTPRouteHandler]:
    """The door for all that stores have."""

    @post(
        "/stock/snapshots",
        status_code=200,
        request_max_body_size=None,
        responses=documented(
            *DEVICES, *PARAMETERS, *WRITES, "too_slow", "snapshot_held", "idempotency_key_reused", "invalid_request"
        ),
        description="The body is all that one store has, or several, plain or gzip, of any length: an object a line, "
        '`{"store": …, "sku": …, "quantity": …}`, or text with these column names in its first line. What it does not '
        "name of a store that it names is not there.",
    )
    async def take_snapshot(
        request: AnyRequest,
        source: SourceName,
        as_of: Annotated[datetime, Parameter(description="when it was true: RFC 3339 with an offset")],
        store: Annotated[
            str | None, Parameter(min_length=1, max_length=32, description="the store, where rows name none")
        ] = None,
        accept: Annotated[bool, Parameter(description="take it although most of a store is not named")] = False,
        idempotency_key: IdempotencyKey = None,
    ) -> StockReport:
        """Take all of the stock of one store or several as it was at one time; the answer comes when that is done."""
        await shop.read(request, nothing)
        order = StockOrder(source, _with_offset(as_of), store, accept)
        if "\0" in (store or ""):
            raise ProblemError("invalid_field", "NUL is no sign of a text", path="store")
        with tempfile.TemporaryFile() as file:
            content = hashlib.blake2b(repr(order).encode())
            async for chunk in request.stream():
                content.update(chunk)
                file.write(chunk)
            repeatable = Repeatable(key=idempotency_key, door="POST /stock/snapshots", body=content.digest())
            with suppress(_NotYetError):
                return await shop.write(request, once, repeatable, StockReport, shop.clock(), _not_yet)
            report = await snapshots.take(file, order)
        return await shop.write(request, once, repeatable, StockReport, shop.clock(), lambda *_: report)

    return [take_snapshot]


def required(run: SyncRun | None) -> SyncRun:
    """A run that was asked for.

    Raises:
        ProblemError: there is none.
    """
    if run is None:
        raise ProblemError("unknown_run", "No run has this number. GET /v1/catalog/syncs lists them.")
    return run


def _with_offset(as_of: datetime) -> datetime:
    """A time that means one moment.

    Raises:
        ProblemError: it does not, or it is none that anybody counted at.
    """
    try:
        moment = as_of.astimezone(UTC)
    except OverflowError:
        moment = None
    if as_of.tzinfo is None or moment is None:
        raise ProblemError("invalid_field", "Expected a time with an offset: 2026-11-21T14:02:03Z", path="as_of")
    return moment


class _NotYetError(Exception):
    """A request was not answered before."""


def _not_yet(_conn: Connection, _caller: Caller, _now: datetime) -> StockReport:
    raise _NotYetError


def _search(conn: Connection, caller: Caller, asked: ProductSearch, vocabulary: Vocabulary) -> ProductsFound:
    if asked.store is None and caller.store is not None:
        asked = msgspec.structs.replace(asked, store=caller.store)
    return search(conn, asked, vocabulary)


def _product(conn: Connection, caller: Caller, sku: str, store: str | None) -> Product | None:
    return queries.product_by_sku(conn, sku, caller.store if store is None else store)
