"""The demo shop is what its script makes, is taken whole, and holds what its README promises."""

import csv
import re
import struct
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest

from server.customers import context
from server.customers.queries import customer_id_of
from server.customers.rules import ContactRules, normal_phone
from server.db.engine import Database, EngineName
from server.ingest import actions
from server.ingest.intake import Intake
from server.lookup.queries import scan
from server.settings import Settings
from server.wire.codes import Card, Gtin, is_gtin, read_code
from server.wire.customers import CustomerContext
from server.wire.lookup import CustomerScanned
from server.wire.records import RecordsSummary
from tests.engines import Engines
from tests.server.given import KEYS

SHOP = Path(__file__).parent.parent / "fixtures" / "shop"
TYPES = ("stores", "customers", "orders", "carts", "wishlists", "views", "stock")
NOW = datetime(2026, 11, 20, 18, 30, tzinfo=UTC)
SETTINGS = Settings()
RULES = ContactRules(SETTINGS.card_patterns, SETTINGS.country, KEYS.tombstones)
LUCIA = "2900000200012"
NO_LONGER_SOLD = re.compile(r"T0\d{3}-")


def records(type_: str) -> list[dict[str, Any]]:
    """The records of one file, as JSON has them."""
    return [msgspec.json.decode(line) for line in (SHOP / f"{type_}.ndjson").read_bytes().splitlines()]


def catalogue() -> list[dict[str, str]]:
    """The rows of the feed."""
    with (SHOP / "catalog.tsv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))


def taken(database: Database) -> RecordsSummary:
    """Import every file, in the order of their names; what became of all of it."""
    intake = Intake()
    for type_ in sorted(TYPES):
        for batch in intake.feed((SHOP / f"{type_}.ndjson").read_bytes()):
            intake.count(database.write_now(actions.take_lines, batch, type_, RULES, NOW))
    for batch in intake.end():
        intake.count(database.write_now(actions.take_lines, batch, "the last", RULES, NOW))
    return intake.summary


@pytest.fixture(scope="module")
def shop(engines: Engines, engine: EngineName, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """A database of each engine that the demo shop was imported into."""
    with engines.database(engine, tmp_path_factory.mktemp("shop")) as database:
        summary = taken(database)
        assert (summary.new, summary.refusals) == (sum(len(records(t)) for t in TYPES), ())
        yield database


def carried(shop: Database, card: str) -> CustomerContext:
    """Whom a card brings up in Gran Vía."""
    answer = shop.read_now(scan, read_code(card, SETTINGS.card_patterns), "GV", NOW)
    assert isinstance(answer, CustomerScanned)
    return answer.context


def known_as(shop: Database, source: str, external_id: str) -> CustomerContext:
    """Whom a source knows under a number."""
    customer_id = shop.read_now(customer_id_of, source, external_id)
    assert customer_id is not None
    return shop.read_now(context.of_customer, customer_id, "GV", NOW)


def test_the_committed_files_are_what_the_script_makes(tmp_path: Path) -> None:
    """Running make.py writes the records and the catalogue that are committed, byte by byte."""
    subprocess.run([sys.executable, "-B", SHOP / "make.py", "--into", tmp_path], check=True)
    made = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert sorted(made) == sorted(["catalog.tsv", *(f"{type_}.ndjson" for type_ in TYPES)])
    assert [name for name, text in made.items() if text != (SHOP / name).read_bytes()] == []


def test_every_record_is_taken_and_a_second_time_changes_nothing(shop: Database) -> None:
    """All records are new at first, none is refused, and the same files again find everything as it is."""
    again = taken(shop)
    assert (again.new, again.changed, again.older, again.refused) == (0, 0, 0, 0)
    assert again.unchanged == sum(len(records(type_)) for type_ in TYPES)


def test_the_shop_is_as_large_as_promised() -> None:
    """Three stores, some forty people, a hundred and twenty products and their variants, each counted in each store."""
    rows = catalogue()
    named = {(r["given_name"].split()[0], r["family_name"].split()[0]) for r in records("customers")}
    assert {r["code"] for r in records("stores")} == {"GV", "SE", "FU"}
    assert 40 <= len(named) <= 50
    assert len({row["item_group_id"] for row in rows}) == 123
    assert len(rows) == len({row["id"] for row in rows}) == 567
    assert {(r["sku"], r["store"]) for r in records("stock")} == {
        (row["id"], store) for row in rows for store in ("GV", "SE", "FU")
    }
    assert len(records("orders")) == 205


def test_every_card_is_read_as_a_card() -> None:
    """Each loyalty card has the chain's prefix and a check digit that holds."""
    cards = {card for r in records("customers") for card in r.get("cards", ())}
    cards |= {r["customer"]["card"] for r in records("orders") if "card" in r.get("customer", {})}
    assert LUCIA in cards
    assert [card for card in cards if read_code(card, SETTINGS.card_patterns) != Card(value=card)] == []


def test_every_phone_is_read_as_a_phone() -> None:
    """Each phone number is one as it stands, country code and all."""
    phones = {phone for r in records("customers") for phone in r.get("phones", ())}
    assert phones
    assert [phone for phone in phones if normal_phone(phone, "ES") != phone] == []


def test_every_article_has_a_gtin_of_its_own_outside_the_own_use_ranges() -> None:
    """GTINs hold their check digit, differ, are read as such, and none is of a range that shops use for themselves."""
    gtins = [row["gtin"] for row in catalogue()]
    assert len(set(gtins)) == len(gtins)
    assert [g for g in gtins if not is_gtin(g) or g.startswith(("02", "04", "2"))] == []
    assert {type(read_code(g, SETTINGS.card_patterns)) for g in gtins} == {Gtin}


def test_the_feed_is_as_google_merchant_has_it() -> None:
    """Every row has an id, a title, prices with their currency, a known availability and a category of two levels."""
    text = (SHOP / "catalog.tsv").read_text("utf-8")
    assert {line.count("\t") for line in text.splitlines()} == {14}
    price = re.compile(r"\d+\.\d\d EUR")
    for row in catalogue():
        assert 0 < len(row["id"]) <= 50
        assert 0 < len(row["title"]) <= 150
        assert price.fullmatch(row["price"])
        assert not row["sale_price"] or price.fullmatch(row["sale_price"])
        assert row["availability"] in {"in_stock", "out_of_stock", "preorder", "backorder"}
        assert row["product_type"].count(" > ") == 1


def test_every_article_has_a_picture_and_every_picture_an_article() -> None:
    """Pictures are PNGs of 600 by 750 under 25 kB, one a product and colour, and none is left over."""
    named = {row["image_link"] for row in catalogue()}
    assert {f"pictures/{path.name}" for path in (SHOP / "pictures").iterdir()} == named
    for name in named:
        data = (SHOP / name).read_bytes()
        assert data[:8] == b"\x89PNG\r\n\x1a\n"
        assert struct.unpack(">II", data[16:24]) == (600, 750)
        assert len(data) < 25_000


def test_what_is_bought_kept_and_wished_for_is_in_the_catalogue() -> None:
    """Lines name articles that are sold, but for those whose SKU shows that they no longer are."""
    sold = {row["id"] for row in catalogue()}
    lines = [line["sku"] for type_ in ("orders", "carts") for r in records(type_) for line in r["lines"]]
    wishes = [item["sku"] for r in records("wishlists") for item in r["items"]]
    viewed = [r["sku"] for r in records("views")]
    unknown = {sku for sku in [*lines, *wishes, *viewed] if sku not in sold}
    assert unknown
    assert {sku for sku in unknown if not NO_LONGER_SOLD.match(sku)} == set()


def test_orders_add_up() -> None:
    """Numbers are unique, totals are the sum of the lines, and nobody returns more than they bought."""
    orders = records("orders")
    assert max(Counter(order["number"] for order in orders).values()) == 1
    for order in orders:
        lines = order["lines"]
        assert order["total"] == sum(line["quantity"] * line["unit_price"] - line["discount"] for line in lines)
        assert all(line["returned_quantity"] <= line["quantity"] for line in lines)


def test_nothing_is_later_than_the_evening_it_is_looked_at() -> None:
    """No time in any record is after half past seven in the evening of 20 November 2026."""
    times = re.findall(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", "".join((SHOP / f"{t}.ndjson").read_text() for t in TYPES))
    assert max(times) <= NOW.strftime("%Y-%m-%dT%H:%M:%SZ")


def test_lucia_is_as_sketched(shop: Database) -> None:
    """Her card brings up tier, points, sizes, consents, cart, wishes, orders and the visit three days ago."""
    lucia = carried(shop, LUCIA)
    person = lucia.person
    assert person.name == "Lucía García Muñoz"
    assert person.loyalty is not None
    assert (person.loyalty.tier, person.loyalty.points) == ("gold", 1240)
    assert {c.channel: c.granted for c in person.consents} == {"email": True, "sms": False}
    sizes = {name: text for name, text in person.attributes.items() if name.startswith("size_")}
    assert sizes == {"size_tops": "S", "size_shoes": "38"}
    assert person.attributes["customer_since"].startswith("2021")
    (cart,) = lucia.carts
    assert [(line.quantity, line.unit_price) for line in cart.lines] == [(1, 5400), (1, 8400), (2, 3400)]
    assert [line.stock.here and line.stock.here.quantity for line in cart.lines] == [2, 0, 6]
    assert [[(s.store, s.quantity) for s in line.stock.nearby] for line in cart.lines] == [
        [("SE", 4)],
        [("SE", 1)],
        [],
    ]
    assert sum(len(wishes.items) for wishes in lucia.wishlists) == 5
    assert lucia.order_count == 12
    assert (person.last_seen_at or "").startswith("2026-11-17")
    assert person.last_store == "GV"


def test_two_cards_prove_to_be_one_person(shop: Database) -> None:
    """Inés carries one card of the online shop and one of the tills, and both bring up the same six orders."""
    online, till = carried(shop, "2900000200159"), carried(shop, "2900000209152")
    assert online.person.id == till.person.id
    assert {record.source for record in online.person.records} >= {"web:demo", "till:demo"}
    assert online.order_count == till.order_count == 6


def test_a_shared_contact_decides_nothing(shop: Database) -> None:
    """What the couple's e-mail and the family's phone were left with belongs to none of those who share them."""
    shared = {"T-724448", "FU-261114-0516"}
    for card in ("2900000200074", "2900000200081", "2900000200098", "2900000200104", "2900000200111", "2900000200128"):
        assert shared.isdisjoint(order.number for order in carried(shop, card).orders)


def test_a_guests_order_is_found_once_they_join(shop: Database) -> None:
    """Rocío joined this evening, and what she bought as a guest two weeks ago is hers."""
    rocio = carried(shop, "2900000200401")
    assert [order.number for order in rocio.orders] == ["T-723207"]


def test_a_phone_suggests_who_may_be_the_same(shop: Database) -> None:
    """Inmaculada's order names a phone that Inma has at the tills: a suggestion, not a join."""
    inmaculada = known_as(shop, "web:demo", "W10042")
    assert [(s.name, s.because) for s in inmaculada.suggestions] == [("Inma Castaño", "phone")]


def test_a_size_that_is_only_elsewhere(shop: Database) -> None:
    """Noah's boots in 44 are sold out in Gran Vía and Serrano, and Fuencarral has two."""
    (cart,) = carried(shop, "2900000200210").carts
    (line,) = cart.lines
    assert line.stock.here is not None
    assert line.stock.here.quantity == 0
    assert [(s.store, s.quantity) for s in line.stock.nearby] == [("FU", 2)]


def test_carts_that_are_empty_or_two(shop: Database) -> None:
    """Pablo's cart is open and empty; Gabriel has one online and one parked at a till."""
    assert [cart.lines for cart in known_as(shop, "web:demo", "W10023").carts] == [()]
    assert {cart.source for cart in carried(shop, "2900000200388").carts} == {"web:demo", "till:demo"}
