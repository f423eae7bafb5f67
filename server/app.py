"""What the server is: every route, guard and plugin, named in one place."""

from collections.abc import Awaitable, Callable
from importlib.metadata import version
from time import monotonic

from litestar import Litestar, Response, Router
from litestar.exceptions import PermissionDeniedException
from litestar.openapi import OpenAPIConfig

import server.access.routes
import server.calls.routes
import server.carts.routes
import server.catalog.routes
import server.customers.routes
import server.handoffs.routes
import server.health.routes
import server.ingest.routes
import server.kiosks.routes
import server.live.routes
import server.lookup.routes
import server.pages.routes
import server.privacy.routes
import server.stores.routes
from server import problems
from server.audit.ledger import Ledger
from server.brand import OURS, BrandLook
from server.catalog.aside import Snapshots, Syncs
from server.catalog.filling import filling
from server.catalog.nightly import Nightly
from server.catalog.vocabulary import Vocabulary as ArticleVocabulary
from server.clock import Clock
from server.customers.guests import place_for
from server.customers.vocabulary import Vocabulary
from server.db.engine import Database
from server.document import JsonDocument, YamlDocument
from server.edge.edge import Edge
from server.edge.hosts import HostCheck
from server.edge.rates import RateCheck
from server.edge.sizes import check_sizes
from server.keys import Keys
from server.kiosks.sending import Codes
from server.live.stream import Live
from server.messages import Answered, Asked
from server.networks import is_loopback
from server.outbox.sending import Outbox
from server.pages.files import templates
from server.privacy.keeper import Keeper
from server.settings import Settings
from server.shop import AnyRequest, Ending, Shop, nothing

LARGEST_BODY = 64 * 1024
"""Bytes; for all doors but those that take streams."""


def create_app(
    settings: Settings,
    database: Database,
    clock: Clock,
    ending: Ending,
    keys: Keys,
    ledger: Ledger,
    fingerprint: str | None = None,
    look: BrandLook = OURS,
) -> Litestar:
    """Put the server together. Whoever opened the database closes it, and says when the server is to end."""
    shop = Shop(database, settings, clock, ending, keys, ledger, fingerprint, look)
    live = Live(database, ending)
    keeper = Keeper(shop)
    syncs = Syncs(shop)
    nightly = Nightly(shop)
    codes = Codes(shop)
    outbox = Outbox(shop)
    doors = Router(
        path="/v1",
        route_handlers=[
            *server.lookup.routes.routes(shop),
            *server.customers.routes.routes(shop, Vocabulary()),
            *server.carts.routes.routes(shop, place_for),
            *server.catalog.routes.routes(shop, syncs, ArticleVocabulary()),
            *server.catalog.routes.stock_routes(shop, Snapshots(shop)),
            *server.stores.routes.routes(shop),
            *server.ingest.routes.routes(shop),
            *server.live.routes.routes(shop, live),
            *server.access.routes.routes(shop),
            *server.privacy.routes.routes(shop, keeper),
            *server.kiosks.routes.routes(shop, codes),
            *server.calls.routes.routes(shop),
            *server.handoffs.routes.routes(shop),
        ],
    )
    till = server.pages.routes.router(shop)
    app = Litestar(
        route_handlers=[doors, *server.health.routes.routes(shop), till],
        template_config=templates(),
        lifespan=[
            lambda _: ledger.running(),
            lambda _: live.running(),
            lambda _: keeper.running(),
            lambda _: syncs.running(),
            lambda _: filling(database),
            lambda _: nightly.running(),
            lambda _: codes.running(),
            lambda _: outbox.running(),
        ],
        exception_handlers={**problems.HANDLERS, PermissionDeniedException: server.pages.routes.refuser(till)},
        request_max_body_size=LARGEST_BODY,
        request_class=Asked,
        response_class=Answered,
        # Logs are set up by whoever starts the server: see server/logs.py.
        logging_config=None,
        openapi_config=OpenAPIConfig(
            title="Mostrador",
            version=version("mostrador"),
            description="The shopper's online cart, wish lists and history at the shop counter.",
            openapi_router=Router(
                path="/schema",
                route_handlers=[],
                include_in_schema=False,
                before_request=_asks_who(shop),
                after_request=problems.instead_of_page,
                # The document comes as bytes, which are no message of ours.
                response_class=Response,
            ),
            use_handler_docstrings=True,
            # Its pages for people load scripts from elsewhere, which a shop's network does not reach.
            render_plugins=[JsonDocument(), YamlDocument()],
        ),
    )
    rates = RateCheck(settings.rate_limit, settings.rate_burst, monotonic)
    app.asgi_handler = Edge(app.asgi_handler, (check_sizes, HostCheck(settings.allowed_hosts), rates), rates)
    return app


def _asks_who(shop: Shop) -> Callable[[AnyRequest], Awaitable[None]]:
    """Lets devices see the OpenAPI document, and whoever sits at the server itself; its routes are Litestar's own."""

    async def before(request: AnyRequest) -> None:
        client = request.scope["client"]
        if client is None or not is_loopback(client[0]):
            await shop.read(request, nothing)

    return before
