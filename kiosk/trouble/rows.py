"""What the trouble screen says: what happened, and what to do now. Pure."""

from typing import NamedTuple

from kiosk.trouble.state import TroubleState
from kiosk.words import Words


class Said(NamedTuple):
    """A sign, a line, a sentence, and the words of the way on."""

    icon: str
    title: str
    text: str
    way: str


def said(state: TroubleState, t: Words) -> Said:
    """What is said of a trouble; empty where there is none."""
    return {
        "network": Said(
            "wifi-off",
            t("The network is gone"),
            t("Nothing of yours is lost. Wait a moment and try again."),
            t("Try again"),
        ),
        "card": Said(
            "card-search-outline",
            t("We could not read that"),
            t("Hold your loyalty card or the code in your app to the reader once more, or take another way."),
            t("Try again"),
        ),
        "bank_card": Said(
            "credit-card-off-outline",
            t("That was a bank card"),
            t("Nothing of it was kept. Please take your loyalty card, or another way."),
            t("Try again"),
        ),
        "article": Said(
            "tag-outline",
            t("That is an article of the shop"),
            t("First tell us whose cart it goes into: with your loyalty card, or the code in your app."),
            t("Go on"),
        ),
        "code": Said(
            "timer-sand",
            t("That was not the code, three times"),
            t("To keep your cart safe there is a short wait. Then we send you a new code."),
            _after(state, t, t("Get a new code")),
        ),
        "codes": Said(
            "timer-sand",
            t("A short wait"),
            t("Several codes were wrong. To keep your cart safe there is a short wait. Then we send you a new code."),
            _after(state, t, t("Get a new code")),
        ),
        "used": Said(
            "qrcode-remove",
            t("This code was used already"),
            t("Each code works once. Open your cart in the app or on the web again: it shows a new one."),
            t("Try again"),
        ),
        "old": Said(
            "clock-alert-outline",
            t("This code is too old"),
            t("A code works for ten minutes. Ask for a new one, or take another way."),
            t("Try again"),
        ),
        "digits": Said(
            "clock-alert-outline",
            t("Nobody confirmed the digits in time"),
            t("They work for five minutes. Ask an associate again, or take another way."),
            t("Try again"),
        ),
        "no_cart": Said(
            "cart-off",
            t("This cart is not here yet"),
            t("It may take a moment to arrive, or it was bought already. Try again in a moment."),
            t("Try again"),
        ),
        "item": Said(
            "hanger",
            t("This article is not for sale any more"),
            t("We took nothing out of your cart. Somebody here can find you one like it."),
            t("Back to your cart"),
        ),
        "way": Said(
            "sign-direction",
            t("This way is closed here"),
            t("There are other ways to your cart."),
            t("Other ways"),
        ),
        "refused": Said(
            "alert-circle-outline",
            t("That did not work"),
            t("It is not your fault. Try again, or call someone."),
            _after(state, t, t("Try again")),
        ),
        "": Said("", "", "", ""),
    }[state.kind]


def _after(state: TroubleState, t: Words, way: str) -> str:
    """The way on, or when it opens."""
    return t.plural("In {n} second", "In {n} seconds", state.wait) if state.wait else way
