"""Which languages screens speak: those of the clients' words, which are files of this program."""

from pathlib import Path

from babel import Locale, UnknownLocaleError

from server.settings import PREFIX, Settings, SettingsError

WORDS = Path(__file__).parents[1] / "kiosk" / "words"
SOURCE_LANGUAGE = "en"


def require_spoken(settings: Settings, words: Path = WORDS) -> None:
    """Have every language of the settings be one that screens speak.

    Raises:
        SettingsError: there are no words of one.
    """
    spoken = spoken_in(words)
    unknown = [language for language in settings.languages if language not in spoken]
    if unknown:
        raise SettingsError(
            f"{PREFIX}LANGUAGES cannot be taken: no screen speaks {', '.join(unknown)}; there are: {', '.join(spoken)}"
        )


def spoken_in(words: Path) -> tuple[str, ...]:
    """English, and what else there is a file of words in that clients take."""
    return (SOURCE_LANGUAGE, *sorted(path.stem for path in words.glob("*.po") if _is_language(path.stem)))


def _is_language(name: str) -> bool:
    try:
        Locale.parse(name)
    except (UnknownLocaleError, ValueError):
        return False
    return True
