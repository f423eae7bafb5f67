"""A language more is one file more."""

import itertools
import shutil
from pathlib import Path

import pytest

from tests.bench.processes import ROOT
from tests.screens.drawn import said_by

CATALAN = """msgid ""
msgstr "Content-Type: text/plain; charset=UTF-8\\n"

msgid "Call someone"
msgstr "Crida algú"

msgid "By phone number"
msgstr "Amb el meu telèfon"

msgid "By e-mail"
msgstr ""
"""

pytestmark = pytest.mark.xdist_group("look")


def test_a_language_more_is_one_file_more(tmp_path: Path) -> None:
    """A file beside the others in a copy of the program: the button leads to it and back, the screen says its words.

    Words that it has not are English, and it calls itself what its speakers call it.
    """
    shutil.copytree(ROOT / "kiosk", tmp_path / "kiosk", ignore=shutil.ignore_patterns("__pycache__"))
    for folder in ("server", "tests", "fixtures"):
        (tmp_path / folder).symlink_to(ROOT / folder)
    (tmp_path / "kiosk" / "words" / "ca.po").write_text(CATALAN, "utf-8")
    said = said_by("tongues", tmp_path, cwd=tmp_path)
    assert {language for language, *_ in said} == {"es", "en", "ca"}
    assert said[0][:2] == said[3][:2]
    names = {"es": "Español", "en": "English", "ca": "Català"}
    for (_, offered, _), (language, _, words) in itertools.pairwise(said):
        assert offered == names[language]
        call = {"es": "Llamar a alguien", "en": "Call someone", "ca": "Crida algú"}[language]
        assert call in [" ".join(word.split()) for word in words]
    (catalan,) = (words for language, _, words in said if language == "ca")
    assert "Amb el meu telèfon" in catalan
    assert "By e-mail" in catalan
