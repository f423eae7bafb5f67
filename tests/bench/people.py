"""The records of a chain, made up from a seed: the same numbers in, the same bytes out.

What is skewed in a real chain is skewed here: names (Zipf-Mandelbrot over ranked lists, and a long tail of rare ones),
towns, what sells, and how many orders a customer has: none, a few, hundreds, and one account that the tills use for
whoever gives no name, with a sixtieth of all orders (50,000 of 3,000,000).

`python -m tests.bench.people --customers 1000 --orders 3000` writes them, a record a line.
"""

import argparse
import sys
import unicodedata
from array import array
from bisect import bisect
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import accumulate, chain
from random import Random
from typing import Any, NamedTuple

import msgspec

from tests.bench import names

SEED = 20_261_121

WEB = "shopify:tienda"
TILLS = "pos:tpv"
ERP = "erp:central"

WALK_IN = 0
"""Index of the customer that is nobody in particular."""
WALK_IN_EVERY = 60
"""Of so many orders one is the walk-in account's."""
WITHOUT_ORDERS = 0.35
ORDERS_TAIL = 1.25
"""Exponent of the power law of orders per customer, for those who have any: the mean is about four."""
MOST_ORDERS = 1_000
WITH_CARD = 0.8
ORDERS_BY_CARD = 0.375
"""Of the orders of those who have a card so many are placed in a store: three in ten of all."""
WITH_CART, WITH_WISH_LIST, WITH_VIEWS = 0.10, 0.08, 0.05
ENGLISH = 0.2
RARE_FAMILY_NAME = 0.045

STORES = (
    *("MAD01", "MAD02", "MAD03", "BCN01", "BCN02", "VLC01", "SVQ01", "ZAZ01", "AGP01", "MJV01"),
    *("PMI01", "BIO01", "ALC01", "VGO01", "GRX01", "LCG01", "LON01", "LON02", "MAN01", "EDI01"),
)
VARIANTS = 5_000
VARIANTS_OF_PRODUCT = 10
STOCKED = 0.4
"""Of all pairs of a store and a variant so many have a statement of stock."""

OPENED = datetime(2022, 1, 1, tzinfo=UTC)
DAYS = 1_096
"""Orders of the filled database are spread evenly over so many days; new ones come in the weeks after them."""

_json = msgspec.json.Encoder()
Dict = dict[str, Any]


class Chain(NamedTuple):
    """How large the chain is. `customers` counts the walk-in account."""

    customers: int
    orders: int
    seed: int = SEED

    @property
    def walk_in_orders(self) -> int:
        """How many of the orders are the walk-in account's."""
        return self.orders // WALK_IN_EVERY


class Ranked:
    """A ranked list from which the first is drawn most often: weight 1 / (rank + flatness), Zipf-Mandelbrot."""

    def __init__(self, values: Sequence[str], flatness: float) -> None:
        self._values = values
        self._up_to = list(accumulate(1 / (rank + flatness) for rank in range(1, len(values) + 1)))
        self._all = self._up_to[-1]

    def at(self, share: float) -> str:
        """The value at a share of the weight, in [0, 1)."""
        return self._values[bisect(self._up_to, share * self._all)]


_GIVEN_ES = Ranked([name.replace("-", " ") for name in names.GIVEN_ES], 4)
_GIVEN_EN = Ranked(names.GIVEN_EN, 6)
_FAMILY_ES = Ranked([name.replace("-", " ") for name in names.FAMILY_ES], 5)
_FAMILY_EN = Ranked(names.FAMILY_EN, 8)
_CITY_ES = Ranked(names.CITIES_ES, 1)
_CITY_EN = Ranked(names.CITIES_EN, 1)
_LINES_OF_ORDER = (0.45, 0.72, 0.87, 0.95)
"""Shares of orders with at most one, two, three and four lines; the rest have five."""


def fill(chain_: Chain) -> Iterator[bytes]:
    """All records of a chain, one line each without its line feed, in an order in which a chain would send them."""
    records = chain(
        stores(),
        products(),
        stock(chain_),
        customers(chain_),
        orders(chain_),
        carts(chain_),
        wish_lists(chain_),
        views(chain_),
    )
    return map(_json.encode, records)


def expected(chain_: Chain) -> int:
    """About how many records `fill` gives, for a progress bar."""
    shares = WITH_CART + WITH_WISH_LIST + 2 * WITH_VIEWS
    return round(
        len(STORES) * (1 + VARIANTS * STOCKED)
        + VARIANTS / VARIANTS_OF_PRODUCT
        + chain_.customers * (1 + shares)
        + chain_.orders
    )


# --- stores and articles


def stores() -> Iterator[Dict]:
    """The twenty stores."""
    for number, code in enumerate(STORES):
        english = number >= 16
        yield {
            "type": "store",
            "code": code,
            "updated_at": OPENED,
            "name": f"{'Shop' if english else 'Tienda'} {code}",
            "city": names.CITIES_EN[number - 16] if english else names.CITIES_ES[number],
            "time_zone": "Europe/London" if english else "Europe/Madrid",
            "country": "GB" if english else "ES",
            "latitude": 36.5 + number,
            "longitude": -3.5 + number / 10,
        }


_COLOURS = ("azul", "negro", "crudo", "verde", "teja")
_SIZES = ("XS", "S", "M", "L", "XL")


def products() -> Iterator[Dict]:
    """500 products of ten variants: two colours in five sizes."""
    for product in range(VARIANTS // VARIANTS_OF_PRODUCT):
        first = product * VARIANTS_OF_PRODUCT
        yield {
            "type": "product",
            "source": ERP,
            "external_id": f"P{product:04}",
            "updated_at": OPENED,
            "title": title(first),
            "brand": ("Castellana", "Rambla", "Turia")[product % 3],
            "category": names.ARTICLES[product % len(names.ARTICLES)],
            "variants": [
                {
                    "sku": sku(variant),
                    "gtin": with_check_digit(f"84{variant:010}"),
                    "options": {
                        "color": _COLOURS[(product + variant % 10 // 5) % 5],
                        "talla": _SIZES[variant % 5],
                    },
                    "price": price(variant),
                    "currency": "EUR",
                    "availability": "in_stock",
                }
                for variant in range(first, first + VARIANTS_OF_PRODUCT)
            ],
        }


def stock(chain_: Chain) -> Iterator[Dict]:
    """What stores have of articles: mostly few pieces."""
    draw = Random(f"{chain_.seed}/stock").random
    for store in STORES:
        for variant in range(VARIANTS):
            if draw() < STOCKED:
                yield {
                    "type": "stock",
                    "source": ERP,
                    "sku": sku(variant),
                    "store": store,
                    "quantity": int(12 * draw() ** 2),
                    "updated_at": OPENED + timedelta(days=DAYS + 1),
                }


def sku(variant: int) -> str:
    """What a variant is called."""
    return f"P{variant // VARIANTS_OF_PRODUCT:04}-{variant % VARIANTS_OF_PRODUCT}"


def price(variant: int) -> int:
    """What a variant costs, in cents."""
    return 995 + variant // VARIANTS_OF_PRODUCT * 6_007 % 180 * 100


@cache
def title(variant: int) -> str:
    """What is written on its label."""
    style, article = divmod(variant // VARIANTS_OF_PRODUCT, len(names.ARTICLES))
    return f"{names.ARTICLES[article]} {names.STYLES[style % len(names.STYLES)]}"


def _variant_sold(share: float) -> int:
    """The best seller is sold some seventy times as often as an average article."""
    return int(VARIANTS * share * share) * 1_237 % VARIANTS


# --- customers


def customers(chain_: Chain) -> Iterator[Dict]:
    """The walk-in account, then everybody who has a name."""
    yield {
        "type": "customer",
        "source": TILLS,
        "external_id": "walk-in",
        "updated_at": OPENED,
        "given_name": "Cliente",
        "family_name": "Mostrador",
        "cards": [card(chain_, WALK_IN)],
    }
    draw = Random(f"{chain_.seed}/customers").random
    for index in range(1, chain_.customers):
        yield _customer(chain_, index, draw)


def _customer(chain_: Chain, index: int, draw: Callable[[], float]) -> Dict:
    english = draw() < ENGLISH
    given, family = _english_name(draw) if english else _spanish_name(draw)
    number = card(chain_, index)
    record: Dict = {
        "type": "customer",
        "source": WEB,
        "external_id": external_id(index),
        "updated_at": OPENED + timedelta(seconds=int(draw() * DAYS * 86_400)),
        "given_name": given,
        "family_name": family,
        "city": (_CITY_EN if english else _CITY_ES).at(draw()),
        "locale": "en-GB" if english else "es-ES",
    }
    style = draw()
    if style < 0.03:
        # Old tills write in capitals and know no accents.
        record["given_name"], record["family_name"] = _plain(given).upper(), _plain(family).upper()
    if draw() < 0.75:
        email = _email(given, family, index, style)
        record["emails"] = [{"value": email, "verified": True} if draw() < 0.2 else email]
    if draw() < 0.6:
        # Families share a telephone.
        record["phones"] = [phone(index - 1 if draw() < 0.03 else index, english=english)]
    if number is not None:
        record["cards"] = [number]
        if draw() < 0.7:
            record["loyalty"] = {
                "tier": ("Bronce", "Bronce", "Plata", "Oro")[int(draw() * 4)],
                "points": int(5_000 * draw() ** 3),
            }
    if draw() < 0.5:
        record["birth_date"] = f"{1935 + int(70 * draw())}-{1 + int(12 * draw()):02}-{1 + int(28 * draw()):02}"
    return record


def _spanish_name(draw: Callable[[], float]) -> tuple[str, str]:
    """A given name, one in six of two parts, and two family names."""
    given = _GIVEN_ES.at(draw())
    if draw() < 0.16 and " " not in given:
        second = _GIVEN_ES.at(draw())
        given = given if second == given else f"{given} {second}"
    return given, f"{_family(_FAMILY_ES, draw)} {_family(_FAMILY_ES, draw)}"


def _english_name(draw: Callable[[], float]) -> tuple[str, str]:
    """A given and a family name, one in twenty of two parts."""
    given, family = _GIVEN_EN.at(draw()), _family(_FAMILY_EN, draw)
    return given, f"{family}-{_family(_FAMILY_EN, draw)}" if draw() < 0.05 else family


def _family(common: Ranked, draw: Callable[[], float]) -> str:
    if draw() >= RARE_FAMILY_NAME:
        return common.at(draw())
    return rare_family_name(draw())


def rare_family_name(share: float) -> str:
    """One of some 56,000 names put together from syllables, some of them less rare than others."""
    starts, middles, ends = names.RARE_STARTS, names.RARE_MIDDLES, names.RARE_ENDS
    every = len(starts) * len(middles) * len(ends)
    # A step through all of them that puts names with different beginnings side by side.
    rest, end = divmod(int(every * share**1.5) * 20_011 % every, len(ends))
    start, middle = divmod(rest, len(middles))
    return starts[start] + middles[middle] + ends[end]


def _email(given: str, family: str, index: int, style: float) -> str:
    first = _plain(given).partition(" ")[0].lower()
    last = "".join(c for c in _plain(family).partition(" ")[0].lower() if c.isalnum())
    number = index % 9_973
    host = ("correo", "mail", "post", "buzon")[index % 4]
    local = (
        f"{first}.{last}{number}"
        if style < 0.5
        else f"{first[0]}{last}{number}"
        if style < 0.8
        else f"{last}.{first}{number}"
    )
    return f"{local}@{host}.example"


@cache
def _plain(text: str) -> str:
    """Without accents."""
    return "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))


def external_id(index: int) -> str:
    """What the web shop calls a customer."""
    return str(7_000_000_000 + index)


def card(chain_: Chain, index: int) -> str | None:
    """A customer's loyalty card, if they have one: 29, ten digits that follow from the index, a check digit."""
    if index != WALK_IN and _mixed(chain_.seed, index) >= WITH_CARD:
        return None
    return with_check_digit(f"29{(index * 6_180_339_887 + 1_234_567_891) % 10**10:010}")


def phone(index: int, *, english: bool) -> str:
    """A mobile number in E.164."""
    digits = (index * 61_803_399 + 12_345_678) % 10**8
    return f"+447{digits:08}0" if english else f"+346{digits:08}"


def with_check_digit(digits: str) -> str:
    """Twelve digits and the thirteenth that EAN-13 asks for (GS1 General Specifications, 7.9)."""
    total = sum(map(int, digits[::2])) + 3 * sum(map(int, digits[1::2]))
    return digits + str(-total % 10)


def _mixed(seed: int, index: int) -> float:
    """A number in [0, 1) that follows from both and looks like chance (the finisher of splitmix64)."""
    n = (seed * 0x9E3779B97F4A7C15 + index * 0xD1B54A32D192ED03) & 0xFFFFFFFFFFFFFFFF
    n = ((n ^ (n >> 30)) * 0xBF58476D1CE4E5B9) & 0xFFFFFFFFFFFFFFFF
    n = ((n ^ (n >> 27)) * 0x94D049BB133111EB) & 0xFFFFFFFFFFFFFFFF
    return (n ^ (n >> 31)) / 2**64


# --- orders


def orders(chain_: Chain) -> Iterator[Dict]:
    """The orders of the filled database, in the order in which they were placed."""
    draw = Random(f"{chain_.seed}/orders").random
    for number, owner in enumerate(owners(chain_)):
        yield _order(chain_, number, owner, draw)


def new_orders(chain_: Chain, count: int) -> Iterator[Dict]:
    """Orders that come after those of the filled database, by the same customers: who bought much buys much."""
    rng = Random(f"{chain_.seed}/new orders")
    known = [owner for owner in owners(chain_) if owner != WALK_IN]
    for number in range(chain_.orders, chain_.orders + count):
        owner = WALK_IN if number % WALK_IN_EVERY == WALK_IN_EVERY - 1 else known[int(rng.random() * len(known))]
        yield _order(chain_, number, owner, rng.random)


def owners(chain_: Chain) -> "array[int]":
    """Whose each order is: an index of a customer for each, in no order but that of time."""
    rng = Random(f"{chain_.seed}/owners")
    named = array("I")
    for index in range(1, chain_.customers):
        share = (rng.random() - WITHOUT_ORDERS) / (1 - WITHOUT_ORDERS)
        if share >= 0:
            count = min(int((1 - share) ** (-1 / ORDERS_TAIL)), MOST_ORDERS)
            named.extend([index] * count)
    rng.shuffle(named)
    wanted = chain_.orders - chain_.walk_in_orders
    # Where that were too few, the rest goes to those who have some: the more they have, the likelier.
    stated = len(named)
    named.extend(named[int(rng.random() * stated)] for _ in range(wanted - stated))
    given = iter(named[:wanted])
    return array(
        "I", (WALK_IN if n % WALK_IN_EVERY == WALK_IN_EVERY - 1 else next(given) for n in range(chain_.orders))
    )


def _order(chain_: Chain, number: int, owner: int, draw: Callable[[], float]) -> Dict:
    placed_at = OPENED + timedelta(seconds=number * DAYS * 86_400 // max(chain_.orders, 1))
    lines = [_line(draw) for _ in range(1 + bisect(_LINES_OF_ORDER, draw()))]
    order: Dict = {
        "type": "order",
        "updated_at": placed_at + timedelta(hours=int(draw() * 96)),
        "placed_at": placed_at,
        "currency": "EUR",
        "total": sum(line["quantity"] * line["unit_price"] - line.get("discount", 0) for line in lines),
        "lines": lines,
    }
    number_of_card = card(chain_, owner)
    if owner != WALK_IN and (number_of_card is None or draw() >= ORDERS_BY_CARD):
        return order | {
            "source": WEB,
            "external_id": str(5_000_000_000 + number),
            "number": f"#{1_000_000 + number}",
            "channel": "online",
            "status": "delivered" if draw() < 0.93 else "returned",
            "customer": {"external_id": external_id(owner)},
        }
    # People have a store that is theirs, and sometimes go to another.
    store = STORES[(owner if owner != WALK_IN and draw() < 0.85 else int(draw() * len(STORES))) % len(STORES)]
    ticket = f"{store}-{number:08}"
    return order | {
        "source": TILLS,
        "external_id": ticket,
        "number": ticket,
        "channel": "store",
        "store": store,
        "status": "fulfilled",
        "customer": {"external_id": "walk-in"} if owner == WALK_IN else {"card": number_of_card},
    }


def _line(draw: Callable[[], float]) -> Dict:
    variant = _variant_sold(draw())
    line: Dict = {
        "sku": sku(variant),
        "title": title(variant),
        "quantity": 1 if draw() < 0.9 else 2,
        "unit_price": price(variant),
    }
    if draw() < 0.1:
        line["discount"] = price(variant) // 5
    return line


# --- what is not bought yet


def carts(chain_: Chain) -> Iterator[Dict]:
    """An open cart of one to four lines for one customer in ten."""
    rng = Random(f"{chain_.seed}/carts")
    draw = rng.random
    for index in _some(chain_, WITH_CART, rng):
        lines = [_line(draw) for _ in range(1 + int(4 * draw()))]
        for line in lines:
            line.pop("discount", None)
        yield {
            "type": "cart",
            "source": WEB,
            "external_id": f"c{index:09}",
            "updated_at": _lately(draw),
            "status": "open",
            "currency": "EUR",
            "customer": {"external_id": external_id(index)},
            "lines": lines,
        }


def wish_lists(chain_: Chain) -> Iterator[Dict]:
    """A wish list of one to six articles for one customer in twelve."""
    rng = Random(f"{chain_.seed}/wish lists")
    draw = rng.random
    for index in _some(chain_, WITH_WISH_LIST, rng):
        updated_at = _lately(draw)
        yield {
            "type": "wishlist",
            "source": WEB,
            "external_id": f"w{index:09}",
            "updated_at": updated_at,
            "customer": {"external_id": external_id(index)},
            "name": "Favoritos",
            "items": [
                {"sku": sku(_variant_sold(draw())), "added_at": updated_at - timedelta(days=int(90 * draw()))}
                for _ in range(1 + int(6 * draw()))
            ],
        }


def views(chain_: Chain) -> Iterator[Dict]:
    """One to three articles that one customer in twenty looked at lately."""
    rng = Random(f"{chain_.seed}/views")
    draw = rng.random
    for index in _some(chain_, WITH_VIEWS, rng):
        for _ in range(1 + int(3 * draw())):
            yield {
                "type": "view",
                "source": WEB,
                "customer": {"external_id": external_id(index)},
                "sku": sku(_variant_sold(draw())),
                "viewed_at": _lately(draw),
            }


def _some(chain_: Chain, share: float, rng: Random) -> list[int]:
    return [index for index in range(1, chain_.customers) if rng.random() < share]


def _lately(draw: Callable[[], float]) -> datetime:
    return OPENED + timedelta(days=DAYS - 30, seconds=int(draw() * 30 * 86_400))


def main() -> None:
    """Write a chain's records, or only orders that come after them, to standard output."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--customers", type=int, required=True)
    parser.add_argument("--orders", type=int, required=True)
    parser.add_argument("--new-orders", type=int, metavar="N", help="only N orders that come after those")
    asked = parser.parse_args()
    chain_ = Chain(asked.customers, asked.orders)
    lines = fill(chain_) if asked.new_orders is None else map(_json.encode, new_orders(chain_, asked.new_orders))
    out = sys.stdout.buffer
    for line in lines:
        out.write(line)
        out.write(b"\n")


if __name__ == "__main__":
    main()
