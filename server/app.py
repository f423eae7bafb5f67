"""What the server is: every route, guard and plugin, named in one place."""

from importlib.metadata import version

from litestar import Litestar, Router
from litestar.openapi import OpenAPIConfig

import server.catalog.routes
import server.customers.routes
import server.health.routes
import server.ingest.routes
import server.live.routes
import server.lookup.routes
import server.stores.routes
from server import problems
from server.audit.ledger import Ledger
from server.customers.vocabulary import Vocabulary
from server.db.engine import Database
from server.document import JsonDocument, YamlDocument
from server.hosts import HostCheck
from server.live.stream import Live
from server.settings import Settings
from server.shop import Clock, Ending, Shop

LARGEST_BODY = 64 * 1024
"""Bytes; for all doors but those that take streams."""


def create_app(settings: Settings, database: Database, clock: Clock, ending: Ending, ledger: Ledger) -> Litestar:
    """Put the server together. Whoever opened the database closes it, and says when the server is to end."""
    shop = Shop(database, settings, clock, ending, ledger)
    live = Live(database, ending)
    doors = Router(
        path="/v1",
        route_handlers=[
            *server.lookup.routes.routes(shop),
            *server.customers.routes.routes(shop, Vocabulary()),
            *server.catalog.routes.routes(shop),
            *server.stores.routes.routes(shop),
            *server.ingest.routes.routes(shop),
            *server.live.routes.routes(shop, live),
        ],
    )
    app = Litestar(
        route_handlers=[doors, *server.health.routes.routes(shop)],
        lifespan=[lambda _: ledger.running(), lambda _: live.running()],
        exception_handlers=dict(problems.HANDLERS),
        request_max_body_size=LARGEST_BODY,
        # Nothing of a request goes to a log, so no library may set one up.
        logging_config=None,
        openapi_config=OpenAPIConfig(
            title="Mostrador",
            version=version("mostrador"),
            description="The shopper's online cart, wish lists and history at the shop counter.",
            openapi_router=Router(
                path="/schema",
                route_handlers=[],
                include_in_schema=False,
                after_request=problems.instead_of_page,
            ),
            use_handler_docstrings=True,
            # Its pages for people load scripts from elsewhere, which a shop's network does not reach.
            render_plugins=[JsonDocument(), YamlDocument()],
        ),
    )
    # Around everything: what Litestar takes as middleware sees no request to an address that is none.
    app.asgi_handler = HostCheck(app.asgi_handler, settings.allowed_hosts)
    return app
