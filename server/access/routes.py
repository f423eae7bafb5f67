"""`/devices`, `/staff`, `/sessions`."""

from datetime import datetime
from typing import Annotated

from litestar import Response, delete, get, post, put, route
from litestar.enums import HttpMethod
from litestar.handlers import HTTPRouteHandler
from litestar.params import JSONBody, Parameter

from server.access import actions, queries
from server.access.callers import Caller
from server.access.pins import Pins
from server.access.signin import ByPin, Confirm
from server.db.engine import Connection
from server.edge.rates import network_of
from server.problems import BODY, DEVICES, PARAMETERS, PERSONS, READS, WRITES, documented
from server.shop import AnyRequest, Shop, nothing
from server.wire.access import (
    Device,
    DeviceToken,
    Enrolment,
    EnrolmentCode,
    NewEnrolment,
    NewPin,
    NewStaff,
    NewStores,
    SessionStarted,
    SessionUnlocked,
    SignIn,
    StaffMember,
    StaffName,
    Unlock,
)
from server.wire.problems import ProblemError

Number = Annotated[int, Parameter(ge=1, le=2**63 - 1)]


def routes(shop: Shop) -> list[HTTPRouteHandler]:
    """The doors for devices and for the people who sign in on them."""
    pins = Pins(shop.keys.pins)
    return [*_devices(shop), *_staff(shop, pins), *_sessions(shop, pins)]


def _devices(shop: Shop) -> list[HTTPRouteHandler]:
    @get("/devices", responses=documented(*PERSONS, *READS))
    async def devices(request: AnyRequest) -> tuple[Device, ...]:
        """Devices of the stores where whoever asks works, those too that were taken out of use."""
        return await shop.read_aside(request, _devices_of)

    @post("/devices/enrolments", responses=documented(*PERSONS, *BODY, *WRITES))
    async def make_enrolment(request: AnyRequest, data: JSONBody[NewEnrolment]) -> Enrolment:
        """Make a code that enrols one device, once, within a quarter of an hour."""
        server = str(request.base_url).rstrip("/")
        return await shop.write(
            request, actions.make_enrolment, data, shop.keys, server, shop.clock(), shop.fingerprint
        )

    @post("/devices", responses=documented(*BODY, *WRITES, "wrong_code", "too_many_tries"))
    async def enrol(request: AnyRequest, data: JSONBody[EnrolmentCode]) -> DeviceToken:
        """Trade an enrolment code for the device's token, which is told this once."""
        client = request.scope["client"]
        peer = "" if client is None else network_of(client[0])
        outcome = await shop.write(request, actions.enrol, data.code, peer, shop.keys, shop.clock())
        if isinstance(outcome, ProblemError):
            raise outcome
        return outcome

    @post("/devices/current/token", responses=documented(*DEVICES, *WRITES))
    async def next_token(request: AnyRequest) -> DeviceToken:
        """Get the device's next token; the one it has is good until the next one is used."""
        return await shop.write(request, actions.next_token, shop.keys)

    @delete("/devices/{device_id:int}", responses=documented(*PERSONS, *PARAMETERS, *WRITES, "unknown_device"))
    async def revoke(request: AnyRequest, device_id: Number) -> None:
        """Take a device out of use, at once and on every server; whoever is signed in on it is signed out."""
        await shop.write(request, actions.revoke_device, device_id, shop.clock())

    @delete("/devices/{device_id:int}/waits", responses=documented(*PERSONS, *PARAMETERS, *WRITES, "unknown_device"))
    async def end_waits(request: AnyRequest, device_id: Number) -> None:
        """Let people try their PINs again at once on a device."""
        await shop.write(request, actions.end_waits_of_device, device_id)

    return [_told_methods("/devices", "GET", "POST"), devices, make_enrolment, enrol, next_token, revoke, end_waits]


def _staff(shop: Shop, pins: Pins) -> list[HTTPRouteHandler]:
    @get("/staff", responses=documented(*PERSONS, *READS))
    async def staff(request: AnyRequest) -> tuple[StaffName, ...]:
        """Who may sign in on this device, by name."""
        return await shop.read_aside(request, _staff_here)

    @post("/staff", responses=documented(*PERSONS, *BODY, *WRITES, "badge_taken"))
    async def add_staff(request: AnyRequest, data: JSONBody[NewStaff]) -> StaffMember:
        """Let somebody work here; managers add people of their own stores."""
        await shop.read(request, nothing)
        pin_hash = None if data.pin is None else await _hashed(pins, data.pin)
        return await shop.write(request, actions.add_staff, data, pin_hash, shop.keys, shop.clock())

    @put("/staff/{staff_id:int}/stores", responses=documented(*PERSONS, *BODY, *WRITES, "unknown_staff"))
    async def set_stores(request: AnyRequest, staff_id: Number, data: JSONBody[NewStores]) -> StaffMember:
        """Say where somebody works from now on."""
        return await shop.write(request, actions.set_stores, staff_id, data.stores)

    @put("/staff/{staff_id:int}/pin", status_code=204, responses=documented(*PERSONS, *BODY, *WRITES, "unknown_staff"))
    async def set_pin(request: AnyRequest, staff_id: Number, data: JSONBody[NewPin]) -> None:
        """Give somebody another PIN; they are signed out everywhere, and need not wait any more."""
        await shop.read(request, actions.require_staff, staff_id)
        pin_hash = await _hashed(pins, data.pin)
        await shop.write(request, actions.set_pin, staff_id, pin_hash, shop.clock())

    @delete("/staff/{staff_id:int}/waits", responses=documented(*PERSONS, *PARAMETERS, *WRITES, "unknown_staff"))
    async def end_waits(request: AnyRequest, staff_id: Number) -> None:
        """Let somebody who mistyped their PIN try again at once."""
        await shop.write(request, actions.end_waits_of_person, staff_id)

    @delete("/staff/{staff_id:int}", responses=documented(*PERSONS, *PARAMETERS, *WRITES, "unknown_staff"))
    async def remove(request: AnyRequest, staff_id: Number) -> None:
        """Somebody works here no more: they are signed out everywhere, and never in again."""
        await shop.write(request, actions.remove_staff, staff_id, shop.clock())

    return [_told_methods("/staff", "GET", "POST"), staff, add_staff, set_stores, set_pin, end_waits, remove]


def _sessions(shop: Shop, pins: Pins) -> list[HTTPRouteHandler]:
    by_pin = ByPin(shop, pins)

    @post(
        "/sessions",
        responses=documented(*DEVICES, *BODY, *WRITES, "unknown_staff", "wrong_pin", "too_many_tries"),
    )
    async def sign_in(request: AnyRequest, data: JSONBody[SignIn]) -> SessionStarted:
        """Sign in on this device, by badge or name and PIN, for a shift; whoever was signed in on it no longer is."""
        confirm = await by_pin.prove(request, data)
        return await shop.write(request, _start, confirm, shop)

    @post(
        "/sessions/current/unlock",
        status_code=200,
        responses=documented(*PERSONS, *BODY, *WRITES, "unknown_staff", "wrong_pin", "too_many_tries"),
    )
    async def unlock(request: AnyRequest, data: JSONBody[Unlock]) -> SessionUnlocked:
        """Go on after a pause, by the PIN of whoever is signed in."""
        caller = await shop.read(request, nothing)
        confirm = await by_pin.prove(request, SignIn(staff_id=caller.staff_id, pin=data.pin))
        return await shop.write(request, _unlock, confirm, shop)

    @delete("/sessions/current", responses=documented(*PERSONS, *PARAMETERS, *WRITES))
    async def sign_out(
        request: AnyRequest,
        everywhere: Annotated[bool, Parameter(description="on all other devices too")] = False,
    ) -> None:
        """Sign out."""
        await shop.write(request, actions.sign_out, shop.clock(), everywhere=everywhere)

    return [sign_in, unlock, sign_out]


def _told_methods(path: str, *methods: str) -> HTTPRouteHandler:
    """Tells the methods of an address that has several, registered before them: Litestar's own tells the first."""

    @route(path, http_method=[HttpMethod.OPTIONS], status_code=204, include_in_schema=False)
    async def options() -> Response[None]:
        return Response(None, headers={"Allow": ", ".join(("OPTIONS", *methods))})

    return options


def _devices_of(conn: Connection, caller: Caller) -> tuple[Device, ...]:
    return tuple(device for device in queries.devices(conn) if caller.works_in(device.store))


def _staff_here(conn: Connection, caller: Caller) -> tuple[StaffName, ...]:
    return queries.staff_in(conn, caller.store)


async def _hashed(pins: Pins, pin: str) -> str:
    actions.require_good(pin)
    return await pins.hash(pin)


def _start(conn: Connection, caller: Caller, confirm: Confirm, shop: Shop) -> SessionStarted:
    now: datetime = shop.clock()
    staff = confirm(conn, caller, now)
    return actions.start_session(conn, caller, staff, shop.keys, shop.settings.idle, now)


def _unlock(conn: Connection, caller: Caller, confirm: Confirm, shop: Shop) -> SessionUnlocked:
    now: datetime = shop.clock()
    confirm(conn, caller, now)
    return actions.unlock(conn, caller, shop.settings.idle, now)
