"""The cart at a kiosk and its ways out, in every state; put in by hand, so that no server decides what is looked at."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from kiosk.handoff.state import GOODBYE, HandoffState
from kiosk.idle.state import IdleState
from kiosk.resume.edits import Amount
from kiosk.resume.state import (
    Note,
    NoteKind,
    Removed,
    ResumeState,
    picked,
    sheet_filled,
    sheet_opened,
)
from server.wire.carts import Cart, CartLine
from server.wire.catalog import Item, Product, Stock, StoreStock, Variant
from server.wire.handoffs import Handoff
from server.wire.wishlists import WishList
from tests.kiosk import given

Put = Callable[[], None]
LONG = "Chaqueta cortavientos plegable con capucha desmontable y cuatro bolsillos interiores Alisio"
PICTURES = Path(__file__).parents[2] / "fixtures" / "shop" / "pictures"


class Drawings:
    """The demo shop's drawings as a shelf: a picture's name is its file's."""

    def kept(self, name: str, _size: str) -> Path:
        """Where it is."""
        return PICTURES / f"{name}.png"


def item(sku: str, title: str, price: int, size: str, colour: str, picture: str, **fields: Any) -> Item:
    """An article of the demo shop."""
    options = {"color": colour, "size": size} if size else {"color": colour}
    return given.item(sku, price, title=title, options=options, picture=picture, **fields)


def stock(here: int | None, **nearby: int) -> Stock:
    """What is here and elsewhere, as of an hour ago."""
    return Stock(
        here=None if here is None else StoreStock(store="GV", name="Gran Vía", quantity=here, as_of=given.at(-0.5)),
        nearby=tuple(
            StoreStock(store=name[:2].upper(), name=name, quantity=n, as_of=given.at(-1)) for name, n in nearby.items()
        ),
    )


TAJO = item("T1046-NEG-XS", "Sudadera con capucha Tajo", 5400, "XS", "Negro", "t1046-neg")
ALISIO = item("T1011-NAR-S", "Chaqueta cortavientos Alisio", 8400, "S", "Naranja", "t1011-nar")
BRISA = item("T1043-NEG-S", "Camiseta de tirantes Brisa", 3400, "S", "Negro", "t1043-neg")
ABRIGO = item("T1001-CAM-S", "Abrigo Somosierra", 18900, "S", "Camel", "t1001-cam")
GONE = item("T0877-GRI-M", "Jersey Bruma", 4595, "M", "Gris", "", availability="discontinued")


def line(number: int, article: Item, quantity: int, where: Stock, **fields: Any) -> CartLine:
    """A line of it."""
    usual: dict[str, Any] = {"unit_price": article.price, "shop_quantity": quantity}
    return given.line(
        article.title, quantity, sku=article.sku, item=article, stock=where, line=number, **(usual | fields)
    )


def lucias(*more: CartLine, **fields: Any) -> Cart:
    """Lucía's cart."""
    lines = (
        line(1, TAJO, 1, stock(2)),
        line(2, ALISIO, 1, stock(0, Serrano=1)),
        line(3, BRISA, 2, stock(6)),
        *more,
    )
    return given.but(given.cart(*lines, source="web:demo", updated=-0.9), **fields)


def wishes() -> tuple[WishList, ...]:
    """What she wishes for."""
    return (
        given.wish_list(
            given.wish(ABRIGO.sku, item=ABRIGO, stock=stock(1)),
            given.wish(TAJO.sku, item=TAJO, stock=stock(2)),
            given.wish(
                "T1022-GRI-S",
                item=item("T1022-GRI-S", "Falda Plisada Ebro", 4900, "S", "Gris", "t1022-gri"),
                stock=stock(0, Serrano=4),
            ),
            given.wish("T9999", item=None),
            name="Mis deseos",
        ),
    )


def tajo() -> Product:
    """The hoodie in all its sizes and colours."""
    variants = tuple(
        Variant(
            item=item(f"T1046-{code}-{size}", "Sudadera con capucha Tajo", 5400, size, colour, f"t1046-{code.lower()}"),
            gtin=None,
            stock=stock(here, Serrano=near) if near else stock(here),
        )
        for code, colour, sizes in (
            ("NEG", "Negro", (("XS", 2, 0), ("S", 3, 1), ("M", 0, 2), ("L", 0, 0))),
            ("GRI", "Gris jaspeado", (("XS", 0, 1), ("S", 4, 0), ("M", 1, 0))),
        )
        for size, here, near in sizes
    )
    return given.but(given.product(), title="Sudadera con capucha Tajo", sku="T1046-NEG-XS", variants=variants)


def lucia(*carts: Cart, **fields: Any) -> ResumeState:
    """Lucía with some carts; with hers where none is named."""
    state = ResumeState(phase="shown", first_name="Lucía", carts=carts or (lucias(),), asked=1)
    return given.but(state, **fields)


def carts() -> Iterator[tuple[str, ResumeState]]:
    """Every state of the cart's screen."""
    full = lucia(wishlists=wishes())
    yield "loading", ResumeState(phase="loading", asked=1)
    yield "unreachable", ResumeState(phase="unreachable", asked=1)
    yield "refused", ResumeState(phase="refused", asked=1)
    yield "full", full
    yield "one line", lucia(given.but(lucias(), lines=lucias().lines[:1]), first_name=None)
    yield "empty", lucia(given.but(lucias(), lines=()), wishlists=wishes())
    yield "empty, no wishes", lucia(given.but(lucias(), lines=()))
    yield "no cart", given.but(lucia(), carts=())
    till = given.but(given.cart(line(1, ABRIGO, 1, stock(1)), source="till:demo", updated=-2.2), id=2, external_id="c2")
    yield "two carts", lucia(lucias(), till)
    yield "two carts, an article", lucia(lucias(), till, note=Note(kind="choose_first"))
    yield "two carts, a third was closed", lucia(lucias(), till, note=Note(kind="closed"))
    yield "no cart, a bank card", given.but(lucia(), carts=(), note=Note(kind="bank_card"))
    yield "two carts, one chosen", lucia(lucias(), till, chosen=1)
    yield "two currencies", lucia(lucias(), given.but(till, currency="GBP"))
    many = [
        line(n, given.but(TAJO, sku=f"S{n}", title=LONG if n % 2 else "Bata"), n * 7, stock(n, Serrano=n))
        for n in range(4, 20)
    ]
    yield "many", lucia(lucias(*many))
    pending = given.but(lucias(), lines=tuple(given.but(one, pending=True) for one in lucias().lines), pending=3)
    yield "pending", lucia(pending)
    cheaper = given.but(lucias(), lines=(line(1, TAJO, 1, stock(2), unit_price=6900), *lucias().lines[1:]))
    yield "cheaper", lucia(cheaper)
    yield "nobody counted", lucia(given.but(lucias(), lines=(line(1, TAJO, 1, Stock()), line(2, GONE, 1, stock(None)))))
    edit = Amount(key="k", cart=1, seen=lucias().lines[0], place=0, base=1, quantity=2, sent=True)
    yield "no network", lucia(edits=(edit,), reached=False)
    out = given.but(edit, quantity=0, seen=lucias().lines[1], place=1)
    gone = Removed(cart=1, line=lucias().lines[1], place=1)
    yield "taken out", lucia(edits=(out,), removed=(gone,))
    yield "glow", given.but(full, glowing=(BRISA.sku,), glow=1)
    yield (
        "other variant on its way",
        lucia(edits=(given.but(edit, quantity=1, variant=tajo().variants[1].item, stock=stock(3)),)),
    )
    kinds: tuple[NoteKind, ...] = (
        "added",
        "no_product",
        "bank_card",
        "no_cart",
        "other_currency",
        "unreachable",
        "gone_elsewhere",
        "closed",
        "at_till",
        "not_possible",
        "joined",
        "released",
        "run_out",
    )
    for kind in kinds:
        title = TAJO.title if kind in {"added", "other_currency", "gone_elsewhere"} else ""
        yield f"note, {kind}", given.but(full, note=Note(kind=kind, title=title))
    asked = sheet_opened(full, "variants", 1)
    yield "variants, asking", asked
    yield "variants, lost", sheet_filled(asked, 1, None)
    shown = sheet_filled(asked, 1, tajo())
    yield "variants", shown
    yield "variants, picked", picked(shown, "size", "S")
    yield "variants, not here", picked(shown, "size", "M")
    yield "wishes", sheet_opened(full, "wishes")
    yield "wishes, added", given.but(sheet_opened(full, "wishes"), note=Note(kind="added", title=ABRIGO.title))
    yield (
        "wishes, two lists",
        sheet_opened(
            given.but(full, wishlists=(*wishes(), given.wish_list(given.wish(item=BRISA), name="Para Ana"))), "wishes"
        ),
    )


def handoffs() -> Iterator[tuple[str, HandoffState]]:
    """Every state of a cart on its way."""
    sold = given.but(lucias(), lines=(lucias().lines[0], line(3, BRISA, 2, stock(6))))
    worst = given.but(
        lucias(),
        lines=(
            *lucias().lines,
            line(4, GONE, 1, stock(2)),
            line(5, given.but(BRISA, sku="X"), 9, stock(3)),
            line(6, given.but(TAJO, sku="Y", price=0), 1, stock(9)),
            line(7, given.but(ALISIO, sku="Z"), 1, stock(0)),
        ),
    )
    handoff = Handoff(
        way="till",
        handoff_id=1,
        state="issued",
        code="K7MX4R",
        qr="mostrador:handoff?code=K7MX4R",
        expires_at=given.at(0.1666),
    )
    till = HandoffState(phase="till", cart=sold, handoff=handoff, left=598)
    yield "asking", HandoffState(phase="asking", cart=sold)
    yield "where to", HandoffState(phase="ask", way="delivery", cart=sold)
    yield "till", till
    yield "till, soon over", given.but(till, left=41)
    yield "till, not all", given.but(till, cart=lucias())
    yield "till, hardly any", given.but(till, cart=worst)
    yield "redeemed", given.but(till, phase="redeemed")
    link = "https://tramontela.example/carrito/continuar?source=web%3Ademo&cart=c-9a43ebcc"
    yield "phone", HandoffState(phase="phone", way="phone", cart=sold, handoff=Handoff(way="phone", link=link))
    yield "phone, no link", HandoffState(phase="phone", way="phone", cart=sold, handoff=Handoff(way="phone"))
    for way in ("delivery", "pickup"):
        yield way, HandoffState(phase="asked", way=way, cart=sold, handoff=Handoff(way=way))
    yield "goodbye", HandoffState(phase="goodbye", left=GOODBYE - 3)
    for trouble in ("unreachable", "empty_cart", "taken", "gone", "not_possible"):
        yield f"failed, {trouble}", HandoffState(phase="failed", trouble=trouble, cart=sold)


def out_of_reach(stage: Any) -> Iterator[str]:
    """What can be touched in the upper third of a tall window alone, where not everybody reaches."""
    from kivy.uix.behaviors import ButtonBehavior
    from kivy.uix.scrollview import ScrollView

    def moved_up(widget: Any) -> float:
        """How far its list was moved up: whoever does not reach it moves it down again."""
        while widget is not stage and not isinstance(widget, ScrollView):
            widget = widget.parent
        if widget is stage:
            return 0.0
        return float((1 - widget.scroll_y) * max(widget.children[0].height - widget.height, 0))

    highest = stage.height * 2 / 3 + 1
    for widget in stage.walk(restrict=True):
        if isinstance(widget, ButtonBehavior) and not widget.disabled and stage.height > stage.width:
            top = widget.to_window(widget.x, widget.top)[1] - moved_up(widget)
            if highest < top <= stage.height:
                yield f"{type(widget).__name__} is touched at {stage.height - top:.0f} from above"


def scenes(app: Any) -> Iterator[tuple[str, Put]]:
    """All of them, by name, and how each is put on the stage."""
    cart, handoff = app.screen("cart"), app.screen("handoff")
    cart.shelf = Drawings()

    def put(screen: Any, name: str, state: Any) -> Put:
        def now() -> None:
            app.stage.idle, app.stage.guest = IdleState(), True
            screen.state = state
            app.show(name)

        return now

    for name, state in carts():
        yield f"cart, {name}", put(cart, "cart", state)
    for name, way in handoffs():
        yield f"handoff, {name}", put(handoff, "handoff", way)
