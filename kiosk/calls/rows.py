"""What is said of a call for help. Pure."""

from kiosk.calls.state import CallState
from kiosk.words import Words


def call_words(state: CallState, t: Words) -> str:
    """Who comes, or that somebody was told; nothing where nobody was called."""
    return {
        "": "",
        "calling": t("One moment…"),
        "called": t("Somebody was called. They come to you."),
        "coming": t("{name} is coming", name=state.by),
        "failed": t("Nobody could be called just now. Please speak to somebody here."),
    }[state.phase]
