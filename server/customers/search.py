"""Finding a customer from what somebody typed so far.

Every word that was typed must be a word of the customer's, or begin one. Candidates come from an index of words,
capped, so that a name that 50,000 people have costs as little as a rare one; they are then ranked: all words exact
before begun ones before corrected ones, then those seen in this store, then those seen last. A word that nobody has
is corrected to known words near it and looked up like any other.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Literal, NamedTuple

import msgspec

from server.carts import queries as carts
from server.customers import rules
from server.customers.queries import SQL
from server.customers.vocabulary import Vocabulary
from server.customers.words import Span, email_words, fold, phone_words, spans_in, words_in
from server.db.engine import Connection
from server.orders import queries as orders
from server.wire.customers import CustomerHit, Match, SearchAnswer, SearchRequest
from server.wire.problems import ProblemError
from server.wire.records import Loyalty

CANDIDATES = 200
"""How many the index gives at each step; among more than these, nobody finds theirs by looking."""
LOCALS = 500
"""How many customers seen last in a store are looked through for a name that too many have."""
LONGEST_NUMBER_SEARCH = 3
MOST_WORDS = 8

How = Literal["exact", "prefix", "corrected"]
Field = Literal["name", "city", "email", "phone", "card", "order"]

_loyalty = msgspec.json.Decoder(Loyalty)


class Typed(NamedTuple):
    """What was typed, as words to look for, and the e-mails among it as they were typed."""

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
    pieces = text.split()
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
            emails.append(fold(piece))
            words.extend(email_words(piece)[-1:])
        else:
            words.extend(words_in(piece))
    if digits:
        words.append(digits)
    plain = [word[2:] if word.startswith("00") and len(word) > 4 else word for word in words]
    return Typed(tuple(dict.fromkeys(plain))[:MOST_WORDS], tuple(emails), tuple(pieces))


def search(conn: Connection, request: SearchRequest, vocabulary: Vocabulary) -> SearchAnswer:
    """People who have everything that was typed, the likeliest first.

    Raises:
        ProblemError: too little was typed to look for.
    """
    typed = read_typed(request.text)
    if sum(map(len, typed.words)) < 2:
        raise ProblemError(
            "search_too_short", "Type at least two letters or digits of a name, town, e-mail, phone, card or order."
        )
    found = _Found(conn, typed, request.store)
    found.add("exact", 0, [f'"{word}"' for word in typed.words])
    if len(typed.words) > 1:
        found.add("prefix", 1, [*(f'"{word}"' for word in typed.words[:-1]), f'"{typed.words[-1]}"*'])
    found.add("prefix", 2, [f'"{word}"*' for word in typed.words])
    found.add_by_order()
    if found.capped:
        found.add_locals()
    corrected: dict[str, tuple[str, ...]] = {}
    if not found.ranked:
        corrected = found.add_corrected(vocabulary)
    return found.answer(request.limit, corrected)


def hits_of(conn: Connection, person_ids: Iterable[int]) -> tuple[CustomerHit, ...]:
    """People as a search shows them, where it is known who they are."""
    nothing = Typed((), (), ())
    rows = [row for id_ in person_ids if (row := conn.one(SQL.seen, id=id_)) is not None]
    hits = (_hit(conn, Candidate(*row), "exact", nothing, {}, None) for row in rows)
    return tuple(hit for hit in hits if hit is not None)


class _Found:
    """Candidates as they are gathered: each person counts once, by their best way of being found."""

    def __init__(self, conn: Connection, typed: Typed, store: str | None) -> None:
        self.conn = conn
        self.typed = typed
        self.store = store
        self.ranked: dict[int, tuple[tuple[object, ...], Candidate, How]] = {}
        self.orders: dict[int, str] = {}
        self.capped = False

    def add(self, how: How, step: int, words: list[str]) -> None:
        rows = self.conn.all(SQL.matching, words=" AND ".join(words), limit=CANDIDATES)
        self.capped = self.capped or len(rows) == CANDIDATES
        for row in rows:
            self._rank(Candidate(*row), how, step)

    def add_by_order(self) -> None:
        """Whose order has the number that was typed; shops write them SO45080 or #1001."""
        for piece in self.typed.pieces:
            if len(piece) < LONGEST_NUMBER_SEARCH or not any(c.isdigit() for c in piece):
                continue
            others = [word for word in self.typed.words if word not in words_in(piece)]
            for prefix in dict.fromkeys((piece, piece.upper(), f"#{piece}")):
                for customer_id, number in orders.customers_by_number(self.conn, prefix, CANDIDATES):
                    row = self.conn.one(SQL.seen, id=customer_id)
                    if row is not None and (not others or self._has_all(customer_id, others)):
                        exact = number == prefix
                        self.orders.setdefault(row[1], number)
                        self._rank(Candidate(*row), "exact" if exact else "prefix", 0 if exact else 2)

    def add_locals(self) -> None:
        """Too many have it: those who were in this store lately are the likeliest."""
        if self.store is None:
            return
        for *row, words in self.conn.all(SQL.recent_in_store, store=self.store, limit=LOCALS):
            step = _step(self.typed.words, words.split())
            if step is not None:
                self._rank(Candidate(*row), "prefix" if step else "exact", step)

    def add_corrected(self, vocabulary: Vocabulary) -> dict[str, tuple[str, ...]]:
        """Look for known words near those that nobody has; where each is had by somebody, near any of them."""
        vocabulary.refresh(self.conn)
        unknown = [w for w in self.typed.words if self.conn.one(SQL.anybody_with, words=f'"{w}"*') is None]
        near = {word: vocabulary.corrections(word) for word in unknown or self.typed.words}
        if not all(near[word] for word in unknown):
            return {}
        choices = [
            [*(f'"{known}"' for known in near.get(word, {})), *([] if word in unknown else [f'"{word}"*'])]
            for word in self.typed.words
        ]
        expression = " AND ".join(f"({' OR '.join(words)})" for words in choices)
        rows = self.conn.all(SQL.matching, words=expression, limit=CANDIDATES)
        self.capped = self.capped or len(rows) == CANDIDATES
        all_had: set[str] = set()
        for row in rows:
            candidate = Candidate(*row)
            had = (self.conn.one(SQL.words, customer_id=candidate.customer_id) or ("",))[0].split()
            all_had.update(had)
            mistakes = sum(_mistakes(word, near.get(word, {}), had) for word in self.typed.words)
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
            if len(hits) == limit:
                break
        return SearchAnswer(hits=tuple(hits), capped=self.capped or len(best) > limit, corrected=corrected)

    def _rank(self, candidate: Candidate, how: How, step: int) -> None:
        here = self.store is not None and candidate.last_store == self.store
        rank = (-step, here, candidate.last_seen_at or "", candidate.customer_id)
        held = self.ranked.get(candidate.person_id)
        if held is None or rank > held[0]:
            self.ranked[candidate.person_id] = (rank, candidate, how)

    def _has_all(self, customer_id: int, words: Iterable[str]) -> bool:
        row = self.conn.one(SQL.words, customer_id=customer_id)
        return row is not None and _step(tuple(words), row[0].split()) is not None


def _step(typed: Sequence[str], had: Sequence[str]) -> int | None:
    """How well somebody's words fit what was typed: 0 all exact, 1 all but the last, 2 begun, None not at all."""
    if not all(any(word.startswith(w) for word in had) for w in typed):
        return None
    if not set(typed[:-1]) <= set(had):
        return 2
    return 0 if typed[-1] in had else 1 if len(typed) > 1 else 2


def _mistakes(typed: str, near: Mapping[str, int], had: Sequence[str]) -> int:
    """How many mistakes make the typed word one that somebody has."""
    if any(word.startswith(typed) for word in had):
        return 0
    return min((distance for known, distance in near.items() if known in had), default=len(typed))


def _hit(
    conn: Connection,
    candidate: Candidate,
    how: How,
    typed: Typed,
    corrected: Mapping[str, Sequence[str]],
    order: str | None,
) -> CustomerHit | None:
    """A candidate as they are shown, or None where an e-mail was typed that is not theirs."""
    found = conn.one(SQL.person_rows, id=candidate.customer_id)
    if found is None:
        return None
    source, external_id, given_name, family_name = found[2], found[3], found[5], found[6]
    contacts: dict[rules.Kind, list[str]] = {
        kind: [c.value for c in rules.contacts_in(found[7 + ("emails", "phones", "cards").index(field)])]
        for field, kind in rules.CONTACT_FIELDS.items()
    }
    for kind in rules.KINDS:
        if source == f"@{kind}":
            contacts[kind].append(external_id)
    if any(not any(fold(email).startswith(wanted) for email in contacts["email"]) for wanted in typed.emails):
        return None
    name = rules.name_of(given_name, family_name)
    city, loyalty, last_seen_at = found[11], found[13], found[18]
    members = [candidate.customer_id]
    if found[1] is not None:
        members = [id_ for id_, _ in conn.all(SQL.members, person_id=found[1])]
    phone = next(iter(contacts["phone"]), None)
    return CustomerHit(
        customer_id=candidate.person_id,
        name=name or next((rules.masked(kind, contacts[kind][0]) for kind in rules.KINDS if contacts[kind]), ""),
        city=city,
        tier=_loyalty.decode(loyalty).tier if loyalty else None,
        phone=rules.masked("phone", phone) if phone else None,
        last_seen_at=last_seen_at,
        last_store=candidate.last_store,
        cart_quantity=carts.waiting(conn, members),
        how=how,
        matches=_matches(typed, corrected, name, city, contacts, order),
    )


def _matches(
    typed: Typed,
    corrected: Mapping[str, Sequence[str]],
    name: str,
    city: str | None,
    contacts: Mapping[rules.Kind, Sequence[str]],
    order: str | None,
) -> tuple[Match, ...]:
    """Which fields have what was typed, as they may be shown, with what to highlight."""
    shown: list[tuple[Field, str, list[Span]]] = [("name", name, spans_in(name))]
    if city:
        shown.append(("city", city, spans_in(city)))
    for kind in ("email", "phone", "card"):
        shown.extend((kind, rules.masked(kind, value), _contact_spans(kind, value)) for value in contacts[kind])
    if order:
        shown.append(
            (
                "order",
                order,
                [Span(fold(order).lstrip("#"), len(order) - len(order.lstrip("#")), tuple(range(1, len(order) + 1)))],
            )
        )
    ranges: dict[int, list[tuple[int, int]]] = {}
    for word in typed.words:
        for index, (_, _, spans) in enumerate(shown):
            range_ = next((r for span in spans if (r := _range(span, word, corrected.get(word, ())))), None)
            if range_ is not None:
                ranges.setdefault(index, []).append(range_)
                break
    return tuple(Match(field=shown[i][0], text=shown[i][1], ranges=tuple(sorted(r))) for i, r in sorted(ranges.items()))


def _range(span: Span, word: str, corrections: Sequence[str]) -> tuple[int, int] | None:
    if span.word.startswith(word):
        return span.start, span.ends[len(word) - 1]
    if span.word in corrections:
        return span.start, span.ends[-1]
    return None


def _contact_spans(kind: rules.Kind, value: str) -> list[Span]:
    """A contact's words with their places; the mask is as long as the contact, so they are the same in both."""
    if kind == "email":
        local = value.partition("@")[0]
        whole = [(offset + 1, piece) for offset, c in enumerate(local) for piece in words_in(c)]
        run_together = Span("".join(p for _, p in whole), 0, tuple(o for o, p in whole for _ in p))
        return [*spans_in(local), run_together]
    if kind == "phone":
        return [
            Span(word, len(value) - len(word), tuple(range(len(value) - len(word) + 1, len(value) + 1)))
            for word in phone_words(value)
        ]
    return [Span(fold(value), 0, tuple(range(1, len(value) + 1)))]
