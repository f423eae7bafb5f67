"""What is said of a cart that leaves the kiosk. Pure."""

from typing import NamedTuple

from kiosk.handoff.state import HandoffState, Hindered, hindered
from kiosk.words import Words

HINDERED_SHOWN = 4
MINUTE = 60


class Said(NamedTuple):
    """A page in words: an icon, what it is, and what to do."""

    icon: str
    title: str
    text: str


def handoff_words(state: HandoffState, t: Words) -> Said:
    """What a page says first."""
    match state.phase:
        case "ask":
            return Said("truck-delivery-outline", t("Where shall it go?"), t("The shop sends it or keeps it for you."))
        case "till":
            return Said("", t("Show this at any till"), t("They scan it, or type the six signs."))
        case "redeemed":
            return Said(
                "cash-register",
                t("Ready at the till"),
                t("They have your cart. Pay there; nothing more is to be done here."),
            )
        case "phone":
            return _phone(state, t)
        case "asked":
            return _asked(state, t)
        case "goodbye":
            return Said("hand-wave-outline", t("Thank you, see you soon"), t("Nothing of yours stays on this screen."))
        case "failed":
            return _failed(state, t)
        case _:
            return Said("", t("One moment…"), "")


def _phone(state: HandoffState, t: Words) -> Said:
    if state.handoff is None or state.handoff.link is None:
        return Said(
            "cellphone-check",
            t("It is all in your online cart"),
            t("Open the online shop on your phone: the cart is there, as you see it here."),
        )
    return Said("", t("Go on on your phone"), t("Point your phone’s camera here: your cart opens in the online shop."))


def _asked(state: HandoffState, t: Words) -> Said:
    if state.way == "pickup":
        return Said(
            "store-clock-outline",
            t("The shop was asked to keep it here"),
            t("They tell you when it is ready to be picked up."),
        )
    return Said(
        "truck-check-outline", t("The shop was asked to deliver it"), t("They tell you when it comes, and how you pay.")
    )


def _failed(state: HandoffState, t: Words) -> Said:
    return {
        "unreachable": Said("wifi-off", t("No network just now"), t("Your cart is as you left it. Try again.")),
        "empty_cart": Said("cart-outline", t("Your cart is empty"), t("Put something in first.")),
        "taken": Said("cash-register", t("A till has this cart already"), t("Go on there.")),
        "gone": Said("cart-check", t("This cart was bought or closed elsewhere"), t("Go back to see what is open.")),
    }.get(
        state.trouble,
        Said("alert-circle-outline", t("That could not be done"), t("Your cart is as you left it. Ask at the till.")),
    )


def code_of(state: HandoffState) -> str:
    """What the QR code says: to a till, or to a phone; nothing where none is shown."""
    if state.handoff is None:
        return ""
    match state.phase:
        case "till":
            return state.handoff.qr or ""
        case "phone":
            return state.handoff.link or ""
        case _:
            return ""


def signs_of(code: str | None) -> str:
    """Six signs as they are read aloud: in two halves."""
    return f"{code[: len(code) // 2]} {code[len(code) // 2 :]}" if code else ""


def left_words(seconds: int, t: Words) -> str:
    """How long a code is good."""
    if seconds >= MINUTE:
        return t.plural("Good for {n} minute", "Good for {n} minutes", -(-seconds // MINUTE))
    return t.plural("Good for {n} second", "Good for {n} seconds", seconds)


def goodbye_words(seconds: int, t: Words) -> str:
    """How long the last screen stands."""
    return t.plural("This screen ends in {n} second", "This screen ends in {n} seconds", seconds)


def hindered_words(state: HandoffState, t: Words, most: int = HINDERED_SHOWN) -> list[tuple[str, str, str]]:
    """What a till cannot sell, line by line, as a list of lines with icons wants it; `most` of them by name."""
    if state.cart is None or state.way != "till":
        return []
    found = hindered(state.cart)
    said = [("alert-circle-outline", _hindered(one, t), "warn") for one in found[:most]]
    more = len(found) - most
    if more > 0:
        said.append(("", t.plural("and {n} more", "and {n} more", more), "warn"))
    return said


def _hindered(one: Hindered, t: Words) -> str:
    if one.why == "discontinued":
        return t("{article}: no longer sold", article=one.title)
    if one.why == "no_price":
        return t("{article}: the till looks for its price", article=one.title)
    if one.sellable:
        return t(
            "{article}: only {n} of {all} here", article=one.title, n=t.number(one.sellable), all=t.number(one.quantity)
        )
    return t("{article}: not in this store", article=one.title)
