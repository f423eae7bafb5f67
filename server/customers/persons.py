"""Which customers are one person, kept up to date as contacts come and go.

A person is a set of customers connected by verified contacts they share. Whoever only references speak of (a guest's
order, a card nobody registered) belongs to the person their contacts mean, as `rules.person_meant` decides. Both follow
from what is stated now and from nothing else, so the order in which it was stated does not show. Joining is a pointer,
`customers.person_id`; rows never move.
"""

from collections.abc import Iterable

from server.customers.queries import SQL, Holder, holders
from server.customers.rules import CONTACT_FIELDS, Kind, contacts_in, person_meant
from server.db.engine import Connection

Contact = tuple[Kind, str]


def relink(conn: Connection, customers: Iterable[int], contacts: Iterable[Contact]) -> None:
    """Find anew who is one person, around customers and contacts that changed."""
    contacts = set(contacts)
    people = _People(conn)
    for customer_id in customers:
        people.reach(customer_id)
    for kind, value in contacts:
        for holder in holders(conn, kind, value):
            people.reach(holder.customer_id)
    people.spread()
    people.write(contacts)


def attach(conn: Connection, customer_id: int, named: Iterable[Contact]) -> None:
    """Point a placeholder that was just made to the person its contacts mean; nobody else is concerned by it."""

    def persons_with(kind: Kind, value: str) -> set[int]:
        return _persons_of(holders(conn, kind, value))

    meant = person_meant(list(named), persons_with)
    if meant is not None:
        conn.run(SQL.set_person, id=customer_id, person_id=meant)
        conn.run(SQL.set_person, id=meant, person_id=meant)


def _persons_of(holders_: Iterable[Holder]) -> set[int]:
    """The persons a contact may mean: those who proved it, where anybody did."""
    everybody = list(holders_)
    proven = [holder for holder in everybody if holder.verified]
    return {holder.person_id for holder in proven or everybody}


class _People:
    """Everybody whom a change may concern, and how they hang together."""

    def __init__(self, conn: Connection) -> None:
        self.conn = conn
        self.todo: list[int] = []
        self.stated: dict[int, set[int]] = {}
        self.unstated: set[int] = set()
        self.before: dict[int, int | None] = {}
        self.contacts: set[Contact] = set()

    def reach(self, customer_id: int) -> None:
        if customer_id not in self.before:
            self.before[customer_id] = None
            self.todo.append(customer_id)

    def spread(self) -> None:
        """Go on to everybody who shares a verified contact, and to those who were one person with them so far."""
        while self.todo:
            customer_id = self.todo.pop()
            row = self.conn.one(SQL.linked, id=customer_id)
            if row is None:
                del self.before[customer_id]
                continue
            person_id, stated, *packed = row
            self.before[customer_id] = person_id
            if person_id is not None:
                for member, _ in self.conn.all(SQL.members, person_id=person_id):
                    self.reach(member)
            if not stated:
                self.unstated.add(customer_id)
                continue
            neighbours = self.stated.setdefault(customer_id, set())
            by_kind = dict(zip(("emails", "phones", "cards"), packed, strict=True))
            for field, kind in CONTACT_FIELDS.items():
                for contact in contacts_in(by_kind[field]):
                    self.contacts.add((kind, contact.value))
                    if contact.verified:
                        for holder in holders(self.conn, kind, contact.value):
                            if holder.verified and holder.customer_id != customer_id:
                                neighbours.add(holder.customer_id)
                                self.reach(holder.customer_id)

    def write(self, changed: set[Contact]) -> None:
        """Point everybody to the first customer of their person."""
        root_of = self._roots()
        for kind, value in changed | self.contacts:
            for (customer_id,) in self.conn.all(SQL.placeholders_naming, kind=kind, value=value):
                if customer_id not in self.before:
                    row = self.conn.one(SQL.linked, id=customer_id)
                    self.before[customer_id] = row[0] if row else None
                self.unstated.add(customer_id)

        def persons_with(kind: Kind, value: str) -> set[int]:
            return _persons_of(
                h._replace(person_id=root_of.get(h.customer_id, h.person_id)) for h in holders(self.conn, kind, value)
            )

        for customer_id in sorted(self.unstated):
            named = [
                (kind, value) for kind, value in self.conn.all(SQL.references_of_customer, customer_id=customer_id)
            ]
            meant = person_meant(named, persons_with)
            root_of[customer_id] = meant if meant is not None else customer_id
        roots = set(root_of.values()) | {p for p in self.before.values() if p is not None}
        for customer_id, root in sorted(root_of.items()):
            if customer_id != root and self.before.get(customer_id) != root:
                self.conn.run(SQL.set_person, id=customer_id, person_id=root)
            elif customer_id == root and self.before.get(customer_id) not in (None, root):
                self.conn.run(SQL.set_person, id=customer_id, person_id=None)
        for root in sorted(r for r in roots if root_of.get(r, r) == r):
            self.conn.run(SQL.set_root, id=root)

    def _roots(self) -> dict[int, int]:
        root_of: dict[int, int] = {}
        for start in sorted(self.stated):
            if start in root_of:
                continue
            todo = [start]
            while todo:
                customer_id = todo.pop()
                if customer_id not in root_of:
                    root_of[customer_id] = start
                    todo.extend(self.stated[customer_id] & self.stated.keys())
        return root_of
