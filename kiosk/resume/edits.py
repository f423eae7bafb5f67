"""What a customer wishes of their cart and the server did not answer yet, and how the cart looks with it. Pure.

The cart is drawn as if every wish were granted. Each wish says what the customer saw when they had it, so that it means
the same whatever somebody else does to the cart before it arrives: the server merges both, and so does what is drawn.
"""

from collections.abc import Iterable

import msgspec

from kiosk.words.articles import price_of
from server.wire.base import Wire
from server.wire.carts import Cart, CartLine
from server.wire.catalog import Item, Stock

MOST = 99
"""Pieces of a line that can be asked for here."""


class Amount(Wire, frozen=True):
    """A line shall have another quantity, 0 takes it out; perhaps as another variant of its product.

    Attributes:
        key: the same however often it is sent.
        seen: the line as the customer saw it, which is what comes back where somebody takes it out meanwhile.
        place: where that was among the lines.
        quantity: what it shall be.
        base: what it was for the customer.
        variant: what it shall be of; None: of what it is.
        stock: where that is.
        sent: it may have arrived already, so it is not changed any more.
    """

    key: str
    cart: int
    seen: CartLine
    place: int
    base: int
    quantity: int
    variant: Item | None = None
    stock: Stock = Stock()
    sent: bool = False


class More(Wire, frozen=True):
    """So many of an article shall be put in."""

    key: str
    cart: int
    item: Item
    stock: Stock
    quantity: int = 1
    sent: bool = False


class Join(Wire, frozen=True):
    """All that is in one cart shall be in another; it is drawn once it is so."""

    key: str
    source: int
    target: int
    sent: bool = False


Edit = Amount | More | Join


def merged(base: int, current: int, wanted: int) -> int:
    """What the server makes of a quantity that two hands saw as `base`: one made it `current`, the other `wanted`."""
    if current in (base, wanted):
        return wanted
    if wanted == base:
        return current
    return max(current + wanted - base, 0 if 0 in (current, wanted) else 1)


def drawn(cart: Cart, edits: Iterable[Edit]) -> Cart:
    """A cart as it is once all wishes are granted."""
    lines = cart.lines
    for edit in edits:
        match edit:
            case Amount(cart=cart.id):
                lines = _with_amount(lines, edit)
            case More(cart=cart.id):
                lines = _with_more(lines, edit)
            case _:
                pass
    if lines is cart.lines:
        return cart
    return msgspec.structs.replace(cart, lines=lines, total=sum(line.unit_price * line.quantity for line in lines))


def _with_amount(lines: tuple[CartLine, ...], edit: Amount) -> tuple[CartLine, ...]:
    at = next((at for at, line in enumerate(lines) if line.line == edit.seen.line), None)
    before = edit.seen if at is None else lines[at]
    quantity = merged(edit.base, 0 if at is None else before.quantity, edit.quantity)
    place = min(edit.place, len(lines)) if at is None else at
    rest = lines[:place], lines[place:] if at is None else lines[place + 1 :]
    if quantity == 0:
        return rest[0] + rest[1]
    line = msgspec.structs.replace(before, quantity=quantity, pending=True)
    if edit.variant is None:
        return (*rest[0], line, *rest[1])
    if any(other.sku == edit.variant.sku for other in rest[0] + rest[1]):
        more = More(key=edit.key, cart=edit.cart, item=edit.variant, stock=edit.stock, quantity=quantity)
        return _with_more(rest[0] + rest[1], more)
    return (*rest[0], as_variant(line, edit.variant, edit.stock), *rest[1])


def as_variant(line: CartLine, item: Item, stock: Stock) -> CartLine:
    """A line that is of another article from now on, at its price of now."""
    return msgspec.structs.replace(
        line, sku=item.sku, title=item.title, unit_price=price_of(item), item=item, stock=stock, line_id=None
    )


def _with_more(lines: tuple[CartLine, ...], edit: More) -> tuple[CartLine, ...]:
    same = [(not line.shop_quantity, at) for at, line in enumerate(lines) if line.sku == edit.item.sku]
    if same:
        at = min(same)[1]
        line = lines[at]
        grown = msgspec.structs.replace(line, quantity=line.quantity + edit.quantity, pending=True)
        return (*lines[:at], grown, *lines[at + 1 :])
    # The server gives the line its number; 0 is nobody's.
    line = CartLine(
        line_id=None,
        sku=edit.item.sku,
        title=edit.item.title,
        quantity=edit.quantity,
        unit_price=price_of(edit.item),
        item=edit.item,
        stock=edit.stock,
        pending=True,
        shop_quantity=0,
    )
    return (*lines, line)


def wished(edits: tuple[Edit, ...], wish: Amount) -> tuple[Edit, ...]:
    """Wishes with one more; two of the same line of which neither was sent are one, and one that changes nothing none.

    A wish after one that waits for its answer says what the customer saw, which is what that one asks for.
    """
    if edits:
        last = edits[-1]
        same_line = isinstance(last, Amount) and (last.cart, last.seen.line) == (wish.cart, wish.seen.line)
        if isinstance(last, Amount) and same_line and not last.sent and last.variant is None and wish.variant is None:
            both = msgspec.structs.replace(last, quantity=wish.quantity)
            return edits[:-1] if both.base == both.quantity else (*edits[:-1], both)
    return edits if wish.base == wish.quantity and wish.variant is None else (*edits, wish)
