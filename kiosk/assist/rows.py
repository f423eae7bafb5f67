"""What is said of kiosks that want somebody. Pure."""

from kiosk.assist.state import AssistState
from kiosk.words import Words


def call_words(state: AssistState, t: Words) -> str:
    """Who calls for help, and what with; the one who has waited longest, and how many more there are."""
    if not state.calls:
        return ""
    call = state.calls[0]
    about = {
        "network": t("{kiosk} needs somebody: the network.", kiosk=call.kiosk),
        "card": t("{kiosk} needs somebody: a card.", kiosk=call.kiosk),
        "code": t("{kiosk} needs somebody: a code.", kiosk=call.kiosk),
        "cart": t("{kiosk} needs somebody: the cart.", kiosk=call.kiosk),
        "item": t("{kiosk} needs somebody: an article.", kiosk=call.kiosk),
    }.get(call.about, t("{kiosk} needs somebody.", kiosk=call.kiosk))
    more = len(state.calls) - 1
    return f"{about} {t.plural('{n} more waits.', '{n} more wait.', more)}" if more else about


def waiting_words(state: AssistState, name: str, *, somebody: bool, t: Words) -> tuple[str, str]:
    """Who waits to be vouched for, and a button's words where it is known for whom: a customer is open."""
    if not state.waiting:
        return "", ""
    kiosk = state.waiting[0].kiosk
    if not somebody:
        return t("{kiosk} waits for somebody who knows the customer. Find the customer first.", kiosk=kiosk), ""
    words = (
        t("{kiosk} waits. Is {name} standing there?", kiosk=kiosk, name=name)
        if name
        else t("{kiosk} waits. Is this customer standing there?", kiosk=kiosk)
    )
    return words, t("Type its digits")


def asks_words(state: AssistState, name: str, t: Words) -> tuple[str, str]:
    """What the screen with the digits asks, and what comes of it."""
    one = state.vouching
    if one is None:
        return "", ""
    if one.done:
        return t("{kiosk} goes on", kiosk=one.challenge.kiosk), t("It shows the customer’s cart now.")
    what = (
        t("You say that it is {name} who stands there. It is on record.", name=name)
        if name
        else t("You say that it is this customer who stands there. It is on record.")
    )
    return t("{kiosk}: which two digits does it show?", kiosk=one.challenge.kiosk), what


def vouch_trouble(state: AssistState, t: Words) -> str:
    """Why the kiosk does not go on, and what to do now."""
    trouble = state.vouching.trouble if state.vouching else ""
    return {
        "wrong": t("The kiosk shows other digits. Look again."),
        "over": t("Nobody waits there any more. The kiosk can ask anew."),
        "unreachable": t("The server does not answer. Check the network of the store."),
        "refused": t("The server did not take it. Search for the customer again."),
    }.get(trouble, "")


def boxes_of(state: AssistState) -> tuple[str, str]:
    """What stands in the two boxes."""
    digits = state.vouching.digits if state.vouching else ""
    return digits[:1], digits[1:2]
