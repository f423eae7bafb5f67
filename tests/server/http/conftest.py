"""The real server, in a thread: uvicorn with uvloop and httptools, each database engine, a clock that stands still."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx
import msgspec
import pytest
import uvicorn
from litestar import Litestar

from server.app import create_app
from server.audit.heads import FileHeads
from server.audit.ledger import Ledger
from server.catalog.branding import look_of
from server.catalog.pictures.gathering import Order, gather
from server.catalog.sync import SyncOrder, sync_feed
from server.clock import Clock
from server.db.engine import Connection, Database, EngineName
from server.edge.connections import Limits
from server.events.actions import settle
from server.events.queries import Happened, after, unsettled
from server.serve import config_of
from server.settings import Retention, Settings
from server.shop import Ending
from tests.engines import Engines
from tests.server.given import KEYS, NOW, rows
from tests.server.people import NOBODY, Tokens, bearer, tokens
from tests.server.small_shop import FEED, POINT, ndjson

PATIENCE = 20
"""Seconds until a test gives up waiting; nothing waits that long where all is well."""


LIMITS = Limits()
KEPT = Retention(**dict.fromkeys(Retention.__struct_fields__, 0))
"""For ever: the small shop's carts are years old, and a server tidies up in its second minute."""
UNHURRIED = Settings(rate_limit=0, retention=KEPT)
"""Nobody is told that they ask too often."""


class _Server(uvicorn.Server):
    """Tells when it listens, instead of being asked."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.listening = threading.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.listening.set()


@dataclass(frozen=True)
class Running:
    """A server that runs, with a token of each kind.

    `client` is a tablet at which HQ's person is signed in, `sync` one of HQ's programs.
    """

    port: int
    database: Database
    client: httpx.Client
    sync: httpx.Client
    ending: Ending
    tokens: Tokens

    @property
    def last_event(self) -> int:
        return max((event.id for event in self.events_after(0)), default=0)

    def events_after(self, id_: int) -> list[Happened]:
        # The server gives events their numbers, too, and may be at it.
        while self.database.read_now(unsettled):
            self.database.write_now(settle)
        return self.database.read_now(after, id_)

    def customer(self, external_id: str, source: str = "web") -> int:
        """A customer's number, by the id that a source gave them."""
        found: int = self.database.read_now(_customer, source, external_id)
        return found

    def raw(self, request: bytes) -> bytes:
        """Send bytes as they are and read until the server closes."""
        with socket.create_connection(("127.0.0.1", self.port), PATIENCE) as connection:
            connection.sendall(request)
            parts = []
            while part := connection.recv(65536):
                parts.append(part)
            return b"".join(parts)


def client_of(port: int, token: str | None) -> httpx.Client:
    """A client of a server, with a token or without."""
    headers = {} if token is None else bearer(token)
    # Reading what the system trusts takes longer than most tests, and nothing here speaks TLS.
    return httpx.Client(
        base_url=f"http://127.0.0.1:{port}", timeout=PATIENCE, trust_env=False, verify=False, headers=headers
    )


def _customer(conn: Connection, source: str, external_id: str) -> Any:
    found = rows(
        conn,
        "SELECT id FROM customers WHERE source = :source AND external_id = :external_id",
        source=source,
        external_id=external_id,
    )
    return found[0][0]


@contextmanager
def running(
    database: Database,
    settings: Settings,
    limits: Limits = LIMITS,
    clock: Clock = lambda: NOW,
    *,
    hire: bool = True,
    ledger: Ledger | None = None,
) -> Iterator[Running]:
    """Serve a database until the block ends, with people who work there unless it has its own already."""
    with TemporaryDirectory() as folder:
        kept = ledger or Ledger(database, KEYS.audit, FileHeads(Path(folder) / "heads"), clock)
        ending = Ending()
        app = create_app(settings, database, clock, ending, KEYS, kept, look=look_of(settings))
        with _running(app, database, settings, limits, ending, hire) as house:
            yield house


@contextmanager
def _running(
    app: Litestar, database: Database, settings: Settings, limits: Limits, ending: Ending, hire: bool
) -> Iterator[Running]:
    listener = socket.create_server(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    server = _Server(config_of(app, settings, limits))
    failures: list[BaseException] = []

    def serve() -> None:
        try:
            server.run(sockets=[listener])
        except BaseException as error:  # noqa: BLE001 - told to the test, whose thread is another
            failures.append(error)
            server.listening.set()

    thread = threading.Thread(target=serve, name="mostrador-under-test")
    thread.start()
    try:
        assert server.listening.wait(PATIENCE)
        assert not failures
        shown = database.write_now(tokens) if hire else NOBODY
        with client_of(port, shown.hq) as client, client_of(port, shown.sync) as sync:
            yield Running(port, database, client, sync, ending, shown)
    finally:
        ending.begin()
        server.should_exit = True
        thread.join(PATIENCE)
        listener.close()
    assert not failures


@contextmanager
def small_shop(engines: Engines, engine: EngineName, folder: Path) -> Iterator[Running]:
    """The small shop, served; filled through its own door for records."""
    (folder / "pin.png").write_bytes(POINT)
    with (
        engines.database(engine, folder) as database,
        running(
            database,
            msgspec.structs.replace(
                UNHURRIED,
                allowed_hosts=("till.example", "Tablet.Example"),
                database=engines.latest,
                picture_networks=("127.0.0.1",),
            ),
        ) as house,
    ):
        answer = house.sync.post("/v1/records", content=ndjson())
        assert answer.json()["refused"] == 0, answer.text
        order = SyncOrder("feed", "feed.tsv", folder=folder)
        run = sync_feed(database, BytesIO(FEED), order, lambda: NOW)
        _, gathered = gather(database, Order(folder), lambda: NOW, run=run)
        assert (run.refused, gathered.kept, gathered.refused) == (0, 1, ())
        yield house


@pytest.fixture(scope="package")
def house(engines: Engines, engine: EngineName, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """The small shop, for tests that add nobody and take nobody's token away."""
    with small_shop(engines, engine, tmp_path_factory.mktemp("http")) as house:
        yield house


@pytest.fixture
def empty_house(database: Database) -> Iterator[Running]:
    """A server with nothing in its database, for tests that fill or break it."""
    with running(database, UNHURRIED) as house:
        yield house
