"""What stands around every screen, in words. Pure."""

from collections.abc import Sequence

from babel import Locale


def own_name(language: str) -> str:
    """What a language is called by those who speak it."""
    name = Locale.parse(language).get_display_name(language) or language
    return name[:1].upper() + name[1:]


def tongues(offered: Sequence[str], spoken: str) -> list[tuple[str, str]]:
    """The languages that can be chosen but for the one that is spoken, each with its own name for itself."""
    return [(language, own_name(language)) for language in offered if language != spoken]
