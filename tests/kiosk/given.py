"""Messages as tests of the client need them: complete, with everything that does not matter filled in."""

from datetime import UTC, datetime, timedelta
from itertools import product as product_of
from typing import Any, TypeVar

import msgspec

from server.catalog.grid import Laid, grid_of
from server.wire.base import timestamp
from server.wire.carts import Cart, CartLine
from server.wire.catalog import Grid, Item, Product, ProductHit, ProductMatch, ProductsFound, Stock, StoreStock, Variant
from server.wire.customers import (
    CustomerContext,
    CustomerHit,
    MaskedContact,
    Match,
    Note,
    Person,
    Preferences,
    SearchAnswer,
    Viewed,
    Wisher,
)
from server.wire.orders import Order, OrderLine
from server.wire.wishlists import Wish, WishList

S = TypeVar("S", bound=msgspec.Struct)

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


def at(hours: float) -> str:
    """A time, in hours from now; the past is negative."""
    return timestamp(NOW + timedelta(hours=hours))


def but(message: S, **fields: Any) -> S:
    """The same message with other fields."""
    return msgspec.structs.replace(message, **fields)


def item(sku: str = "S1", price: int = 5200, **fields: Any) -> Item:
    """An article of the catalogue."""
    return but(
        Item(
            sku=sku,
            product_id=1,
            title="Hoodie Chaz",
            options={"size": "XS", "colour": "Black"},
            price=price,
            sale_price=None,
            currency="EUR",
            picture=None,
            brand=None,
            availability=None,
        ),
        **fields,
    )


def in_store(quantity: int, name: str = "Gran Vía") -> StoreStock:
    """What a store has."""
    return StoreStock(store=name[:2].upper(), name=name, quantity=quantity, as_of=at(-1))


def stock(here: int | None = None, **nearby: int) -> Stock:
    """What is here, and what other stores have."""
    return Stock(
        here=None if here is None else in_store(here, "Here"),
        nearby=tuple(in_store(quantity, name) for name, quantity in nearby.items()),
    )


def line(title: str = "Hoodie Chaz", quantity: int = 1, unit_price: int = 5200, **fields: Any) -> CartLine:
    """A line of a cart, at the price of today."""
    usual: dict[str, Any] = {"line_id": None, "sku": "S1", "item": item(price=unit_price), "stock": Stock()}
    return CartLine(title=title, quantity=quantity, unit_price=unit_price, **(usual | fields))


def cart(
    *lines: CartLine,
    source: str = "web",
    currency: str = "EUR",
    updated: float = -2,
    id_: int = 1,
    version: int = 1,
) -> Cart:
    """An open cart with its lines numbered; the later of two is updated later."""
    numbered = tuple(line if line.line else but(line, line=number) for number, line in enumerate(lines, 1))
    return Cart(
        id=id_,
        source=source,
        external_id=f"c{id_}",
        status="open",
        currency=currency,
        updated_at=at(updated),
        total=sum(line.unit_price * line.quantity for line in lines),
        lines=numbered,
        version=version,
    )


def wish(sku: str = "S1", hours: float = -24, **fields: Any) -> Wish:
    """A wished article."""
    usual: dict[str, Any] = {"item": item(sku), "stock": Stock()}
    return Wish(sku=sku, added_at=at(hours), **(usual | fields))


def wish_list(*items: Wish, name: str = "Summer") -> WishList:
    """A wish list."""
    return WishList(id=1, source="web", external_id="w1", name=name, updated_at=at(-24), items=items)


def order_line(title: str = "Hoodie Chaz", quantity: int = 1, unit_price: int = 5200, **fields: Any) -> OrderLine:
    """A line of an order, of an article that the catalogue has no more."""
    usual: dict[str, Any] = {
        "line_id": None,
        "sku": "S1",
        "discount": 0,
        "returned_quantity": 0,
        "fulfilled_quantity": 0,
        "item": None,
    }
    return OrderLine(title=title, quantity=quantity, unit_price=unit_price, **(usual | fields))


def order(number: int = 1, *lines: OrderLine, **fields: Any) -> Order:
    """An order; larger numbers are later."""
    usual: dict[str, Any] = {
        "source": "web",
        "channel": "online",
        "store": None,
        "placed_at": at(number - 1000),
        "status": "delivered",
        "currency": "EUR",
        "total": 5200,
    }
    return Order(id=number, external_id=f"o{number}", number=f"#{number}", lines=lines, **(usual | fields))


def note(text: str = "Prefers organic cotton", hours: float = -48, author: str | None = "Ana P.") -> Note:
    """A note."""
    return Note(id=1, text=text, author=author, written_at=at(hours))


def viewed(hours: float = -3, **fields: Any) -> Viewed:
    """An article that was looked at."""
    usual: dict[str, Any] = {"sku": "S1", "item": item(), "stock": Stock()}
    return Viewed(viewed_at=at(hours), **(usual | fields))


def contact(value: str) -> MaskedContact:
    """A contact as it is shown."""
    return MaskedContact(value=value, verified=True)


def person(id_: int = 1, name: str = "Lucía García", **fields: Any) -> Person:
    """Somebody of whom nothing is known but a name."""
    return but(
        Person(
            id=id_,
            name=name,
            given_name=None,
            family_name=None,
            locale=None,
            city=None,
            birth_date=None,
            emails=(),
            phones=(),
            cards=(),
            loyalty=None,
            consents=(),
            attributes={},
            records=(),
            last_seen_at=None,
            last_store=None,
        ),
        **fields,
    )


def context(who: Person | None = None, **fields: Any) -> CustomerContext:
    """A context in which nothing is."""
    return but(
        CustomerContext(
            person=who or person(),
            carts=(),
            wishlists=(),
            orders=(),
            order_count=0,
            orders_before=None,
            views=(),
            notes=(),
            preferences=Preferences(),
            suggestions=(),
            store="GV",
            as_of=at(0),
        ),
        **fields,
    )


def hit(id_: int = 1, name: str = "Lucía García", *matches: Match, **fields: Any) -> CustomerHit:
    """Somebody found."""
    return but(
        CustomerHit(
            customer_id=id_,
            name=name,
            city=None,
            tier=None,
            phone=None,
            last_seen_at=None,
            last_store=None,
            cart_quantity=0,
            how="exact",
            matches=matches,
        ),
        **fields,
    )


def wishers(*names: str) -> tuple[Wisher, ...]:
    """People who wish for an article, one after the other."""
    return tuple(Wisher(hit=hit(n, name), sku=f"S{n}", added_at=at(-24 * n)) for n, name in enumerate(names, 1))


def found(*names: str, capped: bool = False, **corrected: tuple[str, ...]) -> SearchAnswer:
    """An answer to a search: people of these names."""
    hits = tuple(hit(number, name) for number, name in enumerate(names, 1))
    return SearchAnswer(hits=hits, capped=capped, corrected=corrected)


def variant(sku: str = "S1", here: int | None = None, gtin: str | None = None, **fields: Any) -> Variant:
    """A variant, and what is here of it."""
    return Variant(item=item(sku, **fields), gtin=gtin, stock=stock(here))


def product(*variants: Variant, **fields: Any) -> Product:
    """A product, as a scan of its code finds it, its variants laid out as the server does."""
    laid = [Laid(one.item.sku, one.item.options) for one in variants]
    return but(
        Product(
            id=1,
            source="web",
            external_id="p1",
            sku=variants[0].item.sku if variants else "S1",
            title="Hoodie Chaz",
            description=None,
            brand=None,
            category=None,
            picture=None,
            variants=variants,
            grid=grid_of(laid) if laid else Grid(),
        ),
        **fields,
    )


def sizes_and_colours(sizes: str, colours: str, stocks: str = "3", **fields: Any) -> Product:
    """A product in all of some sizes and colours; of stocks, each digit is what is here of one, `-`: nobody counted."""
    variants = []
    for n, (colour, size) in enumerate(product_of(colours.split(), sizes.split())):
        here = stocks[n % len(stocks)]
        one = variant(f"S{n}", None if here == "-" else int(here), options={"colour": colour, "size": size})
        variants.append(but(one, stock=but(one.stock, nearby=(in_store(4, "Serrano"),) if n % 2 else ())))
    return product(*variants, **fields)


def article(title: str = "Hoodie Chaz", *matches: ProductMatch, sku: str = "S1", **fields: Any) -> ProductHit:
    """An article found."""
    return but(
        ProductHit(
            product_id=1,
            title=title,
            category=None,
            item=item(sku),
            fitting=1,
            price_from=5200,
            price_to=None,
            stock=Stock(),
            how="exact",
            matches=matches,
        ),
        **fields,
    )


def articles(*titles: str, capped: bool = False, **corrected: tuple[str, ...]) -> ProductsFound:
    """An answer to a search for articles: some of these titles."""
    hits = tuple(article(title, sku=f"S{number}") for number, title in enumerate(titles, 1))
    return ProductsFound(hits=hits, capped=capped, corrected=corrected)
