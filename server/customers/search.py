"""Finding a customer from what somebody typed so far.

Every word that was typed must be a word of the customer's, or begin one. Candidates come from an index of words,
capped, so that a name that 50,000 people have costs as little as a rare one; they are then ranked: all words exact
before begun ones before corrected ones, then those seen in this store, then those seen last. A word that nobody has
is corrected to known words near it and looked up like any other.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal, NamedTuple

import msgspec

from server.carts import queries as carts
from server.customers import rules
from server.customers.queries import SQL, Customer, Has, anybody_with, matching, person, words_among
from server.customers.vocabulary import Vocabulary
from server.customers.words import email_words, phone_words
from server.db.engine import Connection
from server.orders import queries as orders
from server.search.rules import LONGEST_WORD, Sought, Span, apart, fold, range_of, spans_in, words_in
from server.statements.rules import json_text
from server.wire.customers import CustomerHit, Match, SearchAnswer, SearchRequest
from server.wire.problems import ProblemError
from server.wire.records import Loyalty

CANDIDATES = 200
"""How many the index gives at each step; among more than these, nobody finds theirs by looking."""
LOCALS = 300
"""How many customers seen last in a store are looked through for a name that too many have."""
SHORTEST_NUMBER_SEARCH = 3
MOST_WORDS = 8

How = Literal["exact", "prefix", "corrected"]
Field = Literal["name", "city", "email", "phone", "card", "order"]

_loyalty = msgspec.json.Decoder(Loyalty)


class Typed(NamedTuple):
    """What was typed, as words to look for, and the e-mails among it, in lower case and NFC as they are kept."""

    words: tuple[str, ...]
    emails: tuple[str, ...]
    pieces: tuple[str, ...]


class Candidate(NamedTuple):
    """Somebody who has all the words, and what ranks them."""

    customer_id: int
    person_id: int
    last_seen_at: str | None
    last_store: str | None


def read_typed(text: str) -> Typed:
    """Take what was typed apart: groups of digits are one number, an e-mail is looked for by what is before its @."""
    # A terminal passes on bytes that are no UTF-8 as half characters, which no database takes; nor NUL.
    pieces = text.encode("utf-8", "ignore").decode().replace("\0", " ").split()
    words: list[str] = []
    emails: list[str] = []
    digits = ""
    for piece in pieces:
        number = re.sub(r"[().+/-]", "", piece)
        if number.isascii() and number.isdigit():
            digits += number
            continue
        if digits:
            words.append(digits)
            digits = ""
        if "@" in piece and piece.partition("@")[0]:
            emails.append(unicodedata.normalize("NFC", piece).lower())
            words.extend(email_words(piece)[-1:])
        else:
            words.extend(words_in(piece))
    if digits:
        words.append(digits)
    known = dict.fromkeys(word[:LONGEST_WORD] for word in words)
    return Typed(tuple(known)[:MOST_WORDS], tuple(emails), tuple(pieces))


def search(conn: Connection, request: SearchRequest, vocabulary: Vocabulary) -> SearchAnswer:
    """People who have everything that was typed, the likeliest first.

    Raises:
        ProblemError: too little was typed to look for.
    """
    typed = _as_known(conn, read_typed(request.text))
    if sum(map(len, (*typed.words, *typed.emails))) < 2:
        raise ProblemError(
            "search_too_short", "Type at least two letters or digits of a name, town, e-mail, phone, card or order."
        )
    found = _Found(conn, typed, request.store)
    if typed.words:
        found.add("exact", 0, [Sought(word) for word in typed.words])
        if len(typed.words) > 1:
            found.add("prefix", 1, [*map(Sought, typed.words[:-1]), Sought(typed.words[-1], begins=True)])
        found.add("prefix", 2, [Sought(word, begins=True) for word in typed.words])
    found.add_by_email()
    found.add_by_order()
    if found.capped:
        found.add_locals()
    corrected: dict[str, tuple[str, ...]] = {}
    if not found.ranked and typed.words:
        corrected = found.add_corrected(vocabulary)
    return found.answer(request.limit, corrected)


def _as_known(conn: Connection, typed: Typed) -> Typed:
    """Two zeros in front of a phone's country code mean +; in front of a card's number they are its own."""
    words = tuple(
        word[2:]
        if word.startswith("00")
        and word.isdigit()
        and len(word) > 4
        and not anybody_with(conn, Sought(word, begins=True))
        else word
        for word in typed.words
    )
    return typed if words == typed.words else typed._replace(words=tuple(dict.fromkeys(words)))


def hits_of(conn: Connection, person_ids: Iterable[int]) -> tuple[CustomerHit, ...]:
    """People as a search shows them, where it is known who they are."""
    return tuple(hits_by_customer(conn, person_ids, None).values())


def hits_by_customer(conn: Connection, ids: Iterable[int], store: str | None) -> dict[int, CustomerHit]:
    """The same by the numbers of their customers; with a store, only those who were seen last there."""
    nothing = Typed((), (), ())
    found: dict[int, CustomerHit] = {}
    for candidate in _seen(conn, list(ids)):
        if store is None or candidate.last_store == store:
            hit = _hit(conn, candidate, "exact", nothing, {}, None)
            if hit is not None:
                found[candidate.customer_id] = hit
    return found


def _seen(conn: Connection, ids: Sequence[int]) -> list[Candidate]:
    """What ranks customers among others."""
    return [Candidate(*row) for row in conn.all(SQL.seen_of, ids=json_text(ids))] if ids else []


class _Found:
    """Candidates as they are gathered: each person counts once, by their best way of being found."""

    def __init__(self, conn: Connection, typed: Typed, store: str | None) -> None:
        self.conn = conn
        self.typed = typed
        self.store = store
        self.ranked: dict[int, tuple[tuple[object, ...], Candidate, How]] = {}
        self.orders: dict[int, str] = {}
        self.candidates: dict[int, Candidate] = {}
        self.capped = False

    def add(self, how: How, step: int, words: Sequence[Sought]) -> None:
        for candidate in self._matching([[word] for word in words]):
            self._rank(candidate, how, step)

    def add_by_order(self) -> None:
        """Whose order has the number that was typed; shops write them SO45080 or #1001."""
        for piece in self.typed.pieces:
            if len(piece) < SHORTEST_NUMBER_SEARCH or not any(c.isdigit() for c in piece):
                continue
            own = {*words_in(piece), re.sub(r"\D", "", piece)}
            others = [word for word in self.typed.words if word not in own]
            for prefix in dict.fromkeys((piece, piece.upper(), f"#{piece}")):
                found = orders.customers_by_number(self.conn, prefix, CANDIDATES)
                self._know([customer_id for customer_id, _ in found])
                for customer_id, number in found:
                    candidate, step = self.candidates.get(customer_id), self._step_of(customer_id, others)
                    if candidate is not None and step is not None:
                        step = step if number == prefix else 2
                        self.orders.setdefault(candidate.person_id, number)
                        self._rank(candidate, "prefix" if step else "exact", step)

    def add_by_email(self) -> None:
        """Whose e-mail begins as one that was typed: of `info@` there are too many to find theirs by its words."""
        for wanted in self.typed.emails:
            own = email_words(wanted)
            others = [word for word in self.typed.words if word not in own]
            rows = self.conn.all(SQL.with_email, first=wanted, last=wanted + "\U0010ffff", limit=CANDIDATES)
            self.capped = self.capped or len(rows) == CANDIDATES
            self._know([customer_id for customer_id, _ in rows])
            for customer_id, email in rows:
                step = self._step_of(customer_id, others)
                if step is not None:
                    step = step if email == wanted else 2
                    self._rank(self.candidates[customer_id], "prefix" if step else "exact", step)

    def add_locals(self) -> None:
        """Too many have it: those who were in this store lately are the likeliest."""
        if self.store is None:
            return
        locals_ = self.conn.all(SQL.recent_in_store, store=self.store, limit=LOCALS)
        steps = {id_: step for id_, words in locals_ if (step := _step(self.typed.words, words.split())) is not None}
        self._know(steps)
        for id_, step in steps.items():
            self._rank(self.candidates[id_], "prefix" if step else "exact", step)

    def add_corrected(self, vocabulary: Vocabulary) -> dict[str, tuple[str, ...]]:
        """Look for known words near those that nobody has; where each is had by somebody, near any of them."""
        vocabulary.refresh(self.conn)
        unknown = [w for w in self.typed.words if not anybody_with(self.conn, Sought(w, begins=True))]
        near = {word: vocabulary.corrections(word) for word in unknown or self.typed.words}
        if not all(near[word] for word in unknown):
            return {}
        choices = [
            [*map(Sought, near.get(word, {})), *([] if word in unknown else [Sought(word, begins=True)])]
            for word in self.typed.words
        ]
        all_had: set[str] = set()
        candidates = self._matching(choices)
        words = words_among(self.conn, [candidate.customer_id for candidate in candidates])
        for candidate in candidates:
            had = words.get(candidate.customer_id, [])
            all_had.update(had)
            mistakes = sum([_mistakes(w, near.get(w, {}), had, unknown=w in unknown) for w in self.typed.words])
            self._rank(candidate, "corrected", 2 + mistakes)
        served = {word: tuple(w for w in known if w in all_had) for word, known in near.items()}
        return {word: known for word, known in served.items() if known}

    def answer(self, limit: int, corrected: dict[str, tuple[str, ...]]) -> SearchAnswer:
        best = sorted(self.ranked.values(), key=lambda entry: entry[0], reverse=True)
        hits: list[CustomerHit] = []
        for _, candidate, how in best:
            hit = _hit(self.conn, candidate, how, self.typed, corrected, self.orders.get(candidate.person_id))
            if hit is not None:
                hits.append(hit)
            if len(hits) > limit:
                break
        return SearchAnswer(hits=tuple(hits[:limit]), capped=self.capped or len(hits) > limit, corrected=corrected)

    def _matching(self, wanted: Sequence[Sequence[Sought]]) -> list[Candidate]:
        """Who has, of every group of words, any one."""
        ids = matching(self.conn, wanted, CANDIDATES)
        self.capped = self.capped or len(ids) == CANDIDATES
        self._know(ids)
        return [self.candidates[id_] for id_ in ids if id_ in self.candidates]

    def _know(self, ids: Iterable[int]) -> None:
        """Ask what ranks customers: once each, however often they are found."""
        new = _seen(self.conn, [id_ for id_ in ids if id_ not in self.candidates])
        self.candidates.update((candidate.customer_id, candidate) for candidate in new)

    def _rank(self, candidate: Candidate, how: How, step: int) -> None:
        here = self.store is not None and candidate.last_store == self.store
        rank = (-step, here, candidate.last_seen_at or "", candidate.customer_id)
        held = self.ranked.get(candidate.person_id)
        if held is None or rank > held[0]:
            self.ranked[candidate.person_id] = (rank, candidate, how)

    def _step_of(self, customer_id: int, words: Sequence[str]) -> int | None:
        if not words:
            return 0
        row = self.conn.one(SQL.words, customer_id=customer_id)
        return None if row is None else _step(words, row[0].split())


def _step(typed: Sequence[str], had: Sequence[str]) -> int | None:
    """How well somebody's words fit what was typed: 0 all exact, 1 all but the last, 2 begun, None not at all."""
    if not all(any(word.startswith(w) for word in had) for w in typed):
        return None
    if not set(typed[:-1]) <= set(had):
        return 2
    return 0 if typed[-1] in had else 1 if len(typed) > 1 else 2


def _mistakes(typed: str, near: Mapping[str, int], had: Sequence[str], *, unknown: bool) -> int:
    """How many mistakes make the typed word one that somebody has; `near` has the fewest first."""
    if not unknown and any(word.startswith(typed) for word in had):
        return 0
    for known, distance in near.items():
        if known in had:
            return distance
    return len(typed)


def _hit(
    conn: Connection,
    candidate: Candidate,
    how: How,
    typed: Typed,
    corrected: Mapping[str, Sequence[str]],
    order: str | None,
) -> CustomerHit | None:
    """A candidate as they are shown, or None where an e-mail was typed that is not theirs."""
    # A hit shows the person: whoever is found by a guest's order has a name, told by another record.
    rows = person(conn, candidate.customer_id)
    if not rows:
        return None
    contacts = _contacts_of(rows)
    if any(not any(_begins(email, wanted) for email in contacts["email"]) for wanted in typed.emails):
        return None

    def said(field: str) -> Any:
        return next((value for row in rows if (value := getattr(row, field)) is not None), None)

    name, city, loyalty = rules.name_of(said("given_name"), said("family_name")), said("city"), said("loyalty")
    phone = next(iter(contacts["phone"]), None)
    return CustomerHit(
        customer_id=candidate.person_id,
        name=name or next((rules.masked(kind, contacts[kind][0]) for kind in rules.KINDS if contacts[kind]), ""),
        city=city,
        tier=_loyalty.decode(loyalty).tier if loyalty else None,
        phone=rules.masked("phone", phone) if phone else None,
        last_seen_at=candidate.last_seen_at,
        last_store=candidate.last_store,
        cart_quantity=carts.waiting(conn, [row.id for row in rows if row.has & Has.CARTS]),
        how=how,
        matches=_matches(typed, corrected, name, city, contacts, order),
    )


def _contacts_of(rows: Iterable[Customer]) -> dict[rules.Kind, list[str]]:
    """Every contact of a person, once; a guest's is the id of their record."""
    contacts: dict[rules.Kind, dict[str, None]] = {kind: {} for kind in rules.KINDS}
    for row in rows:
        packed_by_kind: dict[rules.Kind, str | None] = {"email": row.emails, "phone": row.phones, "card": row.cards}
        for kind, packed in packed_by_kind.items():
            contacts[kind].update((contact.value, None) for contact in rules.contacts_in(packed))
            if row.source == f"@{kind}":
                contacts[kind][row.external_id] = None
    return {kind: list(values) for kind, values in contacts.items()}


def _begins(email: str, wanted: str) -> bool:
    return fold(email).startswith(fold(wanted))


def _matches(
    typed: Typed,
    corrected: Mapping[str, Sequence[str]],
    name: str,
    city: str | None,
    contacts: Mapping[rules.Kind, Sequence[str]],
    order: str | None,
) -> tuple[Match, ...]:
    """Which fields have what was typed, as they may be shown, with what to highlight."""
    shown: list[tuple[Field, str]] = [("name", name)]
    if city:
        shown.append(("city", city))
    for kind in ("email", "phone", "card"):
        shown.extend((kind, value) for value in contacts[kind])
    if order:
        shown.append(("order", order))
    ranges: dict[int, list[tuple[int, int]]] = {}
    words = list(typed.words)
    first_email = 1 + bool(city)
    for wanted in typed.emails:
        place, email = next((n, email) for n, email in enumerate(contacts["email"]) if _begins(email, wanted))
        end = next(end for end in range(1, len(email) + 1) if _begins(email[:end], wanted))
        ranges[first_email + place] = [(0, end)]
        words = [word for word in words if word not in email_words(wanted)]
    spans: dict[int, list[Span]] = {}
    for word in words:
        for index, (field, value) in enumerate(shown):
            # Most words are of the name: what is behind it is taken apart only where it is looked at.
            if index not in spans:
                spans[index] = _spans_of(field, value)
            range_ = next((r for span in spans[index] if (r := range_of(span, word, corrected.get(word, ())))), None)
            if range_ is not None:
                ranges.setdefault(index, []).append(range_)
                break
    return tuple(
        Match(field=shown[i][0], text=_as_shown(*shown[i]), ranges=apart(ranges_))
        for i, ranges_ in sorted(ranges.items())
    )


def _as_shown(field: Field, value: str) -> str:
    return rules.masked(field, value) if field in ("email", "phone", "card") else value


def _spans_of(field: Field, value: str) -> list[Span]:
    """A field's words with their places; a contact's mask is as long as the contact, so they are the same in both."""
    match field:
        case "name" | "city":
            return spans_in(value)
        case "email":
            return _with_all_as_one(spans_in(value.partition("@")[0]))
        case "phone":
            return [
                Span(word, len(value) - len(word), tuple(range(len(value) - len(word) + 1, len(value) + 1)))
                for word in phone_words(value)
            ]
        case "card" | "order":
            return _with_all_as_one(spans_in(value))


def _with_all_as_one(spans: list[Span]) -> list[Span]:
    """Words, and after them all of them run together."""
    all_as_one = Span(
        "".join(span.word for span in spans),
        spans[0].start if spans else 0,
        tuple(end for span in spans for end in span.ends),
    )
    return [*spans, all_as_one]
