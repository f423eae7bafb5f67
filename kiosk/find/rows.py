"""What the rows of the find screen say. Pure."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, NamedTuple

from kiosk.find.state import FindState, Recent
from kiosk.words import Words
from kiosk.words.articles import availability, options_of, price_of, was_words
from kiosk.words.tiers import tier_words
from server.wire.catalog import Product, Variant
from server.wire.customers import CustomerHit, Match
from server.wire.orders import Order

Row = dict[str, Any]
OTHERS_SHOWN = 12


def marked(text: str, ranges: Iterable[tuple[int, int]]) -> str:
    """A text with ranges in bold, in Kivy's markup; what looks like markup in it stays text."""
    parts, at = [], 0
    for start, end in sorted(ranges):
        begin, stop = max(start, at), min(end, len(text))
        if begin < stop:
            parts += [_escaped(text[at:begin]), "[b]", _escaped(text[begin:stop]), "[/b]"]
            at = stop
    return "".join([*parts, _escaped(text[at:])])


def hit_rows(state: FindState, t: Words, now: datetime, *, wide: bool = True) -> list[Row]:
    """A row for each person found, and one that says how many they are."""
    if not state.hits:
        return []
    rows = [{"kind": "HitRow" if wide else "HitCard", **_hit_row(hit, t, now)} for hit in state.hits]
    return [*rows, {"kind": "CountRow", "text": _count_words(state, t)}]


def over_hits(state: FindState, t: Words) -> str:
    """What is to be said before the people are: why they are not those who were asked for, or who they are."""
    if state.shared:
        return t("Several people carry this card. Ask who it is.")
    if state.corrected and state.hits:
        return t("Nobody is called that. Shown instead: {names}", names=", ".join(state.corrected))
    # Said again at the end of the list, where whoever did not find theirs arrives.
    return _showing(state, t) if state.capped and state.hits else ""


def recent_rows(recent: Iterable[Recent], t: Words) -> list[Row]:
    """A card for each customer who was looked at on this tablet."""
    return [
        {
            "customer_id": customer.customer_id,
            "name": customer.name,
            "shown_name": customer.name or t("No name"),
            "tier": tier_words(customer.tier, t),
            "cart": cart_words(customer.cart_quantity, t),
        }
        for customer in recent
    ]


class Article(NamedTuple):
    """An article in words; `others` are chips of what differs from it in one option and is here."""

    title: str
    about: str
    picture: str
    price: str
    was: str
    here: str
    tone: str
    elsewhere: str
    others: tuple[tuple[str, str, str], ...]


def article_of(product: Product, t: Words, now: datetime) -> Article:
    """The article whose code was scanned."""
    variant = next((v for v in product.variants if v.item.sku == product.sku), None)
    if variant is None:
        about = " · ".join(part for part in (product.brand, product.category) if part)
        return Article(product.title, about, product.picture or "", "", "", "", "plain", "", ())
    item = variant.item
    where = availability(variant.stock, 1, t, now)
    return Article(
        title=item.title or product.title,
        about=" · ".join(part for part in (options_of(item), item.brand) if part),
        picture=item.picture or product.picture or "",
        price=t.money(price_of(item), item.currency),
        was=was_words(item, t),
        here=where.here,
        tone=where.tone,
        elsewhere=where.elsewhere or ("" if where.here else t("Nobody counted it here.")),
        others=tuple(_others(product, variant, t))[:OTHERS_SHOWN],
    )


def _others(product: Product, variant: Variant, t: Words) -> Iterator[tuple[str, str, str]]:
    mine = variant.item.options
    for other in product.variants:
        differing = [value for name, value in other.item.options.items() if mine.get(name) != value]
        if len(differing) == 1 and other.stock.here is not None and other.stock.here.quantity > 0:
            yield "", t("{option}: {n} here", option=differing[0], n=t.number(other.stock.here.quantity)), "plain"


def order_words(order: Order, t: Words) -> str:
    """An order that is nobody's: when and where it was, and of what."""
    where = t("Online") if order.channel == "online" else t.store(order.store or "") or t("In store")
    return " · ".join((t.day(order.placed_at), where, ", ".join(line.title for line in order.lines)))


def cart_words(quantity: int, t: Words) -> str:
    """How much waits in the cart; nothing where nothing does."""
    return t.plural("{n} in the cart", "{n} in the cart", quantity) if quantity else ""


def _count_words(state: FindState, t: Words) -> str:
    if state.slow:
        return t("Searching…")
    if state.capped:
        return _showing(state, t)
    return t.plural("{n} person", "{n} people", len(state.hits))


def _showing(state: FindState, t: Words) -> str:
    return t("Showing {n} of many: add a letter or the town.", n=len(state.hits))


def _hit_row(hit: CustomerHit, t: Words, now: datetime) -> Row:
    matches: dict[str, Match] = {match.field: match for match in hit.matches}
    name, city = matches.get("name"), matches.get("city")
    contacts = [marked(match.text, match.ranges) for match in hit.matches if match.field not in {"name", "city"}]
    if hit.phone and "phone" not in matches:
        contacts.append(_escaped(hit.phone))
    if hit.city:
        contacts.append(marked(hit.city, city.ranges if city else ()))
    seen = t.ago(hit.last_seen_at, now) if hit.last_seen_at else ""
    return {
        "customer_id": hit.customer_id,
        "name": hit.name,
        "marked_name": marked(hit.name, name.ranges if name else ()) or t("No name"),
        "contact": " · ".join(contacts),
        "tier": tier_words(hit.tier, t),
        "cart": cart_words(hit.cart_quantity, t),
        "seen": " · ".join(
            part for part in (t.store(hit.last_store) if hit.last_store else t("Online") if seen else "", seen) if part
        ),
    }


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("[", "&bl;").replace("]", "&br;")
