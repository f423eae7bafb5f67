"""What the sign-in screen says. Pure."""

from typing import Any

from kiosk.sign_in.state import SignInState, Somebody
from kiosk.words import Words
from server.wire.access import Role

MINUTE = 60


def staff_rows(state: SignInState) -> list[dict[str, Any]]:
    """A card for each name."""
    return [{"staff_id": one.id, "name": one.name} for one in state.staff]


def whom(state: SignInState, unsent: int, t: Words) -> tuple[str, str]:
    """Whose PIN is wanted, and what to do; how many changes wait for them, and for nobody else."""
    if state.step == "locked":
        words = t("Locked. Type your PIN to go on.")
        if unsent:
            waits = t.plural(
                "{n} change waits for you to be sent. Somebody else gives it up.",
                "{n} changes wait for you to be sent. Somebody else gives them up.",
                unsent,
            )
            words = f"{words} {waits}"
        return state.somebody.name if state.somebody is not None else "", words
    if state.badged:
        return t("Badge read"), t("Now type your PIN.")
    return state.who.name if state.who is not None else "", t("Type your PIN.")


def wait_words(seconds: int, t: Words) -> str:
    """How long to wait."""
    if seconds < 2 * MINUTE:
        return t("Try again in {n}\u00a0s.", n=t.number(seconds))
    return t("Try again in {n}\u00a0min.", n=t.number(-(-seconds // MINUTE)))


def trouble_words(state: SignInState, t: Words, *, lost: bool) -> str:
    """What went wrong, and what to do now; nothing where all is well."""
    wait = wait_words(state.wait, t) if state.wait else ""
    match state.trouble:
        case "wrong":
            return " ".join(filter(None, (t("That PIN is not right."), wait)))
        case "wait":
            return " ".join(filter(None, (t("Too many tries."), wait)))
        case "nobody":
            return t("Nobody who works in this store has that badge or name.")
        case "refused":
            return " ".join(filter(None, (state.detail or t("The server said no."), wait)))
        case _:
            pass
    if state.trouble == "unreachable" or lost:
        if state.step == "locked":
            return t("No network. The tablet can only be unlocked when the server answers.")
        return t("No network. Signing in works when the server answers again.")
    return ""


def why_words(state: SignInState, t: Words) -> str:
    """How it came that nobody is signed in."""
    return {
        "": "",
        "signed_out": t("You are signed out. Nothing that you looked at can be seen here any more."),
        "ended": t("The shift was ended. Sign in to go on."),
    }[state.why]


def role_words(role: Role | None, t: Words) -> str:
    """What somebody is in the chain."""
    return {None: "", "associate": t("Associate"), "manager": t("Manager"), "hq": t("Head office")}[role]


def somebody_words(somebody: Somebody | None, t: Words) -> tuple[str, str]:
    """Who is signed in, and as what."""
    if somebody is None:
        return "", ""
    place = t.store(somebody.store) if somebody.store else ""
    return somebody.name or t("Signed in"), " · ".join(filter(None, (role_words(somebody.role, t), place)))
