"""Taking a whole feed: every product in it is stated anew, and what really differs is counted as changed."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from pathlib import Path

from msgspec.structs import replace

from server.catalog.actions import state_product
from server.catalog.feeds.google import read_products
from server.catalog.pictures import NoPictureError, Picture, is_relative, picture_at
from server.catalog.queries import SQL
from server.db.engine import Connection, Database
from server.statements.rules import Verdict
from server.wire.catalog import CatalogSummary, RefusedRow
from server.wire.records import ProductRecord

BATCH = 200


def sync_feed(
    database: Database,
    lines: Iterable[bytes],
    source: str,
    now: datetime,
    progress: Callable[[int, int], None] = lambda _done, _all: None,
    folder: Path | None = None,
) -> CatalogSummary:
    """Read a feed and take its products, `BATCH` a transaction.

    Args:
        database: where they go.
        lines: of the feed, Google Merchant TSV.
        source: whose products these are; their SKUs are the feed's ids.
        now: when this was true.
        progress: told how many products of how many are done.
        folder: where the feed's file lies; pictures with relative links lie there too.

    Raises:
        FeedError: it is no such feed; nothing was taken.
    """
    products, refused = read_products(lines, source, now)
    pictures: dict[str, Picture] = {}
    if folder is not None:
        shown = [_with_pictures(product, folder, pictures, refused) for product in products]
        products = shown
        database.write_now(_keep_pictures, list(pictures.values()))
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


def _with_pictures(
    product: ProductRecord, folder: Path, known: dict[str, Picture], refused: list[RefusedRow]
) -> ProductRecord:
    """A product whose relative links are the hashes of the pictures they mean; a broken link costs the picture only."""

    def hash_of(link: str | None) -> str | None:
        if link is None or not is_relative(link):
            return link
        if link not in known:
            try:
                known[link] = picture_at(folder, link)
            except NoPictureError as error:
                if all(row.value != link[:200] for row in refused):
                    refused.append(RefusedRow(line=0, field="image_link", value=link[:200], rule=str(error)))
                return None
        return known[link].hash

    variants = tuple(replace(v, picture=hash_of(v.picture)) for v in product.variants or ())
    return replace(product, picture=hash_of(product.picture or None), variants=variants)


def _keep_pictures(conn: Connection, pictures: Sequence[Picture]) -> None:
    rows = [{"hash": p.hash, "path": str(p.path), "media_type": p.media_type} for p in pictures]
    conn.run_many(SQL.keep_picture, rows)


def _state_all(conn: Connection, products: Sequence[ProductRecord], now: datetime) -> list[Verdict]:
    return [state_product(conn, product, now) for product in products]
