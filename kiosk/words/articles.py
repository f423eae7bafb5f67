"""What is said of an article, wherever one is shown: its options, and in words where it is. Pure."""

from datetime import datetime, timedelta
from typing import NamedTuple

from kiosk.words import Words
from server.wire.catalog import Item, Stock

NEARBY_SHOWN = 2
DISCONTINUED = "discontinued"


class Availability(NamedTuple):
    """Where an article is, in words: a chip's, its tone, and what stands beside it."""

    here: str
    tone: str
    elsewhere: str


def availability(stock: Stock, quantity: int, t: Words, now: datetime) -> Availability:
    """Say in words where an article is, and how old that is; nothing where nobody counted."""
    nearby = stock.nearby[:NEARBY_SHOWN]
    elsewhere = [t("{n} in {store}", n=t.number(s.quantity), store=s.name) for s in nearby]
    times = [s.as_of for s in (stock.here, *nearby) if s is not None]
    age = [age_words(min(times), t, now)] if times else []
    if stock.here is not None and stock.here.quantity <= 0:
        elsewhere = elsewhere or [t("not in another store either")]
    return Availability(*here_words(stock, quantity, t), " · ".join(elsewhere + age))


def here_words(stock: Stock, quantity: int, t: Words) -> tuple[str, str]:
    """What is here, and a tone: whether that is enough."""
    if stock.here is None:
        return "", "plain"
    if stock.here.quantity <= 0:
        return t("None here"), "warn"
    tone = "good" if stock.here.quantity >= quantity else "warn"
    here = t("Only 1 left here") if stock.here.quantity == 1 else t("{n} here", n=t.number(stock.here.quantity))
    return here, tone


def age_words(as_of: str, t: Words, now: datetime) -> str:
    """When something was true, as near as it matters: the hour of today, yesterday, a day, its year too if not this."""
    today = now.astimezone(t.time_zone).date()
    day = datetime.fromisoformat(as_of).astimezone(t.time_zone).date()
    if day >= today:
        return t("as of {time}", time=t.clock(as_of))
    if day == today - timedelta(days=1):
        return t("as of yesterday")
    return t("as of {day}", day=t.date(as_of) if day.year == today.year else t.day(as_of))


def is_sold(item: Item | None) -> bool:
    """Whether an article can still be bought: the catalogue has it, and not for old orders alone."""
    return item is not None and item.availability != DISCONTINUED


def price_of(item: Item) -> int:
    """What an article costs today, in minor units; a sale price of nothing is one."""
    return item.price if item.sale_price is None else item.sale_price


def was_words(item: Item, t: Words) -> str:
    """What an article on sale costs otherwise."""
    return "" if item.sale_price is None else t("{price} before", price=t.money(item.price, item.currency))


def options_of(item: Item | None) -> str:
    """Size and colour, as the catalogue says them."""
    return " · ".join(item.options.values()) if item else ""
