"""Somebody whose every trace can be found, and what else the shop has."""

from msgspec import UNSET

from server.wire.records import Consent, Contact, Loyalty, Record
from tests.server.given import cart, customer, hour, order, view, who, wishlist

GIVEN, FAMILY = "Quirina", "Zurbarán"
EMAIL, OTHER_EMAIL = "quirina.z@buzon.example", "zurbaran@trabajo.example"
PHONE = "+34611987654"
CARD, OTHER_CARD = "2977001234568", "2977007654322"
EXTERNAL_ID, TILL_ID = "kunde-qz-4711", "till-qz-0815"
CITY = "Xirivella"
SECRETS = (GIVEN, FAMILY, "zurbaran", EMAIL, OTHER_EMAIL, PHONE, CARD, OTHER_CARD, EXTERNAL_ID, TILL_ID, CITY)
"""What must be nowhere once she is erased."""
VERIFIED = (Contact(value=EMAIL, verified=True),)


def her() -> list[Record]:
    """A person of two sources, joined by her e-mail, with something in every table."""
    return [
        customer(
            EXTERNAL_ID,
            1,
            given_name=GIVEN,
            family_name=FAMILY,
            emails=VERIFIED,
            phones=(PHONE,),
            cards=(CARD,),
            locale="es-ES",
            city=CITY,
            birth_date=hour(0).date(),
            loyalty=Loyalty(tier="gold", points=12, as_of=hour(0)),
            consents=(
                Consent(channel="email", granted=True, at=hour(0), wording="News", by="web", contact=EMAIL, how="form"),
                Consent(channel="post", granted=False, at=hour(0), contact=UNSET),
            ),
            attributes={"shoes": "38"},
        ),
        customer(TILL_ID, 1, source="till", given_name=GIVEN, emails=VERIFIED, cards=(OTHER_CARD,)),
        order("o1", 2, who(EXTERNAL_ID, email=OTHER_EMAIL), lines=2),
        order("o2", 2, who(TILL_ID), source="till", store="m1"),
        order("o3", 2, who(email=EMAIL)),
        cart("c1", 3, who(EXTERNAL_ID)),
        cart("c2", 3, who(email=EMAIL)),
        wishlist("w1", 3, who(EXTERNAL_ID), name="For the wedding"),
        view(4, who(EXTERNAL_ID)),
        view(5, who(card=OTHER_CARD), source="till"),
    ]


def others() -> list[Record]:
    """Who stays: one shares her town's first letters, one is a guest."""
    return [
        customer("b", 1, given_name="Berta", family_name="Roca", emails=("berta@roca.example",), city="Xirivacoa"),
        order("o9", 2, who("b")),
        order("o10", 2, who(email="guest@roca.example")),
        cart("c9", 3, who("b")),
        wishlist("w9", 3, who("b")),
        view(4, who("b")),
    ]
