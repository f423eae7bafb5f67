"""What a handoff's code looks like, how long each state lasts, and what of a line can be sold."""

import re
import secrets
from collections.abc import Mapping
from datetime import timedelta
from urllib.parse import quote

from server.access.rules import ALPHABET, Patience, hash_of
from server.wire.carts import Cart, CartLine
from server.wire.handoffs import HandoffLine, Hindrance, SoldLine

LENGTH = 6
"""Signs of a code: 29 bits, for ten minutes, in one store."""
ISSUED = timedelta(minutes=10)
REDEEMED = timedelta(hours=1)
"""As long as a till has for a sale; then the cart may go to another."""

TILL = Patience(free=5, first=5, longest=600, forgotten=3_600)
"""Wrong codes at one till."""
DISCONTINUED = "discontinued"
_QR = "mostrador:handoff?code="


def new_code() -> str:
    """A handoff's code, of signs none of which is taken for another."""
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))


def code_typed(text: str) -> str:
    """A code as it was made, whether it was scanned or typed."""
    return re.sub(r"[\s-]", "", text.strip().removeprefix(_QR)).upper()


def code_in(text: str) -> str | None:
    """The code of a handoff in what was scanned or typed; None: it is certainly none."""
    code = code_typed(text)
    return code if len(code) == LENGTH and set(code) <= set(ALPHABET) else None


def qr_text(code: str) -> str:
    """The text of a QR code that a till scans."""
    return _QR + code


def hash_of_code(key: bytes, store: str, code: str) -> bytes:
    """What is kept of a code: in another store it is another's."""
    return hash_of(key, f"handoff {store} {code}")


def link_of(template: str | None, source: str, external_id: str) -> str | None:
    """Where the cart is in the online shop, if that is known."""
    if template is None:
        return None
    facts: Mapping[str, str] = {"{source}": source, "{cart}": external_id}
    return re.sub(r"\{(?:source|cart)\}", lambda found: quote(facts[found[0]], safe=""), template)


def line_for_till(line: CartLine, currency: str) -> HandoffLine:
    """A line as a till is told it. What nobody ever said of a store's stock hinders no sale."""
    item = line.item
    gone = item is None or item.availability == DISCONTINUED
    price = None
    if item is not None and item.currency == currency:
        price = item.price if item.sale_price is None else item.sale_price
    here = None if line.stock.here is None else line.stock.here.quantity
    hindrance: Hindrance | None = None
    sellable = line.quantity if here is None else max(0, min(line.quantity, here))
    if gone:
        hindrance, sellable = "discontinued", 0
    elif not price:
        hindrance, sellable = "no_price", 0
    elif sellable < line.quantity:
        hindrance = "no_stock"
    return HandoffLine(
        line_id=line.line_id,
        sku=line.sku,
        title=line.title,
        quantity=line.quantity,
        price_when_added=line.unit_price,
        price=price or None,
        here=here,
        sellable=sellable,
        hindrance=hindrance,
        options={} if item is None else item.options,
    )


def lines_for_till(cart: Cart) -> tuple[HandoffLine, ...]:
    """Every line of a cart; what several lines want of one article is there once."""
    left: dict[str, int] = {}
    lines = []
    for line in (line_for_till(line, cart.currency) for line in cart.lines):
        told = line
        if line.here is not None and line.sellable:
            can = max(0, min(line.sellable, left.get(line.sku, line.here)))
            left[line.sku] = left.get(line.sku, line.here) - can
            if can < line.sellable:
                told = _with(line, can)
        lines.append(told)
    return tuple(lines)


def _with(line: HandoffLine, sellable: int) -> HandoffLine:
    fields = {name: getattr(line, name) for name in line.__struct_fields__}
    return HandoffLine(**fields | {"sellable": sellable, "hindrance": "no_stock"})


def sold_of(lines: tuple[HandoffLine, ...]) -> tuple[SoldLine, ...]:
    """What was sold, once a till says that it was: all that can be."""
    return tuple(
        SoldLine(line_id=line.line_id, sku=line.sku, quantity=line.sellable) for line in lines if line.sellable
    )


def total_of(lines: tuple[HandoffLine, ...]) -> int:
    """The sum of what can be sold, at today's prices."""
    return sum(line.sellable * (line.price or 0) for line in lines)
