"""What is said of a cart that is handed over. Pure."""

from typing import Any

from kiosk.customer.state import pieces_of
from kiosk.hand_over.state import HandOverState
from kiosk.words import Words
from kiosk.words.sources import cart_words

HALF = 3
"""Signs of a code that are read in one breath."""


def page_of(state: HandOverState) -> str:
    """Which page is shown: the code while it can be used, then what became of it."""
    if state.phase == "shown":
        return "code" if state.became == "issued" else "end"
    return {"nothing": "asking", "unreachable": "end", "refused": "end"}.get(state.phase, state.phase)


def code_words(state: HandOverState) -> str:
    """The code as it is read out: 7KQ 2M9."""
    code = (state.handoff.code if state.handoff else None) or ""
    return f"{code[:HALF]} {code[HALF:]}".strip()


def until_words(state: HandOverState, t: Words) -> str:
    """How much it is that goes, and how long the code is good."""
    if state.handoff is None or state.handoff.expires_at is None or state.cart is None:
        return ""
    pieces = t.plural("{n} piece", "{n} pieces", pieces_of((state.cart,)))
    return f"{pieces} · {t('good until {time}', time=t.clock(state.handoff.expires_at))}"


def choices_of(state: HandOverState, t: Words) -> list[dict[str, Any]]:
    """A row for each cart that could go."""
    names = cart_words((cart.source for cart in state.carts), t)
    return [
        {
            "cart_id": cart.id,
            "name": name,
            "pieces": t.plural("{n} piece", "{n} pieces", pieces_of((cart,))),
            "total": t.money(cart.total, cart.currency),
        }
        for cart, name in zip(state.carts, names, strict=True)
    ]


def end_words(state: HandOverState, t: Words) -> tuple[str, str, str]:
    """What became of it, or why there is no code: an icon, what happened, and what to do now."""
    if state.phase == "unreachable":
        return (
            "wifi-off",
            t("The server does not answer"),
            t("The cart is as it was. Check the network of the store, then try again."),
        )
    if state.phase == "refused":
        return {
            "handoff_taken": ("cash-register", t("A till has this cart already"), t("Go on there.")),
            "empty_cart": ("cart-outline", t("Nothing is in the cart"), t("Somebody took out what was in it.")),
            "unknown_cart": (
                "cart-off",
                t("This cart is no longer open"),
                t("It was bought or given up. Open the customer again."),
            ),
        }.get(
            state.code,
            ("alert-circle-outline", t("The server gave no code"), t("The cart is as it was. Try again in a moment.")),
        )
    return {
        "redeemed": ("cash-register", t("A till has the cart"), t("What it sells there leaves the cart.")),
        "completed": ("check-circle-outline", t("Sold"), t("The cart was paid at the till.")),
        "released": (
            "timer-off-outline",
            t("The code is good no more"),
            t("The till gave the cart back, or nobody came for it. It is as it was."),
        ),
    }.get(state.became or "", ("", "", ""))


def again_words(state: HandOverState, t: Words) -> str:
    """What can be tried again; nothing where the cart is on its way or gone."""
    if state.phase == "unreachable" or (state.phase == "refused" and state.code != "unknown_cart"):
        return t("Try again")
    return t("New code") if state.phase == "shown" and state.became == "released" else ""
