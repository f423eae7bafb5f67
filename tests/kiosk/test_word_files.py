"""A file of words with slips in it: what cannot be said is English, and whoever wrote it is told."""

import logging
from pathlib import Path

import pytest

from kiosk.words import Words, _translations

HEAD = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n\n'
GOOD = 'msgid "Cart"\nmsgstr "Carret"\n'


@pytest.fixture
def told(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    """What is told of a file."""
    caplog.set_level(logging.WARNING)
    return caplog


def words(folder: Path, text: bytes | str) -> Words:
    """Words of a file with these lines."""
    path = folder / "ca.po"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    spoken = Words("en")
    spoken._translations = _translations(path)
    return spoken


@pytest.mark.parametrize(
    ("message", "translation"),
    [
        ("Go on with my cart", "Segueix amb {carro}"),
        ("{n} here", "{nombre} aquí"),
        ("{n} here", "{} aquí"),
        ("{n} here", "{n aquí"),
        ("{n} here", "n} aquí"),
        ("{n} here", "{n.size} aquí"),
        ("{n} here", "{n:d} aquí"),
        ("{n} here", "{n!x} aquí"),
    ],
)
def test_a_placeholder_that_nothing_fills_is_told_once_and_said_in_english(
    tmp_path: Path, told: pytest.LogCaptureFixture, message: str, translation: str
) -> None:
    """Such a sentence would end the program once it is shown; all others of the file are said."""
    text = f'{HEAD}msgid "{message}"\nmsgstr "{translation}"\n\n{GOOD}'
    for _ in range(2):
        t = words(tmp_path, text)
        assert t(message, n="3") == message.format(n="3")
        assert t("Cart") == "Carret"
    (record,) = told.records
    assert [part for part in ("ca.po", message, translation) if part not in record.getMessage()] == []


def test_each_form_of_a_plural_is_looked_at(tmp_path: Path, told: pytest.LogCaptureFixture) -> None:
    """One form that cannot be said has all of them be English."""
    entry = 'msgid "{n} cart"\nmsgid_plural "{n} carts"\nmsgstr[0] "un carret"\nmsgstr[1] "{m} carrets"\n'
    t = words(tmp_path, HEAD + entry + "\n" + GOOD)
    assert [t.plural("{n} cart", "{n} carts", n) for n in (1, 2)] == ["1 cart", "2 carts"]
    assert "{m} carrets" in told.text


def test_a_placeholder_may_be_left_out(tmp_path: Path, told: pytest.LogCaptureFixture) -> None:
    """A language that needs it not says less, and nobody is warned."""
    assert words(tmp_path, f'{HEAD}msgid "{{n}} here"\nmsgstr "aquí"\n')("{n} here", n="3") == "aquí"
    assert told.records == []


@pytest.mark.parametrize(
    "line",
    [
        'msgid "Call someone',
        "msgid Call someone",
        'msgid"Call someone"',
        'msgid "Call "someone"',
        'msgid "Call someone\\"',
        "Call someone",
    ],
)
def test_a_line_that_cannot_be_read_is_told(tmp_path: Path, told: pytest.LogCaptureFixture, line: str) -> None:
    """The file, the number of the line and the line itself; what stands before and after it counts."""
    t = words(tmp_path, f'{HEAD}{GOOD}\n{line}\nmsgstr "Crida algú"\n\nmsgid "Back"\nmsgstr "Enrere"\n')
    assert [t(message) for message in ("Call someone", "Cart", "Back")] == ["Call someone", "Carret", "Enrere"]
    (record,) = told.records
    assert [part for part in ("ca.po", "line 7", line) if part not in record.getMessage()] == []


@pytest.mark.parametrize("line", ['msgstr "Crida algú', 'msgstr[x] "Crida algú"', 'msgstr ""\n"Crida " "algú"'])
def test_a_translation_that_cannot_be_read_is_no_half_of_it(
    tmp_path: Path, told: pytest.LogCaptureFixture, line: str
) -> None:
    """Nothing is shown that lacks its end."""
    t = words(tmp_path, f'{HEAD}msgid "Call someone"\n{line}\n\n{GOOD}')
    assert (t("Call someone"), t("Cart")) == ("Call someone", "Carret")
    assert len(told.records) == 1


@pytest.mark.parametrize(
    "text",
    [HEAD.encode() + b'msgid "Cart"\nmsgstr "Carr\xe9t"\n', HEAD.replace("UTF-8", "tlh").encode() + "é".encode()],
)
def test_a_file_that_cannot_be_read_at_all_is_told(tmp_path: Path, told: pytest.LogCaptureFixture, text: bytes) -> None:
    """The screens speak English in its place."""
    assert words(tmp_path, text)("Cart") == "Cart"
    assert "ca.po" in told.text


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_what_nobody_uses_any_more_and_remarks_are_no_slips(
    tmp_path: Path, told: pytest.LogCaptureFixture, end: str
) -> None:
    """What tools for translators write into a file is read without a word."""
    text = f'{HEAD}#. where\n#: kiosk/a.py:3\n#, python-brace-format\n{GOOD}\n#~ msgid "Old\n#~ msgstr "Vell"\n\n# "\n'
    assert words(tmp_path, text.replace("\n", end))("Cart") == "Carret"
    assert told.records == []
