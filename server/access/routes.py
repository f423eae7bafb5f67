"""`/devices`, `/staff`, `/sessions`."""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Annotated, Any, TypeVar

import msgspec
from litestar import delete, get, post, put
from litestar.handlers import HTTPRouteHandler
from litestar.params import JSONBody, Parameter

from server.access import actions, queries
from server.access.callers import Caller
from server.access.pins import Pins
from server.access.signin import ByPin, Confirm
from server.db.engine import Connection
from server.edge.rates import network_of
from server.idempotency.actions import once
from server.idempotency.requests import SECRETS_TOLD, IdempotencyKey, Repeatable
from server.messages import told_methods
from server.problems import BODY, DEVICES, PERSONS, READS, REPEATABLE, documented
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

T = TypeVar("T")
NOTHING = type(None)
"""What a door answers that has nothing to say."""
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

    @post("/devices/enrolments", responses=documented(*PERSONS, *BODY, *REPEATABLE, "answer_expired"))
    async def make_enrolment(
        request: AnyRequest, data: JSONBody[NewEnrolment], idempotency_key: IdempotencyKey = None
    ) -> Enrolment:
        """Make a code that enrols one device, once, within a quarter of an hour."""
        asked = _repeatable(shop, request, idempotency_key, data, secret=True)
        action = partial(actions.make_enrolment, fingerprint=shop.fingerprint)
        server = str(request.base_url).rstrip("/")
        return await shop.write(request, once, asked, Enrolment, shop.clock(), action, data, shop.keys, server)

    @post(
        "/devices",
        responses=documented(*BODY, *REPEATABLE, "wrong_code", "wrong_kind", "too_many_tries", "answer_expired"),
    )
    async def enrol(
        request: AnyRequest, data: JSONBody[EnrolmentCode], idempotency_key: IdempotencyKey = None
    ) -> DeviceToken:
        """Trade an enrolment code for the device's token, which is told this once, and to repeats for a while."""
        client = request.scope["client"]
        peer = "" if client is None else network_of(client[0])
        asked = _repeatable(shop, request, idempotency_key, data, secret=True)
        # Anybody may ask here: who it is that asks again, only the code tells.
        asked = msgspec.structs.replace(asked, asker=actions.asker_of(data.code, shop.keys))
        outcome: DeviceToken | ProblemError = await shop.write(
            request, once, asked, DeviceToken, shop.clock(), actions.enrol, data, peer, shop.keys
        )
        if isinstance(outcome, ProblemError):
            raise outcome
        return outcome

    @post("/devices/current/token", responses=documented(*DEVICES, *REPEATABLE, "answer_expired"))
    async def next_token(request: AnyRequest, idempotency_key: IdempotencyKey = None) -> DeviceToken:
        """Get the device's next token; the one it has is good until the next one is used."""
        asked = _repeatable(shop, request, idempotency_key, secret=True)
        return await shop.write(
            request, once, asked, DeviceToken, shop.clock(), _timeless(actions.next_token), shop.keys
        )

    @delete("/devices/{device_id:int}", responses=documented(*PERSONS, *REPEATABLE, "unknown_device"))
    async def revoke(request: AnyRequest, device_id: Number, idempotency_key: IdempotencyKey = None) -> None:
        """Take a device out of use, at once and on every server; whoever is signed in on it is signed out."""
        asked = _repeatable(shop, request, idempotency_key)
        await shop.write(request, once, asked, NOTHING, shop.clock(), actions.revoke_device, device_id)

    @delete("/devices/{device_id:int}/waits", responses=documented(*PERSONS, *REPEATABLE, "unknown_device"))
    async def end_waits(request: AnyRequest, device_id: Number, idempotency_key: IdempotencyKey = None) -> None:
        """Let people try PINs and codes again at once on a device."""
        asked = _repeatable(shop, request, idempotency_key)
        action = _timeless(actions.end_waits_of_device)
        await shop.write(request, once, asked, NOTHING, shop.clock(), action, device_id)

    return [told_methods("/devices", "GET", "POST"), devices, make_enrolment, enrol, next_token, revoke, end_waits]


def _staff(shop: Shop, pins: Pins) -> list[HTTPRouteHandler]:
    @get("/staff", responses=documented(*PERSONS, *READS))
    async def staff(request: AnyRequest) -> tuple[StaffName, ...]:
        """Who may sign in on this device, by name."""
        return await shop.read_aside(request, _staff_here)

    @post("/staff", responses=documented(*PERSONS, *BODY, *REPEATABLE, "badge_taken"))
    async def add_staff(
        request: AnyRequest, data: JSONBody[NewStaff], idempotency_key: IdempotencyKey = None
    ) -> StaffMember:
        """Let somebody work here; managers add people of their own stores."""
        await shop.read(request, nothing)
        pin_hash = None if data.pin is None else await _hashed(pins, data.pin)
        asked = _repeatable(shop, request, idempotency_key, data)
        return await shop.write(
            request, once, asked, StaffMember, shop.clock(), actions.add_staff, data, pin_hash, shop.keys
        )

    @put("/staff/{staff_id:int}/stores", responses=documented(*PERSONS, *BODY, *REPEATABLE, "unknown_staff"))
    async def set_stores(
        request: AnyRequest, staff_id: Number, data: JSONBody[NewStores], idempotency_key: IdempotencyKey = None
    ) -> StaffMember:
        """Say where somebody works from now on."""
        asked = _repeatable(shop, request, idempotency_key, data)
        action = _timeless(actions.set_stores)
        return await shop.write(request, once, asked, StaffMember, shop.clock(), action, staff_id, data.stores)

    @put(
        "/staff/{staff_id:int}/pin",
        status_code=204,
        responses=documented(*PERSONS, *BODY, *REPEATABLE, "unknown_staff"),
    )
    async def set_pin(
        request: AnyRequest, staff_id: Number, data: JSONBody[NewPin], idempotency_key: IdempotencyKey = None
    ) -> None:
        """Give somebody another PIN; they are signed out everywhere, and need not wait any more."""
        await shop.read(request, actions.require_staff, staff_id)
        pin_hash = await _hashed(pins, data.pin)
        asked = _repeatable(shop, request, idempotency_key, data)
        await shop.write(request, once, asked, NOTHING, shop.clock(), actions.set_pin, staff_id, pin_hash)

    @delete("/staff/{staff_id:int}/waits", responses=documented(*PERSONS, *REPEATABLE, "unknown_staff"))
    async def end_waits(request: AnyRequest, staff_id: Number, idempotency_key: IdempotencyKey = None) -> None:
        """Let somebody who mistyped their PIN try again at once."""
        asked = _repeatable(shop, request, idempotency_key)
        action = _timeless(actions.end_waits_of_person)
        await shop.write(request, once, asked, NOTHING, shop.clock(), action, staff_id)

    @delete("/staff/{staff_id:int}", responses=documented(*PERSONS, *REPEATABLE, "unknown_staff", "last_manager"))
    async def remove(request: AnyRequest, staff_id: Number, idempotency_key: IdempotencyKey = None) -> None:
        """Somebody works here no more: they are signed out everywhere, and never in again."""
        asked = _repeatable(shop, request, idempotency_key)
        await shop.write(request, once, asked, NOTHING, shop.clock(), actions.remove_staff, staff_id)

    return [told_methods("/staff", "GET", "POST"), staff, add_staff, set_stores, set_pin, end_waits, remove]


def _sessions(shop: Shop, pins: Pins) -> list[HTTPRouteHandler]:
    by_pin = ByPin(shop, pins)

    @post(
        "/sessions",
        responses=documented(
            *DEVICES, *BODY, *REPEATABLE, "unknown_staff", "wrong_pin", "too_many_tries", "answer_expired"
        ),
    )
    async def sign_in(
        request: AnyRequest, data: JSONBody[SignIn], idempotency_key: IdempotencyKey = None
    ) -> SessionStarted:
        """Sign in on this device, by badge or name and PIN, for a shift; whoever was signed in on it no longer is."""
        confirm = await by_pin.prove(request, data)
        asked = _repeatable(shop, request, idempotency_key, msgspec.structs.replace(data, pin=""), secret=True)
        return await shop.write(request, _start, asked, confirm, shop)

    @post(
        "/sessions/current/unlock",
        status_code=200,
        responses=documented(*PERSONS, *BODY, *REPEATABLE, "unknown_staff", "wrong_pin", "too_many_tries"),
    )
    async def unlock(
        request: AnyRequest, data: JSONBody[Unlock], idempotency_key: IdempotencyKey = None
    ) -> SessionUnlocked:
        """Go on after a pause, by the PIN of whoever is signed in."""
        caller = await shop.read(request, nothing)
        confirm = await by_pin.prove(request, SignIn(staff_id=caller.staff_id, pin=data.pin))
        asked = _repeatable(shop, request, idempotency_key)
        return await shop.write(request, _unlock, asked, confirm, shop)

    @delete("/sessions/current", responses=documented(*PERSONS, *REPEATABLE))
    async def sign_out(
        request: AnyRequest,
        everywhere: Annotated[bool, Parameter(description="on all other devices too")] = False,
        idempotency_key: IdempotencyKey = None,
    ) -> None:
        """Sign out. A repeat is answered 401: whoever signed out is nobody any more."""
        asked = _repeatable(shop, request, idempotency_key)
        action = partial(actions.sign_out, everywhere=everywhere)
        await shop.write(request, once, asked, NOTHING, shop.clock(), action)

    return [sign_in, unlock, sign_out]


def _devices_of(conn: Connection, caller: Caller) -> tuple[Device, ...]:
    return tuple(device for device in queries.devices(conn) if caller.works_in(device.store))


def _staff_here(conn: Connection, caller: Caller) -> tuple[StaffName, ...]:
    return queries.staff_in(conn, caller.store)


async def _hashed(pins: Pins, pin: str) -> str:
    actions.require_good(pin)
    return await pins.hash(pin)


def _start(conn: Connection, caller: Caller, asked: Repeatable, confirm: Confirm, shop: Shop) -> SessionStarted:
    now: datetime = shop.clock()
    # Who asks again shows the PIN again, so that no key helps to guess one.
    staff = confirm(conn, caller, now)
    idle = shop.settings.idle
    return once(conn, caller, asked, SessionStarted, now, actions.start_session, staff, shop.keys, idle)


def _unlock(conn: Connection, caller: Caller, asked: Repeatable, confirm: Confirm, shop: Shop) -> SessionUnlocked:
    now: datetime = shop.clock()
    confirm(conn, caller, now)
    return once(conn, caller, asked, SessionUnlocked, now, actions.unlock, shop.settings.idle)


def _repeatable(
    shop: Shop, request: AnyRequest, key: str | None, body: msgspec.Struct | None = None, *, secret: bool = False
) -> Repeatable:
    """A request to a door behind which there are PINs, codes and tokens; whether its answer holds one."""
    return Repeatable(
        key=key,
        door=f"{request.scope['method']} {request.scope['path']}",
        body=request.scope["query_string"] if body is None else msgspec.json.encode(body),
        seal=shop.keys.answers,
        told_for=SECRETS_TOLD if secret else None,
    )


def _timeless(action: Callable[..., T]) -> Callable[..., T]:
    """An action that does not ask when it is done."""

    def run(conn: Connection, caller: Caller, *args: Any) -> T:
        return action(conn, caller, *args[:-1])

    return run
