"""Erasing a person: what goes, what stays, and that no import brings them back."""

import random
from collections import Counter
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.access.callers import Caller
from server.carts.actions import Place, set_line
from server.customers import actions as customer_actions
from server.customers.context import of_customer
from server.customers.guests import CartName
from server.customers.search import search
from server.customers.tombstones import Erased
from server.customers.vocabulary import Vocabulary
from server.db.engine import Connection
from server.handoffs import actions as handoffs
from server.idempotency.actions import once
from server.idempotency.requests import Repeatable
from server.ingest.actions import take_lines
from server.ingest.ndjson import Line
from server.keys import keys_of
from server.kiosks import actions as kiosks
from server.kiosks.actions import Contact as Typed
from server.kiosks.actions import Pending
from server.privacy.actions import erase, readmit
from server.settings import Settings
from server.wire.base import timestamp
from server.wire.carts import LineQuantity
from server.wire.customers import NewNote, NewPreferences, Note, SearchRequest
from server.wire.handoffs import CartName as CartRef
from server.wire.handoffs import HandoffCode, NewHandoff, RedeemedHandoff
from server.wire.privacy import Erasure
from server.wire.problems import ProblemError
from server.wire.records import Consent, Contact, Record
from tests.conftest import Fresh
from tests.server.given import (
    ANY_CARD,
    KEYS,
    NOW,
    asked,
    cart,
    customer,
    deletion,
    events_of,
    order,
    redaction,
    rows,
    take,
    view,
    who,
    wishlist,
)
from tests.server.people import caller_of, enrolled, hired
from tests.server.privacy import people

TABLES = (
    "customers", "customer_keys", "identities", "customer_references", "customer_words", "vocabulary", "notes", "views",
    "carts", "cart_lines", "wishlists", "wishlist_items", "orders", "snapshots", "idempotency_keys", "refused_records",
    "consents_log", "tombstones", "erasures", "handoffs", "kiosk_sessions", "kiosk_challenges",
)  # fmt: skip


def number(conn: Connection, external_id: str, source: str = "shop") -> int:
    """A customer's number."""
    found = rows(
        conn,
        "SELECT customer_id FROM customer_keys WHERE source = :source AND external_id = :external_id",
        source=source,
        external_id=external_id,
    )
    return int(found[0][0])


def erased(conn: Connection, external_id: str = people.EXTERNAL_ID, source: str = "shop") -> Erasure:
    """Erase the person of a customer."""
    return erase(conn, number(conn, external_id, source), ANY_CARD, NOW)


def contents(conn: Connection, *but: str) -> dict[str, list[Any]]:
    """What stands in every table, but for numbers of rows that were given anew."""
    conn.flush()
    return {table: sorted(map(repr, rows(conn, f"SELECT * FROM {table}"))) for table in TABLES if table not in but}


def written(conn: Connection) -> str:
    """Everything that is written in any table, as one text."""
    return "\n".join(line for lines in contents(conn).values() for line in lines)


TABLET = Caller(7, "tablet", "GV", None, None, frozenset())
"""Where what is written here of her was written."""


def with_everything(conn: Connection) -> None:
    """Her, the others, and what was written here of her."""
    assert "refused" not in take(conn, *people.others(), *people.her())
    id_ = number(conn, people.EXTERNAL_ID)
    note = NewNote(text=f"{people.GIVEN} likes linen, call {people.PHONE}")
    marta = TABLET._replace(staff_id=hired(conn, name="Marta").id, role="associate")
    request = Repeatable(key="k1", door="POST note", body=b"", customer_id=id_)
    once(conn, marta, request, Note, NOW, customer_actions.add_note, id_, note)
    cart_id, line = rows(conn, "SELECT c.id, l.line FROM carts c JOIN cart_lines l ON l.cart_id = c.id"
                         " WHERE c.external_id = 'c1'")[0]  # fmt: skip
    set_line(conn, marta, Place(id_, cart_id), line, LineQuantity(quantity=41, base_quantity=1), NOW)
    customer_actions.set_preferences(conn, marta, id_, NewPreferences(sizes={"tops": "S"}, likes=("linen",)), NOW)
    bad = (
        b'{"type": "customer", "source": "shop", "external_id": "x", "emails": ["QUIRINA.Z@buzon.example"]}',
        b'{"type": "customer", "source": "shop", "external_id": "x", "phones": [611987654], "x": "611 98 76 54"}',
        b'{"type": "customer", "source": "shop", "external_id": "x", "cards": "2977001234568"}',
        b'{"type": "order", "source": "shop", "customer": {"external_id": "kunde-qz-4711"}}',
        b'{"type": "customer", "source": "old", "given_name": "QUIRINA", "family_name": "Zurbar\\u00e1n"}',
        b'{"type": "customer", "source": "shop", "external_id": "y", "emails": ["berta@roca.example"]}',
    )
    take_lines(conn, [Line(n, text) for n, text in enumerate(bad, 1)], "file", ANY_CARD, NOW)
    conn.flush()
    at_a_kiosk(conn, id_, ("shop", "c1"))


def at_a_kiosk(conn: Connection, customer_id: int, cart_name: CartName) -> None:
    """A customer asks for a code at a kiosk, goes on with a cart, and a till takes it."""
    kiosk, till = caller_of(enrolled(conn, "kiosk")), caller_of(enrolled(conn, "till"))
    pending: list[Pending] = []
    contact = Typed("email", people.EMAIL, None)
    kiosks.ask_for_code(conn, kiosk, contact, KEYS, NOW, settings=Settings(), pending=pending)
    assert kiosks.address(conn, pending[0], by_mail=True, by_text=False)
    kiosks.start(conn, kiosk, customer_id, cart_name, "code", KEYS, Settings(), NOW)
    wanted = NewHandoff(way="till", cart=CartRef(source=cart_name[0], external_id=cart_name[1]))
    code = handoffs.issue(conn, kiosk, wanted, KEYS, Settings(), NOW).code
    assert code is not None
    assert isinstance(handoffs.redeem(conn, till, HandoffCode(code=code), KEYS, NOW), RedeemedHandoff)
    conn.flush()


def test_nothing_that_names_her_stands_in_any_table(conn: Connection) -> None:
    """All of her is found before in the tables, over both sources, and nothing is after, in no letters' case."""
    with_everything(conn)
    before = written(conn).casefold()
    assert [secret for secret in people.SECRETS if secret.casefold() not in before] == []
    erased(conn)
    after = written(conn).casefold()
    assert [secret for secret in people.SECRETS if secret.casefold() in after] == []


def test_orders_stay_for_the_books(conn: Connection) -> None:
    """Each order is there as it was, of nobody; carts, wish lists, views and notes are gone, those of others stay."""
    with_everything(conn)
    books = "SELECT source, number, total, lines FROM orders ORDER BY source, number"
    before = rows(conn, books)
    found = erased(conn)
    assert rows(conn, books) == before
    assert found.orders == 3
    assert rows(conn, "SELECT number FROM orders WHERE customer_id = 0 ORDER BY number") == [("O1",), ("O2",), ("O3",)]
    assert [len(rows(conn, f"SELECT 1 FROM {t}")) for t in ("carts", "wishlists", "views", "notes")] == [1, 1, 1, 0]
    assert rows(conn, "SELECT path FROM refused_records") == [("$",)]
    assert of_customer(conn, number(conn, "b"), None, NOW).person.name == "Berta Roca"


def test_all_her_customers_are_erased_by_any_of_their_numbers(fresh: Fresh) -> None:
    """Two sources and what guests are known by are one person: whichever number is said, all four go, each is told."""
    for said in ((people.EXTERNAL_ID, "shop"), (people.TILL_ID, "till"), (people.EMAIL, "@email")):
        with fresh() as conn:
            with_everything(conn)
            known = [("shop", people.EXTERNAL_ID), ("till", people.TILL_ID), ("@email", people.EMAIL)]
            known.append(("@card", people.OTHER_CARD))
            numbers = sorted(number(conn, id_, source) for source, id_ in known)

            last = max(event.id for event in events_of(conn))
            assert list(erased(conn, *said).customer_ids) == numbers
            conn.flush()
            told = Counter((e.customer_id, e.event.__struct_config__.tag) for e in events_of(conn, last))
            assert told == Counter([*((id_, "customer_erased") for id_ in numbers), (None, "kiosk_session_ended")])


def test_a_guest_is_erased_by_the_contact_that_is_all_we_know(conn: Connection) -> None:
    """Somebody of whom only an order's e-mail is known goes, and the same order again names nobody."""
    records = [order("g1", 1, who(email="guest@mail.example")), cart("gc", 1, who(email="guest@mail.example"))]
    take(conn, *records)
    assert erased(conn, "guest@mail.example", "@email").orders == 1
    assert take(conn, *records) == ["unchanged", "older"]
    assert "guest@mail" not in written(conn)


def test_asked_twice_it_tells_how_it_was(conn: Connection) -> None:
    """A second erasure by any of her numbers changes nothing and has the first one's answer; a stranger's is none."""
    with_everything(conn)
    first = erased(conn)
    before = contents(conn)
    for id_ in first.customer_ids:
        assert erase(conn, id_, ANY_CARD, NOW.replace(year=2027)) == first
    assert contents(conn) == before
    with pytest.raises(ProblemError, match="no customer"):
        erase(conn, 999_999, ANY_CARD, NOW)


def test_search_and_spelling_know_her_no_more(conn: Connection) -> None:
    """Her name finds her before, with a slip too; afterwards it finds nobody and corrects nothing."""
    with_everything(conn)
    vocabulary = Vocabulary()

    def found(text: str) -> tuple[int, bool]:
        answer = search(conn, SearchRequest(text=text), vocabulary)
        return len(answer.hits), bool(answer.corrected)

    assert (found("zurbaran"), found("qurina")) == ((1, False), (1, True))
    erased(conn)
    assert (found("zurbaran"), found("qurina"), found("roca")) == ((0, False), (0, False), (1, False))


def test_an_erased_answer_is_not_repeated(conn: Connection) -> None:
    """A repeat of a note's request, under the key that was used, is a request for somebody who is not there."""
    with_everything(conn)
    id_ = number(conn, people.EXTERNAL_ID)
    erased(conn)
    request = Repeatable(key="k1", door="POST note", body=b"", customer_id=id_)
    with pytest.raises(ProblemError) as refused:
        once(conn, TABLET, request, Note, NOW, customer_actions.add_note, id_, NewNote(text="x"))
    assert refused.value.code == "unknown_customer"


def test_answers_from_before_it_was_kept_whose_they_are_go_too(conn: Connection) -> None:
    """An answer that an older version kept names nobody's number: it may be hers."""
    with_everything(conn)
    request = Repeatable(key="old", door="door", body=b"", customer_id=0)
    once(conn, TABLET, request, Note, NOW, customer_actions.add_note, number(conn, "b"), NewNote(text=people.GIVEN))
    erased(conn)
    assert rows(conn, "SELECT key FROM idempotency_keys") == []


@given(seed=st.integers(0, 2**32), again=st.integers(1, 3))
def test_the_same_records_again_bring_nobody_back(fresh: Fresh, seed: int, again: int) -> None:
    """In any order, as often as you like, in batches or one by one, they change nothing in any table at all."""
    rng = random.Random(seed)
    records = [*people.her(), *people.others()]
    with fresh() as conn:
        rng.shuffle(records)
        take(conn, *records)
        erased(conn)
        before = contents(conn)
        for _ in range(again):
            rng.shuffle(records)
            if rng.random() < 0.5:
                take(conn, *records)
            else:
                for record in records:
                    take(conn, record)
        assert contents(conn) == before


@given(seed=st.integers(0, 2**32))
def test_nothing_of_her_is_held_wherever_in_a_file_the_erasure_falls(fresh: Fresh, seed: int) -> None:
    """Part of the records before her erasure, all of them after it, in any order: orders stay, she does not."""
    rng = random.Random(seed)
    records = people.her()
    with fresh() as conn:
        rng.shuffle(records)
        take(conn, records[0], *rng.sample(records, rng.randint(0, len(records))), customer(people.EXTERNAL_ID, 1))
        # Whoever is erased is known by what was there of her: her first account always was.
        take(conn, *(r for r in records if getattr(r, "emails", None) == people.VERIFIED))
        erased(conn)
        rng.shuffle(records)
        take(conn, *records)
        text = written(conn)
        assert [s for s in (people.GIVEN, people.FAMILY, people.EMAIL, people.PHONE, people.CARD) if s in text] == []
        assert rows(conn, "SELECT DISTINCT customer_id FROM orders") == [(0,)]


LATE: tuple[tuple[str, list[Record], list[str]], ...] = (
    ("the account, touched since", [customer(people.EXTERNAL_ID, 600, given_name="Q")], ["older"]),
    ("another account with her e-mail", [customer("new", 600, given_name="Q", emails=(people.EMAIL,))], ["older"]),
    ("another account with her phone", [customer("new", 600, source="crm", phones=("611 987 654",))], ["older"]),
    ("another account with her card", [customer("new", 600, cards=(people.CARD,))], ["older"]),
    ("an order of the account", [order("n", 600, who(people.EXTERNAL_ID))], ["new"]),
    ("an order of a guest with her e-mail", [order("n", 600, who(email=people.EMAIL.upper()))], ["new"]),
    ("a cart", [cart("n", 600, who(people.TILL_ID), source="till")], ["older"]),
    ("a wish list", [wishlist("n", 600, who(card=people.OTHER_CARD))], ["older"]),
    ("a view", [view(600, who(phone=people.PHONE))], ["older"]),
    ("its deletion", [deletion("customer", people.EXTERNAL_ID, 600)], ["older"]),
    ("a redaction", [redaction(people.EXTERNAL_ID, 600)], ["older"]),
)


@pytest.mark.parametrize(("records", "verdicts"), [row[1:] for row in LATE], ids=[row[0] for row in LATE])
def test_what_comes_later_is_not_taken_as_hers(conn: Connection, records: list[Record], verdicts: list[str]) -> None:
    """Whatever of hers a shop says later is overtaken; an order counts for the books."""
    with_everything(conn)
    erased(conn)
    people_before = rows(conn, "SELECT * FROM customers")
    assert take(conn, *records) == verdicts
    assert rows(conn, "SELECT * FROM customers") == people_before
    assert people.EMAIL not in written(conn)


@pytest.mark.parametrize("at_once", [True, False])
def test_an_account_known_by_her_contact_takes_its_orders_along(conn: Connection, at_once: bool) -> None:
    """An account that turns out to be hers, by her e-mail, is erased too: its orders become nobody's, now and later."""
    with_everything(conn)
    erased(conn)
    orders = [order(f"n{n}", 600, who("crm-1"), source="crm") for n in range(2)]
    take(conn, orders[0])
    changed = order("n0", 601, who("crm-1"), source="crm", total=1)
    hers = customer("crm-1", 600, source="crm", emails=(people.EMAIL,))
    batch = [hers, orders[1], changed]
    if at_once:
        take(conn, *batch)
    else:
        for record in batch:
            take(conn, record)
    assert rows(conn, "SELECT customer_id FROM orders WHERE source = 'crm'") == [(0,), (0,)]
    assert rows(conn, "SELECT 1 FROM customer_keys WHERE source = 'crm'") == []


def test_she_may_come_anew_by_a_consent_that_is_newer(conn: Connection) -> None:
    """A new account with a consent given after the erasure is taken; the old account stays erased."""
    with_everything(conn)
    erased(conn)
    later = NOW.replace(hour=13)
    said = Consent(channel="email", granted=True, at=later, wording="News")
    again = msgspec.structs.replace(
        customer("new", given_name="Quirina", emails=(people.EMAIL,), consents=(said,)), updated_at=later
    )
    assert take(conn, again, now=later) == ["new"]
    assert take(conn, *people.her(), now=later).count("new") == 0
    assert rows(conn, "SELECT external_id FROM customers WHERE stated = 1 ORDER BY 1") == [("b",), ("new",)]
    assert rows(conn, "SELECT 1 FROM carts WHERE external_id = 'c2'") == []


def test_she_may_come_anew_when_she_says_so_at_the_counter(conn: Connection) -> None:
    """Who lets her contact in again admits a new account, not the old one."""
    with_everything(conn)
    erased(conn)
    assert readmit(conn, "nobody@else.example", ANY_CARD) == 0
    assert readmit(conn, people.EMAIL, ANY_CARD) == 1
    later = NOW.replace(hour=13)
    records = [customer(id_, emails=(people.EMAIL,)) for id_ in ("new", people.EXTERNAL_ID)]
    assert take(conn, *(msgspec.structs.replace(r, updated_at=later) for r in records), now=later) == ["new", "older"]
    assert take(conn, cart("c2", 3, who(email=people.EMAIL))) == ["older"]


def test_what_others_have_too_is_theirs(conn: Connection) -> None:
    """A phone that her husband has as well stays his, and his account is taken as ever."""
    take(conn, *people.her(), customer("h", 1, given_name="Hugo", phones=(people.PHONE,)))
    erased(conn)
    assert take(conn, customer("h", 600, city="Lugo", phones=(people.PHONE,))) == ["changed"]
    assert people.PHONE in written(conn)
    # An e-mail that was hers alone is not taken even from him, whom we know; all else he says is.
    assert take(conn, customer("h", 601, city="Vigo", emails=(people.EMAIL, "hugo@h.example"))) == ["changed"]
    text = written(conn)
    assert (people.EMAIL in text, "hugo@h.example" in text, "Vigo" in text) == (False, True, True)


def test_lines_of_hers_that_are_refused_later_are_not_kept(conn: Connection) -> None:
    """They are reported as ever, and only those of others can be looked at afterwards."""
    with_everything(conn)
    erased(conn)
    before = rows(conn, "SELECT count(*) FROM refused_records")
    bad = (
        b'{"type": "customer", "source": "shop", "external_id": "z", "emails": ["Quirina.Z@buzon.example"]}',
        b'{"type": "customer", "source": "shop", "external_id": "z", "phones": ["611 987 654"]}',
        b'{"type": "customer", "source": "shop", "external_id": "z", "cards": ["2977007654322"]}',
        b'{"type": "customer", "source": "shop", "external_id": "kunde-qz-4711"}',
        b'{"type": "order", "source": "shop", "customer": {"external_id": "kunde-qz-4711"}}',
        b'{"type": "view", "source": "shop", "customer": {"email": "quirina.z@buzon.example"',
    )
    summary = take_lines(conn, [Line(n, text) for n, text in enumerate(bad, 1)], "file", ANY_CARD, NOW)
    assert summary.refused == len(bad)
    assert rows(conn, "SELECT count(*) FROM refused_records") == before


def test_with_another_secret_nobody_is_erased(conn: Connection) -> None:
    """Else two secrets would pass for the right one, and with each the people of the other would come back."""
    with_everything(conn)
    erased(conn)
    wrong = ANY_CARD._replace(tombstones=keys_of(bytes(31) + b"1").tombstones)
    before = contents(conn)
    with pytest.raises(ProblemError, match="MOSTRADOR_SECRET") as refused:
        Erased(conn, wrong).add([("id", "web", "b")], timestamp(NOW))
    assert refused.value.code == "wrong_secret"
    assert contents(conn) == before


def test_with_another_secret_nothing_is_taken(conn: Connection) -> None:
    """Whoever was erased would not be recognised: so records are refused as a whole, with the way out."""
    with_everything(conn)
    erased(conn)
    wrong = ANY_CARD._replace(tombstones=keys_of(bytes(31) + b"1").tombstones)
    with pytest.raises(ProblemError, match="MOSTRADOR_SECRET") as refused:
        take_lines(conn, [Line(1, b'{"type": "order"}')], "file", wrong, NOW)
    assert refused.value.code == "wrong_secret"
    assert KEYS.tombstones == ANY_CARD.tombstones


def test_a_snapshots_hash_proves_no_guess(conn: Connection) -> None:
    """What is kept of an order that named her is what would be kept had it named nobody."""
    take(conn, *people.her())
    erased(conn)
    kept = rows(conn, "SELECT content_hash FROM snapshots WHERE kind = 'order' AND external_id = 'o3'")
    conn.run(asked("DELETE FROM snapshots WHERE external_id = 'o3'"))
    take(conn, order("o3", 2))
    assert [bytes(h) for (h,) in kept] == [
        bytes(h) for (h,) in rows(conn, "SELECT content_hash FROM snapshots WHERE external_id = 'o3'")
    ]


@pytest.mark.parametrize("fails", [OSError, KeyboardInterrupt])
def test_it_is_all_or_nothing(database: Any, fails: Callable[[], BaseException]) -> None:
    """What breaks off in its last moment leaves everything as it was."""
    database.write_now(with_everything)
    before = database.read_now(contents)

    def broken_off(conn: Connection) -> None:
        erased(conn)
        conn.flush()
        raise fails()

    with pytest.raises(fails):  # type: ignore[call-overload]
        database.write_now(broken_off)
    assert database.read_now(contents) == before


def test_a_contact_with_nothing_verified_is_a_contact(conn: Connection) -> None:
    """Who proved nothing is erased like anybody else."""
    take(conn, customer("u", 1, given_name="Ute", emails=(Contact(value="ute@u.example", verified=False),)))
    erased(conn, "u")
    assert "ute" not in written(conn).casefold()
