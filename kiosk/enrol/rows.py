"""What the enrolment screen says. Pure."""

from kiosk.enrol.invitation import HALF, LENGTH
from kiosk.enrol.state import EnrolState
from kiosk.words import Words


def code_words(code: str) -> str:
    """A code as far as it is typed, with a place for each letter that is missing."""
    letters = code.ljust(LENGTH, "·")
    return "  ".join(" ".join(half) for half in (letters[:HALF], letters[HALF:]))


def step_words(kind: str, t: Words) -> tuple[str, str, str, str, str]:
    """What enrolling is for, its three steps, and the words of its button."""
    if kind == "kiosk":
        return (
            t("Make this kiosk one of the store’s"),
            t("A manager makes a code for it. It works once, and for 15 minutes."),
            t("Hold the QR that appears to the reader."),
            t("That is all: then customers find their carts here."),
            t("Enrol this kiosk"),
        )
    return (
        t("Make this tablet one of the store’s"),
        t("A manager makes a code for it. It works once, and for 15 minutes."),
        t("Hold the scanner to the QR that appears."),
        t("That is all: then people sign in with their name or badge."),
        t("Enrol this tablet"),
    )


def trouble_words(state: EnrolState, t: Words, kind: str = "tablet") -> str:
    """What went wrong, and what to do now; nothing where all is well."""
    kiosk = kind == "kiosk"
    return {
        "": "",
        "unreachable": t("Nobody answers at {server}. Check the network and the address.", server=state.server),
        "untrusted": t("Whoever answers at {server} is not the server that was meant.", server=state.server)
        + " "
        + t("Scan the manager’s QR: it says which certificate is the right one."),
        "wrong_code": t("This code does not work: it is mistyped, used or too old. Ask for a new one."),
        "wrong_kind": t("This code is for another kind of device. Ask for the code of a kiosk.")
        if kiosk
        else t("This code is for another kind of device. Ask for the code of a tablet."),
        "wait": t("Too many tries. Wait a minute, then try again."),
        "no_code": t("That was not the code of a kiosk. Scan the QR that the manager made.")
        if kiosk
        else t("That was not the code of a tablet. Scan the QR that the manager made."),
        "no_room": t("This kiosk cannot keep anything: its storage is full or may not be written.")
        if kiosk
        else t("This tablet cannot keep anything: its storage is full or may not be written."),
        "refused": t("The server does not take this kiosk. {reason}", reason=state.detail)
        if kiosk
        else t("The server does not take this tablet. {reason}", reason=state.detail),
    }[state.trouble]


def revoked_words(state: EnrolState, t: Words, kind: str = "tablet") -> tuple[str, str]:
    """Why the device is out, in a line and a sentence."""
    if kind == "kiosk":
        return t("This kiosk is out of service"), t("All that it kept has been deleted. A manager can enrol it anew.")
    if state.unknown:
        return (
            t("The server does not know this tablet"),
            t("All that it kept has been deleted. A manager can enrol it anew."),
        )
    return (
        t("This tablet was taken out of service"),
        t("All that it kept has been deleted. If it was you who found it, please hand it in at the store."),
    )
