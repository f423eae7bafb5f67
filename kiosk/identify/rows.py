"""What the identify screen says. Pure."""

from kiosk.identify.state import CODE_LENGTH, IdentifyState
from kiosk.words import Words

PHONE_KEYS = ("123", "456", "789", "+0<")
EMAIL_KEYS = ("1234567890<", "qwertyuiop+", "asdfghjkl-_", " zxcvbnm.@ ")
"""`<` takes the last sign back, a blank is no key."""


def code_places(code: str) -> list[str]:
    """A code as far as it is typed, a place for each of its digits."""
    return list(code.ljust(CODE_LENGTH))


def shown_contact(state: IdentifyState, t: Words) -> str:
    """What is typed so far, phones of this country in groups; or what is to be typed."""
    if not state.contact:
        return t("Your phone number") if state.step == "phone" else t("Your e-mail address")
    if state.step != "phone" or state.contact.startswith("+"):
        return state.contact
    return " ".join(state.contact[at : at + 3] for at in range(0, len(state.contact), 3))


def hint_words(state: IdentifyState, t: Words) -> str:
    """What is said of what was typed."""
    return {
        "": "",
        "no_contact": t("That does not look like a phone number or an e-mail address. Please look again."),
        "wrong_code": t("That was not the code. Please look again."),
    }[state.hint]


def reader_words(state: IdentifyState, t: Words) -> str:
    """What can be held to the reader, of the ways that are open."""
    if "continue" in state.ways and "code" in state.ways:
        return t("Hold your card or the code in your app to the reader")
    if "continue" in state.ways:
        return t("Hold the code in your app to the reader")
    if "code" in state.ways:
        return t("Hold your card to the reader")
    return t("Ask an associate")
