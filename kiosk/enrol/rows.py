"""What the enrolment screen says. Pure."""

from kiosk.enrol.invitation import HALF, LENGTH
from kiosk.enrol.state import EnrolState
from kiosk.words import Words


def code_words(code: str) -> str:
    """A code as far as it is typed, with a place for each letter that is missing."""
    letters = code.ljust(LENGTH, "·")
    return "  ".join(" ".join(half) for half in (letters[:HALF], letters[HALF:]))


def trouble_words(state: EnrolState, t: Words) -> str:
    """What went wrong, and what to do now; nothing where all is well."""
    return {
        "": "",
        "unreachable": t("Nobody answers at {server}. Check the network and the address.", server=state.server),
        "untrusted": t("Whoever answers at {server} is not the server that was meant.", server=state.server)
        + " "
        + t("Scan the manager’s QR: it says which certificate is the right one."),
        "wrong_code": t("This code does not work: it is mistyped, used or too old. Ask for a new one."),
        "wrong_kind": t("This code is for another kind of device. Ask for the code of a tablet."),
        "wait": t("Too many tries. Wait a minute, then try again."),
        "no_code": t("That was not the code of a tablet. Scan the QR that the manager made."),
        "no_room": t("This tablet cannot keep anything: its storage is full or may not be written."),
        "refused": t("The server does not take this tablet. {reason}", reason=state.detail),
    }[state.trouble]


def revoked_words(state: EnrolState, t: Words) -> tuple[str, str]:
    """Why the device is out, in a line and a sentence."""
    if state.unknown:
        return (
            t("The server does not know this tablet"),
            t("All that it kept has been deleted. A manager can enrol it anew."),
        )
    return (
        t("This tablet was taken out of service"),
        t("All that it kept has been deleted. If it was you who found it, please hand it in at the store."),
    )
