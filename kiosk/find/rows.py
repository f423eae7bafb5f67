"""What the rows of the find screen say. Pure."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from kiosk.find.state import FindState, Recent
from kiosk.words import Words
from kiosk.words.marks import escaped, marked
from kiosk.words.tiers import tier_words
from server.wire.customers import CustomerHit, Match
from server.wire.orders import Order

Row = dict[str, Any]


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
        contacts.append(escaped(hit.phone))
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
