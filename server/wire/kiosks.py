"""A customer at a kiosk: how they prove who they are, and what they see. No number of a customer is in any answer."""

from typing import Annotated, Literal

from msgspec import Meta

from server.wire.base import Label, Number, Wire
from server.wire.carts import Cart
from server.wire.wishlists import WishList

Language = Annotated[str, Meta(max_length=35, description="of the message: es, en")]
LONGEST_CONTINUE_CODE = 1024

Way = Literal["continue", "code", "vouch"]
"""How customers may prove at a kiosk who they are: by the shop's code, by one that is sent to them, by an associate."""
EVERY_WAY: tuple[Way, ...] = ("continue", "code", "vouch")


class AskForCode(Wire, tag="send_code"):
    """A card, phone or e-mail as it was scanned or typed; whose it is, if anybody's, gets a code."""

    contact: Annotated[str, Meta(min_length=1, max_length=255)]
    language: Language | None = None


class AskToVouch(Wire, tag="ask_associate"):
    """Two digits to show, which an associate of this store confirms."""


NewChallenge = AskForCode | AskToVouch


class Challenge(Wire):
    """What is to be shown from now on. The answer is the same whether a contact is anybody's or not.

    Attributes:
        challenge_id: to go on with.
        way: how.
        digits: to show, where an associate is to confirm them.
        expires_at: until when it can be used.
    """

    challenge_id: int
    way: Literal["code", "vouch"]
    digits: str | None
    expires_at: str


class WaitingChallenge(Wire):
    """Somebody at a kiosk of this store waits for an associate; `kiosk` is the device's name."""

    challenge_id: int
    kiosk: str
    asked_at: str
    expires_at: str


class Confirmation(Wire):
    """Who stands at a kiosk, and the two digits that it shows."""

    customer_id: Number
    digits: Annotated[str, Meta(pattern="^[0-9]{2}$")]


class ContinueProof(Wire, tag="continue"):
    """The code that the shop's own site or app shows, as it was scanned."""

    code: Annotated[str, Meta(max_length=LONGEST_CONTINUE_CODE)]


class CodeProof(Wire, tag="code"):
    """The code that was sent."""

    challenge_id: Number
    code: Label


class VouchProof(Wire, tag="vouch"):
    """An associate confirmed the digits."""

    challenge_id: Number


Proof = ContinueProof | CodeProof | VouchProof


class KioskSession(Wire):
    """A customer may go on at this kiosk.

    Attributes:
        token: what the kiosk shows for them, as `Authorization: Bearer …`, until they leave.
        ends_at: until when at most.
        idle: seconds without a request after which they have left; it may be up to a minute fewer.
    """

    token: str
    ends_at: str
    idle: int


class KioskCart(Wire):
    """What a customer sees at a kiosk: how they are called, if that is known, their open carts, and what they wish."""

    first_name: str | None
    carts: tuple[Cart, ...]
    store: str | None
    as_of: str
    ends_at: str
    wishlists: tuple[WishList, ...] = ()
