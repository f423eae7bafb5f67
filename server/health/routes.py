"""`/health/live` and `/health/ready`: for a supervisor, and for a balancer."""

from pathlib import Path

from litestar import get
from litestar.handlers import HTTPRouteHandler

from server.db import sql
from server.db.engine import Connection
from server.problems import READS, documented
from server.shop import Shop
from server.wire.base import Wire
from server.wire.problems import ProblemError

SQL = sql.load(Path(__file__).parent)


class Health(Wire):
    """The server's word on itself; anything but `ok` comes as a problem."""

    status: str = "ok"


def routes(shop: Shop) -> list[HTTPRouteHandler]:
    """The doors for whoever watches the server."""

    @get("/health/live", responses=documented())
    async def live() -> Health:
        """The process runs and answers."""
        return Health()

    @get("/health/ready", responses=documented(*READS, "stopping"))
    async def ready() -> Health:
        """The database answers too, and the server was not told to stop."""
        if shop.ending.begun:
            raise ProblemError("stopping", "This server was told to stop. Ask another one, or the same one soon.")
        await shop.database.read(_answers)
        return Health()

    return [live, ready]


def _answers(conn: Connection) -> None:
    conn.one(SQL.answers)
