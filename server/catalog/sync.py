"""Taking a whole feed: every product in it is stated anew, and what really differs is counted as changed."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from server.catalog.actions import state_product
from server.catalog.feeds.google import read_products
from server.db.engine import Connection, Database
from server.statements.rules import Verdict
from server.wire.catalog import CatalogSummary
from server.wire.records import ProductRecord

BATCH = 200


def sync_feed(
    database: Database,
    lines: Iterable[bytes],
    source: str,
    now: datetime,
    progress: Callable[[int, int], None] = lambda _done, _all: None,
) -> CatalogSummary:
    """Read a feed and take its products, `BATCH` a transaction.

    Args:
        database: where they go.
        lines: of the feed, Google Merchant TSV.
        source: whose products these are; their SKUs are the feed's ids.
        now: when this was true.
        progress: told how many products of how many are done.

    Raises:
        FeedError: it is no such feed; nothing was taken.
    """
    products, refused = read_products(lines, source, now)
    verdicts: Counter[Verdict] = Counter()
    for start in range(0, len(products), BATCH):
        batch = products[start : start + BATCH]
        verdicts.update(database.write_now(_state_all, batch, now))
        progress(start + len(batch), len(products))
    return CatalogSummary(
        source=source,
        products=len(products),
        variants=sum(len(product.variants or ()) for product in products),
        new=verdicts["new"],
        changed=verdicts["changed"],
        unchanged=verdicts["unchanged"] + verdicts["confirmed"] + verdicts["older"],
        refused=len(refused),
        refusals=tuple(refused),
    )


def _state_all(conn: Connection, products: Sequence[ProductRecord], now: datetime) -> list[Verdict]:
    return [state_product(conn, product, now) for product in products]
