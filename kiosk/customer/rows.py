"""What the customer screen says, row by row. Pure."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from kiosk.customer.state import CustomerState, current_cart, here_of
from kiosk.words import Words
from server.wire.carts import Cart, CartLine
from server.wire.catalog import Item, Stock
from server.wire.customers import CustomerContext
from server.wire.orders import Order

Row = dict[str, Any]
NEARBY_SHOWN = 2


class Availability(NamedTuple):
    """Where an article is, in words: a chip's, its tone, and what stands beside it."""

    here: str
    tone: str
    elsewhere: str


def availability(stock: Stock, quantity: int, t: Words) -> Availability:
    """Say in words where an article is; nothing where nobody counted."""
    elsewhere = " · ".join(
        t("{n} in {store}", n=t.number(s.quantity), store=s.name) for s in stock.nearby[:NEARBY_SHOWN]
    )
    if stock.here is None:
        return Availability("", "plain", elsewhere)
    if stock.here.quantity <= 0:
        return Availability(t("None here"), "warn", elsewhere or t("not in another store either"))
    tone = "good" if stock.here.quantity >= quantity else "warn"
    if stock.here.quantity == 1:
        return Availability(t("Only 1 left here"), tone, elsewhere)
    return Availability(t("{n} here", n=t.number(stock.here.quantity)), tone, elsewhere)


def options_of(item: Item | None) -> str:
    """Size and colour, as the catalogue says them."""
    return " · ".join(item.options.values()) if item else ""


def cart_rows(carts: Iterable[Cart], t: Words) -> list[Row]:
    """A row for each line; a heading before each cart where there are several."""
    carts = [cart for cart in carts if cart.lines]
    rows: list[Row] = []
    for cart in carts:
        if len(carts) > 1:
            rows.append({"kind": "RowHeading", "text": t("Cart of {source}", source=cart.source)})
        rows.extend(_cart_row(line, cart.currency, t) for line in cart.lines)
    return rows


def _cart_row(line: CartLine, currency: str, t: Words) -> Row:
    where = availability(line.stock, line.quantity, t)
    price, added = _price_now(line, currency), line.unit_price
    return {
        "kind": "ArticleRow",
        "picture": (line.item and line.item.picture) or "",
        "title": line.title,
        "options": options_of(line.item) or (t("No longer in the catalogue") if line.item is None else ""),
        "quantity": f"{line.quantity} ×" if line.quantity != 1 else "",
        "here": where.here,
        "tone": where.tone,
        "elsewhere": where.elsewhere,
        "price": t.money(price * line.quantity, currency),
        "was": t("{price} when added", price=t.money(added * line.quantity, currency)) if price != added else "",
    }


def _price_now(line: CartLine, currency: str) -> int:
    """What one piece costs today; where the catalogue does not say that in the cart's currency, what it did before."""
    if line.item is None or line.item.currency != currency:
        return line.unit_price
    return line.item.sale_price or line.item.price


def wish_rows(context: CustomerContext, t: Words) -> list[Row]:
    """A row for each wish; a heading before each list where there are several."""
    wishlists = [wishlist for wishlist in context.wishlists if wishlist.items]
    rows: list[Row] = []
    for wishlist in wishlists:
        if len(wishlists) > 1:
            rows.append({"kind": "RowHeading", "text": wishlist.name})
        for wish in wishlist.items:
            rows.append(
                _article_row(wish.sku, wish.item, wish.stock, t("wished on {day}", day=t.day(wish.added_at)), t)
            )
    return rows


def _article_row(sku: str, item: Item | None, stock: Stock, note: str, t: Words) -> Row:
    where = availability(stock, 1, t)
    price, was = "", ""
    if item is not None:
        price = t.money(item.sale_price or item.price, item.currency)
        was = t("{price} before", price=t.money(item.price, item.currency)) if item.sale_price else note
    return {
        "kind": "ArticleRow",
        "picture": (item and item.picture) or "",
        "title": item.title if item else sku,
        "options": options_of(item) or (t("No longer in the catalogue") if item is None else ""),
        "quantity": "",
        "here": where.here,
        "tone": where.tone,
        "elsewhere": where.elsewhere,
        "price": price,
        "was": was or note,
    }


_STATUS_TONES = {
    "cancelled": "bad",
    "returned": "warn",
    "ready_for_pickup": "brand",
    "delivered": "good",
    "fulfilled": "good",
}


def status_words(status: str, t: Words) -> str:
    """An order's status as an associate says it."""
    return {
        "placed": t("placed"),
        "paid": t("paid"),
        "fulfilled": t("done"),
        "ready_for_pickup": t("ready for pick-up"),
        "delivered": t("delivered"),
        "cancelled": t("cancelled"),
        "returned": t("returned"),
    }.get(status, status)


def order_rows(state: CustomerState, t: Words) -> list[Row]:
    """A heading for each order and a row for each of its lines; at the end the way to older ones."""
    rows: list[Row] = []
    for order in state.orders:
        rows.append(
            {
                "kind": "OrderHeading",
                "number": order.number,
                "day": t.day(order.placed_at),
                "channel": t("Online") if order.channel == "online" else t.store(order.store or "") or t("In store"),
                "icon": "web" if order.channel == "online" else "store-outline",
                "status": status_words(order.status, t),
                "tone": _STATUS_TONES.get(order.status, "plain"),
                "total": t.money(order.total, order.currency),
            }
        )
        rows.extend(_order_line_rows(order, t))
    if state.orders_before is not None:
        rows.append({"kind": "MoreRow", "text": t("Loading…") if state.orders_loading else t("Show older orders")})
    return rows


def _order_line_rows(order: Order, t: Words) -> list[Row]:
    return [
        {
            "kind": "OrderLineRow",
            "picture": (line.item and line.item.picture) or "",
            "title": line.title,
            "options": " · ".join(
                part
                for part in (
                    options_of(line.item),
                    t.plural("{n} returned", "{n} returned", line.returned_quantity) if line.returned_quantity else "",
                )
                if part
            ),
            "quantity": f"{line.quantity} ×" if line.quantity != 1 else "",
            "price": t.money(line.unit_price * line.quantity - line.discount, order.currency),
        }
        for line in order.lines
    ]


def story_rows(state: CustomerState, t: Words) -> list[Row]:
    """One line of time over all channels, the latest first: looked at, wished for, put in the cart, bought, written."""
    context = state.context
    if context is None:
        return []
    told: list[tuple[str, str, str, str]] = [
        (
            view.viewed_at,
            "eye-outline",
            t("Looked at {article}", article=view.item.title if view.item else view.sku),
            t("Online"),
        )
        for view in context.views
    ]
    for cart in context.carts:
        if cart.lines:
            text = t.plural(
                "{n} piece waits in the cart", "{n} pieces wait in the cart", sum(x.quantity for x in cart.lines)
            )
            told.append((cart.updated_at, "cart-outline", text, t("Online")))
    for wishlist in context.wishlists:
        for wish in wishlist.items:
            article = wish.item.title if wish.item else wish.sku
            told.append((wish.added_at, "heart-outline", t("Wished for {article}", article=article), t("Online")))
    for order in state.orders:
        where = t("Online") if order.channel == "online" else t.store(order.store or "") or t("In store")
        bought = ", ".join(line.title for line in order.lines)
        told.append((order.placed_at, "receipt-text-outline", t("Bought {articles}", articles=bought), where))
        if any(line.returned_quantity for line in order.lines) or order.status == "returned":
            told.append(
                (order.placed_at, "undo-variant", t("Returned something of order {number}", number=order.number), where)
            )
    for note in context.notes:
        told.append((note.written_at, "note-text-outline", t("A note was written"), note.author or ""))
    # Of what happened at the same time, what is told of later here did: an order's return after the order.
    told.reverse()
    told.sort(key=lambda happening: happening[0], reverse=True)
    return [
        {"kind": "StoryRow", "icon": icon, "text": text, "when": t.day(at), "where": where}
        for at, icon, text, where in told
    ]


def rows_of(state: CustomerState, t: Words) -> list[Row]:
    """The rows of the tab that is shown."""
    context = state.context
    if context is None:
        return []
    match state.tab:
        case "cart":
            return cart_rows(context.carts, t)
        case "wishes":
            return wish_rows(context, t)
        case "orders":
            return order_rows(state, t)
        case "story":
            return story_rows(state, t)


class Facts(NamedTuple):
    """What stands beside the tabs: who this is, and what may be done with them now."""

    about: str
    tier: str
    points: str
    sizes: tuple[str, ...]
    consents: tuple[tuple[str, str, str], ...]
    note: str
    note_by: str
    last_seen: str
    birthday: str
    suggestion: str
    contact: str
    likes: str


def facts_of(context: CustomerContext, t: Words, now: datetime) -> Facts:
    """The person in words."""
    person = context.person
    since = min((c.at for c in person.consents), default=None)
    note = context.notes[0] if context.notes else None
    sizes = context.preferences.sizes or {k: v for k, v in person.attributes.items() if k.startswith("size")}
    consents = tuple(
        (
            _consent_icon(consent.channel, granted=consent.granted),
            t("{channel}: yes", channel=_channel(consent.channel, t))
            if consent.granted
            else t("{channel}: no", channel=_channel(consent.channel, t)),
            "good" if consent.granted else "plain",
        )
        for consent in person.consents
    )
    seen = t.ago(person.last_seen_at, now) if person.last_seen_at else ""
    return Facts(
        about=" · ".join(
            part
            for part in (
                t("Customer since {year}", year=since.year) if since else "",
                _language(person.locale, t),
                person.city or "",
            )
            if part
        ),
        tier=person.loyalty.tier if person.loyalty else "",
        points=t.plural("{n} point", "{n} points", person.loyalty.points) if person.loyalty else "",
        sizes=tuple(f"{value} {_size(kind, t)}" for kind, value in sizes.items()),
        consents=consents,
        note=note.text if note else "",
        note_by=" · ".join(part for part in (t("Note"), note.author or "", t.day(note.written_at)) if part)
        if note
        else "",
        last_seen=t(
            "Last bought {ago}", ago=" · ".join(part for part in (seen, t.store(person.last_store or "")) if part)
        )
        if seen
        else "",
        birthday=_birthday(person.birth_date, t, now),
        suggestion=t("May be the same person as {name}", name=context.suggestions[0].name)
        if context.suggestions
        else "",
        contact="   ".join(contact.value for contact in (*person.phones[:1], *person.emails[:1])),
        likes=", ".join(context.preferences.likes),
    )


def here_words(context: CustomerContext, t: Words) -> tuple[str, str]:
    """How much of the cart is in this store: large words, and a sentence under them."""
    here, lines = here_of(current_cart(context.carts))
    if not lines:
        return "", ""
    return t("{here} of {lines}", here=here, lines=lines), t("articles of the cart are here to try on now.")


def cart_total(context: CustomerContext, t: Words, now: datetime) -> tuple[str, str]:
    """The sum of the current cart, at the prices that its rows show, and when it was last changed."""
    cart = current_cart(context.carts)
    if cart is None:
        return "", ""
    total = sum(_price_now(line, cart.currency) * line.quantity for line in cart.lines)
    return t.money(total, cart.currency), t("Total · changed online {ago}", ago=t.ago(cart.updated_at, now))


def _consent_icon(channel: str, *, granted: bool) -> str:
    return {"email": "email-outline"}.get(channel, "message-text-outline") if granted else "cancel"


def _channel(channel: str, t: Words) -> str:
    return {"email": t("E-mail"), "sms": "SMS", "phone": t("Phone"), "whatsapp": "WhatsApp", "post": t("Post")}.get(
        channel, channel
    )


def _size(kind: str, t: Words) -> str:
    return {"tops": t("tops"), "bottoms": t("bottoms"), "shoes": t("shoes")}.get(kind.removeprefix("size_"), kind)


def _language(locale: str | None, t: Words) -> str:
    return t.language_name(locale) if locale else ""


def _birthday(birth_date: str | None, t: Words, now: datetime) -> str:
    """A birthday today or within a week is worth a word."""
    if not birth_date:
        return ""
    born, today = date.fromisoformat(birth_date), now.astimezone(t.time_zone).date()
    for ahead in range(8):
        day = today + timedelta(days=ahead)
        if day == _birthday_in(day.year, born):
            return t("Birthday today") if ahead == 0 else t.plural("Birthday in {n} day", "Birthday in {n} days", ahead)
    return ""


def _birthday_in(year: int, born: date) -> date:
    """Somebody's birthday in a year; who was born on 29 February has it a day earlier where there is none."""
    try:
        return born.replace(year=year)
    except ValueError:
        return date(year, 2, 28)
