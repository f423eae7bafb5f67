"""What the item screen says of an article: in words, as a grid of sizes and colours, and store by store. Pure."""

from datetime import datetime
from typing import Any, NamedTuple

from kiosk.item.state import ItemState, variant_of
from kiosk.ui.table import Choice, Table, TableRow
from kiosk.words import Words
from kiosk.words.articles import age_words, here_words, options_of, price_of, was_words
from server.wire.catalog import Grid, GridRow, Product, Stock, StoreStock, Variant

LABEL, PLACE, GAP = 120, 64, 8
"""In dp: what a row's name takes, the least that a place of the grid takes, and what lies between two."""
WIDEST_PLACE = 96

Line = tuple[str, str, str]
"""An icon's name, words and a tone."""


class Facts(NamedTuple):
    """An article in words, before its stock."""

    title: str
    about: str
    picture: str
    price: str
    was: str
    notes: tuple[Line, ...]
    description: str
    numbers: str


class Where(NamedTuple):
    """Where the variant that is looked at is."""

    what: str
    here: tuple[Line, ...]
    elsewhere: tuple[Line, ...]
    as_of: str


NOTHING = Facts("", "", "", "", "", (), "", "")
NOWHERE = Where("", (), (), "")
NO_VARIANTS = Table()


def facts_of(state: ItemState, t: Words) -> Facts:
    """What is known of the article that is looked at."""
    product, item, variant = state.product, state.item, variant_of(state)
    brand = (item and item.brand) or (product and product.brand) or ""
    numbers = [t("SKU {sku}", sku=state.sku)] if state.sku else []
    if variant and variant.gtin:
        numbers.append(t("GTIN {gtin}", gtin=variant.gtin.lstrip("0")))
    return Facts(
        title=state.title or (item.title if item else state.sku),
        about=" · ".join(part for part in (brand, (product and product.category) or "") if part),
        picture=(item and item.picture) or (product and product.picture) or "",
        price=t.money(price_of(item), item.currency) if item else "",
        was=was_words(item, t) if item else "",
        notes=tuple(_notes(item.availability if item else None, t)),
        description=(product and product.description) or "",
        numbers=" · ".join(numbers),
    )


def table_of(state: ItemState, room: float, t: Words) -> Table:
    """The variants as they fit into so many dp: a grid, turned where only that fits, places one by one, or a list."""
    product = state.product
    if product is None:
        return NO_VARIANTS
    by_sku = {variant.item.sku: variant for variant in product.variants}
    grid = product.grid
    if grid.columns and len(grid.rows) == 1:
        labelled = zip(grid.columns, grid.rows[0].skus, strict=True)
        return Table(
            kind="places",
            rows=(TableRow("", tuple(_choice(by_sku[sku], state, t, label or "–") for label, sku in labelled if sku)),),
        )
    if grid.columns and _fits(len(grid.columns), room):
        return _grid(grid, by_sku, state, room, t)
    if grid.columns and _fits(len(grid.rows), room):
        return _grid(_turned(grid), by_sku, state, room, t)
    return _list(product, by_sku, state, t)


def where_of(state: ItemState, t: Words, now: datetime) -> Where:
    """Where the variant that is looked at is: here, and in every other store that has some."""
    variant = variant_of(state)
    if variant is None:
        return NOWHERE
    stock = variant.stock
    words, tone = here_words(stock, 1, t)
    here = ("", words or t("Nobody counted it here."), tone)
    elsewhere = tuple(("store-outline", f"{there.name}: {t.number(there.quantity)}", "plain") for there in stock.nearby)
    oldest = min((there.as_of for there in _told(stock)), default="")
    return Where(
        what=options_of(variant.item) or variant.item.title,
        here=(here,),
        elsewhere=elsewhere or (("store-off-outline", t("in no other store"), "plain"),),
        as_of=age_words(oldest, t, now) if oldest else "",
    )


def wishers_words(state: ItemState, t: Words) -> str:
    """How many of the store's customers wish for it; nothing where nobody does."""
    count = state.wish_count
    if state.more_wishers and count:
        return t("At least {n} of your customers wish for it", n=count)
    return t.plural("{n} of your customers wishes for it", "{n} of your customers wish for it", count) if count else ""


def unnamed_words(state: ItemState, t: Words) -> str:
    """Why they are not named, where they should be."""
    return t("Nobody can say who just now. Touch to try again.") if state.names == "unreachable" else ""


def wisher_rows(state: ItemState, t: Words) -> list[dict[str, Any]]:
    """A row for each of them who is named: who, which variant, and since when."""
    if not state.unfolded or state.product is None:
        return []
    by_sku = {variant.item.sku: variant.item for variant in state.product.variants}
    rows = []
    for wisher in state.wishers:
        day = t("wished on {day}", day=t.day(wisher.added_at))
        rows.append(
            {
                "customer_id": wisher.hit.customer_id,
                "name": wisher.hit.name,
                "shown_name": wisher.hit.name or t("No name"),
                "about": " · ".join(part for part in (options_of(by_sku.get(wisher.sku)), day) if part),
            }
        )
    return rows


def heading_of(state: ItemState, t: Words) -> str:
    """How many variants there are, over their grid."""
    product = state.product
    return t.plural("{n} variant", "{n} variants", len(product.variants)) if product else ""


def legend_of(table: Table, t: Words) -> tuple[Line, ...]:
    """What the places of a grid mean, as far as there are such."""
    tones = {choice.tone for choice in table.choices()}
    if table.kind == "list" or not tones:
        return ()
    lines = [("", t("pieces here"), "good")] if "good" in tones else []
    lines += [("store-outline", t("in another store"), "warn")] if "warn" in tones else []
    lines += [("", t("nowhere, or not counted"), "plain")] if "plain" in tones else []
    return tuple(lines)


def trouble_words(phase: str, t: Words) -> tuple[str, str, str]:
    """What is said where there are no variants to show: an icon, what happened, and what to do now."""
    return {
        "unreachable": (
            "wifi-off",
            t("The server does not answer"),
            t("Check the network of the store, then try again."),
        ),
        "unknown": (
            "help-circle-outline",
            t("This article is no longer known"),
            t("Search again, or scan its label."),
        ),
    }.get(phase, ("", "", ""))


def _notes(said: str | None, t: Words) -> list[Line]:
    """What the catalogue says of buying it online, where that is worth a word."""
    return {
        "discontinued": [("archive-outline", t("No longer in the catalogue"), "warn")],
        "out_of_stock": [("web", t("Sold out online"), "warn")],
        "preorder": [("web", t("To be ordered in advance"), "plain")],
        "backorder": [("web", t("Can be ordered, comes later"), "plain")],
    }.get(said or "", [])


def _fits(columns: int, room: float) -> bool:
    return LABEL + columns * (PLACE + GAP) <= room


def _grid(grid: Grid, by_sku: dict[str, Variant], state: ItemState, room: float, t: Words) -> Table:
    count = len(grid.columns)
    return Table(
        kind="grid",
        columns=tuple(column or "–" for column in grid.columns),
        rows=tuple(
            TableRow(
                row.value or "–", tuple(_choice(by_sku[sku], state, t) if sku in by_sku else None for sku in row.skus)
            )
            for row in grid.rows
        ),
        label=LABEL,
        place=min(WIDEST_PLACE, (room - LABEL) / count - GAP),
    )


def _turned(grid: Grid) -> Grid:
    """The same with what stood across down."""
    return Grid(
        across=grid.down,
        down=grid.across,
        columns=tuple(row.value for row in grid.rows),
        rows=tuple(
            GridRow(value=column, skus=tuple(row.skus[n] for row in grid.rows)) for n, column in enumerate(grid.columns)
        ),
    )


def _list(product: Product, by_sku: dict[str, Variant], state: ItemState, t: Words) -> Table:
    choices = []
    for row in product.grid.rows:
        for column, sku in zip(product.grid.columns or ("",), row.skus, strict=True):
            if sku in by_sku:
                variant = by_sku[sku]
                label = " · ".join(part for part in (column, row.value) if part)
                choices.append(_choice(variant, state, t, label or variant.item.title, words=True))
    return Table(kind="list", rows=tuple(TableRow("", (choice,)) for choice in choices))


def _choice(variant: Variant, state: ItemState, t: Words, label: str = "", *, words: bool = False) -> Choice:
    here = variant.stock.here
    text = t.number(max(0, here.quantity)) if here else "–"
    if words:
        text = here_words(variant.stock, 1, t)[0] or (t("In another store") if variant.stock.nearby else "–")
    elsewhere = bool(variant.stock.nearby) and not (here and here.quantity > 0)
    return Choice(
        key=variant.item.sku,
        text=text,
        label=label,
        icon="store-outline" if elsewhere else "",
        tone="good" if here and here.quantity > 0 else "warn" if elsewhere else "plain",
        chosen=variant.item.sku == state.sku,
    )


def _told(stock: Stock) -> tuple[StoreStock, ...]:
    return (*((stock.here,) if stock.here else ()), *stock.nearby)
