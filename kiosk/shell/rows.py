"""What the shell says of the server. Pure."""

from kiosk.customer.state import CustomerState
from kiosk.find.state import FindState
from kiosk.item.state import ItemState
from kiosk.items.state import ItemsState
from kiosk.shell.state import LinkState
from kiosk.words import Words


def link_words(link: LinkState, t: Words) -> tuple[str, str]:
    """A word or two for the rail, and their tone."""
    return {
        "asking": (t("Waiting…"), "plain"),
        "connected": (t("Connected"), "good"),
        "lost": (t("No network"), "warn"),
        "refused": (t("Refused"), "warn"),
    }[link.phase]


def band_words(
    link: LinkState,
    current: str,
    find: FindState,
    customer: CustomerState,
    items: ItemsState,
    item: ItemState,
    t: Words,
) -> str:
    """What a band above the screen says; nothing where all is well, or the screen says it itself."""
    if link.problem is not None and link.phase == "refused":
        reason = {
            "wrong_host": t("It does not answer to the address this tablet calls it by; its operator can allow that."),
            "unknown_store": t("It knows no store of the code this tablet was started with."),
            **dict.fromkeys(
                ("database_busy", "database_unavailable"),
                t("Its database does not answer just now; it is asked again by itself."),
            ),
        }.get(link.problem.code, link.problem.detail or link.problem.title)
        return t("The server does not take this tablet. {reason}", reason=reason)
    if link.phase != "lost":
        return ""
    if current == "customer":
        if customer.phase != "shown" or customer.context is None:
            return ""
        words = t("No network. Showing what was so at {time}.", time=t.clock(customer.context.as_of))
        waiting = len(customer.changes)
        return words if not waiting else f"{words} {_waiting(waiting, t)}"
    if current == "item" and item.phase == "shown":
        return t("No network. What is in the stores may have changed since.")
    phase: str = {"items": items.phase, "item": item.phase}.get(current, find.phase)
    if phase == "unreachable":
        return ""
    return t("The server does not answer. Check the network of the store.")


def unsent_words(changes: int, t: Words) -> str:
    """What is lost with signing out; nothing where all was sent."""
    if not changes:
        return ""
    return t.plural(
        "{n} change is not sent yet. Signing out gives it up.",
        "{n} changes are not sent yet. Signing out gives them up.",
        changes,
    )


def _waiting(changes: int, t: Words) -> str:
    return t.plural("{n} change will be sent.", "{n} changes will be sent.", changes)
