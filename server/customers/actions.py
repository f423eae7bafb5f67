"""What sources state of customers, whom references mean, and what associates write down."""

from collections.abc import Iterable
from datetime import datetime

import msgspec

from server.access.callers import Caller
from server.access.queries import staff
from server.carts import actions as carts
from server.customers import consents, erasure, persons, queries, rules, words, words_index
from server.customers.queries import SQL, Has, Held
from server.customers.rules import FIELDS, GUEST, ContactRules, Kind, Meant
from server.customers.tombstones import Erased, Name, names_of
from server.db.engine import Connection
from server.events import actions as events
from server.statements.rules import Value, Verdict, forget_fields, json_text, merge_fields, pack_times
from server.wire.base import timestamp
from server.wire.carts import Cart, JoinCarts
from server.wire.codes import black_out_bank_cards
from server.wire.customers import NewNote, NewPreferences, Note, Preferences
from server.wire.events import CustomerChanged, CustomerRemoved, NoteAdded, PreferencesChanged
from server.wire.problems import ProblemError
from server.wire.records import CustomerRecord

_NOTHING: dict[str, Value] = dict.fromkeys(FIELDS)


def state_customer(
    conn: Connection, record: CustomerRecord, rules_: ContactRules, erased: Erased, now: datetime
) -> Verdict:
    """Take a statement on a customer, field by field; nothing of somebody who was erased.

    Raises:
        RefusedFieldError: a contact is not what its field is for.
    """
    stated = rules.stated_fields(record, rules_)
    held = queries.by_key(conn, record.source, record.external_id)
    if erased.any and not _may_come(conn, record, stated, held, erased, now):
        return "older"
    fields, times = (held.fields, held.times) if held else (_NOTHING, {})
    deleted_at = _latest(held.deleted_at, held.redacted_at) if held else None
    at = timestamp(record.updated_at)
    merged = merge_fields(fields, times, stated, at, deleted_at)
    said = () if deleted_at is not None and at <= deleted_at else rules.consents_in(stated.get("consents"))
    if merged.verdict == "older" or (merged.verdict == "unchanged" and held and held.stated):
        # What changes nothing was said before, and is kept.
        if held is not None and (merged.verdict == "older" or held.fields["consents"] != stated.get("consents")):
            consents.keep(conn, held.id, said, record.source, now)
        return merged.verdict
    customer_id = _keep(conn, record.source, record.external_id, held, {**fields, **merged.changes}, merged.times)
    consents.keep(conn, customer_id, said, record.source, now)
    if merged.verdict in ("new", "changed"):
        events.record(conn, CustomerChanged(customer_id=customer_id), now, customer_id=customer_id)
    return merged.verdict


def forget_customer(
    conn: Connection, source: str, external_id: str, at: datetime, now: datetime, *, redacted: bool
) -> Verdict:
    """Drop what a source stated of a customer up to a moment; a redaction drops what was written here as well."""
    until = timestamp(at)
    held = queries.by_key(conn, source, external_id)
    known_at = None if held is None else held.redacted_at if redacted else held.deleted_at
    if known_at is not None and until <= known_at:
        return "unchanged" if until == known_at else "older"
    fields, times = (held.fields, held.times) if held else (_NOTHING, {})
    forgotten = forget_fields(fields, times, until)
    named_less = False
    if redacted and held is not None:
        conn.flush()
        named_less = conn.run(SQL.forget_references, customer_id=held.id, until=until) > 0
        conn.run(SQL.forget_notes, customer_id=held.id, until=until)
        conn.run(SQL.forget_consents, customer_id=held.id, until=until)
        conn.run(SQL.forget_preferences, id=held.id, until=until)
    customer_id = _keep(
        conn,
        source,
        external_id,
        held,
        {**fields, **forgotten.changes},
        forgotten.times,
        deleted_at=None if redacted else until,
        redacted_at=until if redacted else None,
    )
    if named_less and not forgotten.times:
        # Of the contacts that records name for them one may be left that means somebody.
        persons.relink(conn, [customer_id], [])
    if held is None or not (redacted or forgotten.changes):
        return "new" if held is None else "confirmed"
    if redacted or not forgotten.times:
        event: CustomerRemoved | CustomerChanged = CustomerRemoved(customer_id=customer_id, redacted=redacted)
    else:
        event = CustomerChanged(customer_id=customer_id)
    events.record(conn, event, now, customer_id=customer_id)
    return "changed"


def _may_come(
    conn: Connection,
    record: CustomerRecord,
    stated: dict[str, Value],
    held: Held | None,
    erased: Erased,
    now: datetime,
) -> bool:
    """Whether a statement is taken: not one of somebody who was erased.

    The id that was erased never comes back, whatever time its record names: shops write to accounts long after. A
    record of another id with a contact that was erased is the same person, unless it shows that they came anew by
    themselves: by a consent that they gave later than they were erased. From whoever is held since before, it is not
    them, only that contact is not taken.
    """
    own: Name = ("id", record.source, record.external_id)
    named = rules.identities_in({field: stated.get(field) for field in rules.CONTACT_FIELDS})
    found = erased.among([own, *named], timestamp(record.updated_at))
    if not found:
        return True
    if own in found:
        return False
    if held is not None and held.stated:
        for field, kind in rules.CONTACT_FIELDS.items():
            if field in stated:
                kept = tuple(c for c in rules.contacts_in(stated[field]) if (kind, c.value) not in found)
                stated[field] = json_text(kept)
        return True
    erased_at = max(found.values())
    given = [timestamp(c.at) for c in rules.consents_in(stated.get("consents")) if c.granted]
    if max(given, default="") > erased_at:
        erased.lift(found)
        return True
    # By this id their orders will be known, too, which do not name the contact.
    erased.add([own], erased_at)
    if held is not None:
        erasure.erase(conn, queries.person(conn, held.id), erased, now)
    return False


class Named:
    """Whom the records of one transaction mean: many are looked up together."""

    def __init__(self, conn: Connection, rules_: ContactRules) -> None:
        self._conn = conn
        self._ids: dict[tuple[str, str], int] = {}
        self.erased = Erased(conn, rules_)

    def expect(self, meant: Iterable[Meant]) -> None:
        """Look up many at once."""
        keys = {key for whom in meant if (key := whom.key) is not None}
        # Whoever is not there yet is asked for again: another record may bring them first.
        for source, external_id, id_ in self._conn.all(SQL.ids_of, keys=json_text(list(keys)) or "[]"):
            self._ids[source, external_id] = id_

    def expect_erased(self, meant: Iterable[Meant]) -> None:
        """Look up at once who of many was erased, and which of the contacts that are named."""
        if self.erased.any:
            self.erased.expect(name for whom in meant for name in (*names_of(whom), *whom.contacts))

    def is_erased(self, meant: Meant | None, at: str) -> bool:
        """Whether a record that speaks at a time means somebody who was erased."""
        return meant is not None and self.erased.any and bool(self.erased.among(names_of(meant), at))

    def resolve(self, meant: Meant, record: tuple[str, str, str], at: str, *, first: bool) -> tuple[int, bool]:
        """Whom a record means: a customer's number, and whether they asked to be forgotten since, where that matters.

        Somebody unknown becomes a placeholder, found by the id or contact that was named, which their own record fills
        later. A guest stays the placeholder of their contact and belongs to the person who has that contact.

        Args:
            meant: what the record says.
            record: (kind, source, external_id) of the record that speaks.
            at: when it speaks; of somebody who asked to be forgotten since, the contacts it names are not kept.
            first: nothing of this record was held before, so it named nobody yet.

        Raises:
            RefusedFieldError: the reference names nobody.
        """
        key = meant.key
        if key is None:
            raise rules.RefusedFieldError(
                "$.customer", "nobody is named: give an external_id, or a card, e-mail or phone that can be read"
            )
        conn, named = self._conn, meant.contacts
        known = self._ids.get(key)
        if known is None:
            row = conn.one(SQL.id_of, source=key[0], external_id=key[1])
            known = row[0] if row else None
        customer_id = _add_placeholder(conn, *key) if known is None else known
        # What a guest is known by is their key: it needs no row of its own.
        contacts = list(named if meant.by_id else named[1:])
        if contacts and self.erased.any:
            gone = self.erased.among(contacts, at)
            contacts = [contact for contact in contacts if contact not in gone]
            named = tuple(contact for contact in named if contact not in gone)
        # An order stays for the books, whoever asked for what: only the contacts it names would have to go.
        matters = known is not None and (bool(contacts) or record[0] != "order")
        forgotten = matters and _is_forgotten(conn, customer_id, at)
        if forgotten:
            contacts = []
        if contacts or not first:
            _replace_references(conn, record, customer_id, contacts, first=first, is_new=known is None)
        if known is None and named:
            persons.attach(conn, customer_id, named)
        return customer_id, forgotten


def _is_forgotten(conn: Connection, customer_id: int, at: str) -> bool:
    row = conn.one(SQL.forgotten_until, id=customer_id)
    return row is not None and row[0] is not None and at <= row[0]


def release_reference(conn: Connection, customer_id: int | None, record: tuple[str, str, str]) -> None:
    """A record no longer speaks of a customer: forget what it named, and the placeholder if nothing else needs it."""
    _replace_references(conn, record, None, [])
    if customer_id is not None:
        prune(conn, customer_id)


def prune(conn: Connection, customer_id: int) -> None:
    """Take a placeholder away that nothing speaks of any more."""
    row = conn.one(SQL.linked, id=customer_id)
    pruned = None if row is None else conn.one(SQL.prune_placeholder, id=customer_id)
    if row is not None and pruned is not None:
        source, external_id = pruned
        conn.run(SQL.remove_key, source=source, external_id=external_id)
        words_index.set_words(conn, customer_id, None)
        if row[0] is not None:
            conn.run(SQL.set_root, id=row[0])


def mark(conn: Connection, customer_id: int, has: int) -> None:
    """From now on look into a table (a bit of `queries.Has`) for what is a customer's."""
    conn.run_late(SQL.mark, {"id": customer_id, "has": has})


def add_note(conn: Connection, caller: Caller, customer_id: int, note: NewNote, now: datetime) -> Note:
    """Keep what an associate wrote of a customer, with who it was and in which store.

    Raises:
        ProblemError: there is no such customer, or nothing but blanks was written.
    """
    _require(conn, customer_id)
    text = _kept(note.text)
    if not text:
        raise ProblemError("invalid_field", "The note is empty: write a sentence.", path="$.text")
    writer = None if caller.staff_id is None else staff(conn, caller.staff_id)
    author = None if writer is None else writer.name
    written_at = timestamp(now)
    added = conn.one(
        SQL.add_note,
        customer_id=customer_id,
        text=text,
        author=author,
        written_at=written_at,
        staff_id=caller.staff_id,
        store=caller.store,
    )
    assert added is not None
    mark(conn, customer_id, Has.NOTES)
    events.record(conn, NoteAdded(note_id=added[0]), now, customer_id=customer_id)
    return Note(id=added[0], text=text, author=author, written_at=written_at, store=caller.store)


def set_preferences(
    conn: Connection, _caller: Caller, customer_id: int, wanted: NewPreferences, now: datetime
) -> Preferences:
    """Keep what fits and pleases a customer, in place of what was kept before.

    Raises:
        ProblemError: there is no such customer.
    """
    _require(conn, customer_id)
    preferences = Preferences(
        sizes={_kept(kind): _kept(size) for kind, size in wanted.sizes.items()},
        likes=tuple(map(_kept, wanted.likes)),
        updated_at=timestamp(now),
    )
    conn.run(SQL.set_preferences, id=customer_id, preferences=msgspec.json.encode(preferences).decode())
    events.record(conn, PreferencesChanged(), now, customer_id=customer_id)
    return preferences


def join_carts(conn: Connection, caller: Caller, customer_id: int, wanted: JoinCarts, now: datetime) -> Cart:
    """Put all that is in one of a person's carts into another of theirs.

    Raises:
        ProblemError: there is no such customer, or the carts are not two open ones of theirs in one currency.
    """
    person = queries.person(conn, customer_id)
    if not person:
        raise _unknown_customer()
    return carts.join_carts(conn, caller, [customer.id for customer in person], wanted, now)


def _kept(text: str) -> str:
    """What is kept of dictated text: no payment card's number, and no NUL, which no database keeps."""
    return black_out_bank_cards(text.replace("\0", "").strip())


def _require(conn: Connection, customer_id: int) -> None:
    if conn.one(SQL.linked, id=customer_id) is None:
        raise _unknown_customer()


def _unknown_customer() -> ProblemError:
    return ProblemError("unknown_customer", "There is no customer with this number. Search again.")


def _keep(
    conn: Connection,
    source: str,
    external_id: str,
    held: Held | None,
    fields: dict[str, Value],
    times: dict[str, str],
    *,
    deleted_at: str | None = None,
    redacted_at: str | None = None,
) -> int:
    """Write a customer with all that follows from their fields: identities, words, person."""
    values = {
        **fields,
        "stated": int(bool(times)),
        "field_times": pack_times(times),
        "deleted_at": _latest(held.deleted_at, deleted_at) if held else deleted_at,
        "redacted_at": _latest(held.redacted_at, redacted_at) if held else redacted_at,
    }
    if held is None:
        added = conn.one(SQL.add, source=source, external_id=external_id, **values)
        assert added is not None
        customer_id: int = added[0]
        conn.run(SQL.add_key, source=source, external_id=external_id, customer_id=customer_id)
    else:
        customer_id = held.id
        conn.run(SQL.set, id=customer_id, **values)
    before = rules.identities_in(held.fields) if held else {}
    after = rules.identities_in(fields)
    for kind, value in before.keys() - after.keys():
        conn.run(SQL.remove_identity, kind=kind, value=value, customer_id=customer_id)
    for (kind, value), verified in after.items():
        if before.get((kind, value)) != verified:
            conn.run(SQL.add_identity, kind=kind, value=value, customer_id=customer_id, verified=int(verified))
    if held is None:
        words_index.add_words(conn, customer_id, _words(fields))
    elif any(held.fields[f] != fields[f] for f in _WORD_FIELDS):
        words_index.set_words(conn, customer_id, _words(fields))
    if _may_concern_others(conn, customer_id, held, bool(times), before, after):
        persons.relink(conn, [customer_id], before.keys() | after.keys())
    return customer_id


_WORD_FIELDS = ("given_name", "family_name", "city", "emails", "phones", "cards")


def _may_concern_others(
    conn: Connection,
    customer_id: int,
    held: Held | None,
    stated: bool,
    before: dict[tuple[Kind, str], bool],
    after: dict[tuple[Kind, str], bool],
) -> bool:
    """Most customers share no contact with anybody: for them there is nothing to find anew."""
    if held is not None:
        if held.person_id is not None or held.stated != stated:
            return True
        if before == after:
            return False
    return any(
        conn.one(SQL.others, kind=kind, value=value, customer_id=customer_id)
        for kind, value in before.keys() | after.keys()
    )


def _words(fields: dict[str, Value]) -> words.NamedWords:
    names = [str(fields[f]) for f in ("given_name", "family_name", "city") if fields[f] is not None]
    contacts = {f: [c.value for c in rules.contacts_in(fields[f])] for f in rules.CONTACT_FIELDS}
    return words.words_of(names, contacts["emails"], contacts["phones"], contacts["cards"])


def _add_placeholder(conn: Connection, source: str, external_id: str) -> int:
    added = conn.one(SQL.add_placeholder, source=source, external_id=external_id)
    assert added is not None
    customer_id: int = added[0]
    conn.run(SQL.add_key, source=source, external_id=external_id, customer_id=customer_id)
    if source.startswith(GUEST):
        contacts = {kind: [external_id] if source == GUEST + kind else [] for kind in rules.KINDS}
        words_index.add_words(
            conn, customer_id, words.words_of([], contacts["email"], contacts["phone"], contacts["card"])
        )
    return customer_id


def _replace_references(
    conn: Connection,
    record: tuple[str, str, str],
    customer_id: int | None,
    named: list[tuple[Kind, str]],
    *,
    first: bool = False,
    is_new: bool = False,
) -> None:
    """Keep the contacts a record names, in place of those it named before.

    Args:
        conn: of the record's transaction.
        record: (kind, source, external_id) of the record that speaks.
        customer_id: for whom it names them.
        named: the contacts.
        first: nothing of this record was held before.
        is_new: the customer is a placeholder that was made for this record; the caller finds their person.
    """
    kind, source, external_id = record
    key = {"record_kind": kind, "record_source": source, "record_external_id": external_id}
    before = set() if first else {(k, v, c) for k, v, c in conn.all(SQL.references_of_record, **key)}
    after = {(k, v, customer_id) for k, v in named if customer_id is not None}
    if before == after:
        return
    if before:
        conn.run(SQL.clear_references_of_record, **key)
    # What other records name for the same customer is no news, and moves nobody to another person.
    touched = {
        whose
        for contact_kind, value, whose in before ^ after
        if conn.one(SQL.is_referenced, kind=contact_kind, value=value, customer_id=whose) is None
    }
    for contact_kind, value, whose in after:
        conn.run(SQL.add_reference, kind=contact_kind, value=value, customer_id=whose, **key)
        mark(conn, whose, Has.REFERENCES)
    if is_new and customer_id is not None:
        touched.discard(customer_id)
    # Whom a customer's own record speaks of is decided by that record; references only suggest.
    unstated = [c for c in touched if (row := conn.one(SQL.linked, id=c)) is not None and not row[1]]
    if unstated:
        persons.relink(conn, unstated, [])


def _latest(*times: str | None) -> str | None:
    return max((t for t in times if t is not None), default=None)
