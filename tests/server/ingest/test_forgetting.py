"""Deletions and redactions: what goes, what stays, and what does not come back."""

from typing import Any

import pytest

from server.access.callers import TERMINAL
from server.customers import actions
from server.wire.customers import NewNote, NewPreferences
from server.wire.records import Record
from tests.server.given import Shop, cart, customer, deletion, hour, order, redaction, view, who, wishlist

ADA: dict[str, Any] = {
    "given_name": "Ada",
    "family_name": "Roca",
    "emails": ("ada@example.com",),
    "phones": ("+34600000001",),
    "cards": ("C1",),
    "city": "Madrid",
    "attributes": {"shoes": "38"},
}
EVERYTHING: tuple[Record, ...] = (
    customer("1", 1, **ADA),
    order("o1", 1, who("1", email="ada@home.example")),
    cart("c1", 1, who("1", email="ada@home.example")),
    wishlist("w1", 1, who("1", phone="+34600000009")),
    view(1, who("1", card="C9")),
)


def _written_at(shop: Shop, at: int) -> None:
    """An associate writes a note and preferences."""
    number = shop.number_of("1")
    shop.database.write_now(actions.add_note, TERMINAL, number, NewNote(text=f"note of hour {at}"), hour(at))
    shop.database.write_now(actions.set_preferences, TERMINAL, number, NewPreferences(likes=(f"hour {at}",)), hour(at))


def _shown(shop: Shop) -> dict[str, int]:
    context = shop.context("1")
    return {
        "names": len(context.person.name),
        "contacts": len((*context.person.emails, *context.person.phones, *context.person.cards)),
        "attributes": len(context.person.attributes),
        "orders": len(context.orders),
        "carts": len(context.carts),
        "wishlists": len(context.wishlists),
        "views": len(context.views),
        "notes": len(context.notes),
        "likes": len(context.preferences.likes),
        "suggestions": len(context.suggestions),
        "found by": shop.count("customer_words"),
        "identities": shop.count("identities"),
        "named contacts": shop.count("customer_references"),
    }


def test_after_a_redaction_only_orders_are_left(shop: Shop) -> None:
    """Name, contacts, notes, preferences, carts, wish lists and views go, and what records named; orders stay."""
    shop.take(*EVERYTHING)
    _written_at(shop, 1)
    assert all(shop_has for what, shop_has in _shown(shop).items() if what != "suggestions")
    assert shop.take(redaction("1", 2)) == ["changed"]
    assert {what for what, left in _shown(shop).items() if left} == {"orders"}
    for table in (
        "customers",
        "customer_words",
        "vocabulary",
        "identities",
        "customer_references",
        "snapshots",
        "events",
    ):
        kept = str(shop.rows(f"SELECT * FROM {table}")).casefold()
        assert not [word for word in ("ada", "roca", "madrid", "600000001", "example.com", "38") if word in kept]


@pytest.mark.parametrize("again", range(3))
def test_the_same_import_brings_nothing_back(shop: Shop, again: int) -> None:
    """After a redaction the same records are known or overtaken, however often they come."""
    shop.take(*EVERYTHING)
    shop.take(redaction("1", 2))
    told = len(shop.events())
    for _ in range(again + 1):
        assert set(shop.take(*EVERYTHING)) == {"older", "unchanged"}
        assert {what for what, left in _shown(shop).items() if left} == {"orders"}
    assert len(shop.events()) == told


def test_a_redaction_that_comes_first_counts_as_well(shop: Shop) -> None:
    """Records of somebody who asked to be forgotten since are not shown, even where they come after the request."""
    assert shop.take(redaction("1", 2)) == ["new"]
    assert shop.take(*EVERYTHING) == ["older", "new", "older", "older", "older"]
    assert {what for what, left in _shown(shop).items() if left} == {"orders"}


def test_who_comes_back_after_a_redaction_is_known_by_what_is_new(shop: Shop) -> None:
    """What is stated after the request counts again, and only that."""
    shop.take(*EVERYTHING, redaction("1", 2))
    shop.take(customer("1", 3, given_name="Adela"), cart("c1", 3, who("1", email="new@example.com")), view(3))
    context = shop.context("1")
    assert (context.person.name, context.person.emails, context.person.city) == ("Adela", (), None)
    assert (len(context.carts), len(context.wishlists), len(context.views)) == (1, 0, 1)
    assert shop.rows("SELECT value FROM customer_references") == [("new@example.com",)]


def test_what_was_said_after_the_request_stays(shop: Shop) -> None:
    """A request that comes late takes only what was said and written up to it."""
    shop.take(customer("1", 1, **ADA), customer("1", 3, city="Sevilla"), cart("a", 1, who("1")), cart("b", 3, who("1")))
    shop.take(wishlist("a", 1), wishlist("b", 3), view(1), view(3))
    _written_at(shop, 1)
    _written_at(shop, 3)
    shop.take(redaction("1", 2))
    context = shop.context("1")
    assert (context.person.name, context.person.city) == ("", "Sevilla")
    assert [c.external_id for c in context.carts] == [w.external_id for w in context.wishlists] == ["b"]
    assert [v.viewed_at[11:13] for v in context.views] == ["15"]
    assert [n.text for n in context.notes] == ["note of hour 3"]
    assert context.preferences.likes == ("hour 3",)


def test_a_redaction_is_of_one_customer_of_one_source(shop: Shop) -> None:
    """What other sources and other customers said stays."""
    shop.take(
        customer("1", 1, given_name="Ada"),
        customer("2", 1, given_name="Bea"),
        customer("1", 1, source="till", given_name="Adela"),
        cart("c1", 1, who("2")),
        cart("c1", 1, who("1"), source="till"),
        redaction("1", 2),
    )
    assert shop.rows("SELECT source, external_id, given_name FROM customers ORDER BY source, external_id") == [
        ("shop", "1", None),
        ("shop", "2", "Bea"),
        ("till", "1", "Adela"),
    ]
    assert shop.count("carts") == 2


@pytest.mark.parametrize(
    "records",
    [
        pytest.param((cart("c1", 1, who("1")), cart("c1", 2, who("2"))), id="a cart that went on to somebody else"),
        pytest.param((cart("c1", 2, who("2")), cart("c1", 1, who("1"))), id="the same, the other way round"),
    ],
)
@pytest.mark.parametrize("first", [False, True], ids=["request last", "request first"])
def test_a_cart_that_is_somebody_elses_now_stays(shop: Shop, records: tuple[Record, ...], first: bool) -> None:
    """A redaction takes the carts that are the customer's, not those that once were."""
    shop.take(*([redaction("1", 3), *records] if first else [*records, redaction("1", 3)]))
    assert len(shop.context("2").carts) == 1


@pytest.mark.parametrize(
    ("at", "verdict"), [(1, "older"), (2, "unchanged"), (3, "changed")], ids=["before", "the same", "later"]
)
def test_requests_may_come_again(shop: Shop, at: int, verdict: str) -> None:
    """A request that was known changes nothing, a later one counts."""
    shop.take(customer("1", 1, **ADA), redaction("1", 2))
    assert shop.take(redaction("1", at)) == [verdict]


def test_a_deleted_customer_keeps_what_others_say(shop: Shop) -> None:
    """A source that no longer has a customer takes their fields; orders, carts and notes are not theirs to take."""
    shop.take(*EVERYTHING)
    _written_at(shop, 1)
    before = _shown(shop)
    assert shop.take(deletion("customer", "1", 2)) == ["changed"]
    gone = {"names", "contacts", "attributes", "found by", "identities"}
    assert _shown(shop) == {what: 0 if what in gone else left for what, left in before.items()}


@pytest.mark.parametrize(
    ("records", "verdicts", "name"),
    [
        pytest.param(
            [customer("1", 1, given_name="Ada"), deletion("customer", "1", 1)], ["new", "changed"], "", id="gone"
        ),
        pytest.param(
            [deletion("customer", "1", 1), customer("1", 1, given_name="Ada")], ["new", "older"], "", id="late"
        ),
        pytest.param(
            [deletion("customer", "1", 1), customer("1", 2, given_name="Ada")], ["new", "new"], "Ada", id="back again"
        ),
        pytest.param(
            [customer("1", 2, given_name="Ada"), deletion("customer", "1", 1)],
            ["new", "confirmed"],
            "Ada",
            id="overtaken",
        ),
        pytest.param(
            [customer("1", 1, given_name="Ada"), customer("1", 3, family_name="Roca"), deletion("customer", "1", 2)],
            ["new", "changed", "changed"],
            "Roca",
            id="in part",
        ),
        pytest.param(
            [deletion("customer", "1", 2), deletion("customer", "1", 2), deletion("customer", "1", 1)],
            ["new", "unchanged", "older"],
            "",
            id="again and again",
        ),
    ],
)
def test_a_deletion_of_a_customer_counts_by_its_time(
    shop: Shop, records: list[Record], verdicts: list[str], name: str
) -> None:
    """What was stated up to a deletion no longer counts, whichever came first."""
    assert [shop.take(record)[0] for record in records] == verdicts
    assert shop.context("1").person.name == name
