"""Real shops' data, where it is at hand: Microsoft's sample company and a fashion catalogue."""

import json
import os
from pathlib import Path

import pytest

from server.catalog.pictures import gathering
from server.catalog.queries import items, picture
from server.catalog.sync import SyncOrder, sync_feed
from server.customers import context
from server.customers.rules import contact_rules
from server.customers.search import search
from server.customers.vocabulary import Vocabulary
from server.db.engine import Database
from server.ingest.actions import take_lines
from server.ingest.intake import Intake
from server.lookup.queries import scan
from server.settings import Settings
from server.wire.catalog import Gathered
from server.wire.codes import read_code
from server.wire.customers import SearchRequest
from server.wire.lookup import CustomerScanned, ProductScanned
from server.wire.orders import Order
from server.wire.records import RecordsSummary
from tests.server.given import KEYS, NOW, rows

DATA = Path(os.environ.get("MOSTRADOR_TEST_DATA", Path(__file__).parents[3] / "shared" / "data"))
SETTINGS = Settings()
DALTON_CARD = "2900000110915"

pytestmark = pytest.mark.skipif(
    not (DATA / "adventureworks").is_dir(), reason=f"no sample data in {DATA}: set MOSTRADOR_TEST_DATA"
)


def take(database: Database, file: Path) -> RecordsSummary:
    """Take a file as the importer does."""
    intake, rules = Intake(), contact_rules(SETTINGS, KEYS)
    with file.open("rb") as opened:
        while chunk := opened.read(262_144):
            for batch in intake.feed(chunk):
                intake.count(database.write_now(take_lines, batch, file.name, rules, NOW))
        for batch in intake.end():
            intake.count(database.write_now(take_lines, batch, file.name, rules, NOW))
    return intake.summary


def test_a_company_of_eighteen_thousand_customers(database: Database) -> None:
    """Every record is taken; a card gives its customer with 26 orders, by page whole; search finds him first."""
    folder = DATA / "adventureworks"
    # Orders first: whom they speak of is not known yet.
    assert take(database, folder / "orders.ndjson.gz") == RecordsSummary(new=25_164)
    assert take(database, folder / "customers.ndjson.gz") == RecordsSummary(new=18_148)
    counts = database.read_now(
        rows,
        "SELECT (SELECT count(*) FROM customers), count(*) FROM orders",
    )
    assert counts == [(18_148, 25_164)]
    assert sum(len(json.loads(lines)) for (lines,) in database.read_now(rows, "SELECT lines FROM orders")) == 56_046

    answer = database.read_now(scan, read_code(DALTON_CARD, SETTINGS.card_patterns), None, NOW)
    assert isinstance(answer, CustomerScanned)
    dalton = answer.context
    assert (dalton.person.name, dalton.order_count, len(dalton.orders)) == ("Dalton Perez", 26, 10)

    shown: list[Order] = list(dalton.orders)
    before = dalton.orders_before
    while before is not None:
        page = database.read_now(context.orders_page, dalton.person.id, before, 7)
        shown += page.orders
        before = page.before
    stored = database.read_now(
        rows,
        "SELECT id, total, lines FROM orders WHERE customer_id = :id ORDER BY placed_at DESC, id DESC",
        id=dalton.person.id,
    )
    assert [(order.id, order.total, len(order.lines)) for order in shown] == [
        (id_, total, len(json.loads(lines))) for id_, total, lines in stored
    ]
    assert len({order.id for order in shown}) == 26
    assert all(
        sum(line.quantity * line.unit_price - line.discount for line in order.lines) == order.total for order in shown
    )

    vocabulary = Vocabulary()
    for text, how in (
        ("perez dalt", "prefix"),
        ("dalton perez", "exact"),
        ("dálton peres", "corrected"),
        ("Dalton37@adventure", "exact"),
        ("dalton37", "exact"),
        (DALTON_CARD[:-2], "prefix"),
        (shown[0].number, "exact"),
    ):
        found = database.read_now(search, SearchRequest(text=text), vocabulary).hits
        assert (found[0].customer_id, found[0].name, found[0].how) == (dalton.person.id, "Dalton Perez", how), text


@pytest.mark.parametrize(
    ("folder", "variants", "products", "sku", "title", "siblings"),
    [
        ("adventureworks", 293, None, "BK-R50B-58", "Road-650", None),
        ("luma", 1891, 191, "MH01-XS-Black", "Chaz Kangeroo Hoodie", 15),
    ],
)
def test_a_catalogue_is_taken_whole(
    database: Database,
    folder: str,
    variants: int,
    products: int | None,
    sku: str,
    title: str,
    siblings: int | None,
) -> None:
    """Every row is taken, the second time nothing is new, and each article can be scanned."""
    feed = DATA / folder / "catalog.tsv"
    with feed.open("rb") as file:
        first = sync_feed(database, file, SyncOrder(folder, "catalog.tsv", folder=feed.parent), lambda: NOW)
    assert (first.format, first.variants, first.refused, first.refusals) == ("google-tsv", variants, 0, ())
    assert products in (first.products, None)
    with feed.open("rb") as file:
        again = sync_feed(database, file, SyncOrder(folder, "catalog.tsv", folder=feed.parent), lambda: NOW)
    assert (again.new, again.changed, again.gone, again.unchanged) == (0, 0, 0, variants)
    skus = [row[0] for row in database.read_now(rows, "SELECT sku FROM variants")]
    assert len(set(skus)) == variants
    found = database.read_now(scan, read_code(sku, SETTINGS.card_patterns), None, NOW)
    assert isinstance(found, ProductScanned)
    assert (found.product.title, found.product.sku) == (title, sku)
    assert siblings in (len(found.product.variants), None)
    for each in skus:
        answer = database.read_now(scan, read_code(each, SETTINGS.card_patterns), None, NOW)
        assert isinstance(answer, ProductScanned), each


@pytest.mark.parametrize(("name", "variants"), [("apparel.csv", 22), ("home-and-garden.csv", 21), ("jewelery.csv", 23)])
def test_an_export_of_a_shopify_shop_is_taken_whole(database: Database, name: str, variants: int) -> None:
    """Twenty products each, without SKUs, barcodes or a currency: nothing is refused, the second time none is new."""
    feed = DATA / "shopify" / "products" / name
    for new, unchanged in ((variants, 0), (0, variants)):
        with feed.open("rb") as file:
            run = sync_feed(database, file, SyncOrder("shopify:sample", name), lambda: NOW)
        assert (run.format, run.rows, run.products, run.refused) == ("shopify-csv", 20, 20, 0)
        assert (run.new, run.unchanged, run.changed, run.gone) == (new, unchanged, 0, 0)


def test_every_photo_of_a_shop_is_shown(database: Database) -> None:
    """Each article has its picture in both sizes, none larger than a device needs; then none is made anew."""
    folder = DATA / "luma"
    order = SyncOrder("luma", "catalog.tsv", folder=folder)
    for expected in (453, 0):
        with (folder / "catalog.tsv").open("rb") as file:
            run = sync_feed(database, file, order, lambda: NOW)
        _, gathered = gathering.gather(database, gathering.Order(folder), lambda: NOW, run=run)
        assert gathered == Gathered(kept=expected, left=0, refused=())
    skus = [row[0] for row in database.read_now(rows, "SELECT sku FROM variants")]
    names = {item.picture for item in database.read_now(items, skus).values()}
    assert len(skus) == 1891
    assert 400 < len(names) <= 453
    for name in names:
        assert name is not None
        for size, most in (("large", 120_000), ("small", 20_000)):
            found = database.read_now(picture, name, size)
            assert found is not None
            assert found.media_type == "image/jpeg"
            assert len(found.content) < most
