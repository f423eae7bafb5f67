"""What is said of an article, wherever one is shown: its options, and in words where it is. Pure."""

from typing import NamedTuple

from kiosk.words import Words
from server.wire.catalog import Item, Stock

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


def price_of(item: Item) -> int:
    """What an article costs today, in minor units; a sale price of nothing is one."""
    return item.price if item.sale_price is None else item.sale_price


def was_words(item: Item, t: Words) -> str:
    """What an article on sale costs otherwise."""
    return "" if item.sale_price is None else t("{price} before", price=t.money(item.price, item.currency))


def options_of(item: Item | None) -> str:
    """Size and colour, as the catalogue says them."""
    return " · ".join(item.options.values()) if item else ""
