"""Keeping carts as their shops show them, and changing them here."""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from operator import attrgetter
from typing import NamedTuple

import msgspec
from msgspec import UNSET

from server.access.callers import Caller
from server.carts import queries, rules
from server.carts.queries import SQL, Held
from server.carts.rules import Article, Change, Lines, Sold
from server.catalog import queries as catalog
from server.db.engine import Connection
from server.events import actions as events
from server.orders.queries import NOBODY
from server.statements.queries import ALWAYS, forget_snapshots
from server.wire.base import timestamp
from server.wire.carts import Cart, JoinCarts, LineQuantity, NewCartLine
from server.wire.catalog import Item
from server.wire.events import CartChanged, CartLineChanged, RecordRemoved
from server.wire.problems import ProblemError
from server.wire.records import CartRecord

_encode = msgspec.json.Encoder().encode


class Place(NamedTuple):
    """Where a cart lies."""

    customer_id: int | None
    id: int


def put_cart(
    conn: Connection, record: CartRecord, before: Place | None, customer_id: int | None, now: datetime
) -> Place:
    """Take a snapshot of a cart: what it changed since the one before is changed here; returns where the cart lies.

    What was stated before the cart was sold here does not open it.
    """
    owner = _owner(customer_id)
    seen_version = None if record.seen_version is UNSET else record.seen_version
    values = {
        "customer_id": owner,
        "source": record.source,
        "external_id": record.external_id,
        "status": record.status,
        "currency": record.currency,
        "updated_at": timestamp(record.updated_at),
        "seen_version": seen_version,
    }
    held = None if before is None else queries.held(conn, _owner(before.customer_id), before.id)
    # A cart that was here before, and let go, goes on after what its shop knows of it.
    version = max(held.version if held else 0, seen_version or 0) + 1
    if before is None or held is None:
        lines = rules.begun(record.lines, seen_version)
        added = conn.one(SQL.add, **values, next_line=lines.next_number, version=version)
        assert added is not None
        cart_id: int = added[0]
    else:
        cart_id = before.id
        was_sold = held.converted_at is not None and timestamp(record.updated_at) <= held.converted_at
        if was_sold and record.status == "open":
            values["status"] = "converted"
        lines = rules.taken(held.lines, record.lines, seen_version, is_open=values["status"] == "open")
        remove_cart(conn, before)
        conn.run(
            SQL.put,
            **values,
            id=cart_id,
            next_line=lines.next_number,
            version=version,
            edited_at=held.edited_at,
            till_until=held.till_until,
            converted_at=held.converted_at if was_sold else None,
        )
    _add_lines(conn, owner, cart_id, lines)
    if before is not None and before.customer_id not in (None, customer_id):
        # Whoever it was of is told of it no more, and may be looking at it.
        events.record(conn, RecordRemoved(kind="cart", id=before.id), now, customer_id=before.customer_id)
    events.record(conn, CartChanged(cart_id=cart_id), now, customer_id=customer_id)
    return Place(customer_id, cart_id)


def convert_cart(conn: Connection, place: Place, now: datetime) -> None:
    """A sale of what was in a cart is confirmed; only what the shop says of it from now on opens it again."""
    owner = _owner(place.customer_id)
    if conn.run(SQL.convert, customer_id=owner, id=place.id, at=timestamp(now)):
        conn.run(SQL.settle_lines, customer_id=owner, cart_id=place.id)
        events.record(conn, CartChanged(cart_id=place.id), now, customer_id=place.customer_id)


def hold_cart(conn: Connection, place: Place, until: datetime | None) -> None:
    """A till has a cart until then, and nobody changes it here meanwhile; None: no till has it any more."""
    at = None if until is None else timestamp(until)
    conn.run(SQL.hold, customer_id=_owner(place.customer_id), id=place.id, until=at)


def take_sold(conn: Connection, place: Place, sold: Sequence[Sold], now: datetime) -> bool:
    """Take out of a cart what was sold of it; False, with no line changed, where nothing is left, or it is closed."""
    cart = queries.held(conn, _owner(place.customer_id), place.id)
    if cart is None or cart.status != "open":
        return False
    lines, changes = rules.without(cart.lines, sold, cart.version + 1)
    if not any(line.quantity for line in lines.lines):
        return False
    _write(conn, cart, lines, changes, now)
    return True


def remove_cart(conn: Connection, place: Place) -> None:
    """Take a cart and its lines away."""
    owner = _owner(place.customer_id)
    conn.run(SQL.clear_lines, customer_id=owner, cart_id=place.id)
    conn.run(SQL.remove, customer_id=owner, id=place.id)


def drop_carts(conn: Connection, customer_id: int) -> None:
    """Take everything away that a customer had in carts."""
    forget_snapshots(conn, "cart", queries.keys_until(conn, customer_id, ALWAYS))
    conn.run(SQL.drop_lines, customer_id=customer_id)
    conn.run(SQL.drop, customer_id=customer_id)


def touch_cart(conn: Connection, place: Place, updated_at: str, *, is_open: bool) -> bool:
    """The shop showed the same cart again, later; False where that opens it, as it was sold before."""
    opens_at = updated_at if is_open else ""
    customer_id = _owner(place.customer_id)
    return bool(conn.run(SQL.touch, customer_id=customer_id, id=place.id, updated_at=updated_at, opens_at=opens_at))


def add_line(conn: Connection, caller: Caller, place: Place, wanted: NewCartLine, now: datetime) -> Cart:
    """Put an article into a cart, at its price of now.

    Raises:
        ProblemError: there is no such article, or the cart is closed, a till's, or in another currency.
    """
    cart = _open(conn, place, now)
    article = _article(_item(conn, wanted.sku), cart)
    lines, line = rules.with_more(cart.lines, article, wanted.quantity, cart.version + 1)
    _write(conn, cart, lines, [Change(line, cart.version + 1)], now)
    return queries.shown(conn, cart.customer_id, cart.id, caller.store)


def set_line(conn: Connection, caller: Caller, place: Place, number: int, wanted: LineQuantity, now: datetime) -> Cart:
    """Change how many of a line are in a cart, none takes it out, or put another variant of its product in its place.

    What somebody else changed meanwhile counts too.

    Raises:
        ProblemError: there is no such line or variant, or the cart is closed or a till's.
    """
    cart = _open(conn, place, now)
    line = next((line for line in cart.lines.lines if line.number == number), None)
    if line is None:
        raise ProblemError("unknown_line", "This line is no longer known. Put its article in anew by its SKU.")
    version, base, quantity = cart.version + 1, wanted.base_quantity, wanted.quantity
    if wanted.sku is None or wanted.sku == line.sku:
        found = rules.with_quantity(cart.lines, number, base, quantity, version)
        assert found is not None
        _write(conn, cart, found[0], [Change(found[1], version)], now)
    else:
        article = _article(_sibling(conn, line.sku, wanted.sku), cart)
        swapped = rules.with_other(cart.lines, number, base, quantity, article, version)
        assert swapped is not None
        _write(conn, cart, *swapped, now)
    return queries.shown(conn, cart.customer_id, cart.id, caller.store)


def join_carts(
    conn: Connection, caller: Caller, customer_ids: Collection[int], wanted: JoinCarts, now: datetime
) -> Cart:
    """Put all that is in one cart into another, and show that; the first stays, empty, until its shop lets it go.

    Args:
        conn: of the transaction.
        caller: who does it.
        customer_ids: of the person whose carts they must be.
        wanted: which carts.
        now: when.

    Raises:
        ProblemError: they are not two open carts of this person in one currency, or a till has one of them.
    """
    if wanted.source == wanted.target:
        raise ProblemError("invalid_field", "A cart cannot be joined to itself: name another.", path="$.source")
    places = [Place(queries.owner(conn, id_), id_) for id_ in (wanted.source, wanted.target)]
    if not {place.customer_id for place in places} <= set(customer_ids):
        raise queries.unknown_cart()
    source, target = (_open(conn, place, now) for place in places)
    if source.currency != target.currency:
        raise ProblemError(
            "other_currency", f"One cart is in {source.currency}, the other in {target.currency}: they stay two."
        )
    left, filled = source.lines, target.lines
    emptied: list[Change] = []
    articles: dict[str, Article] = {}
    pieces = Counter[str]()
    for n, line in enumerate((line for line in source.lines.lines if line.quantity), 1):
        articles.setdefault(line.sku, Article(line.sku, line.title, line.unit_price))
        pieces[line.sku] += line.quantity
        taken = rules.with_quantity(left, line.number, line.quantity, 0, source.version + n)
        assert taken is not None
        left, gone = taken
        emptied.append(Change(gone, source.version + n))
    grown: list[Change] = []
    for version, article in enumerate(articles.values(), target.version + 1):
        filled, more = rules.with_more(filled, article, min(pieces[article.sku], rules.LARGEST), version)
        grown.append(Change(more, version))
    _write(conn, source, left, emptied, now)
    _write(conn, target, filled, grown, now)
    return queries.shown(conn, target.customer_id, target.id, caller.store)


def _item(conn: Connection, sku: str) -> Item:
    # No database keeps a NUL: an engine that is asked for one takes the question for a mistake.
    item = None if "\0" in sku else catalog.items(conn, [sku]).get(sku)
    if item is None:
        raise ProblemError("unknown_product", "No article has this SKU. Scan its code, or look for it by name.")
    return item


def _sibling(conn: Connection, sku: str, other: str) -> Item:
    """Another variant of the product that an article is of."""
    item, known = _item(conn, other), catalog.items(conn, [sku]).get(sku)
    if known is None or item.product_id != known.product_id:
        raise ProblemError("other_product", "This is another product. Put it in by its SKU, and take this line out.")
    return item


def _article(item: Item, cart: Held) -> Article:
    """An article at its price of now, for a cart of its currency."""
    if item.currency != cart.currency:
        raise ProblemError(
            "other_currency",
            f"The cart is in {cart.currency}, the article in {item.currency}. Put it into a cart of that currency.",
        )
    return Article(item.sku, item.title, item.price if item.sale_price is None else item.sale_price)


def _open(conn: Connection, place: Place, now: datetime) -> Held:
    cart = queries.held(conn, _owner(place.customer_id), place.id)
    assert cart is not None
    if cart.status != "open":
        raise ProblemError(
            "cart_closed", "The shop closed this cart: it was bought or given up. Open the customer again."
        )
    if cart.till_until is not None and timestamp(now) < cart.till_until:
        raise ProblemError(
            "handoff_taken",
            "A till has this cart just now. Changes wait until it gives the cart back, or has sold what it can.",
        )
    return cart


def _write(conn: Connection, cart: Held, lines: Lines, changes: Iterable[Change], now: datetime) -> None:
    """Keep a cart's lines as they are now, and have its shop told of those that were changed."""
    before = {line.number: line.quantity for line in cart.lines.lines}
    changes = [change for change in changes if change.line.quantity != before.get(change.line.number, 0)]
    if not changes:
        return
    conn.run(
        SQL.edit,
        customer_id=cart.customer_id,
        id=cart.id,
        version=max(change.version for change in changes),
        next_line=lines.next_number,
        edited_at=timestamp(now),
    )
    conn.run(SQL.clear_lines, customer_id=cart.customer_id, cart_id=cart.id)
    _add_lines(conn, cart.customer_id, cart.id, lines)
    for line, version in sorted(changes, key=attrgetter("version")):
        event = CartLineChanged(
            cart_id=cart.id,
            source=cart.source,
            version=version,
            line=line.number,
            line_id=line.line_id,
            sku=line.sku,
            base_quantity=before.get(line.number, 0),
            quantity=line.quantity,
            unit_price=line.unit_price,
            currency=cart.currency,
        )
        events.record(conn, event, now, customer_id=cart.customer_id or None)


def _add_lines(conn: Connection, owner: int, cart_id: int, lines: Lines) -> None:
    conn.run_many(
        SQL.add_line,
        [
            {
                "customer_id": owner,
                "cart_id": cart_id,
                "position": position,
                "line": line.number,
                "line_id": line.line_id,
                "sku": line.sku,
                "title": line.title,
                "quantity": line.quantity,
                "unit_price": line.unit_price,
                "shop_quantity": line.shop_quantity,
                "edits": _encode(line.edits).decode() if line.edits else None,
            }
            for position, line in enumerate(lines.lines)
        ],
    )


def _owner(customer_id: int | None) -> int:
    return NOBODY if customer_id is None else customer_id
