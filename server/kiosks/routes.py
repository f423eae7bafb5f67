"""`/kiosk`."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from functools import partial
from typing import Annotated, Any, TypeVar

import msgspec
import structlog
from litestar import delete, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import JSONBody, Parameter

from server.access.callers import Caller, Guest
from server.access.rules import read_token
from server.customers.rules import Kind, normal_email, normal_phone
from server.db.engine import Connection
from server.idempotency.actions import once
from server.idempotency.requests import SECRETS_TOLD, IdempotencyKey, Repeatable, repeatable
from server.keys import Keys
from server.kiosks import actions, queries
from server.kiosks.actions import Contact, Pending
from server.kiosks.rules import CodeRefusedError, read_continue
from server.kiosks.sending import Codes
from server.messages import told_methods
from server.problems import BODY, DEVICES, LOOKS, PARAMETERS, PERSONS, READS, REPEATABLE, documented
from server.settings import Settings
from server.shop import AnyRequest, Shop
from server.wire.audit import Why
from server.wire.carts import Cart, JoinCarts
from server.wire.codes import BankCard, Card, MistypedCard, read_code
from server.wire.kiosks import (
    AskForCode,
    Challenge,
    CodeProof,
    Confirmation,
    ContinueProof,
    KioskCart,
    KioskSession,
    NewChallenge,
    Proof,
    VouchProof,
    WaitingChallenge,
    Way,
)
from server.wire.problems import ProblemError

T = TypeVar("T")
_log = structlog.get_logger()

NOTHING = type(None)
_WHY: dict[type, Why] = {ContinueProof: "continued", CodeProof: "code", VouchProof: "vouched"}


def routes(shop: Shop, codes: Codes) -> list[HTTPRouteHandler]:
    """The doors for kiosks, and for whoever helps at one."""

    @post(
        "/kiosk/challenges",
        responses=documented(
            *DEVICES, *BODY, *REPEATABLE, "way_closed", "bank_card", "mistyped_card", "too_many_tries", "answer_expired"
        ),
    )
    async def ask(
        request: AnyRequest, data: JSONBody[NewChallenge], idempotency_key: IdempotencyKey = None
    ) -> Challenge:
        """Ask for a code, sent to whoever has a contact, or for two digits that an associate confirms."""
        asked = _repeatable(shop, request, idempotency_key, data)
        if not isinstance(data, AskForCode):
            _require_open(shop, "vouch")
            return await shop.write(
                request, once, asked, Challenge, shop.clock(), actions.ask_to_vouch, shop.keys, shop.settings
            )
        _require_open(shop, "code")
        kind, value = contact_in(data.contact, shop)
        pending: list[Pending] = []
        contact = Contact(kind, value, data.language)
        action = partial(actions.ask_for_code, settings=shop.settings, pending=pending)
        answer = await shop.write(request, once, asked, Challenge, shop.clock(), action, contact, shop.keys)
        for one in pending:
            codes.send(one)
        return answer

    @get("/kiosk/challenges", responses=documented(*PERSONS, *READS))
    async def waiting(request: AnyRequest) -> tuple[WaitingChallenge, ...]:
        """Kiosks of this store at which somebody waits for an associate."""
        return await shop.read(request, queries.waiting_here, shop.clock())

    @delete("/kiosk/challenges/{challenge_id:int}", responses=documented(*DEVICES, *PARAMETERS, *REPEATABLE))
    async def withdraw(
        request: AnyRequest,
        challenge_id: Annotated[int, Parameter(ge=1, le=2**63 - 1)],
        idempotency_key: IdempotencyKey = None,
    ) -> None:
        """Wait no more, at the kiosk that asked: whoever stood there has gone, or took another way."""
        asked = _repeatable(shop, request, idempotency_key)
        await shop.write(request, once, asked, NOTHING, shop.clock(), actions.withdraw, challenge_id)

    @post(
        "/kiosk/challenges/{challenge_id:int}/confirmation",
        status_code=204,
        responses=documented(
            *PERSONS, *PARAMETERS, *BODY, *REPEATABLE, *LOOKS, "unknown_challenge", "unknown_customer", "wrong_proof"
        ),
    )
    async def confirm(
        request: AnyRequest,
        challenge_id: Annotated[int, Parameter(ge=1, le=2**63 - 1)],
        data: JSONBody[Confirmation],
        idempotency_key: IdempotencyKey = None,
    ) -> None:
        """Vouch for a customer: say who it is, and which digits the kiosk shows. It is on record."""
        asked = _repeatable(shop, request, idempotency_key, data, customer_id=data.customer_id)
        outcome: ProblemError | None = await shop.write(
            request, once, asked, NOTHING, shop.clock(), actions.confirm, challenge_id, data, shop.keys
        )
        if outcome is not None:
            raise outcome
        shop.looked(request, "vouched", (data.customer_id,))

    @post(
        "/kiosk/session",
        responses=documented(
            *DEVICES,
            *BODY,
            *REPEATABLE,
            *LOOKS,
            *("way_closed", "wrong_proof", "proof_waits", "proof_used", "proof_over", "unknown_cart"),
            *("too_many_tries", "answer_expired"),
        ),
    )
    async def go_on(request: AnyRequest, data: JSONBody[Proof], idempotency_key: IdempotencyKey = None) -> KioskSession:
        """Go on at this kiosk, as whoever the proof is of; whoever was there before has left. It is on record."""
        asked = _repeatable(shop, request, idempotency_key, data)
        action = _action(shop, data)
        outcome: KioskSession | ProblemError = await _telling_why(
            shop.write(request, once, asked, KioskSession, shop.clock(), action, shop.keys, shop.settings)
        )
        if isinstance(outcome, ProblemError):
            raise outcome
        token = read_token(b"Bearer " + outcome.token.encode())
        assert token is not None
        whom = await shop.database.read(queries.whose, token.id)
        shop.looked(request, _WHY[type(data)], (whom,) if whom else ())
        return outcome

    @delete("/kiosk/session", responses=documented(*DEVICES, *REPEATABLE))
    async def leave(request: AnyRequest, idempotency_key: IdempotencyKey = None) -> None:
        """Say goodbye: the token is worth nothing any more. The kiosk itself may say it for whoever was there."""
        asked = _repeatable(shop, request, idempotency_key)
        await shop.write(request, once, asked, NOTHING, shop.clock(), actions.leave)

    @get("/kiosk/cart", responses=documented(*DEVICES, *LOOKS))
    async def cart(request: AnyRequest) -> KioskCart:
        """The open carts of the customer who is here, with what of them is in this store."""
        seen = await shop.read(request, queries.seen_by, shop.clock())
        shop.looked(request, "cart", seen.people)
        return seen.cart

    @post(
        "/kiosk/carts/join",
        status_code=200,
        responses=documented(
            *DEVICES,
            *BODY,
            *REPEATABLE,
            *LOOKS,
            *("unknown_cart", "cart_closed", "handoff_taken", "other_currency"),
        ),
    )
    async def join_carts(
        request: AnyRequest, data: JSONBody[JoinCarts], idempotency_key: IdempotencyKey = None
    ) -> Cart:
        """Put all that is in one of the customer's carts into another; answers with the one that is filled."""
        guest, joined = await shop.write(request, _joined, shop.clock(), idempotency_key, data)
        shop.looked(request, "cart", (guest.customer_id,))
        return joined

    return [
        told_methods("/kiosk/challenges", "GET", "POST"),
        told_methods("/kiosk/session", "DELETE", "POST"),
        *(ask, waiting, withdraw, confirm, go_on, leave, cart, join_carts),
    ]


def contact_in(text: str, shop: Shop) -> tuple[Kind, str]:
    """A card, e-mail or phone that somebody scanned or typed, as it is kept.

    Raises:
        ProblemError: it is none, whoever's; or it is a bank card.
    """
    email = normal_email(text)
    if email is not None:
        return "email", email
    settings = shop.settings
    match read_code(text, settings.card_patterns):
        case Card(value=value):
            return "card", value
        case BankCard():
            raise ProblemError("bank_card", "That was a bank card. Nothing of it was kept. Take the loyalty card.")
        case MistypedCard():
            raise ProblemError("mistyped_card", "The last digit of this card does not fit the others. Try again.")
        case _:
            pass
    phone = normal_phone(text, settings.country)
    if phone is not None:
        return "phone", phone
    raise ProblemError("invalid_field", "This is no card, no phone number and no e-mail address.", path="$.contact")


def _require_open(shop: Shop, way: Way) -> None:
    if way not in shop.settings.proofs:
        raise ProblemError("way_closed", "This way is not open in this chain. Take another one.")


def _action(shop: Shop, proof: Proof) -> Callable[..., Any]:
    match proof:
        case ContinueProof(code=code):
            _require_open(shop, "continue")
            return _with(_continued, code)
        case CodeProof():
            _require_open(shop, "code")
            return _with(actions.by_code, proof)
        case VouchProof():
            _require_open(shop, "vouch")
            return _with(actions.by_vouch, proof)


async def _telling_why(shown: Awaitable[T]) -> T:
    """What a proof leads to; where a shop's code is refused, the operator hears why."""
    try:
        return await shown
    except CodeRefusedError as refused:
        _log.info("continue_code_refused", why=refused.why, source=refused.source)
        raise


def _continued(
    conn: Connection, caller: Caller, code: str, keys: Keys, settings: Settings, now: datetime
) -> KioskSession:
    # Read only for a kiosk, so that nobody else learns whose signatures are good.
    said = read_continue(code, settings.continue_keys, settings.chain, now)
    return actions.go_on(conn, caller, said, keys, settings, now)


def _joined(conn: Connection, caller: Caller, now: datetime, key: str | None, wanted: JoinCarts) -> tuple[Guest, Cart]:
    """Who joins their carts, and the one that is filled, which is done once."""
    guest = caller.guest
    assert guest is not None
    asked = repeatable(key, "POST /v1/kiosk/carts/join", wanted, guest.customer_id or None)
    return guest, once(conn, caller, asked, Cart, now, actions.join_carts, wanted)


def _with(action: Callable[..., Any], shown: object) -> Callable[..., Any]:
    def run(conn: Connection, caller: Caller, *args: Any) -> Any:
        return action(conn, caller, shown, *args)

    return run


def _repeatable(
    shop: Shop,
    request: AnyRequest,
    key: str | None,
    body: msgspec.Struct | None = None,
    *,
    customer_id: int | None = None,
) -> Repeatable:
    """A request behind which there are codes and tokens."""
    return Repeatable(
        key=key,
        door=f"{request.scope['method']} {request.scope['path']}",
        body=b"" if body is None else msgspec.json.encode(body),
        customer_id=customer_id,
        seal=shop.keys.answers,
        told_for=SECRETS_TOLD,
    )
