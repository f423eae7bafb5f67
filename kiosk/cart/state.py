"""What carts look like with changes that the server is yet to answer. Pure.

What the server said and what was done here are kept apart: carts are shown as it said them with each change on top. So
a change is seen at once, a no takes it away again whole, and what somebody else changed meanwhile is not lost.
"""

from collections.abc import Iterable

import msgspec

from server.wire.base import Wire
from server.wire.carts import Cart, CartLine

LARGEST = 10**9
"""Pieces of a line, as the server has it."""
NEW = 0
"""The number of a line that the server is yet to give one."""


class Edit(Wire):
    """Another quantity of a line.

    Attributes:
        key: names it to the server; a repeat under the same key counts once.
        customer_id: whose cart it is.
        seen: the line as it was, or shall be where it is new; `line` of a new one is `NEW`.
        place: of the line in its cart.
        base: the quantity that somebody saw.
        quantity: the one that they want; 0 takes the line out.
    """

    key: str
    customer_id: int
    cart_id: int
    seen: CartLine
    place: int
    base: int
    quantity: int


class Join(Wire):
    """All that is in one cart goes into another of the same customer."""

    key: str
    customer_id: int
    source: int
    target: int


Change = Edit | Join


def merged(base: int, current: int, wanted: int) -> int:
    """What the server makes of a quantity that both saw as `base`: somebody made it `current`, here it is `wanted`."""
    if current in (base, wanted):
        return wanted
    if wanted == base:
        return current
    least = 0 if 0 in (current, wanted) else 1
    return min(max(current + wanted - base, least), LARGEST)


def with_changes(told: tuple[Cart, ...], changes: Iterable[Change]) -> tuple[Cart, ...]:
    """Carts as the server told them, with changes on top."""
    carts = told
    for change in changes:
        carts = _joined(carts, change) if isinstance(change, Join) else _edited(carts, change)
    return carts


def with_answer(told: tuple[Cart, ...], change: Change, answer: Cart) -> tuple[Cart, ...]:
    """What the server told, with its answer to a change; one that is older than what is known by now is not news."""
    carts = tuple(answer if cart.id == answer.id and cart.version <= answer.version else cart for cart in told)
    if isinstance(change, Join):
        # It answers with the cart that was filled; that the other is empty by then is what was asked for.
        return tuple(_emptied(cart) if cart.id == change.source else cart for cart in carts)
    return carts


def with_news(told: tuple[Cart, ...], news: tuple[Cart, ...]) -> tuple[Cart, ...]:
    """Carts as they were read anew; a reading that began before an answer came is older than that.

    They stay in the order they were in: none changes its place under somebody's finger. New ones come first.
    """
    known = {cart.id: cart for cart in told}
    read = {cart.id: cart for cart in news}
    first = tuple(cart for cart in news if cart.id not in known)
    return first + tuple(
        cart if cart.version > read[cart.id].version else read[cart.id] for cart in told if cart.id in read
    )


def line_of(carts: Iterable[Cart], cart_id: int, number: int) -> tuple[CartLine, int] | None:
    """A line and its place in its cart."""
    for cart in carts:
        if cart.id == cart_id:
            for place, line in enumerate(cart.lines):
                if line.line == number:
                    return line, place
    return None


def moved(before: tuple[Cart, ...], after: tuple[Cart, ...]) -> frozenset[tuple[int, int]]:
    """Which lines, by the numbers of cart and line, are new or say something else in a later moment.

    That the shop has by now what was changed here is no news to whoever changed it.
    """
    known = {cart.id: cart for cart in before}
    found: set[tuple[int, int]] = set()
    for cart in after:
        held = known.get(cart.id)
        lines = {} if held is None else {line.line: line for line in held.lines}
        expected = [] if held is None else [(line.sku, line.quantity) for line in held.lines if line.line == NEW]
        for line in cart.lines:
            was = lines.get(line.line)
            if was is None and (line.sku, line.quantity) in expected:
                continue
            if was is None or _said(was) != _said(line):
                found.add((cart.id, line.line))
    return frozenset(found)


def _said(line: CartLine) -> tuple[object, ...]:
    item = line.item
    price = None if item is None else (item.price, item.sale_price)
    return line.sku, line.title, line.quantity, line.unit_price, price


def _edited(carts: tuple[Cart, ...], edit: Edit) -> tuple[Cart, ...]:
    return tuple(_with_edit(cart, edit) if cart.id == edit.cart_id else cart for cart in carts)


def _with_edit(cart: Cart, edit: Edit) -> Cart:
    at = _place_of(cart, edit)
    if at is None:
        quantity = merged(edit.base, 0, edit.quantity)
        if not quantity:
            return cart
        line = _changed(edit.seen, quantity)
        return _with_lines(cart, (*cart.lines[: edit.place], line, *cart.lines[edit.place :]))
    line = cart.lines[at]
    quantity = merged(edit.base, line.quantity, edit.quantity)
    now = (_changed(line, quantity),) if quantity else ()
    return _with_lines(cart, (*cart.lines[:at], *now, *cart.lines[at + 1 :]))


def _place_of(cart: Cart, edit: Edit) -> int | None:
    """Where the line is that an edit is about: by its number, or by its article where one of them has none so far."""
    seen = edit.seen
    for place, line in enumerate(cart.lines):
        if line.line == seen.line != NEW or (line.sku == seen.sku and NEW in (line.line, seen.line)):
            return place
    return None


def _changed(line: CartLine, quantity: int) -> CartLine:
    return msgspec.structs.replace(line, quantity=quantity, pending=quantity != line.shop_quantity)


def _joined(carts: tuple[Cart, ...], join: Join) -> tuple[Cart, ...]:
    named = {cart.id: cart for cart in carts}
    source, target = named.get(join.source), named.get(join.target)
    if source is None or target is None:
        return carts
    for line in source.lines:
        at = next((place for place, other in enumerate(target.lines) if other.sku == line.sku), None)
        if at is None:
            grown = (*target.lines, msgspec.structs.replace(line, line=NEW, pending=True, shop_quantity=0))
        else:
            more = _changed(target.lines[at], min(target.lines[at].quantity + line.quantity, LARGEST))
            grown = (*target.lines[:at], more, *target.lines[at + 1 :])
        target = _with_lines(target, grown)
    now = {source.id: _with_lines(source, ()), target.id: target}
    return tuple(now.get(cart.id, cart) for cart in carts)


def _emptied(cart: Cart) -> Cart:
    return msgspec.structs.replace(_with_lines(cart, ()), version=cart.version + 1) if cart.lines else cart


def _with_lines(cart: Cart, lines: tuple[CartLine, ...]) -> Cart:
    total = sum(line.unit_price * line.quantity for line in lines)
    return msgspec.structs.replace(cart, lines=lines, total=total)
