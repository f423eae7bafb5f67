"""What a code means, once it is read: whose card, which article, which order."""

import pytest

from server.lookup.queries import scan
from server.wire.codes import CardPattern, read_code
from server.wire.lookup import CustomerScanned, OrderScanned, UnknownCode
from tests.server.given import NOW, Shop, customer, order, who

EIGHT_DIGITS = (CardPattern(pattern=r"^\d{8}$"),)


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("12345678", CustomerScanned),
        ("1234 5678", CustomerScanned),
        ("1234-5678", CustomerScanned),
        ("2026-0042", OrderScanned),
        ("20260042", UnknownCode),
        ("2026-0043", UnknownCode),
    ],
)
def test_a_number_with_a_hyphen_is_a_card_or_else_an_order(shop: Shop, code: str, expected: type) -> None:
    """A card is found however its digits are grouped; an order whose number only looks like one is found too."""
    shop.take(customer("1", cards=("12345678",)), order("2026-0042", 0, who("1")))
    answer = shop.database.read_now(scan, read_code(code, EIGHT_DIGITS), None, NOW)
    assert type(answer) is expected


@pytest.mark.parametrize("latest", [True, False], ids=["a customer's", "nobody's"])
def test_of_two_orders_with_one_number_the_latest_counts(shop: Shop, latest: bool) -> None:
    """Whether somebody's or nobody's: tills and shops number as they like."""
    shop.take(
        customer("1"),
        order("t-7", 1, who("1"), placed=int(latest)),
        order("t-7", 1, None, source="till", placed=int(not latest)),
    )
    answer = shop.database.read_now(scan, read_code("T-7", EIGHT_DIGITS), None, NOW)
    assert isinstance(answer, OrderScanned)
    assert answer.order.source == ("shop" if latest else "till")
    assert answer.customer_id == (shop.number_of() if latest else None)
