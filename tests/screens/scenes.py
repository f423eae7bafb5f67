"""Every screen of the tablet in every state, one after the other in one window, measured.

Run as a process of its own by `test_look`; `python -m tests.screens.scenes --pictures FOLDER` shows them to people.
States are put in by hand, so that no server, no time and no chance decides what is looked at.
"""

import argparse
import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import msgspec

from kiosk import made
from kiosk.assist.state import AssistState, vouching
from kiosk.cart.state import Edit
from kiosk.cli import prepare_kivy
from kiosk.customer.state import CustomerState, Undo, arrived, changed, opened
from kiosk.enrol.state import EnrolState
from kiosk.find.state import FindState, Recent
from kiosk.hand_over.state import HandOverState
from kiosk.item.state import ItemState, folded, named, scanned, unnamed
from kiosk.item.state import opened as item_opened
from kiosk.items.state import ItemsState
from kiosk.shell.state import LinkState
from kiosk.sign_in.state import SignInState, Somebody
from server.wire.access import StaffName
from server.wire.calls import HelpCall
from server.wire.carts import Cart
from server.wire.catalog import ProductMatch, Stock
from server.wire.customers import CustomerContext, Match, Preferences, Suggestion, WisherPage
from server.wire.handoffs import Handoff
from server.wire.kiosks import WaitingChallenge
from server.wire.problems import ProblemError
from server.wire.records import Consent, Loyalty
from tests.fakes import FakePort
from tests.kiosk import given

LONG_NAME = "María de las Mercedes Inmaculada Concepción Fernández-Villamediana y Ruiz de Alarcón de la Torre Bermeja"
LONG_TITLE = "Atomic Endurance Running Tee with Crew-Neck, Reflective Piping and Three Hidden Pockets (Recycled)"
UNKNOWN = ("unknown_card", "bank_card", "mistyped_card", "unknown_code", "gone", "unreachable")


SERVER = "https://mostrador.tramontela.example"
ENROLLED = EnrolState(phase="enrolled", server=SERVER)
ANA = Somebody(staff_id=1, name="Ana Pereira", role="associate", store="GV", idle_seconds=300)
SIGNED_IN = SignInState(step="in", somebody=ANA)


class Scene(NamedTuple):
    """What the shell is told; `extreme` are people and articles whose words need not fit.

    `alight`: what changed glows as brightly as it does; else nobody waits for that.
    """

    name: str
    current: str = "find"
    find: FindState = FindState()
    customer: CustomerState = CustomerState()
    link: LinkState = LinkState(phase="connected")
    extreme: bool = False
    items: ItemsState = ItemsState()
    item: ItemState = ItemState()
    enrol: EnrolState = ENROLLED
    sign_in: SignInState = SIGNED_IN
    menu: bool = False
    unsent: int = 0
    hand_over: HandOverState = HandOverState()
    assist: AssistState = AssistState()
    alight: bool = False


def shown(context: CustomerContext, **fields: Any) -> CustomerState:
    """The state in which somebody is shown."""
    state = arrived(opened(CustomerState(), "", None), 1, context)
    return msgspec.structs.replace(state, **fields)


def lucia() -> CustomerContext:
    """Somebody like many: a cart, wishes, orders, a note."""
    here = given.stock(2, Serrano=4)
    return given.context(
        given.person(
            1,
            "Lucía García Muñoz",
            locale="es",
            city="Madrid",
            birth_date="1991-11-21",
            phones=(given.contact("+34•••••••18"),),
            emails=(given.contact("l•••••••••@correo.example"),),
            loyalty=Loyalty(tier="gold", points=1240),
            consents=(
                Consent(channel="email", granted=True, at=given.NOW),
                Consent(channel="sms", granted=False, at=given.NOW),
            ),
            attributes={"customer_since": "2021-04-17", "size_tops": "S", "size_shoes": "38"},
            last_seen_at=given.at(-72),
            last_store="GV",
        ),
        carts=(
            given.cart(
                given.line("Sudadera con capucha Tajo", stock=here),
                given.line("Chaqueta cortavientos Alisio", sku="S2", stock=given.stock(0, Serrano=1), unit_price=8400),
                given.line("Camiseta de tirantes Brisa", 2, 3900, sku="S3", stock=given.stock(1)),
            ),
        ),
        wishlists=(
            given.wish_list(
                given.wish(stock=here), given.wish(item=given.item(sale_price=3900)), given.wish("T0877", item=None)
            ),
        ),
        orders=tuple(
            given.order(
                number,
                given.order_line("Bufanda Niebla", item=given.item()),
                given.order_line("Vela Azahar", 2, returned_quantity=1),
                status=status,
                channel=channel,
                store=store,
            )
            for number, status, channel, store in (
                (1004, "ready_for_pickup", "online", "GV"),
                (1003, "delivered", "online", None),
                (1002, "fulfilled", "store", "GV"),
                (1001, "cancelled", "store", "SE"),
            )
        ),
        order_count=12,
        orders_before="1",
        views=(given.viewed(-0.3), given.viewed(-3), given.viewed(-30)),
        notes=(given.note("Prefiere algodón orgánico. Busca abrigo para un viaje a Oslo en enero."),),
        preferences=Preferences(likes=("algodón orgánico",)),
    )


def extreme() -> CustomerContext:
    """Somebody of whom there is more than anybody thought of: a long name, a long tier, 50 lines."""
    far = given.stock(1200, **{"Centro Comercial La Vaguada": 1200, "Puerta del Sol esquina Alcalá": 34})
    lines = tuple(given.line(LONG_TITLE, 99, 123_456_789, stock=far) for _ in range(50))
    known = lucia()
    person = given.but(
        known.person,
        name=LONG_NAME,
        city="Llanfairpwllgwyngyllgogerychwyrndrobwllllantysiliogogogoch",
        emails=(given.contact("m" + "•" * 60 + "@correspondencia.example"),),
        loyalty=Loyalty(tier="Founders’ Circle Platinum Plus Ultra", points=123_456_789),
        consents=tuple(
            Consent(channel=channel, granted=n % 2 == 0, at=given.NOW)
            for n, channel in enumerate(("email", "sms", "phone", "whatsapp", "post", "pigeon"))
        ),
        attributes={"size_tops": "XXXXL", "size_bottoms": "W38 L34", "size_shoes": "44 ½", "size_kids": "128–134"},
    )
    return given.but(
        known,
        person=person,
        carts=(given.cart(*lines), given.cart(*lines[:2], source="till:a-source-with-a-very-long-name")),
        notes=tuple(given.note("Una nota larga. " * 12) for _ in range(9)),
        suggestions=(Suggestion(customer_id=2, name=LONG_NAME, because="email"),),
        orders=tuple(
            given.order(n, *(given.order_line(LONG_TITLE, 99, 1_234_567) for _ in range(3)), total=123_456_789)
            for n in range(1, 11)
        ),
        views=(given.viewed(-0.3, item=given.item(title=LONG_TITLE)),),
    )


def scenes() -> Iterator[Scene]:
    """Everything that can be seen."""
    hits = tuple(
        given.hit(
            n,
            name,
            Match(field="name", text=name, ranges=((0, 3),)),
            phone="+34•••••••18",
            city="Madrid",
            tier=tier,
            cart_quantity=quantity,
            last_seen_at=given.at(-72),
            last_store=store,
        )
        for n, (name, tier, quantity, store) in enumerate(
            (
                ("Lucía García Muñoz", "gold", 3, "GV"),
                ("Lucía Garcés Roca", None, 0, "SE"),
                ("Lucas", "silver", 1, None),
            ),
            1,
        )
    )
    long_hits = tuple(
        given.but(hit, name=LONG_NAME, tier="Founders’ Circle Platinum", cart_quantity=12000, matches=())
        for hit in hits
    )
    recent = tuple(
        Recent(customer_id=n, name=name, tier=tier, cart_quantity=quantity)
        for n, name, tier, quantity in (
            (1, "Lucía García Muñoz", "gold", 4),
            (2, "Ana Li", None, 0),
            (3, "", "basic", 1),
        )
    )
    long_recent = tuple(given.but(one, name=LONG_NAME, tier="Founders’ Circle Platinum Plus") for one in recent)
    yield Scene("first")
    yield Scene("recent", find=FindState(recent=recent))
    yield Scene("recent, long", find=FindState(recent=long_recent * 4), extreme=True)
    yield Scene("searching", find=FindState(text="lu", phase="loading", slow=True, asked=1))
    yield Scene("found", find=FindState(text="luc", phase="found", hits=hits, asked=1, shown=1))
    yield Scene("found, long", find=FindState(text="luc", phase="found", hits=long_hits, capped=True), extreme=True)
    yield Scene("corrected", find=FindState(text="lusia", phase="found", hits=hits, corrected=("lucia", "lucas")))
    yield Scene("shared card", find=FindState(phase="found", hits=hits, shared=True))
    yield Scene("nobody", find=FindState(text="qq", phase="nobody"))
    yield Scene("search refused", find=FindState(text="--", phase="refused"))
    lost = LinkState(phase="lost")
    yield Scene("search lost", find=FindState(text="luc", phase="unreachable", hits=hits), link=lost)
    yield Scene("search lost, nothing before", find=FindState(text="luc", phase="unreachable"), link=lost)
    yield Scene("started without a server", link=lost)
    for code, detail in (
        ("wrong_host", ""),
        ("unknown_store", ""),
        ("database_busy", "Another program holds the file."),
    ):
        yield Scene(f"not taken: {code}", link=LinkState(phase="refused", problem=ProblemError(code, detail).problem))
    yield Scene("order of nobody", find=FindState(phase="order", order=given.order(1, given.order_line())))
    yield from item_scenes(lost)
    yield Scene("opening", "customer", customer=opened(CustomerState(), "Lucía García Muñoz", 1))
    yield Scene("scanning", "customer", customer=opened(CustomerState(), "", None, "29"))
    for tab in ("cart", "wishes", "orders", "story"):
        yield Scene(f"Lucia: {tab}", "customer", customer=shown(lucia(), tab=tab))
        yield Scene(f"extreme: {tab}", "customer", customer=shown(extreme(), tab=tab), extreme=True)
        yield Scene(f"nothing known: {tab}", "customer", customer=shown(given.context(given.person(1, "")), tab=tab))
    yield from cart_scenes()
    yield Scene("Lucia: more", "customer", customer=shown(lucia(), more_open=True))
    yield Scene("Lucia: notes", "customer", customer=shown(lucia(), more_open=True, notes_open=True))
    yield Scene("Lucia without network", "customer", customer=shown(lucia()), link=lost)
    for phase in UNKNOWN:
        yield Scene(phase, "customer", customer=CustomerState(phase=phase))


def item_scenes(lost: LinkState) -> Iterator[Scene]:
    """Everything that can be seen of articles."""
    where = given.stock(2, Serrano=4)
    marks = (
        ProductMatch(field="title", text="Hoodie Chaz", ranges=((0, 4),)),
        ProductMatch(field="option", text="XS", ranges=((0, 2),)),
    )
    sale = given.item("S2", sale_price=3900, brand="Tramontela")
    hits = (
        given.article("Hoodie Chaz", *marks, stock=where),
        given.article("Bufanda Niebla", item=sale, price_from=3900, stock=given.stock(0, Serrano=1)),
        given.article("Camiseta Brisa", fitting=12, price_to=6900, stock=given.stock(1)),
        given.article("Vela Azahar", fitting=3, item=given.item("S4", availability="discontinued", options={})),
    )
    long_hits = tuple(
        given.but(hit, title=LONG_TITLE, category=LONG_TITLE, price_from=123_456_789, matches=(), stock=where)
        for hit in hits
    )
    found = ItemsState(text="hood", phase="found", hits=hits, asked=1, shown=1)
    yield Scene("items", "items")
    yield Scene("items, searching", "items", items=ItemsState(text="ho", phase="loading", slow=True, asked=1))
    yield Scene("items, found", "items", items=found)
    yield Scene("items, found while somebody is shown", "items", items=found, customer=shown(lucia()))
    yield Scene("items, long", "items", items=given.but(found, hits=long_hits, capped=True), extreme=True)
    yield Scene("items, corrected", "items", items=given.but(found, corrected=("hoodie", "hoodies")))
    yield Scene("items, nothing", "items", items=ItemsState(text="qq", phase="nothing"))
    yield Scene("items, refused", "items", items=ItemsState(text="--", phase="refused"))
    yield Scene("items, lost", "items", items=given.but(found, phase="unreachable"), link=lost)
    yield Scene("items, lost, nothing before", "items", items=ItemsState(text="h", phase="unreachable"), link=lost)
    hoodie = given.but(
        given.sizes_and_colours("XS S M L XL", "Negro Marfil Burdeos", "21004-0"),
        description="Sudadera con capucha y cremallera, de algodón orgánico.",
        brand="Tramontela",
        category="Mujer > Sudaderas",
    )
    for name, product in (
        ("item", hoodie),
        ("item, one size", given.product(given.variant("S1", 3, "04006381333931"))),
        ("item, colours alone", given.sizes_and_colours("-", "Negro Marfil Burdeos Índigo Musgo Arena", "30")),
        ("item, sizes alone", given.sizes_and_colours("36 37 38 39 40 41 42 43 44 45 46", "Negro", "1029")),
        ("item, many sizes", given.sizes_and_colours("28/30 28/32 30/30 30/32 32/30 32/32 34/32 36/34", "Negro Azul")),
        (
            "item, many of both",
            given.sizes_and_colours(" ".join(map(str, range(30, 50))), " ".join(f"Tono{n}" for n in range(12)), "102"),
        ),
        ("item, no options", given.product(*(given.variant(f"S{n}", n, options={}) for n in range(3)))),
        ("item, nobody counted", given.sizes_and_colours("S M", "Negro Azul", "-")),
        ("item without variants", given.product()),
    ):
        yield Scene(name, "item", item=scanned(ItemState(), product))
    on_sale = given.product(given.variant("S1", 1, sale_price=3900, availability="out_of_stock", brand="Tramontela"))
    yield Scene("item, on sale", "item", item=scanned(ItemState(), on_sale))
    yield Scene("item while somebody is shown", "item", item=scanned(ItemState(), hoodie), customer=shown(lucia()))
    wished_for = given.but(scanned(ItemState(), hoodie), wish_count=3)
    yield Scene("item, wished for", "item", item=wished_for)
    yield Scene("item, wished for, asking by whom", "item", item=folded(wished_for))
    yield Scene(
        "item, wished for, nobody says by whom",
        "item",
        item=unnamed(folded(wished_for), wished_for.asked),
        link=lost,
    )
    known = WisherPage(wishers=given.wishers("Lucía García", "Marta Soler", "Jon Etxeberria"))
    yield Scene("item, wished for, unfolded", "item", item=named(folded(wished_for), wished_for.asked, known))
    one = given.but(scanned(ItemState(), on_sale), wish_count=1)
    alone = WisherPage(wishers=given.wishers("Lucía García"))
    yield Scene("item, one size, wished for", "item", item=named(folded(one), one.asked, alone))
    many = WisherPage(wishers=given.wishers(*(f"{LONG_NAME} {n}" for n in range(20))), before="")
    many_wish = named(folded(wished_for), wished_for.asked, many)
    yield Scene("item, wished for by many", "item", item=many_wish, customer=shown(lucia()), extreme=True)
    yield Scene("item without network", "item", item=scanned(ItemState(), hoodie), link=lost)
    long = given.sizes_and_colours("XS Extra-ultra-largo", "Negro-azabache-mate-tornasolado Azul", title=LONG_TITLE)
    long = given.but(long, brand=LONG_NAME, category=LONG_TITLE, description=LONG_TITLE * 20)
    yield Scene("item, long", "item", item=scanned(ItemState(), long), extreme=True)
    opening = item_opened(ItemState(), "S1", hits[0].title, hits[0].item)
    yield Scene("item, opening", "item", item=opening)
    yield Scene("item, unreachable", "item", item=given.but(opening, phase="unreachable"), link=lost)
    yield Scene("item, unknown", "item", item=given.but(opening, phase="unknown"))


def cart_scenes() -> Iterator[Scene]:
    """A cart that is changed, and where it goes from there."""
    carts = lucia().carts
    several = (*carts, given.cart(given.line("Bufanda Niebla", stock=Stock()), source="till:gv", id_=2))
    two = shown(given.but(lucia(), carts=several))
    yield Scene("several carts", "customer", customer=two)
    yield Scene("shall carts be joined", "customer", customer=given.but(two, joining=(2, 1)))
    first, second, third = carts[0].lines
    pending = given.cart(first, given.but(second, quantity=2, pending=True, item=given.item(price=7900)), third)
    yield Scene("pending line, price of today", "customer", customer=shown(given.but(lucia(), carts=(pending,))))
    undo = Undo(cart_id=1, seen=second, place=1)
    without = shown(given.but(lucia(), carts=(given.cart(first, third),)), undo=undo)
    yield Scene("a line was taken out", "customer", customer=without)
    long = shown(extreme(), undo=given.but(undo, seen=given.but(second, title=LONG_TITLE)))
    yield Scene("a line was taken out, long", "customer", customer=long, extreme=True)
    yield Scene("a wish is in the cart", "customer", customer=shown(lucia(), tab="wishes"))
    for code in ("cart_closed", "unknown_line", "unknown_product", "other_currency", "unknown_cart", "wrong_caller"):
        yield Scene(f"not taken by the server, {code}", "customer", customer=shown(lucia(), trouble=code))
    edit = Edit(key="k", customer_id=1, cart_id=1, seen=first, place=0, base=1, quantity=2)
    unsent = changed(shown(lucia()), (edit,))
    yield Scene("a change waits for the network", "customer", customer=unsent, link=LinkState(phase="lost"))
    alight = given.but(shown(lucia()), fresh=frozenset({("line", 1, 2)}), glow=1)
    yield Scene("a line glows", "customer", customer=alight, alight=True)
    yield from hand_over_scenes(carts[0], several)
    yield from assist_scenes()


def hand_over_scenes(cart: Cart, several: tuple[Cart, ...]) -> Iterator[Scene]:
    """A cart on its way to a till."""
    somebody = shown(lucia())
    asking = HandOverState(phase="asking", carts=(cart,), cart=cart)
    handoff = Handoff(
        way="till",
        handoff_id=1,
        state="issued",
        code="7KQ2M9",
        qr="mostrador:handoff?code=7KQ2M9",
        expires_at=given.at(0.15),
    )
    code = given.but(asking, phase="shown", handoff=handoff, became="issued")
    for name, state in (
        ("which cart", HandOverState(phase="choosing", carts=several)),
        ("asking", asking),
        ("code", code),
        ("redeemed", given.but(code, became="redeemed")),
        ("completed", given.but(code, became="completed")),
        ("released", given.but(code, became="released")),
        ("unreachable", given.but(asking, phase="unreachable")),
        *(
            (f"refused, {problem}", given.but(asking, phase="refused", code=problem))
            for problem in ("handoff_taken", "empty_cart", "unknown_cart", "wrong_caller")
        ),
    ):
        yield Scene(f"hand over, {name}", "hand_over", customer=somebody, hand_over=state)
    yield Scene("hand over, long", "hand_over", customer=shown(extreme()), hand_over=code, extreme=True)


def assist_scenes() -> Iterator[Scene]:
    """Kiosks that want somebody."""
    somebody, nobody = shown(lucia()), CustomerState()
    waits = WaitingChallenge(
        challenge_id=1, kiosk="Quiosco de la puerta", asked_at=given.at(0), expires_at=given.at(0.1)
    )
    waiting = AssistState(waiting=(waits,))
    yield Scene("a kiosk waits", "customer", customer=somebody, assist=waiting)
    yield Scene("a kiosk waits, nobody open", customer=nobody, assist=waiting)
    yield Scene("a kiosk waits, long", "customer", customer=shown(extreme()), assist=waiting, extreme=True)
    call = HelpCall(call_id=1, kiosk="Quiosco de la puerta", about="card", called_at=given.at(0))
    for about in ("help", "network", "card", "code", "cart", "item"):
        calls = (given.but(call, about=about),) * (2 if about == "item" else 1)
        yield Scene(f"called for help, {about}", "customer", customer=somebody, assist=AssistState(calls=calls))
    both = given.but(waiting, calls=(call,))
    yield Scene("two kiosks", "customer", customer=somebody, assist=both)
    yield Scene("two kiosks, no network", "customer", customer=somebody, assist=both, link=LinkState(phase="lost"))
    digits = vouching(given.but(waiting, waiting=(waits, given.but(waits, challenge_id=2))), 1)
    assert digits.vouching is not None
    for name, change in (
        ("nothing typed", {}),
        ("one digit", {"digits": "4"}),
        ("asking", {"digits": "47", "busy": True}),
        ("wrong", {"trouble": "wrong"}),
        ("over", {"trouble": "over"}),
        ("refused", {"trouble": "refused"}),
        ("unreachable", {"digits": "47", "trouble": "unreachable"}),
        ("done", {"done": True}),
    ):
        one = given.but(digits, vouching=given.but(digits.vouching, **change))
        yield Scene(f"vouching, {name}", "vouch", customer=somebody, assist=one)
    yield Scene("vouching, long", "vouch", customer=shown(extreme()), assist=digits, extreme=True)


def door_scenes() -> Iterator[Scene]:
    """Everything that can be seen before anybody is let in, and the way out."""
    asking = EnrolState(server=SERVER)
    yield Scene("enrol", enrol=asking)
    yield Scene("enrol, half typed", enrol=given.but(asking, code="7KQ2M"))
    yield Scene("enrol, typed", enrol=given.but(asking, code="7KQ2M9XBCD"))
    yield Scene("enrol, wide letters", enrol=given.but(asking, code="WWWWWWWWWW", server="https://" + "m" * 90))
    yield Scene("enrol, trading", enrol=given.but(asking, code="7KQ2M9XBCD", phase="trading"))
    for trouble in ("unreachable", "untrusted", "wrong_code", "wait", "no_code", "no_room"):
        yield Scene(f"enrol, {trouble}", enrol=given.but(asking, trouble=trouble))
    yield Scene("enrol, refused", enrol=given.but(asking, trouble="refused", detail="This code is for a till."))
    yield Scene("revoked", enrol=EnrolState(phase="revoked"))
    yield Scene("revoked, unknown", enrol=EnrolState(phase="revoked", unknown=True))
    people = ("Ana Pereira", "Bea", "Íñigo Ruiz de Larramendi", "Jon Otxoa", "Marta Torres Vidal", "Óscar", "Zoe Li")
    staff = tuple(StaffName(id=n, name=name) for n, name in enumerate(people, 1))
    many = tuple(StaffName(id=n, name=f"{people[n % 7]} {n}") for n in range(60))
    long = tuple(StaffName(id=n, name=LONG_NAME) for n in range(60))
    names = SignInState(listing="shown", staff=staff)
    lost = LinkState(phase="lost")
    yield Scene("names", sign_in=names)
    yield Scene("names, many", sign_in=given.but(names, staff=many))
    yield Scene("names, long", sign_in=given.but(names, staff=long), extreme=True)
    yield Scene("names, loading", sign_in=SignInState())
    yield Scene("names, nobody", sign_in=SignInState(listing="shown"))
    yield Scene("names, unreachable", sign_in=SignInState(listing="unreachable"), link=lost)
    yield Scene("names, refused", sign_in=SignInState(listing="refused"))
    yield Scene("names, lost", sign_in=names, link=lost)
    yield Scene("signed out", sign_in=given.but(names, why="signed_out"))
    yield Scene("signed out, lost", sign_in=given.but(names, why="signed_out"), link=lost)
    yield Scene("shift ended", sign_in=given.but(names, why="ended"))
    for name, pin in (
        ("pin", given.but(names, step="pin", who=staff[0])),
        ("pin, badge", given.but(names, step="pin", badged=True)),
        ("locked", given.but(names, step="locked", somebody=ANA)),
    ):
        yield Scene(name, sign_in=pin)
        yield Scene(f"{name}, some digits", sign_in=given.but(pin, digits=3))
        yield Scene(f"{name}, all digits", sign_in=given.but(pin, digits=12))
        yield Scene(f"{name}, busy", sign_in=given.but(pin, busy=True))
        yield Scene(f"{name}, wrong", sign_in=given.but(pin, trouble="wrong"))
        yield Scene(f"{name}, wrong and wait", sign_in=given.but(pin, trouble="wrong", wait=30))
        yield Scene(f"{name}, too many", sign_in=given.but(pin, trouble="wait", wait=1800))
        yield Scene(f"{name}, nobody", sign_in=given.but(pin, trouble="nobody"))
        yield Scene(f"{name}, refused", sign_in=given.but(pin, trouble="refused", detail="Ana does not work here."))
        yield Scene(f"{name}, unreachable", sign_in=given.but(pin, trouble="unreachable"), link=lost)
        yield Scene(f"{name}, lost", sign_in=pin, link=lost)
    yield Scene("pin, long", sign_in=given.but(names, step="pin", who=long[0]), extreme=True)
    yield Scene(
        "locked, long", sign_in=given.but(names, step="locked", somebody=given.but(ANA, name=LONG_NAME)), extreme=True
    )
    yield Scene("menu", menu=True)
    yield Scene("menu, changes wait", menu=True, unsent=12)
    yield Scene("locked, changes wait", sign_in=given.but(names, step="locked", somebody=ANA), unsent=12, link=lost)
    yield Scene("menu, manager", menu=True, sign_in=given.but(SIGNED_IN, somebody=given.but(ANA, role="manager")))
    yield Scene(
        "menu, nothing known", menu=True, sign_in=SignInState(step="in", somebody=Somebody(staff_id=0, name=""))
    )
    long_one = given.but(SIGNED_IN, somebody=given.but(ANA, name=LONG_NAME))
    yield Scene("menu, long", menu=True, sign_in=long_one, extreme=True)


FAULTY = """
<RowHeading@BoxLayout>:
    size_hint: None, None
    size: 200, 40
    pos: 400, 400
<ArticleRow@BoxLayout>:
    size_hint: None, None
    size: 200, 40
    pos: 400, 340
FloatLayout:
    canvas.before:
        Color:
            rgba: 1, 1, 1, 1
        Rectangle:
            size: self.size
    Label:
        text: 'pale'
        color: 0.7, 0.7, 0.7, 1
        size_hint: None, None
        size: 100, 40
        pos: 20, 400
    Label:
        text: 'this is cut somewhere'
        color: 0, 0, 0, 1
        text_size: self.size
        shorten: True
        size_hint: None, None
        size: 60, 40
        pos: 20, 340
    Label:
        text: 'too large'
        color: 0, 0, 0, 1
        font_size: 40
        size_hint: None, None
        size: 60, 20
        pos: 20, 280
    Button:
        size_hint: None, None
        size: 30, 30
        pos: 20, 200
    Label:
        text: 'outside'
        color: 0, 0, 0, 1
        size_hint: None, None
        size: 200, 40
        pos: 600, 100
    RowHeading:
        Label:
            text: 'heading'
            color: 0, 0, 0, 1
    ArticleRow:
        padding: 8, 0
        Label:
            text: 'row'
            color: 0, 0, 0, 1
    Label:
        text: 'below'
        color: 0, 0, 0, 1
        size_hint: None, None
        size: 100, 40
        pos: 300, 200
    Label:
        text: 'above'
        color: 0, 0, 0, 1
        size_hint: None, None
        size: 100, 40
        pos: 305, 202
"""
"""A sheet with a fault of each kind, which proves the measures."""


def faulty(size: tuple[int, int]) -> list[str]:
    """What is wrong with that sheet."""
    from kivy.base import EventLoop
    from kivy.core.window import Window
    from kivy.lang import Builder

    from tests.screens.measure import faults

    EventLoop.window.size = size
    sheet = Builder.load_string(FAULTY)
    Window.add_widget(sheet)
    for _ in range(6):
        EventLoop.idle()
    return faults(sheet)


def light(shell: Any) -> None:
    """Let what changed glow as brightly as it does, and stay so."""
    from kivy.animation import Animation

    from kiosk.customer.screen import Row

    rows = [row for row in shell.walk() if isinstance(row, Row) and row.glow]
    assert rows, "nothing glows"
    for row in rows:
        Animation.cancel_all(row, "lit")
        row.lit = 1.0


def walk(size: tuple[int, int], language: str, theme: str, pictures: Path | None) -> Iterator[tuple[str, list[str]]]:
    """Show each scene and measure it."""
    from kivy.app import App
    from kivy.base import EventLoop
    from kivy.core.window import Window

    from kiosk.app import TabletApp
    from kiosk.scan.wedge import Wedge
    from kiosk.theme import THEMES
    from kiosk.ui.gallery import Gallery
    from kiosk.words import Words
    from tests.screens.measure import faults

    words = Words(language, "Europe/Madrid", {"GV": "Gran Vía", "SE": "Serrano"})
    home = Path(os.environ["MOSTRADOR_TABLET_HOME"])
    app: Any = TabletApp(FakePort(), words, THEMES[theme], home, lambda: given.NOW, Wedge(), given="session")
    App._running_app = app
    shell = app.build()
    shell.shelf = None
    shell.brand, shell.store = "Tramontela", "Gran Vía"

    def frames(count: int = 6) -> None:
        for _ in range(count):
            EventLoop.idle()

    def measured(name: str, root: Any, *, cut_is_fine: bool) -> tuple[str, list[str]]:
        frames()
        if pictures is not None:
            Path(Window.screenshot(str(pictures / "new.png"))).replace(
                pictures / f"{re.sub('[^a-z]+', '-', name.lower())}.png"
            )
        return name, faults(root, cut_is_fine=cut_is_fine)

    EventLoop.window.size = size
    Window.add_widget(shell)
    for scene in (*scenes(), *door_scenes()):
        shell.enrol, shell.sign_in, shell.menu_open = scene.enrol, scene.sign_in, scene.menu
        shell.unsent = scene.unsent
        shell.find, shell.customer, shell.link, shell.current = scene.find, scene.customer, scene.link, scene.current
        shell.items, shell.item = scene.items, scene.item
        shell.hand_over, shell.assist = scene.hand_over, scene.assist
        if scene.alight:
            frames()
            light(shell)
        measuring = measured(scene.name, shell, cut_is_fine=scene.extreme)
        # A widget that writes back what it is told would show another scene than the one that is measured.
        assert (shell.enrol, shell.sign_in, shell.find) == (scene.enrol, scene.sign_in, scene.find), scene.name
        yield measuring
    Window.remove_widget(shell)
    gallery = Gallery(t=words)
    Window.add_widget(gallery)
    yield measured("gallery", gallery, cut_is_fine=False)


def main() -> None:
    """Print what is wrong, scene by scene, as JSON."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--size", default="1280x800")
    parser.add_argument("--language", default="es")
    parser.add_argument("--theme", default="light")
    parser.add_argument("--pictures", type=Path, help="A folder that takes a picture of each.")
    parser.add_argument("--faulty", action="store_true", help="Measure a sheet with a fault of each kind instead.")
    asked = parser.parse_args()
    width, _, height = asked.size.partition("x")
    size = (int(width), int(height))
    if asked.pictures:
        asked.pictures.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory() as home:
        os.environ["MOSTRADOR_TABLET_HOME"] = home
        prepare_kivy(*size)
        made.done()
        from kivy.config import Config

        # Nobody looks on: no frame need wait for its time.
        Config.set("graphics", "maxfps", "0")
        if asked.faulty:
            found = {"faulty": faulty(size)}
        else:
            found = dict(walk(size, asked.language, asked.theme, asked.pictures))
    print(json.dumps(found, ensure_ascii=False))  # noqa: T201


if __name__ == "__main__":
    main()
