"""What a code means, once it is read: whose card, which article, which order."""

import pytest

from server.access.callers import Caller
from server.lookup.queries import scan, scan_for
from server.wire.codes import CardPattern, read_code
from server.wire.lookup import CardKnown, CustomerScanned, OrderScanned, ProductScanned, UnknownCode
from tests.server.given import NOW, Shop, customer, order, product, variant, who

EIGHT_DIGITS = (CardPattern(pattern=r"^\d{8}$"),)
OWN_NUMBERS = (CardPattern(pattern=r"^2\d{12}$", check="ean13"), CardPattern(pattern=r"^[A-Z]\d{5}$"))
CARD, UNUSED_CARD = "2900000110007", "2900000200012"
KIOSK = Caller(1, "kiosk", "m1", None, None, frozenset())


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


def a_shop_of_its_own_numbers(shop: Shop) -> None:
    """Articles with numbers of every kind, some of them such as cards have too."""
    taken = shop.take(
        customer("1", cards=(CARD, "K10001")),
        product(
            "tea",
            variants=(
                variant("TEA/50", gtin="4006381333931"),
                variant("TEA-100", gtin="96385074"),
                variant("2000000000015"),
                variant("loose", gtin="2112345000008"),
                variant("K10002"),
                variant("K10001"),
            ),
        ),
    )
    assert taken == ["new", "new"]


@pytest.mark.parametrize(
    ("code", "sku"),
    [
        pytest.param("4006381333931", "TEA/50", id="EAN-13"),
        pytest.param("]E04006381333931", "TEA/50", id="EAN-13 with its AIM identifier"),
        pytest.param("04006381333931", "TEA/50", id="GTIN-14"),
        pytest.param("96385074", "TEA-100", id="EAN-8"),
        pytest.param("]C10104006381333931", "TEA/50", id="GS1-128"),
        pytest.param("https://id.gs1.org/01/04006381333931", "TEA/50", id="GS1 Digital Link"),
        pytest.param(
            "https://shop.example/01/04006381333931/10/LOT7?17=271231", "TEA/50", id="one with a lot and a date"
        ),
        pytest.param("TEA/50", "TEA/50", id="SKU"),
        pytest.param("2000000000015", "2000000000015", id="own barcode that is an SKU"),
        pytest.param("2112345000008", "loose", id="own barcode that is a GTIN"),
        pytest.param("]E02112345000008", "loose", id="own barcode with its AIM identifier"),
        pytest.param("K10002", "K10002", id="SKU that a card's pattern takes"),
    ],
)
def test_an_article_is_found_by_whatever_is_printed_on_it(shop: Shop, code: str, sku: str) -> None:
    """The variant that has the number is the one that is shown, to associates and at a kiosk alike."""
    a_shop_of_its_own_numbers(shop)
    read = read_code(code, OWN_NUMBERS)
    for answer in (
        shop.database.read_now(scan, read, "m1", NOW),
        shop.database.read_now(scan_for, KIOSK, read, None, NOW),
    ):
        assert isinstance(answer, ProductScanned)
        assert answer.product.sku == sku


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        pytest.param(CARD, CardKnown, id="somebody's card"),
        pytest.param(UNUSED_CARD, CardKnown, id="nobody's card"),
        pytest.param("K10001", ProductScanned, id="somebody's card, and an article"),
    ],
)
def test_a_kiosk_is_not_told_whether_a_card_is_anybodys(shop: Shop, code: str, expected: type) -> None:
    """What may be a card is looked for among articles alone; an associate is shown whose it is."""
    a_shop_of_its_own_numbers(shop)
    read = read_code(code, OWN_NUMBERS)
    assert type(shop.database.read_now(scan_for, KIOSK, read, None, NOW)) is expected
    known = CustomerScanned if code != UNUSED_CARD else UnknownCode
    assert type(shop.database.read_now(scan, read, "m1", NOW)) is known
