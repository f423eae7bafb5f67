"""What stands around every screen, in words. Pure."""

from collections.abc import Sequence

from babel import Locale


def own_name(language: str) -> str:
    """What a language is called by those who speak it."""
    name = Locale.parse(language).get_display_name(language) or language
    return name[:1].upper() + name[1:]


def next_tongue(offered: Sequence[str], spoken: str) -> tuple[str, str]:
    """The language that is offered after the one that is spoken, with its own name; two empty texts where none is.

    Whoever goes on from there comes to each of them, and back.
    """
    place = offered.index(spoken) if spoken in offered else -1
    others = [language for language in (*offered[place + 1 :], *offered[: place + 1]) if language != spoken]
    return (others[0], own_name(others[0])) if others else ("", "")
