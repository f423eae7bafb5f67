"""Which customers of several sources are one person."""

from typing import Any

import pytest

from server.wire.records import Contact
from tests.server.given import Shop, cart, customer, deletion, order, redaction, who


def _sure(value: str) -> Contact:
    return Contact(value=value, verified=True)


def _unsure(value: str) -> Contact:
    return Contact(value=value, verified=False)


ONE = [{"till/7", "web/1"}]
TWO = [{"till/7"}, {"web/1"}]


@pytest.mark.parametrize(
    ("field", "mine", "theirs", "expected"),
    [
        pytest.param("cards", "C1", "C1", ONE, id="a bare card is proof"),
        pytest.param("cards", _sure("C1"), "C1", ONE, id="a verified card"),
        pytest.param("cards", _unsure("C1"), "C1", TWO, id="a card that one did not prove"),
        pytest.param("cards", _unsure("C1"), _unsure("C1"), TWO, id="a card that nobody proved"),
        pytest.param("cards", "C1", "C2", TWO, id="two cards"),
        pytest.param("emails", "a@example.com", "a@example.com", TWO, id="a bare e-mail is no proof"),
        pytest.param("emails", _sure("a@example.com"), "a@example.com", TWO, id="an e-mail that one proved"),
        pytest.param("emails", _sure("a@example.com"), _sure("A@Example.com"), ONE, id="an e-mail that both proved"),
        pytest.param("phones", "+34600000001", "+34600000001", TWO, id="a bare phone is no proof"),
        pytest.param("phones", _sure("+34600000001"), _sure("600 00 00 01"), ONE, id="a phone that both proved"),
    ],
)
def test_who_shares_a_proven_contact_is_one_person(
    shop: Shop, field: str, mine: Any, theirs: Any, expected: list[set[str]]
) -> None:
    """Customers of two sources are one person where both proved the same card, e-mail or phone."""
    shop.take(
        customer("1", source="web", given_name="Ada", family_name="Roca", **{field: (mine,)}),
        customer("7", source="till", given_name="Ada", family_name="Roca", **{field: (theirs,)}),
    )
    assert shop.persons() == expected


@pytest.mark.parametrize(
    "parting",
    [
        pytest.param(customer("7", 2, source="till", cards=None), id="cleared"),
        pytest.param(customer("7", 2, source="till", cards=("C2",)), id="another card"),
        pytest.param(customer("7", 2, source="till", cards=(_unsure("C1"),)), id="no longer proven"),
        pytest.param(customer("1", 2, source="web", cards=()), id="cleared by the first"),
        pytest.param(deletion("customer", "7", 2, source="till"), id="deleted"),
        pytest.param(deletion("customer", "1", 2, source="web"), id="the first deleted"),
        pytest.param(redaction("7", 2, source="till"), id="forgotten"),
    ],
)
def test_a_person_parts_when_what_joined_them_goes(shop: Shop, parting: Any) -> None:
    """Joining is undone whole: each has their own orders and carts again."""
    shop.take(
        customer("1", 1, source="web", cards=("C1",)),
        customer("7", 1, source="till", cards=("C1",)),
        order("a", customer=who("1"), source="web"),
        order("b", customer=who("7"), source="till"),
    )
    assert shop.persons() == ONE
    assert shop.context("1", "web").order_count == shop.context("7", "till").order_count == 2
    shop.take(parting)
    assert shop.persons() == TWO
    assert [o.number for o in shop.context("1", "web").orders] == ["A"]
    assert [o.number for o in shop.context("7", "till").orders] == ["B"]
    assert shop.value("SELECT count(*) FROM customers WHERE person_id IS NOT NULL") == 0


@pytest.mark.parametrize("first", [False, True], ids=["request last", "request first"])
def test_what_a_request_leaves_named_decides_whose_somebody_is(shop: Shop, first: bool) -> None:
    """Of two contacts that mean two people, the one that was named after a request alone decides."""
    records = (cart("a", 1, who("1", email="ada@example.com")), cart("b", 3, who("1", email="bea@example.com")))
    shop.take(
        customer("2", emails=("ada@example.com",)),
        customer("3", emails=("bea@example.com",)),
        *([redaction("1", 2), *records] if first else [*records, redaction("1", 2)]),
    )
    assert shop.persons() == [{"shop/1", "shop/3"}, {"shop/2"}]


def test_a_chain_parts_where_it_breaks(shop: Shop) -> None:
    """Who is joined through a third parts when the third goes, and what still hangs together stays."""
    shop.take(
        customer("1", 1, cards=("C1",)),
        customer("2", 1, cards=("C1", "C2")),
        customer("3", 1, cards=("C2", "C3")),
        customer("4", 1, cards=("C3",)),
    )
    assert shop.persons() == [{"shop/1", "shop/2", "shop/3", "shop/4"}]
    shop.take(customer("2", 2, cards=("C1",)))
    assert shop.persons() == [{"shop/1", "shop/2"}, {"shop/3", "shop/4"}]
    shop.take(deletion("customer", "1", 3))
    assert shop.persons() == [{"shop/1"}, {"shop/2"}, {"shop/3", "shop/4"}]


def test_names_alone_never_make_a_person(shop: Shop) -> None:
    """Two of the same name, town and day of birth are two."""
    alike: dict[str, Any] = {"given_name": "Ada", "family_name": "Roca", "city": "Madrid"}
    shop.take(customer("1", **alike), customer("2", **alike))
    assert shop.persons() == [{"shop/1"}, {"shop/2"}]


def test_a_family_may_share_a_phone(shop: Shop) -> None:
    """One number may be several people's; each keeps it."""
    shop.take(*(customer(n, phones=("+34600000001",)) for n in "123"))
    assert len(shop.persons()) == 3
    assert shop.value("SELECT count(*) FROM identities WHERE value = '+34600000001'") == 3


def test_a_context_shows_the_whole_person(shop: Shop) -> None:
    """Whichever of their records is asked for, the answer is the person's: the newest fields, everybody's carts."""
    shop.take(
        customer("1", 1, source="web", given_name="Ada", city="Madrid", cards=("C1",), emails=("a@example.com",)),
        customer("7", 2, source="till", given_name="Adela", cards=("C1",), phones=("+34600000001",)),
        cart("a", 1, who("1"), source="web"),
        cart("b", 2, who("7"), source="till"),
    )
    web, till = shop.context("1", "web"), shop.context("7", "till")
    assert web == till
    assert (web.person.name, web.person.city) == ("Adela", "Madrid")
    assert [c.external_id for c in web.carts] == ["b", "a"]
    assert {(r.source, r.external_id) for r in web.person.records} == {("web", "1"), ("till", "7")}
    assert [len(contacts) for contacts in (web.person.emails, web.person.phones, web.person.cards)] == [1, 1, 1]
