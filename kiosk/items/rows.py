"""What the rows of the items screen say. Pure."""

from datetime import datetime
from typing import Any

from kiosk.items.state import ItemsState
from kiosk.words import Words
from kiosk.words.articles import availability, price_of, was_words
from kiosk.words.marks import escaped, marked
from server.wire.catalog import ProductHit, ProductMatch

Row = dict[str, Any]


def hit_rows(state: ItemsState, t: Words, now: datetime, *, wide: bool = True) -> list[Row]:
    """A row for each product found, and one that says how many they are."""
    if not state.hits:
        return []
    rows = [{"kind": "ProductRow" if wide else "ProductCard", **_hit_row(hit, t, now)} for hit in state.hits]
    return [*rows, {"kind": "ItemsCount", "text": _count_words(state, t)}]


def over_hits(state: ItemsState, t: Words) -> str:
    """What is to be said before the products are: why they are not those that were asked for."""
    if state.corrected and state.hits:
        return t("Nothing is called that. Shown instead: {names}", names=", ".join(state.corrected))
    return _showing(state, t) if state.capped and state.hits else ""


def _count_words(state: ItemsState, t: Words) -> str:
    if state.slow:
        return t("Searching…")
    if state.capped:
        return _showing(state, t)
    return t.plural("{n} article", "{n} articles", len(state.hits))


def _showing(state: ItemsState, t: Words) -> str:
    return t("Showing {n} of many: add a word, a size or a colour.", n=len(state.hits))


def _hit_row(hit: ProductHit, t: Words, now: datetime) -> Row:
    title = next((match for match in hit.matches if match.field == "title"), None)
    where = availability(hit.stock, 1, t, now)
    one_price = hit.price_to is None
    price = t.money(hit.price_from, hit.item.currency)
    return {
        "sku": hit.item.sku,
        "picture": hit.item.picture or "",
        "marked_title": marked(hit.title, title.ranges if title else ()),
        "about": " · ".join(_about(hit, t)),
        "price": price if one_price else t("from {price}", price=price),
        "was": was_words(hit.item, t) if one_price and price_of(hit.item) == hit.price_from else "",
        "here": where.here,
        "tone": where.tone,
        "elsewhere": where.elsewhere,
    }


def _about(hit: ProductHit, t: Words) -> list[str]:
    """What tells one product from another, and where what was typed was found."""
    by_field: dict[str, list[ProductMatch]] = {}
    for match in hit.matches:
        by_field.setdefault(match.field, []).append(match)
    parts = [_marked(hit.item.brand, by_field.get("brand", ()))] if hit.item.brand else []
    options = by_field.get("option", ())
    if hit.fitting == 1:
        parts += [_marked(value, options) for value in hit.item.options.values()]
    else:
        parts += [marked(match.text, match.ranges) for match in options]
        parts.append(escaped(t.plural("{n} variant", "{n} variants", hit.fitting)))
    parts += [
        marked(match.text, match.ranges) for field in ("category", "sku", "gtin") for match in by_field.get(field, ())
    ]
    if hit.item.availability == "discontinued":
        parts.append(escaped(t("No longer in the catalogue")))
    return parts


def _marked(text: str, matches: Any) -> str:
    """A text with what was found of it in bold."""
    return marked(text, next((match.ranges for match in matches if match.text == text), ()))
