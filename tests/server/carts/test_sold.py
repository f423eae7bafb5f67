"""A cart that was sold here, and what its shop says of it before and after it knows."""

from datetime import datetime
from typing import Literal

import msgspec
import pytest

from server.access.callers import TERMINAL
from server.carts import actions
from server.carts.actions import Place
from server.db.engine import Database
from server.wire.carts import NewCartLine
from tests.server import given
from tests.server.given import NOW, cart, customer, hour, product, variant, who

SOLD = hour(10)


@pytest.fixture
def shop(database: Database) -> given.Shop:
    """Ana's cart of one piece, stated at one."""
    made = given.Shop(database)
    made.take(customer("1"), product(variants=(variant("S1"), variant("S2"))), cart("c1", 1, who("1")))
    return made


def sell(shop: given.Shop, at: datetime = SOLD) -> None:
    """All that is in it is sold."""
    ((customer_id, id_),) = shop.rows("SELECT customer_id, id FROM carts")
    shop.database.write_now(actions.convert_cart, Place(customer_id, id_), at)


def kept(shop: given.Shop) -> tuple[str, int]:
    """Whether it is open, and how many pieces are in it."""
    sql = "SELECT c.status, l.quantity FROM carts c JOIN cart_lines l ON l.cart_id = c.id WHERE l.quantity > 0"
    ((status, quantity),) = shop.rows(sql)
    return status, quantity


@pytest.mark.parametrize("whose", ["1", "2"], ids=["the same customer's", "another's by now"])
@pytest.mark.parametrize("at", [9, 10], ids=["before the sale", "in its very moment"])
def test_what_was_stated_before_a_sale_does_not_open_the_cart(shop: given.Shop, at: int, whose: str) -> None:
    """Its lines are taken, as of any record; what is stated later opens it, also where that says the same."""
    sell(shop)
    assert shop.take(customer("2"), cart("c1", at, who(whose), quantity=2))[-1] == "changed"
    assert kept(shop) == ("converted", 2)
    assert shop.take(cart("c1", 11, who(whose), quantity=2)) == ["confirmed"]
    assert kept(shop) == ("open", 2)
    assert shop.value("SELECT converted_at FROM carts") is None
    assert shop.take(cart("c1", 12, who(whose), quantity=2)) == ["confirmed"]
    assert shop.value("SELECT updated_at FROM carts") == "2026-10-23T00:00:00.000000Z"


@pytest.mark.parametrize("status", ["converted", "abandoned"])
def test_a_cart_that_its_shop_closed_too_is_opened_by_what_follows_the_sale(
    shop: given.Shop, status: Literal["converted", "abandoned"]
) -> None:
    """However late what the shop says of the time before arrives."""
    sell(shop)
    closed = msgspec.structs.replace(cart("c1", 8, who("1"), quantity=3), status=status)
    shop.take(closed)
    assert kept(shop) == (status, 3)
    shop.take(cart("c1", 9, who("1"), quantity=2))
    assert kept(shop) == ("converted", 2)
    shop.take(msgspec.structs.replace(closed, updated_at=hour(11)))
    assert kept(shop) == (status, 3)
    shop.take(cart("c1", 12, who("1"), quantity=1))
    assert kept(shop) == ("open", 1)


def test_a_sale_is_a_version_of_the_cart(shop: given.Shop) -> None:
    """It grows with every change: whoever has the cart as it was before knows that theirs is older."""
    before = shop.value("SELECT version FROM carts")
    sell(shop)
    assert shop.value("SELECT version FROM carts") == before + 1


def test_nothing_stays_pending_of_what_was_sold(shop: given.Shop) -> None:
    """What was put in here and sold is not in the cart that its customer begins anew, where the shop never had it."""
    ((customer_id, id_),) = shop.rows("SELECT customer_id, id FROM carts")
    put_in = NewCartLine(sku="S2", quantity=2)
    shop.database.write_now(actions.add_line, TERMINAL, Place(customer_id, id_), put_in, NOW)
    sell(shop, NOW)
    after = msgspec.structs.replace(cart("c1", 0, who("1"), quantity=4), updated_at=NOW.replace(hour=13))
    shop.take(after, now=NOW.replace(hour=13))
    assert kept(shop) == ("open", 4)
