"""What the server is measured against: a Litestar that does nothing, and one that reads one row.

Run as the server runs (see `server.serve`): `python -m tests.bench.bare --port P --database ADDRESS`.
"""

import argparse
import gc
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import apsw
import msgspec
import psycopg
import uvicorn
from litestar import Litestar, get
from litestar.exceptions import NotFoundException

from server.db.sqlite import connect
from server.serve import SWITCH_INTERVAL


class Bare(msgspec.Struct):
    """A small answer."""

    status: str
    customer_id: int
    name: str


class One(msgspec.Struct):
    """One row of a customer."""

    id: int
    given_name: str | None
    family_name: str | None
    city: str | None
    locale: str | None
    loyalty: str | None


_BY_CARD = """
    SELECT c.id, c.given_name, c.family_name, c.city, c.locale, c.loyalty
    FROM identities i JOIN customers c ON c.id = i.customer_id WHERE i.kind = 'card' AND i.value = ?
"""


def create_bare(address: str) -> Litestar:
    """Two routes: `/bare` and `/one?card=`."""
    find = _finder(address)

    @get("/bare")
    async def bare() -> Bare:
        """Answer without looking at anything."""
        return Bare("ok", 1, "María García")

    @get("/one")
    async def one(card: str) -> One:
        """Answer with one customer's row."""
        row = find(card)
        if row is None:
            raise NotFoundException
        return One(*row)

    return Litestar([bare, one], logging_config=None, openapi_config=None)


def _finder(address: str) -> Callable[[str], tuple[Any, ...] | None]:
    """How a row is read, with as little between as can be: the event loop waits for it, no thread does."""
    if address.startswith("sqlite:///"):
        path = Path(address.removeprefix("sqlite:///"))
        conn = connect(path, apsw.SQLITE_OPEN_READONLY)
        return lambda card: conn.execute(_BY_CARD, (card,)).fetchone()
    cursor = psycopg.connect(address, autocommit=True).cursor()
    statement = _BY_CARD.replace("?", "%s")
    return lambda card: cursor.execute(statement, (card,)).fetchone()


def main() -> None:
    """Serve until told to stop, with the settings of the server proper."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--database", required=True)
    asked = parser.parse_args()
    sys.setswitchinterval(SWITCH_INTERVAL)
    app = create_bare(asked.database)
    gc.collect()
    gc.freeze()
    uvicorn.run(
        app,
        host="127.0.0.1",
        port=asked.port,
        loop="uvloop",
        http="httptools",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        log_level="info",
    )


if __name__ == "__main__":
    main()
