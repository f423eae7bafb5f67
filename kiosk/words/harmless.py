"""Names and titles come from outside: what no screen should obey is taken out of an answer. Pure."""

from typing import Any

_BLANKS = dict.fromkeys((0x09, 0x0D, 0x2028, 0x2029), " ")
_COMMANDS = dict.fromkeys(
    (*range(0x0A), *range(0x0B, 0x20), *range(0x7F, 0xA0), *range(0x202A, 0x202F), *range(0x2066, 0x206A)), "\ufffd"
)
_SIGNS = _COMMANDS | _BLANKS
"""Control characters, but for the end of a line, and what turns the direction of writing. Each becomes one sign, so
that what is said of a text by its letters' places stays true."""


def harmless(value: Any) -> Any:
    """An answer, as JSON has it, in which no text commands anything."""
    if isinstance(value, str):
        return value.translate(_SIGNS)
    if isinstance(value, dict):
        return {harmless(key): harmless(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [harmless(inner) for inner in value]
    return value
