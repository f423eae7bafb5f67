"""Whom other records mean: an id, a card, an e-mail, a phone, or several that do not agree."""

from typing import Any

import pytest

from server.access.callers import TERMINAL
from server.customers import actions
from server.wire.customers import NewNote, NewPreferences
from server.wire.records import Contact, CustomerReference
from tests.server.given import NOW, Shop, cart, customer, deletion, order, view, who, wishlist

ADA = "ada@example.com"
HOME = "+34600000001"


def _customer_of_order(shop: Shop) -> str:
    """Whose the only order is, as source/external_id of that person's own record, or of the guest."""
    [(person,)] = shop.rows("SELECT coalesce(c.person_id, c.id) FROM orders o JOIN customers c ON c.id = o.customer_id")
    [(source, external_id)] = shop.rows("SELECT source, external_id FROM customers WHERE id = :id", id=person)
    return f"{source}/{external_id}"


@pytest.mark.parametrize(
    ("reference", "expected"),
    [
        pytest.param(who("1"), "shop/1", id="id"),
        pytest.param(who(card="C1"), "shop/1", id="card"),
        pytest.param(who(email=ADA), "shop/1", id="e-mail"),
        pytest.param(who(email=" ADA@Example.COM "), "shop/1", id="e-mail written otherwise"),
        pytest.param(who(phone=HOME), "shop/1", id="phone"),
        pytest.param(who(phone="600 000 001"), "shop/1", id="phone without country code"),
        pytest.param(who("2", card="C1"), "shop/2", id="id before card"),
        pytest.param(who("9", card="C1"), "shop/1", id="an id nobody knows, and a card"),
        pytest.param(who(card="C2", email=ADA), "shop/2", id="card before e-mail"),
        pytest.param(who(card="C9", email=ADA), "shop/1", id="a card nobody has, and an e-mail"),
        pytest.param(who(email=ADA, phone="+34600000002"), "shop/1", id="e-mail before phone"),
        pytest.param(who(email="nobody@example.com", phone=HOME), "shop/1", id="an e-mail nobody has, and a phone"),
        pytest.param(who(email="no e-mail", phone=HOME), "shop/1", id="what is no e-mail is passed over"),
        pytest.param(who(email="bea@example.com"), "@email/bea@example.com", id="nobody known"),
        pytest.param(who("9"), "shop/9", id="an id nobody knows"),
    ],
)
@pytest.mark.parametrize("late", [False, True], ids=["customers first", "order first"])
def test_a_reference_means_the_first_that_is_known(
    shop: Shop, reference: CustomerReference, expected: str, late: bool
) -> None:
    """An id decides before a card before an e-mail before a phone, whichever record came first."""
    people = [
        customer("1", cards=("C1",), emails=(ADA,), phones=(HOME,)),
        customer("2", cards=("C2",), phones=("+34600000002",)),
    ]
    placed = order(customer=reference)
    shop.take(*([placed, *people] if late else [*people, placed]))
    assert _customer_of_order(shop) == expected


@pytest.mark.parametrize(
    ("holders", "reference", "expected"),
    [
        pytest.param([(ADA,), (ADA,)], who(email=ADA), f"@email/{ADA}", id="shared"),
        pytest.param([(ADA,), (ADA,)], who(email=ADA, phone=HOME), "shop/1", id="shared, but the phone is one's"),
        pytest.param([(Contact(value=ADA, verified=True),), (ADA,)], who(email=ADA), "shop/1", id="one proved it"),
        pytest.param(
            [(Contact(value=ADA, verified=True),), (Contact(value=ADA, verified=True),)],
            who(email=ADA),
            "shop/1",
            id="both proved it, so they are one",
        ),
    ],
)
def test_what_several_share_decides_nothing(
    shop: Shop, holders: list[Any], reference: CustomerReference, expected: str
) -> None:
    """An e-mail that two people have says nothing of whose an order is, unless one of them proved it."""
    shop.take(
        customer("1", emails=holders[0], phones=(HOME,)), customer("2", emails=holders[1]), order(customer=reference)
    )
    assert _customer_of_order(shop) == expected


def test_what_one_keeps_alone_decides_again(shop: Shop) -> None:
    """A guest's order follows its e-mail from nobody to one, to two who share it, and back to one."""
    shop.take(order(customer=who(email=ADA)))
    assert _customer_of_order(shop) == f"@email/{ADA}"
    shop.take(customer("1", 1, emails=(ADA,)))
    assert _customer_of_order(shop) == "shop/1"
    shop.take(customer("2", 1, emails=(ADA,)))
    assert _customer_of_order(shop) == f"@email/{ADA}"
    shop.take(customer("1", 2, emails=None))
    assert _customer_of_order(shop) == "shop/2"
    shop.take(deletion("customer", "2", 3))
    assert _customer_of_order(shop) == f"@email/{ADA}"


def test_guests_of_two_who_turn_out_to_be_one_join_them(shop: Shop) -> None:
    """An e-mail that two share decides as soon as a card proves them to be one person, through a third."""
    shop.take(
        customer("1", emails=(ADA,), cards=("C1",)),
        customer("2", emails=(ADA,), cards=("C2",)),
        order(customer=who(email=ADA)),
    )
    assert _customer_of_order(shop) == f"@email/{ADA}"
    shop.take(customer("3", cards=("C1", "C2")))
    assert _customer_of_order(shop) == "shop/1"
    assert shop.persons() == [{f"@email/{ADA}", "shop/1", "shop/2", "shop/3"}]


def test_a_guests_orders_stand_in_the_persons_context(shop: Shop) -> None:
    """Who bought as a guest with an e-mail that is theirs finds that order among their own."""
    shop.take(
        customer("1", given_name="Ada", emails=(ADA,)),
        order("a", customer=who("1"), placed=1),
        order("b", customer=who(email=ADA), placed=2),
    )
    context = shop.context("1")
    assert [o.number for o in context.orders] == ["B", "A"]
    assert context.order_count == 2
    assert context.suggestions == ()


@pytest.mark.parametrize(
    ("reference", "suggested"),
    [
        pytest.param(who("1", card="C2"), [("Bea", "card")], id="card"),
        pytest.param(who("1", email="bea@example.com"), [("Bea", "email")], id="e-mail"),
        pytest.param(who("1", phone="+34600000002"), [("Bea", "phone")], id="phone"),
        pytest.param(who("1", card="C2", phone="+34600000003"), [("Bea", "card"), ("Eve", "phone")], id="two others"),
        pytest.param(who("1", card="C2", email="bea@example.com"), [("Bea", "card")], id="one other, twice"),
        pytest.param(who("1", email=ADA), [], id="their own e-mail"),
        pytest.param(who("1", email="nobody@example.com"), [], id="nobody's e-mail"),
    ],
)
@pytest.mark.parametrize("make", [order, cart, wishlist], ids=["order", "cart", "wish list"])
def test_who_else_a_record_names_becomes_a_suggestion(
    shop: Shop, make: Any, reference: CustomerReference, suggested: list[tuple[str, str]]
) -> None:
    """Where a record points to several people the first gets it, and the others are suggested beside it."""
    shop.take(
        customer("1", given_name="Ada", emails=(ADA,)),
        customer("2", given_name="Bea", cards=("C2",), emails=("bea@example.com",), phones=("+34600000002",)),
        customer("3", given_name="Eve", phones=("+34600000003",)),
        make(at=1, customer=reference),
    )
    found = [(s.name, s.because) for s in shop.context("1").suggestions]
    assert sorted(found) == suggested
    assert shop.persons() == [{"shop/1"}, {"shop/2"}, {"shop/3"}]


def test_a_suggestion_goes_with_the_record_that_made_it(shop: Shop) -> None:
    """What an order no longer names is suggested no longer."""
    shop.take(customer("1"), customer("2", cards=("C2",)), order(at=1, customer=who("1", card="C2")))
    assert len(shop.context("1").suggestions) == 1
    shop.take(order(at=2, customer=who("1")))
    assert shop.context("1").suggestions == ()
    shop.take(order(at=3, customer=who("1", card="C2")), deletion("order", "o1", 3))
    assert shop.context("1").suggestions == ()


@pytest.mark.parametrize(
    "record",
    [
        pytest.param(order(customer=who("1")), id="order"),
        pytest.param(cart(customer=who("1")), id="cart"),
        pytest.param(wishlist(customer=who("1")), id="wish list"),
        pytest.param(view(customer=who("1")), id="view"),
    ],
)
def test_a_placeholder_is_adopted_by_its_own_record(shop: Shop, record: Any) -> None:
    """Somebody unknown is kept by their id, and keeps their number when their own record comes."""
    shop.take(record)
    placeholder = shop.number_of("1")
    assert shop.context("1").person.name == ""
    assert shop.take(customer("1", given_name="Ada")) == ["new"]
    assert shop.number_of("1") == placeholder
    assert shop.context("1").person.name == "Ada"
    assert shop.count("customers") == 1


def test_an_id_belongs_to_its_source(shop: Shop) -> None:
    """An order's customer id is one of the order's own source."""
    shop.take(customer("1", source="madrid", given_name="Ada"), order(customer=who("1"), source="lisbon"))
    assert _customer_of_order(shop) == "lisbon/1"


def test_the_own_record_says_whose_contacts_they_are(shop: Shop) -> None:
    """An order that names somebody else's e-mail for a known customer moves nobody."""
    shop.take(
        customer("1", emails=("one@example.com",)),
        customer("2", emails=(ADA,)),
        order(customer=who("1", email=ADA)),
    )
    assert shop.persons() == [{"shop/1"}, {"shop/2"}]


def test_a_customer_who_is_deleted_is_found_by_what_orders_name(shop: Shop) -> None:
    """Without a record of their own, a customer belongs where the contacts of their orders point to."""
    shop.take(customer("1"), customer("2", emails=(ADA,)), order(customer=who("1", email=ADA)))
    assert shop.persons() == [{"shop/1"}, {"shop/2"}]
    shop.take(deletion("customer", "1", 1))
    assert shop.persons() == [{"shop/1", "shop/2"}]
    shop.take(customer("1", 2, given_name="Ada"))
    assert shop.persons() == [{"shop/1"}, {"shop/2"}]


@pytest.mark.parametrize(
    "write",
    [
        pytest.param((actions.add_note, NewNote(text="likes green")), id="note"),
        pytest.param((actions.set_preferences, NewPreferences(likes=("green",))), id="preferences"),
    ],
)
def test_what_associates_wrote_keeps_a_placeholder(shop: Shop, write: Any) -> None:
    """A customer of whom an associate wrote something down stays when their last record goes."""
    action, words = write
    shop.take(cart(at=1, customer=who("1")))
    shop.database.write_now(action, TERMINAL, shop.number_of("1"), words, NOW)
    shop.take(deletion("cart", "c1", 2))
    context = shop.context("1")
    assert context.notes or context.preferences.likes


@pytest.mark.parametrize(
    ("make", "reference"),
    [
        (order, who(email="no e-mail")),
        (cart, who(phone="12")),
        (wishlist, who(card=" ")),
        (view, who(email="@")),
    ],
    ids=["order", "cart", "wish list", "view"],
)
def test_a_reference_that_cannot_be_read_is_refused(shop: Shop, make: Any, reference: CustomerReference) -> None:
    """A record whose customer is named by nothing readable is refused, and leaves nothing behind."""
    assert shop.take(make(customer=reference)) == ["$.customer"]
    assert [shop.count(table) for table in ("customers", "orders", "carts", "wishlists", "views", "events")] == [0] * 6


@pytest.mark.parametrize("nobody", [None, CustomerReference()], ids=["absent", "empty"])
@pytest.mark.parametrize("make", [order, cart], ids=["order", "cart"])
def test_orders_and_carts_may_be_nobodys(shop: Shop, make: Any, nobody: CustomerReference | None) -> None:
    """A cart or an order without a customer is kept and makes no placeholder."""
    assert shop.take(make(customer=nobody)) == ["new"]
    assert shop.count("customers") == 0
