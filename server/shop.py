"""What every slice's routes are made with: the open database behind its doors, the settings and the time."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Concatenate, ParamSpec, TypeVar

from litestar import Request

from server.access.admission import Credentials, admitted, take_next_token, touch
from server.access.callers import Caller
from server.audit.ledger import Ledger
from server.audit.rules import Look
from server.brand import OURS, BrandLook
from server.clock import Clock
from server.db.engine import Connection, Database, DatabaseError
from server.edge.edge import AUTHORIZATION, CALLER
from server.keys import Keys
from server.logs import REQUEST_ID
from server.settings import Settings
from server.wire.audit import Why

P = ParamSpec("P")
T = TypeVar("T")
AnyRequest = Request[Any, Any, Any]


class Ending:
    """Whether the server was told to stop: then it is ready for nothing new, and what never ends by itself ends."""

    def __init__(self) -> None:
        self.begun = False
        self._calls: list[Callable[[], object]] = []

    def call(self, told: Callable[[], object]) -> None:
        """Have something called when it begins, in whichever thread."""
        self._calls.append(told)

    def begin(self) -> None:
        """The server was told."""
        self.begun = True
        for told in self._calls:
            told()


@dataclass(frozen=True)
class Shop:
    """One running shop. Routes are closures over it: looking dependencies up by name would double a request's time.

    What a request asks of the database it asks through `read`, `read_aside` and `write`: they find who asks, in the
    same transaction, and let nobody through whom the door is not for. `fn` gets the caller after the connection, and
    the edge learns who it was. `fingerprint` is of the server's own certificate, for devices that are enrolled, and
    `look` is the retailer's.
    """

    database: Database
    settings: Settings
    clock: Clock
    ending: Ending
    keys: Keys
    ledger: Ledger
    fingerprint: str | None = None
    look: BrandLook = OURS
    _touching: dict[Caller, asyncio.Task[None]] = field(default_factory=dict, init=False)

    async def read(
        self,
        request: AnyRequest,
        fn: Callable[Concatenate[Connection, Caller, P], T],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> T:
        """A point read by whoever asks; see `Database.read`.

        Raises:
            ProblemError: nobody is known by what the request shows, or the door is not for them.
        """
        shown = self.credentials(request)
        try:
            door = door_of(request)
            answer = await self.database.read(admitted, shown, door, self.clock(), fn, *args, **kwargs)
        finally:
            request.scope["state"][CALLER] = shown.caller
        if shown.rolled is not None or shown.stale is not None:
            await self._write_down(shown)
        return answer

    async def read_aside(
        self,
        request: AnyRequest,
        fn: Callable[Concatenate[Connection, Caller, P], T],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> T:
        """A read that may take milliseconds, by whoever asks; see `Database.read_aside`.

        Raises:
            ProblemError: see `read`.
        """
        shown = self.credentials(request)
        try:
            answer = await self.database.read_aside(
                admitted, shown, door_of(request), self.clock(), fn, *args, **kwargs
            )
        finally:
            request.scope["state"][CALLER] = shown.caller
        if shown.rolled is not None or shown.stale is not None:
            await self._write_down(shown)
        return answer

    async def write(
        self,
        request: AnyRequest,
        fn: Callable[Concatenate[Connection, Caller, P], T],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> T:
        """A write by whoever asks; see `Database.write`.

        Raises:
            ProblemError: see `read`.
        """
        shown = self.credentials(request)
        try:
            door = door_of(request)
            answer = await self.database.write(admitted, shown, door, self.clock(), fn, *args, **kwargs)
        finally:
            request.scope["state"][CALLER] = shown.caller
        if shown.rolled is not None or shown.stale is not None:
            await self._write_down(shown)
        return answer

    def looked(self, request: AnyRequest, why: Why, people: tuple[int, ...]) -> None:
        """Put on record that whoever asks sees these people, which is done before they are shown.

        Raises:
            ProblemError: it cannot be put on record, so they must not be shown.
        """
        if people:
            caller: Caller = request.scope["state"][CALLER]
            self.ledger.note(
                Look(caller.kind, caller.device_id, caller.staff_id, why, people, self.clock(), REQUEST_ID.get())
            )

    def guessed(self, request: AnyRequest) -> None:
        """Put on record that whoever asks showed a code that is none."""
        caller: Caller = request.scope["state"][CALLER]
        self.ledger.note(
            Look(caller.kind, caller.device_id, caller.staff_id, "guessed", (), self.clock(), REQUEST_ID.get())
        )

    def credentials(self, request: AnyRequest) -> Credentials:
        """What a request shows."""
        return Credentials(
            request.scope["state"][AUTHORIZATION], self.keys.tokens, self.settings.idle, self.settings.kiosk_idle
        )

    async def _write_down(self, shown: Credentials) -> None:
        """Write what an admission found out: that a token takes its place, before it is answered; the rest aside."""
        if shown.rolled is not None:
            await self.database.write(take_next_token, *shown.rolled)
        caller = shown.stale
        if caller is not None and caller not in self._touching:
            self._touching[caller] = task = asyncio.create_task(self._touch(caller))
            task.add_done_callback(lambda _: self._touching.pop(caller))

    async def _touch(self, caller: Caller) -> None:
        # Whoever comes next writes it down; a session that is locked a minute early harms nobody.
        with suppress(DatabaseError):
            await self.database.write(touch, caller, self.clock())


def door_of(request: AnyRequest) -> str:
    """The door that a request came to, as the allow-list has it."""
    return f"{request.scope['method']} {request.scope['path_template']}"


def nothing(_conn: Connection, caller: Caller) -> Caller:
    """Ask for nothing but who asks."""
    return caller


def same_for_all(fn: Callable[Concatenate[Connection, P], T]) -> Callable[Concatenate[Connection, Caller, P], T]:
    """A function whose answer is the same for every caller that the door opens to."""

    def run(conn: Connection, _caller: Caller, /, *args: P.args, **kwargs: P.kwargs) -> T:
        return fn(conn, *args, **kwargs)

    return run
