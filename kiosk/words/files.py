"""A file of words, as far as it can be said: a slip in it is told, and English takes the place of what has it."""

import logging
import re
from collections.abc import Iterator, Sequence
from io import BytesIO
from pathlib import Path
from string import Formatter

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

Placeholder = tuple[str, str | None, str | None]
"""What fills it, how that is written, and how it is made a text."""

_LINE = re.compile(rb'(?:(?:msgid|msgid_plural|msgctxt|msgstr|msgstr\[\d\])\s+)?"(?:[^"\\]|\\.)*"|#.*|')
_BEGINS = re.compile(rb"#|msgctxt|msgid(?!_)|$")
_log = logging.getLogger(__name__)


def read_words(path: Path) -> Catalog:
    """The translations of a file that is named for its language, without those that cannot be said."""
    lines = [line.strip() for line in path.read_bytes().splitlines()]
    text = b"\n".join(line for first, entry in _entries(lines) for line in _readable(path.name, first, entry))
    try:
        catalogue = read_po(BytesIO(text), locale=path.stem)
    except (ValueError, LookupError) as error:
        _log.warning("%s cannot be read, so that English is said in its place: %s", path.name, error)
        return Catalog(locale=path.stem)
    # What was read is handed on in one encoding, whichever a file says that it has.
    catalogue.charset = "utf-8"
    for message in catalogue:
        asked, said = _texts(message.id), _texts(message.string)
        if message.id and (wrong := _unsayable(asked, said)) is not None:
            _log.warning("%s: %r is said in English, as nothing fills what stands in %r", path.name, asked[0], wrong)
            message.string = ""
    return catalogue


def _entries(lines: Sequence[bytes]) -> Iterator[tuple[int, Sequence[bytes]]]:
    """What belongs together, each with the number of its first line."""
    begins = [at for at, line in enumerate(lines) if at == 0 or _BEGINS.match(line)]
    for at, end in zip(begins, [*begins[1:], len(lines)], strict=True):
        yield at + 1, lines[at:end]


def _readable(name: str, first: int, entry: Sequence[bytes]) -> Sequence[bytes]:
    """An entry, or none of it where a line cannot be read: half of a sentence would be worse than English."""
    wrong = [(number, line) for number, line in enumerate(entry, first) if not _LINE.fullmatch(line)]
    for number, line in wrong:
        _log.warning(
            "%s, line %d cannot be read, so that English is said: %s", name, number, line.decode(errors="replace")
        )
    return [b""] * len(entry) if wrong else entry


def _unsayable(asked: Sequence[str], said: Sequence[str]) -> str | None:
    """The first translation in which something stands that no value fills."""
    filled = {placeholder for text in asked for placeholder in _placeholders(text)}
    for text in said:
        try:
            if not filled.issuperset(_placeholders(text)):
                return text
        except ValueError:
            return text
    return None


def _placeholders(text: str) -> Iterator[Placeholder]:
    """What stands in the braces of a message.

    Raises:
        ValueError: one is not closed, or was never opened.
    """
    return ((name, spec, how) for _, name, spec, how in Formatter().parse(text) if name is not None)


def _texts(message: str | Sequence[str] | None) -> Sequence[str]:
    return (message,) if isinstance(message, str) else tuple(message or ())
