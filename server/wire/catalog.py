"""Products, their variants and where they are in stock."""

from typing import Annotated, Literal

from msgspec import Meta

from server.wire.base import StoreCode, Wire

LONGEST_SEARCH = 200


class StoreStock(Wire):
    """How many a store has; negative where the till sold more than was counted. `as_of` is when that was true.

    It is what lies in the store, whoever some of it is put aside for.
    """

    store: str
    name: str
    quantity: int
    as_of: str


class Stock(Wire):
    """`here` is null where nobody said anything of this store; `nearby` are the other stores that have some."""

    here: StoreStock | None = None
    nearby: tuple[StoreStock, ...] = ()


class Item(Wire):
    """A variant as a line of a cart, wish list or history shows it; prices in minor units.

    `picture` is the hash of its picture, null where there is none yet.
    """

    sku: str
    product_id: int
    title: str
    options: dict[str, str]
    price: int
    sale_price: int | None
    currency: str
    picture: str | None
    brand: str | None
    availability: str | None


class Variant(Wire):
    """One article of a product with its stock."""

    item: Item
    gtin: str | None
    stock: Stock


class GridRow(Wire):
    """Variants that have one value of what is listed down; `skus` stand in the columns' order, null where none is."""

    value: str
    skus: tuple[str | None, ...]


class Grid(Wire):
    """A product's variants as one sees them best: one option across, whatever else tells them apart down.

    `across` and `down` are what those options are called, as the catalogue has it: size, colour. Variants that are told
    apart by one option are one row without a name (`down` and its `value` are empty). Where there are no `columns`,
    they are no grid but a list, in the order of `rows`, of which each has one variant.
    """

    across: str = ""
    down: str = ""
    columns: tuple[str, ...] = ()
    rows: tuple[GridRow, ...] = ()


PictureSize = Literal["small", "large"]
"""`small` for a line of a list; `large` for a screen's picture."""


class Product(Wire):
    """A product with all its variants; `sku` is the one that was asked for, `picture` the hash of its picture."""

    id: int
    source: str
    external_id: str
    sku: str
    title: str
    description: str | None
    brand: str | None
    category: str | None
    picture: str | None
    variants: tuple[Variant, ...]
    grid: Grid = Grid()


class ProductSearch(Wire):
    """What somebody typed so far: words of a title, brand, category, size or colour, an SKU or GTIN, in any mixture."""

    text: Annotated[str, Meta(max_length=LONGEST_SEARCH)]
    store: StoreCode | None = None
    limit: Annotated[int, Meta(ge=1, le=50)] = 20


class ProductMatch(Wire):
    """Which field matched, as it is shown, and the character ranges `[from, to)` to highlight in it."""

    field: Literal["title", "brand", "category", "option", "sku", "gtin"]
    text: str
    ranges: tuple[tuple[int, int], ...]


class ProductHit(Wire):
    """One product found, by those of its variants that fit what was typed best.

    Attributes:
        title: of the product.
        item: the variant to show first: one that is here, where any is.
        fitting: how many variants fit.
        price_from: the lowest price among them.
        price_to: the highest, where they have several.
        stock: where they are, all together.
        how: the weakest of the words' matches.
    """

    product_id: int
    title: str
    category: str | None
    item: Item
    fitting: int
    price_from: int
    price_to: int | None
    stock: Stock
    how: Literal["exact", "prefix", "corrected"]
    matches: tuple[ProductMatch, ...]


class ProductsFound(Wire):
    """Products found, the likeliest first; `capped` says that there are more than these."""

    hits: tuple[ProductHit, ...]
    capped: bool
    corrected: dict[str, tuple[str, ...]] = {}


class RefusedRow(Wire):
    """A feed's row that was not taken, and why."""

    line: int
    field: str
    value: str
    rule: str


class SyncRejects(Wire):
    """Rows that a run refused, in the order in which they were; `next` is what to ask `after` for the rest, if any."""

    rejects: tuple[RefusedRow, ...]
    next: int | None = None


class StoreCount(Wire):
    """What a snapshot changed of a store: it is `older` where a newer one is known, and then nothing of it counts.

    Attributes:
        changed: articles of which the store has more or fewer than was known.
        unchanged: articles of which it has as many.
        newer: articles of which something newer was known already; they stay as they are.
        gone: articles that it had and the snapshot does not name: it has none of them.
    """

    store: str
    state: Literal["counted", "older"]
    changed: int = 0
    unchanged: int = 0
    newer: int = 0
    gone: int = 0


class StockReport(Wire):
    """What became of a snapshot of stock; `refusals` are the first of the rows that were refused."""

    source: str
    as_of: str
    stores: tuple[StoreCount, ...]
    rows: int = 0
    refused: int = 0
    refusals: tuple[RefusedRow, ...] = ()


SyncState = Literal["running", "done", "checked", "held", "failed", "died"]
"""`checked`: only to see what would change. `held`: the brake held it. `died`: its program ended in the middle."""


class SyncChange(Wire):
    """An article that a feed changes: gone, or with another price (minor units)."""

    sku: str
    what: Literal["gone", "price"]
    currency: str
    before: int
    after: int | None = None


class SyncRun(Wire):
    """A run of a catalogue sync: rows are variants, each of them new, changed, unchanged or refused.

    Attributes:
        feed: where it came from, as people call it.
        format: what it is written in, once that is known.
        doing: what a run that is under way does: reading, comparing, writing.
        rows: that were read so far.
        gone: articles that the feed has no more; they are kept for old orders, discontinued.
        products: that the source has now; `variants` likewise.
        detail: why a run did not come to its end.
        preview: some of what would change, of a run that was held or only checked.
        refusals: the first of the rows that were refused.
        pictures: that came since it was done; those that cannot be had are refused rows like others.
        pictures_left: links to pictures that wait for the next time.
    """

    id: int
    source: str
    feed: str
    state: SyncState
    began_at: str
    format: str | None = None
    doing: str | None = None
    ended_at: str | None = None
    rows: int = 0
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    gone: int = 0
    refused: int = 0
    products: int = 0
    variants: int = 0
    detail: str | None = None
    preview: tuple[SyncChange, ...] = ()
    refusals: tuple[RefusedRow, ...] = ()
    pictures: int = 0
    pictures_left: int = 0


class Gathered(Wire):
    """What came of links to pictures: pictures that are kept, links that wait for the next time, and why others do."""

    kept: int
    left: int
    refused: tuple[RefusedRow, ...]


class NightAlarmData(Wire):
    """A night in which the catalogue was not taken as it should have been, and why.

    Attributes:
        night: its date, where the company is.
        due_at: when it was to be taken.
        feed: the catalogue, without what in its address may be a key.
        tries: how often it was tried so far.
        run: the run that the brake held; `mostrador catalog runs` tells more.
    """

    night: str
    due_at: str
    source: str
    feed: str
    tries: int
    detail: str
    run: int | None = None


class NightAlarm(Wire):
    """What an operator's address is told, as Standard Webhooks has it. It names nobody.

    Attributes:
        type: `catalog.night_missed` where no server ran at its time, `catalog.night_failed` after the last try,
            `catalog.night_held` where the brake held it.
        timestamp: when it was raised.
    """

    type: Literal["catalog.night_missed", "catalog.night_failed", "catalog.night_held"]
    timestamp: str
    data: NightAlarmData
