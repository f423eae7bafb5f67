"""How somebody who was erased is recognised when a file or a shop brings them again.

Of whoever was erased nothing is kept but keyed hashes of what named them: the ids that sources gave them, e-mails,
phones and cards. Whoever has the database alone can neither read nor guess them.
"""

import hmac
import re
from collections.abc import Iterable
from typing import Any

import msgspec

from server.customers import rules
from server.customers.queries import SQL
from server.customers.rules import ContactRules, Meant
from server.db.engine import Connection
from server.statements.rules import json_text
from server.wire.problems import ProblemError

Name = tuple[str, ...]
"""What somebody is known by: ("id", source, external_id), ("email", value), ("phone", value) or ("card", value)."""

_CHECK: Name = ("check",)
_EMAILS = re.compile(r"[^\s@\"'<>,;:\\]+@[^\s@\"'<>,;:\\]+")
_NUMBERS = re.compile(r"\+?[0-9](?:[ ().-]{0,2}[0-9]){6,20}")


def mac(key: bytes, name: Name) -> str:
    """What is kept of a name of somebody who was erased."""
    return hmac.digest(key, "\0".join(name).encode("utf-8", "surrogatepass"), "sha256").hex()


def any_erased(conn: Connection) -> bool:
    """Whether anybody ever was."""
    return conn.one(SQL.any_tombstone) is not None


class Erased:
    """Who was erased, as one transaction asks for them.

    Attributes:
        count: how many persons this transaction itself erased; what it read of them before does not hold any more.
    """

    def __init__(self, conn: Connection, rules_: ContactRules) -> None:
        self.count = 0
        self._conn = conn
        self._rules = rules_
        self._any: bool | None = None
        self._known: dict[Name, tuple[str, bool] | None] = {}

    @property
    def any(self) -> bool:
        """Whether anybody ever was.

        Raises:
            ProblemError: the secret is not the one that they were erased with: they would not be recognised.
        """
        if self._any is None:
            self._any = any_erased(self._conn)
            if self._any and not self._found([_CHECK], ""):
                self._any = None
                raise ProblemError(
                    "wrong_secret",
                    "The secret is not the one that people were erased with, so that they would come back with this. "
                    "Restore the file that MOSTRADOR_SECRET_FILE names, or MOSTRADOR_SECRET.",
                )
        return self._any

    def expect(self, names: Iterable[Name]) -> None:
        """Look up many names at once."""
        if self.any:
            self._found(names, "")

    def among(self, names: Iterable[Name], at: str) -> dict[Name, str]:
        """Those of names that are, in what is said at a time, of somebody who was erased, and when that was."""
        return self._found(names, at) if self.any else {}

    def add(self, names: Iterable[Name], erased_at: str) -> None:
        """From now on recognise somebody by these names.

        Raises:
            ProblemError: the secret is not the one that others were erased with; see `any`.
        """
        if self.any:
            pass  # asked for what it raises: two secrets' marks would let either pass for the right one
        for name in (_CHECK, *names):
            self._conn.run(SQL.add_tombstone, mac=mac(self._rules.tombstones, name), erased_at=erased_at)
            self._known[name] = (erased_at, False)
        self._any = True

    def lift(self, names: Iterable[Name]) -> int:
        """Somebody came anew: recognise them by these names only in what is older; by how many they were."""
        lifted = 0
        for name in names:
            lifted += self._conn.run(SQL.lift_tombstone, mac=mac(self._rules.tombstones, name))
            self._known.pop(name, None)
        return lifted

    def _found(self, names: Iterable[Name], at: str) -> dict[Name, str]:
        names = list(names)
        asked = {mac(self._rules.tombstones, name): name for name in names if name not in self._known}
        if asked:
            self._known.update(dict.fromkeys(asked.values()))
            for found, erased_at, lifted in self._conn.all(SQL.tombstones_among, macs=json_text(list(asked))):
                self._known[asked[found]] = (erased_at, bool(lifted))
        return {
            name: known[0]
            for name in names
            if (known := self._known[name]) is not None and (not known[1] or at <= known[0])
        }


def named_in(line: bytes, rules_: ContactRules) -> set[Name]:
    """Whom a line that could not be taken may speak of, as far as can be seen."""
    text = line.decode("utf-8", "replace")
    names: set[Name] = set()
    for found in _EMAILS.findall(text):
        names |= {("email", email)} if (email := rules.normal_email(found)) else set()
    for found in _NUMBERS.findall(text):
        names.add(("card", re.sub(r"\D", "", found)))
        names |= {("phone", phone)} if (phone := rules.normal_phone(found, rules_.country)) else set()
    try:
        record = msgspec.json.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return names
    if isinstance(record, dict) and isinstance(source := record.get("source"), str):
        meant = record.get("customer")
        ids = [record.get("external_id"), meant.get("external_id") if isinstance(meant, dict) else None]
        names |= {("id", source, id_) for id_ in ids if isinstance(id_, str)}
        names |= {("card", card) for card in _cards(record, meant) if isinstance(card, str)}
    return names


def _cards(record: dict[str, Any], meant: Any) -> list[Any]:
    cards = record.get("cards")
    found = [c.get("value") if isinstance(c, dict) else c for c in cards] if isinstance(cards, list) else []
    return [*found, meant.get("card") if isinstance(meant, dict) else None]


def names_of(meant: Meant) -> list[Name]:
    """What decides whether somebody a record means was erased.

    The id that a source gives decides alone: whoever else orders with a contact of theirs keeps what they ordered.
    """
    return [("id", meant.source, meant.external_id)] if meant.by_id else list(meant.contacts)
