"""Products, their variants and where they are in stock."""

from server.wire.base import Wire


class StoreStock(Wire):
    """How many a store has; negative where the till sold more than was counted. `as_of` is when that was true."""

    store: str
    name: str
    quantity: int
    as_of: str


class Stock(Wire):
    """`here` is null where nobody said anything of this store; `nearby` are the other stores that have some."""

    here: StoreStock | None = None
    nearby: tuple[StoreStock, ...] = ()


class Item(Wire):
    """A variant as a line of a cart, wish list or history shows it; prices in minor units."""

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


class Product(Wire):
    """A product with all its variants; `sku` is the one that was asked for."""

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


class RefusedRow(Wire):
    """A feed's row that was not taken, and why."""

    line: int
    field: str
    value: str
    rule: str


class CatalogSummary(Wire):
    """What a feed brought. Products are counted new, changed or unchanged; `variants` are the rows taken."""

    source: str
    products: int
    variants: int
    new: int
    changed: int
    unchanged: int
    refused: int
    refusals: tuple[RefusedRow, ...]
