"""What the cart's screen says, row by row. Pure."""

from datetime import datetime
from typing import Any, NamedTuple

from kiosk.resume.state import (
    Note,
    ResumeState,
    Sheet,
    current,
    filled_carts,
    is_held,
    must_choose,
    others_of,
    variant_of,
    wishes_of,
)
from kiosk.words import Words
from kiosk.words.articles import age_words, is_sold, options_of, price_of
from kiosk.words.sources import cart_words
from server.wire.carts import Cart, CartLine
from server.wire.catalog import Item, Stock

Row = dict[str, Any]
NEARBY_SHOWN = 2
TITLES_SHOWN = 3


def page_of(state: ResumeState) -> str:
    """Which page of the screen is the one to be seen."""
    if state.phase != "shown":
        return "loading" if state.phase in {"nobody", "loading"} else "trouble"
    if state.sheet.kind:
        return state.sheet.kind
    if must_choose(state):
        return "carts"
    cart = current(state)
    return "cart" if cart is not None and (cart.lines or _removed_here(state, cart)) else "empty"


def _removed_here(state: ResumeState, cart: Cart) -> bool:
    return any(one.cart == cart.id for one in state.removed)


def hello_words(state: ResumeState, t: Words) -> str:
    """The first words."""
    return t("Hello, {name}", name=state.first_name) if state.first_name else t("Hello")


def left_when(state: ResumeState, t: Words, now: datetime) -> str:
    """How old the cart is, as somebody says it who remembers."""
    cart = current(state)
    if cart is None or not cart.lines:
        return ""
    today = now.astimezone(t.time_zone).date()
    left = datetime.fromisoformat(cart.updated_at).astimezone(t.time_zone).date()
    if left == today:
        return t("Your cart, as you left it at {time}.", time=t.clock(cart.updated_at))
    return t("Your cart, as you left it on {day}.", day=t.day(cart.updated_at))


def line_rows(state: ResumeState, t: Words, now: datetime) -> list[Row]:
    """A card for each line, a slim one where a line was taken out, and then what else can be put in."""
    cart = current(state)
    if cart is None:
        return []
    rows = [_line_row(state, cart, line, t, now) for line in cart.lines]
    for gone in state.removed:
        if gone.cart == cart.id:
            rows.insert(
                min(gone.place, len(rows)),
                {
                    "kind": "GoneRow",
                    "sku": gone.line.sku,
                    "title": t("{article}: taken out", article=gone.line.title),
                    "undo": t("Put it back"),
                },
            )
    wishes = wishes_of(state)
    if wishes:
        said = t.plural("{n} thing waits on your wish list", "{n} things wait on your wish list", wishes)
        rows.append({"kind": "WayRow", "icon": "heart-outline", "title": said, "does": t("Look"), "way": "wishes"})
    others = others_of(state)
    if others:
        pieces = sum(line.quantity for other in others for line in other.lines)
        said = t.plural("{n} thing is in another cart of yours", "{n} things are in another cart of yours", pieces)
        rows.append({"kind": "WayRow", "icon": "cart-outline", "title": said, "does": t("Look"), "way": "carts"})
    return rows


def _line_row(state: ResumeState, cart: Cart, line: CartLine, t: Words, now: datetime) -> Row:
    where, tone, age = where_words(line.stock, line.quantity, t, now)
    if not is_sold(line.item):
        where, tone, age = t("No longer sold"), "warn", ""
    price, added = price_now(line, cart.currency), line.unit_price
    return {
        "kind": "LineCard",
        "line": line.line,
        "held": is_held(state, line.line),
        "picture": (line.item and line.item.picture) or "",
        "title": line.title,
        "options": options_of(line.item) if is_sold(line.item) else "",
        "quantity": line.quantity,
        "where": where,
        "tone": tone,
        "age": age,
        "price": t.money(price * line.quantity, cart.currency),
        "was": t("{price} when added", price=t.money(added * line.quantity, cart.currency)) if price != added else "",
        "cheaper": price < added,
        "pending": t("On its way to the online shop") if line.pending else "",
        "glow": state.glow if line.sku in state.glowing else 0,
        "own": state.note.kind == "added",
    }


def where_words(stock: Stock, quantity: int, t: Words, now: datetime) -> tuple[str, str, str]:
    """Where an article is, in words, with a tone; and how old that is. Nothing where nobody counted."""
    nearby = [one for one in stock.nearby if one.quantity > 0][:NEARBY_SHOWN]
    near = ", ".join(t("{n} in {store}", n=t.number(one.quantity), store=one.name) for one in nearby)
    times = [one.as_of for one in (stock.here, *nearby) if one is not None]
    age = age_words(min(times), t, now) if times else ""
    if stock.here is None:
        return near, "plain", age
    if stock.here.quantity <= 0:
        return t("Not here · {near}", near=near) if near else t("Not here, nor near here"), "warn", age
    here = t("{n} in this store", n=t.number(stock.here.quantity))
    if stock.here.quantity < quantity:
        return f"{here}, {near}" if near else here, "warn", age
    return here, "good", age


def price_now(line: CartLine, currency: str) -> int:
    """What one piece costs today; where nobody says so in the cart's currency, what it did when it was put in."""
    if line.item is None or line.item.currency != currency:
        return line.unit_price
    return price_of(line.item)


class Sum(NamedTuple):
    """What stands under the lines."""

    pieces: str
    total: str
    pending: str


def sum_of(state: ResumeState, t: Words) -> Sum:
    """How many pieces, what they cost today, and whether the online shop knows of all of it."""
    cart = current(state)
    if cart is None:
        return Sum("", "", "")
    pieces = sum(line.quantity for line in cart.lines)
    total = sum(price_now(line, cart.currency) * line.quantity for line in cart.lines)
    waits = max(cart.pending, sum(line.pending for line in cart.lines))
    pending = ""
    if not state.reached:
        pending = t("No network just now. What you change is kept and sent.")
    elif waits:
        pending = t.plural(
            "{n} change is on its way to the online shop", "{n} changes are on their way to the online shop", waits
        )
    return Sum(
        t.plural("{n} article", "{n} articles", pieces) if pieces else t("No articles"),
        t.money(total, cart.currency),
        pending,
    )


def note_words(note: Note, t: Words) -> tuple[str, str, str]:
    """What the screen says: an icon, words and a tone; where there is no news, how something is added."""
    title = note.title
    return {
        "added": ("check-circle-outline", t("{article} is in your cart", article=title), "good"),
        "no_product": (
            "barcode-off",
            t("That is no article of this shop. Hold the label of one to the reader."),
            "warn",
        ),
        "bank_card": ("credit-card-off-outline", t("That was a bank card. Nothing of it was kept."), "warn"),
        "no_cart": ("cart-off", t("There is no cart to put it in. Begin one in the online shop."), "warn"),
        "choose_first": ("cart-outline", t("First choose a cart."), "warn"),
        "other_currency": (
            "cash-remove",
            t("{article} is sold in another currency than this cart", article=title),
            "warn",
        ),
        "unreachable": ("wifi-off", t("No network just now. Hold the label to the reader again."), "warn"),
        "gone_elsewhere": (
            "cart-minus",
            t("{article} was taken out elsewhere just now", article=title)
            if title
            else t("Your cart changed elsewhere"),
            "plain",
        ),
        "closed": ("cart-check", t("This cart was bought or closed elsewhere"), "plain"),
        "at_till": ("cash-register", t("A till has this cart just now. Your cart is as you see it."), "warn"),
        "not_possible": ("alert-circle-outline", t("That could not be done. Your cart is as you see it."), "warn"),
        "joined": ("cart-plus", t("Everything is in one cart now"), "good"),
        "released": ("cart-arrow-down", t("The till gave your cart back. You can go on."), "plain"),
        "run_out": ("timer-off-outline", t("The code ran out of time. Take the cart to the till again."), "plain"),
    }.get(note.kind, ("barcode-scan", t("Hold any label to the reader to add it"), "brand"))


class CartCard(NamedTuple):
    """One of several carts."""

    cart: int
    name: str
    about: str
    titles: str
    total: str


def cart_cards(state: ResumeState, t: Words, now: datetime) -> list[CartCard]:
    """What can be chosen from."""
    carts = filled_carts(state)
    names = cart_words((cart.source for cart in carts), t)
    return [
        CartCard(
            cart.id,
            name,
            " · ".join(
                (
                    t.plural("{n} article", "{n} articles", sum(line.quantity for line in cart.lines)),
                    t.ago(max(cart.updated_at, cart.edited_at or ""), now),
                )
            ),
            _titles(cart, t),
            t.money(sum(price_now(line, cart.currency) * line.quantity for line in cart.lines), cart.currency),
        )
        for cart, name in zip(carts, names, strict=True)
    ]


def _titles(cart: Cart, t: Words) -> str:
    titles = ", ".join(line.title for line in cart.lines[:TITLES_SHOWN])
    more = len(cart.lines) - TITLES_SHOWN
    return t("{articles} and {n} more", articles=titles, n=t.number(more)) if more > 0 else titles


def can_join(state: ResumeState) -> bool:
    """Whether all carts can be one: they must be in one currency."""
    return len({cart.currency for cart in filled_carts(state)}) == 1


class Choice(NamedTuple):
    """A value of an option that can be touched.

    Attributes:
        name: of the option.
        value: what it would be.
        picked: it is the one.
        there: any store has that, with what else is picked, or nobody counted.
        here: this one has.
    """

    name: str
    value: str
    picked: bool
    there: bool
    here: bool


class OptionRow(NamedTuple):
    """An option and what it can be."""

    name: str
    choices: tuple[Choice, ...]


def option_rows(sheet: Sheet, t: Words) -> list[OptionRow]:
    """What a product can be, each option with its values in the catalogue's order."""
    if sheet.product is None:
        return []
    picked = dict(sheet.picked)
    options: dict[str, dict[str, None]] = {}
    for variant in sheet.product.variants:
        for name, value in variant.item.options.items():
            options.setdefault(name, {})[value] = None
    return [
        OptionRow(
            option_name(name, t),
            tuple(
                Choice(name, value, picked.get(name) == value, *_is_there(sheet, picked | {name: value}))
                for value in values
            ),
        )
        for name, values in options.items()
    ]


def _is_there(sheet: Sheet, options: dict[str, str]) -> tuple[bool, bool]:
    """Whether any store has a variant with all these options, and whether this one has."""
    variants = sheet.product.variants if sheet.product else ()
    stock = next((variant.stock for variant in variants if variant.item.options == options), None)
    if stock is None:
        return False, False
    here = stock.here is None or stock.here.quantity > 0
    return here or any(one.quantity > 0 for one in stock.nearby), here


def option_name(name: str, t: Words) -> str:
    """What an option is called."""
    return {"size": t("Size"), "color": t("Colour"), "colour": t("Colour"), "material": t("Material")}.get(
        name.lower(), name
    )


class Picked(NamedTuple):
    """What is picked, in words."""

    picture: str
    title: str
    options: str
    price: str
    where: str
    tone: str
    age: str
    can: bool


def picked_of(state: ResumeState, t: Words, now: datetime) -> Picked:
    """The variant that is picked on a sheet; what can be had without it while that is not known."""
    sheet, cart = state.sheet, current(state)
    line = next((one for one in cart.lines if one.line == sheet.line), None) if cart else None
    variant = variant_of(sheet)
    if variant is None:
        return Picked(
            (line and line.item and line.item.picture) or "", line.title if line else "", "", "", "", "plain", "", False
        )
    item = variant.item
    where, tone, age = where_words(variant.stock, line.quantity if line else 1, t, now)
    return Picked(
        item.picture or "",
        item.title,
        options_of(item),
        t.money(price_of(item), item.currency),
        where,
        tone,
        age,
        line is not None and line.sku != item.sku,
    )


def wish_rows(state: ResumeState, t: Words, now: datetime) -> list[Row]:
    """A card for each wish; what is in the cart already says so, and what is not sold any more cannot be put in."""
    cart = current(state)
    there = {line.sku for line in cart.lines} if cart else set()
    rows: list[Row] = []
    wishlists = [wishes for wishes in state.wishlists if any(is_sold(wish.item) for wish in wishes.items)]
    for wishes in wishlists:
        if len(wishlists) > 1:
            rows.append({"kind": "HeadRow", "title": wishes.name})
        rows.extend(
            _wish_row(wish.item, wish.stock, wish.sku in there, t, now)
            for wish in wishes.items
            if wish.item and is_sold(wish.item)
        )
    return rows


def _wish_row(item: Item, stock: Stock, there: bool, t: Words, now: datetime) -> Row:
    where, tone, age = where_words(stock, 1, t, now)
    return {
        "kind": "WishCard",
        "sku": item.sku,
        "picture": item.picture or "",
        "title": item.title,
        "options": options_of(item),
        "where": where,
        "tone": tone,
        "age": age,
        "price": t.money(price_of(item), item.currency),
        "add": t("One more") if there else t("Add"),
        "there": t("In your cart") if there else "",
    }
