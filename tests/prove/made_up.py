"""Records of all types, made up from a seed: changed, deleted, redacted, and shuffled, so that much of it collides."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import msgspec

SOURCES = ("shopify:tienda", "pos:tpv", "erp:central")
STORES = ("MAD01", "BCN01", "VLC01", "SVQ01", "BIO01", "LON01")
CITIES = ("Madrid", "Barcelona", "València", "Sevilla", "Bilbao", "London", None)
SYLLABLES = (
    ("Al", "Be", "Ca", "Du", "É", "Fer", "Gar", "Iñ", "Lu", "Mar", "Nú", "O'B", "Pe", "Ro", "San", "Zoë"),
    ("a", "ela", "i", "in", "o", "on", "u", "ura", "é", "ñi"),
    ("bal", "ca", "cía", "dez", "go", "lo", "na", "ra", "rri", "tín", "ver", "za"),
)
COLOURS, SIZES = ("azul", "negro", "crudo"), ("S", "M", "L")
OPENED = datetime(2024, 1, 1, tzinfo=UTC)
HOURS = 9_000
UNREADABLE = (b'{"type": "order", "source": ', b'{"type": "customer", "source": "pos:tpv", "external_id": 7}')
"""Lines that must be refused, and kept once however often they come."""

_json = msgspec.json.Encoder()
Dict = dict[str, Any]


def lines(seed: str, size: int) -> list[bytes]:
    """So many records, one a line without its line feed, and a few lines that are none."""
    world = _World(Random(seed), size)
    made = [_json.encode(world.record()) for _ in range(size)]
    for line in UNREADABLE:
        made.insert(world.rng.randrange(size), line)
    return made


def card(index: int) -> str:
    """A loyalty card as the settings' own pattern takes it: 29, ten digits, EAN-13's check digit."""
    digits = f"29{index:010}"
    weighted = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(digits))
    return f"{digits}{-weighted % 10}"


def name(rng: Random) -> str:
    """One of two thousand, with the letters that are hard."""
    return "".join(map(rng.choice, SYLLABLES))


class _World:
    """A chain in which each thing is stated several times, in no order."""

    def __init__(self, rng: Random, size: int) -> None:
        self.rng = rng
        self.people = max(20, size // 12)
        self.orders = max(10, size // 7)
        self.carts = max(10, size // 16)
        self.wish_lists = max(10, size // 30)
        self.products = max(10, size // 60)
        makers: tuple[tuple[Callable[[], Dict], int], ...] = (
            (self._customer, 26),
            (self._order, 28),
            (self._cart, 12),
            (self._wish_list, 6),
            (self._view, 8),
            (self._stock, 8),
            (self._product, 4),
            (self._store, 1),
            (self._deletion, 6),
            (self._redaction, 1),
        )
        self._makers = [maker for maker, _ in makers]
        self._weights = [weight for _, weight in makers]

    def record(self) -> Dict:
        return self.rng.choices(self._makers, self._weights)[0]()

    def _customer(self) -> Dict:
        rng, index = self.rng, _index(self.rng, self.people)
        stated: Dict = {
            "type": "customer",
            "source": self._source(index),
            "external_id": f"k{index}",
            "updated_at": self._moment(),
        }
        fields: Dict = {
            "given_name": name(rng),
            "family_name": f"{name(rng)} {name(rng)}",
            "city": rng.choice(CITIES),
            "emails": [rng.choice([_email(index), {"value": _email(index), "verified": True}])],
            "phones": [_phone(index)],
            "cards": [card(index)],
            "loyalty": {"tier": rng.choice(["Bronce", "Plata", "Oro"]), "points": rng.randrange(5_000)},
            "consents": [{"channel": "email", "granted": rng.random() < 0.5, "at": self._moment()}],
            "attributes": {"talla": rng.choice(SIZES)},
        }
        if rng.random() < 0.04:
            fields["cards"] = [card(_index(rng, self.people))]
        return stated | {
            name: None if rng.random() < 0.05 else value for name, value in fields.items() if rng.random() < 0.8
        }

    def _order(self) -> Dict:
        rng, index = self.rng, _index(self.rng, self.orders)
        in_store = rng.random() < 0.4
        lines = [{**self._line(), "discount": 100 * rng.randrange(3)} for _ in range(rng.randint(1, 4))]
        return {
            "type": "order",
            "source": self._source(index),
            "external_id": f"o{index}",
            "updated_at": self._moment(),
            "number": f"N-{index:06}",
            "channel": "store" if in_store else "online",
            "store": rng.choice(STORES) if in_store else None,
            "placed_at": self._moment(),
            "status": rng.choice(["placed", "paid", "fulfilled", "delivered", "returned"]),
            "currency": "EUR",
            "total": sum(line["quantity"] * line["unit_price"] - line["discount"] for line in lines),
            "customer": self._somebody() if rng.random() < 0.9 else None,
            "lines": lines,
        }

    def _cart(self) -> Dict:
        index = _index(self.rng, self.carts)
        return {
            "type": "cart",
            "source": self._source(index),
            "external_id": f"c{index}",
            "updated_at": self._moment(),
            "status": self.rng.choice(["open", "open", "open", "converted", "abandoned"]),
            "currency": "EUR",
            "customer": self._somebody() if self.rng.random() < 0.7 else None,
            "lines": [self._line() for _ in range(self.rng.randint(0, 4))],
        }

    def _wish_list(self) -> Dict:
        index = _index(self.rng, self.wish_lists)
        return {
            "type": "wishlist",
            "source": self._source(index),
            "external_id": f"w{index}",
            "updated_at": self._moment(),
            "customer": self._somebody(),
            "name": self.rng.choice(["Favoritos", "Para el verano"]),
            "items": [{"sku": self._sku(), "added_at": self._moment()} for _ in range(self.rng.randint(1, 5))],
        }

    def _view(self) -> Dict:
        return {
            "type": "view",
            "source": self.rng.choice(SOURCES),
            "customer": self._somebody(),
            "sku": self._sku(),
            "viewed_at": self._moment(),
        }

    def _stock(self) -> Dict:
        return {
            "type": "stock",
            "source": SOURCES[2],
            "sku": self._sku(),
            "store": self.rng.choice(STORES),
            "quantity": self.rng.randrange(12),
            "updated_at": self._moment(),
        }

    def _product(self) -> Dict:
        rng, index = self.rng, _index(self.rng, self.products)
        return {
            "type": "product",
            "source": SOURCES[2],
            "external_id": f"P{index:04}",
            "updated_at": self._moment(),
            "title": f"Camisa {index}",
            "brand": rng.choice(["Castellana", "Rambla"]),
            "variants": [
                {
                    "sku": f"P{index:04}-{number}",
                    "options": {"color": COLOURS[number % 3], "talla": SIZES[number // 3]},
                    "price": 995 + 100 * rng.randrange(50),
                    "currency": "EUR",
                }
                for number in range(rng.randint(3, 9))
            ],
        }

    def _store(self) -> Dict:
        code = self.rng.choice(STORES)
        return {"type": "store", "code": code, "updated_at": self._moment(), "name": f"Tienda {self.rng.randrange(9)}"}

    def _deletion(self) -> Dict:
        kind, many = self.rng.choice(
            [
                ("customer", self.people),
                ("order", self.orders),
                ("cart", self.carts),
                ("wishlist", self.wish_lists),
                ("product", self.products),
            ]
        )
        index = _index(self.rng, many)
        first = {"customer": "k", "order": "o", "cart": "c", "wishlist": "w"}
        product = kind == "product"
        return {
            "type": "deletion",
            "source": SOURCES[2] if product else self._source(index),
            "kind": kind,
            "external_id": f"P{index:04}" if product else f"{first[kind]}{index}",
            "deleted_at": self._moment(),
        }

    def _redaction(self) -> Dict:
        index = _index(self.rng, self.people)
        return {
            "type": "redaction",
            "source": self._source(index),
            "customer": {"external_id": f"k{index}", "email": _email(index)},
            "requested_at": self._moment(),
        }

    def _somebody(self) -> Dict:
        """A customer by id, card, e-mail or phone; at times one whose own record never comes."""
        index = _index(self.rng, self.people + self.people // 10)
        ways: list[Dict] = [
            {"external_id": f"k{index}"},
            {"card": card(index)},
            {"email": _email(index)},
            {"phone": _phone(index)},
            {"external_id": f"k{index}", "email": _email(index)},
            {"card": card(index), "phone": _phone(index)},
        ]
        return self.rng.choices(ways, (4, 3, 2, 1, 1, 1))[0]

    def _line(self) -> Dict:
        return {
            "sku": self._sku(),
            "title": "Camisa",
            "quantity": self.rng.randint(1, 3),
            "unit_price": 995 + 100 * self.rng.randrange(50),
        }

    def _sku(self) -> str:
        return f"P{_index(self.rng, self.products):04}-{self.rng.randrange(9)}"

    def _source(self, index: int) -> str:
        return SOURCES[index % 2]

    def _moment(self) -> datetime:
        return OPENED + timedelta(hours=self.rng.randrange(HOURS))


def _index(rng: Random, many: int) -> int:
    """Some come up often, most seldom."""
    return int(many * rng.random() ** 1.5)


def _email(index: int) -> str:
    return f"cliente{index}@example.com"


def _phone(index: int) -> str:
    """Couples share one."""
    return f"+346{index // 2:08}"
