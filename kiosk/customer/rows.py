"""What the customer screen says of carts, wishes, orders and visits, row by row; and of what was done. Pure."""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from kiosk.cart.state import NEW
from kiosk.customer.facts import waiting_words
from kiosk.customer.state import CustomerState, Fresh, PutIn, cart_for, current_cart, here_of, pieces_of, several
from kiosk.words import Words
from kiosk.words.articles import availability, options_of, price_of, was_words
from kiosk.words.sources import cart_words
from server.wire.carts import Cart, CartLine
from server.wire.catalog import Item, Stock
from server.wire.customers import CustomerContext
from server.wire.orders import Order

Row = dict[str, Any]
MANY = 1000


def cart_rows(
    carts: Iterable[Cart],
    t: Words,
    now: datetime,
    fresh: Collection[Fresh] = (),
    glow: int = 0,
    put: PutIn | None = None,
) -> list[Row]:
    """A row for each line; a heading before each cart where there are several, with the way into the first of them.

    Args:
        carts: as they are shown.
        t: words.
        now: the time.
        fresh: what changed last by another hand.
        glow: the number of that change.
        put: what was put in last here, which its row says.
    """
    carts = [cart for cart in carts if cart.lines]
    rows: list[Row] = []
    for cart, heading in zip(carts, cart_words((cart.source for cart in carts), t), strict=True):
        if len(carts) > 1:
            first = carts[0]
            joins = cart is not first and cart.currency == first.currency and cart.version > 0 < first.version
            rows.append(
                {
                    "kind": "RowHeading",
                    "text": heading,
                    "join": t("Join to the first") if joins else "",
                    "source": cart.id,
                    "target": first.id,
                }
            )
        for line in cart.lines:
            glows = glow if ("line", cart.id, line.line) in fresh else 0
            wanted = put if put and (put.cart_id, put.sku) == (cart.id, line.sku) else None
            rows.append(_cart_row(line, cart, t, now) | {"glow": glows, "put": wanted})
    return rows


def _cart_row(line: CartLine, cart: Cart, t: Words, now: datetime) -> Row:
    where = availability(line.stock, line.quantity, t, now)
    price, added = _price_now(line, cart.currency), line.unit_price
    return {
        "kind": "CartRow",
        "sku": line.sku if line.item else "",
        "picture": (line.item and line.item.picture) or "",
        "title": line.title,
        "options": options_of(line.item) or (t("No longer in the catalogue") if line.item is None else ""),
        "pending": t("Not in the shop yet") if line.pending else "",
        "here": where.here,
        "tone": where.tone,
        "elsewhere": where.elsewhere,
        "price": t.money(price * line.quantity, cart.currency),
        "was": t("{price} when added", price=t.money(added * line.quantity, cart.currency)) if price != added else "",
        "count": line.quantity,
        "cart_id": cart.id,
        "line": line.line,
        "steps": line.line != NEW and cart.version > 0,
    }


def _price_now(line: CartLine, currency: str) -> int:
    """What one piece costs today; where the catalogue does not say that in the cart's currency, what it did before."""
    if line.item is None or line.item.currency != currency:
        return line.unit_price
    return price_of(line.item)


def wish_rows(state: CustomerState, t: Words, now: datetime) -> list[Row]:
    """A row for each wish; a heading before each list where there are several."""
    context = state.context
    wishlists = [wishlist for wishlist in context.wishlists if wishlist.items] if context else []
    rows: list[Row] = []
    for wishlist in wishlists:
        if len(wishlists) > 1:
            rows.append({"kind": "RowHeading", "text": wishlist.name, "join": "", "source": 0, "target": 0})
        for wish in wishlist.items:
            note = t("wished on {day}", day=t.day(wish.added_at))
            cart = cart_for(state, wish.item)
            row = _article_row(wish.sku, wish.item, wish.stock, note, t, now)
            row["add"] = t("Add to cart") if cart else ""
            row["in_cart"] = _in_cart(cart, wish.sku, t)
            row["wishlist_id"] = wishlist.id
            row["glow"] = state.glow if ("wish", wishlist.id, wish.sku) in state.fresh else 0
            rows.append(row)
    return rows


def _in_cart(cart: Cart | None, sku: str, t: Words) -> str:
    """How many of an article are in the cart that it could be put into."""
    pieces = sum(line.quantity for line in cart.lines if line.sku == sku) if cart else 0
    return t.plural("{n} in the cart", "{n} in the cart", pieces) if pieces else ""


def _article_row(sku: str, item: Item | None, stock: Stock, note: str, t: Words, now: datetime) -> Row:
    where = availability(stock, 1, t, now)
    price, was = "", ""
    if item is not None:
        price, was = t.money(price_of(item), item.currency), was_words(item, t)
    about = options_of(item) or (t("No longer in the catalogue") if item is None else "")
    return {
        "kind": "ArticleRow",
        "sku": sku if item else "",
        "picture": (item and item.picture) or "",
        "title": item.title if item else sku,
        "options": " · ".join(part for part in (about, note) if part),
        "here": where.here,
        "tone": where.tone,
        "elsewhere": where.elsewhere,
        "price": price,
        "was": was,
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
                "glow": state.glow if ("order", order.id, "") in state.fresh else 0,
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
            text = waiting_words(pieces_of((cart,)), t)
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


def rows_of(state: CustomerState, t: Words, now: datetime) -> list[Row]:
    """The rows of the tab that is shown."""
    context = state.context
    if context is None:
        return []
    match state.tab:
        case "cart":
            return cart_rows(context.carts, t, now, state.fresh, state.glow, state.put)
        case "wishes":
            return wish_rows(state, t, now)
        case "orders":
            return order_rows(state, t)
        case "story":
            return story_rows(state, t)


def count_words(n: int, t: Words) -> str:
    """How many a tab holds, short enough to stand on it; nothing where there is none."""
    return "" if not n else t.number(n) if n < MANY else f"{MANY - 1}+"


def trouble_words(phase: str, t: Words) -> tuple[str, str, str]:
    """What is said where nobody can be shown: an icon, what happened, and what to do now."""
    return {
        "unreachable": (
            "wifi-off",
            t("The server does not answer"),
            t("Check the network of the store, then try again."),
        ),
        "unknown_card": (
            "account-question-outline",
            t("Nobody has this card"),
            t("Look for the customer by name, e-mail or phone."),
        ),
        "bank_card": (
            "credit-card-off-outline",
            t("That was a bank card"),
            t("Nothing of it was kept. Ask for the loyalty card, or look for the name."),
        ),
        "mistyped_card": (
            "alert-circle-outline",
            t("The card was not read well"),
            t("Scan it once more, or type its number."),
        ),
        "gone": (
            "account-question-outline",
            t("This customer is no longer known"),
            t("Nothing of them is kept on this tablet. Search again, or scan a card."),
        ),
        "unknown_code": (
            "help-circle-outline",
            t("This code is not known"),
            t("It is no card, article or order of this shop."),
        ),
    }.get(phase, ("", "", ""))


def here_words(context: CustomerContext, t: Words) -> tuple[str, str]:
    """How much of the cart is in this store: large words, and a sentence under them."""
    here, pieces = here_of(current_cart(context.carts))
    if not pieces:
        return "", ""
    under = t("of the first cart, to try on now") if several(context.carts) else t("of the cart, to try on now")
    return t("{here} of {all}", here=t.number(here), all=t.number(pieces)), under


def cart_total(context: CustomerContext, t: Words, now: datetime) -> tuple[str, str]:
    """The sum of the current cart, at the prices that its rows show, and when it was last changed."""
    cart = current_cart(context.carts)
    if cart is None:
        return "", ""
    total = sum(_price_now(line, cart.currency) * line.quantity for line in cart.lines)
    ago = t.ago(cart.updated_at, now)
    if several(context.carts):
        return t.money(total, cart.currency), t("Total of the first cart · changed {ago}", ago=ago)
    return t.money(total, cart.currency), t("Total · changed online {ago}", ago=ago)


def notice_words(state: CustomerState, t: Words) -> tuple[str, str, str, str]:
    """What a band under the cart says: an icon, a tone, what happened, and a button. Empty where nothing did."""
    if state.trouble:
        reason = {
            "unknown_line": t("This line is no longer in the cart."),
            "unknown_cart": t("This cart is no longer there."),
            "cart_closed": t("The shop closed this cart: it was bought or given up."),
            "handoff_taken": t("A till has this cart just now."),
            "unknown_product": t("The catalogue does not have this article any more."),
            "other_currency": t("The cart is in another currency than the article."),
        }.get(state.trouble, t("The server did not take it."))
        words = t("Nothing was changed. {reason} The cart is shown as it is.", reason=reason)
        return "alert-circle-outline", "warn", words, t("All right")
    if state.undo is not None:
        return (
            "trash-can-outline",
            "plain",
            t("{article} was taken out.", article=state.undo.seen.title),
            t("Undo"),
        )
    return "", "plain", "", ""


def hand_over_words(state: CustomerState, t: Words) -> str:
    """What the button at the right thumb says; nothing where there is no cart that could go to a till of this store."""
    context = state.context
    if context is None or context.store is None or state.tab != "cart" or current_cart(context.carts) is None:
        return ""
    return t("Hand over cart")


def join_words(state: CustomerState, t: Words) -> tuple[str, str]:
    """What is asked before two carts are joined: the question, and what comes of it."""
    context = state.context
    if context is None or state.joining is None:
        return "", ""
    carts = [cart for cart in context.carts if cart.lines]
    names = dict(zip((cart.id for cart in carts), cart_words((cart.source for cart in carts), t), strict=True))
    source, target = (names.get(number, "") for number in state.joining)
    pieces = pieces_of(cart for cart in carts if cart.id == state.joining[0])
    moved = t.plural("{n} piece moves into “{target}”.", "{n} pieces move into “{target}”.", pieces, target=target)
    return t("Join the two carts?"), t("{moved} “{source}” is empty then.", moved=moved, source=source)
