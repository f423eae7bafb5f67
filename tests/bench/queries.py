"""The searches of `queries.txt`, by section."""

from pathlib import Path
from typing import NamedTuple

import msgspec

LIST = Path(__file__).with_name("queries.txt")

SECTIONS = (
    "two characters",
    "three characters",
    "six characters and more",
    "rare names",
    "common names",
    "misspelt names",
    "two words",
    "common and common",
    "three words",
    "one word misspelt",
    "phone prefix",
    "e-mail",
    "card prefix",
    "order number",
    "with accents",
    "store's locals",
    "nobody",
)


class Search(NamedTuple):
    """What is typed, and the code of the store it is typed in, if that is said."""

    text: str
    store: str | None

    @property
    def body(self) -> bytes:
        """The request's body."""
        return msgspec.json.encode({"text": self.text} | ({"store": self.store} if self.store else {}))


def by_section(path: Path = LIST) -> dict[str, list[Search]]:
    """Every section's searches, in the order of the file."""
    sections: dict[str, list[Search]] = {}
    section: list[Search] = []
    for written in path.read_text("utf-8").splitlines():
        line = written.strip()
        if not line or line.startswith("# "):
            continue
        if line.startswith("[") and line.endswith("]"):
            section = sections.setdefault(line[1:-1], [])
            continue
        text, at, store = line.rpartition(" @")
        section.append(Search(text, store) if at else Search(line, None))
    return sections
