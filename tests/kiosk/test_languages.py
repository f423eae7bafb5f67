"""Which languages there are: a file each, as far as they can be spoken, and the server says the same."""

import logging
from pathlib import Path
from uuid import uuid4

import pytest

from kiosk.words import Words, first_spoken, languages
from server.languages import require_spoken, spoken_in
from server.settings import Settings, SettingsError


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Files of words, some of them of languages that nobody knows the numbers and dates of."""
    for name in ("es", "ca", "pt_BR", "tlh", "my words", "zh-Hant", ""):
        (tmp_path / f"{name}.po").write_bytes(b"")
    (tmp_path / "fr.po.orig").write_bytes(b"")
    return tmp_path


def test_a_language_that_nobody_knows_is_passed_over(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    """The screens start without it, and say so, once."""
    new = uuid4().hex
    (folder / f"{new}.po").write_bytes(b"")
    with caplog.at_level(logging.WARNING):
        for _ in range(2):
            assert languages(folder) == ("en", "ca", "es", "pt_BR")
    passed_over = [record.getMessage().partition(" is passed over")[0] for record in caplog.records]
    assert passed_over.count(f"{new}.po") == 1
    assert len(passed_over) == len(set(passed_over))
    assert Words("tlh").language == "en"


@pytest.mark.parametrize(
    ("shop", "spoken"),
    [
        (("en",), "en"),
        (("en", "es"), "en"),
        (("es", "en"), "es"),
        (("tlh", "es", "en"), "es"),
        (("tlh",), "xx"),
        ((), "xx"),
    ],
)
def test_the_first_of_the_shops_languages_is_one_that_there_are_words_in(shop: tuple[str, ...], spoken: str) -> None:
    """Those that nobody has words in are passed over; where none is left, it stays what it was."""
    assert first_spoken(shop, "xx") == spoken


def test_the_server_knows_what_screens_speak(folder: Path) -> None:
    """It takes the languages of its clients' words and no other."""
    assert spoken_in(folder) == languages(folder)
    for language in languages(folder):
        require_spoken(Settings(languages=(language,)), folder)
    for language in ("tlh", "fr", "ES", "zh-Hant"):
        with pytest.raises(SettingsError, match=f"no screen speaks {language}; there are: en, ca, es, pt_BR"):
            require_spoken(Settings(languages=("es", language)), folder)
    require_spoken(Settings(languages=languages()))
