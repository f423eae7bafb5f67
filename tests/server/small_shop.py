"""A small shop with one of everything, for tests that look at the house from outside: over HTTP and at a terminal."""

from collections.abc import Iterable
from datetime import datetime

import msgspec
from biip.checksums import gs1_standard_check_digit

from server.catalog.pictures.shrinking import shrink
from server.wire.records import (
    CartLineRecord,
    CartRecord,
    Consent,
    Contact,
    CustomerRecord,
    Loyalty,
    OrderLineRecord,
    OrderRecord,
    Record,
    ViewRecord,
    WishListItemRecord,
    WishListRecord,
)
from tests.server import given
from tests.server.given import product, stock, store, variant, who

LONG_AGO = -60_000
"""Hours; so long ago that it is the past by every clock, also by that of the machine the tests run on."""


def hour(n: int) -> datetime:
    """A moment long ago; later ones have larger numbers."""
    return given.hour(LONG_AGO + n)


POINT = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de"
    "0000000c49444154789c63606060000000040001f61738550000000049454e44ae426082"
)
"""One black point, as PNG."""
PICTURE_HASH, _, PICTURE = shrink(POINT).large
"""What is shown of it."""
FEED = b"id\ttitle\tprice\timage_link\nPIN\tPin\t5.00 EUR\tpin.png\n"


def card(number: int) -> str:
    """A loyalty card as the default settings take it."""
    digits = f"29{number:010d}"
    return digits + str(gs1_standard_check_digit(digits))


LUCIA_CARD = card(1)
DALTON_CARD = card(2)
SHARED_CARD = card(3)
UNUSED_CARD = card(4)
GUEST_CARD = card(5)
MISTYPED_CARD = LUCIA_CARD[:-1] + str((int(LUCIA_CARD[-1]) + 1) % 10)
BANK_CARD = "4111111111111111"
GTIN = "4006381333931"
UNKNOWN_GTIN = "40170725"

EMAIL = "lucia.garcia@example.com"
PHONE = "+34600123123"

LUCIA = CustomerRecord(
    source="web",
    external_id="lucia",
    updated_at=hour(1),
    given_name="Lucía",
    family_name="García Peña",
    emails=(Contact(value=EMAIL, verified=True),),
    phones=(PHONE,),
    cards=(LUCIA_CARD,),
    locale="es-ES",
    city="Madrid",
    loyalty=Loyalty(tier="gold", points=1250),
    consents=(Consent(channel="email", granted=True, at=hour(0), wording="News by e-mail", by="web form"),),
    attributes={"shoes": "38"},
)


def order(
    external_id: str, number: str, placed: int, *, customer: str | None, at_store: str | None = None
) -> OrderRecord:
    """An order of one shirt."""
    return OrderRecord(
        source="web",
        external_id=external_id,
        updated_at=hour(placed),
        number=number,
        channel="store" if at_store else "online",
        store=at_store,
        placed_at=hour(placed),
        status="delivered",
        currency="EUR",
        total=4990,
        lines=(OrderLineRecord(sku="SHIRT-S", title="Linen shirt, S", quantity=1, unit_price=4990),),
        customer=who(customer) if customer else None,
    )


RECORDS: tuple[Record, ...] = (
    store("GV", LONG_AGO, name="Gran Vía", city="Madrid", time_zone="Europe/Madrid", country="ES"),
    store("SE", LONG_AGO, name="Serrano", city="Madrid"),
    product(
        "p-shirt",
        LONG_AGO,
        source="web",
        title="Linen shirt",
        brand="Acme",
        variants=(
            variant("SHIRT-S", 4990, gtin=GTIN, title="Linen shirt, S", options={"size": "S"}, sale_price=3990),
            variant("SHIRT-M", 4990, title="Linen shirt, M", options={"size": "M"}),
        ),
    ),
    stock(2, LONG_AGO, source="erp", sku="SHIRT-S", store="GV"),
    stock(7, LONG_AGO, source="erp", sku="SHIRT-S", store="SE"),
    LUCIA,
    # The till knows her by the same card: one person, two records.
    CustomerRecord(
        source="till",
        external_id="77",
        updated_at=hour(2),
        given_name="Lucia",
        family_name="Garcia",
        cards=(LUCIA_CARD,),
    ),
    CustomerRecord(
        source="web",
        external_id="dalton",
        updated_at=hour(1),
        given_name="Dalton",
        family_name="Pérez",
        city="Sevilla",
        cards=(DALTON_CARD,),
    ),
    *(
        CustomerRecord(
            source="web",
            external_id=external_id,
            updated_at=hour(1),
            given_name=name,
            family_name="Roca",
            cards=(Contact(value=SHARED_CARD, verified=False),),
        )
        for external_id, name in (("ana", "Ana"), ("berta", "Berta"))
    ),
    *(order(f"o-{n}", f"#{1000 + n}", n, customer="lucia", at_store="GV" if n % 2 else None) for n in range(1, 13)),
    OrderRecord(
        source="till",
        external_id="o-guest",
        updated_at=hour(5),
        number="T-500",
        channel="store",
        store="SE",
        placed_at=hour(5),
        status="paid",
        currency="EUR",
        total=100,
        lines=(),
        customer=who(card=GUEST_CARD),
    ),
    order("o-nobody", "T-501", 6, customer=None),
    CartRecord(
        source="web",
        external_id="cart-1",
        updated_at=hour(9),
        status="open",
        currency="EUR",
        lines=(CartLineRecord(sku="SHIRT-S", title="Linen shirt, S", quantity=3, unit_price=4990),),
        customer=who("lucia"),
    ),
    WishListRecord(
        source="web",
        external_id="wishes-1",
        updated_at=hour(8),
        customer=who("lucia"),
        name="Summer",
        items=(WishListItemRecord(sku="SHIRT-M", added_at=hour(8)),),
    ),
    ViewRecord(source="web", customer=who("lucia"), sku="SHIRT-M", viewed_at=hour(7)),
)


def ndjson(records: Iterable[Record] = RECORDS) -> bytes:
    """Records as a file or a request body has them."""
    return b"".join(msgspec.json.encode(record) + b"\n" for record in records)
