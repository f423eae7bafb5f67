"""What the rows of the find screen say. Pure."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from kiosk.find.state import FindState, Recent
from kiosk.words import Words
from server.wire.customers import CustomerHit, Match


def marked(text: str, ranges: Iterable[tuple[int, int]]) -> str:
    """A text with ranges in bold, in Kivy's markup; what looks like markup in it stays text."""
    parts, at = [], 0
    for start, end in sorted(ranges):
        begin, stop = max(start, at), min(end, len(text))
        if begin < stop:
            parts += [_escaped(text[at:begin]), "[b]", _escaped(text[begin:stop]), "[/b]"]
            at = stop
    return "".join([*parts, _escaped(text[at:])])


def hit_rows(state: FindState, t: Words, now: datetime) -> list[dict[str, Any]]:
    """A row for each person found."""
    return [_hit_row(hit, t, now) for hit in state.hits]


def recent_rows(recent: Iterable[Recent], t: Words) -> list[dict[str, Any]]:
    """A card for each customer who was looked at on this tablet."""
    return [
        {
            "customer_id": customer.customer_id,
            "name": customer.name,
            "tier": customer.tier or "",
            "cart": cart_words(customer.cart_quantity, t),
        }
        for customer in recent
    ]


def cart_words(quantity: int, t: Words) -> str:
    """How much waits in the cart; nothing where nothing does."""
    return t.plural("{n} in the cart", "{n} in the cart", quantity) if quantity else ""


def _hit_row(hit: CustomerHit, t: Words, now: datetime) -> dict[str, Any]:
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
        "tier": hit.tier or "",
        "cart": cart_words(hit.cart_quantity, t),
        "seen": " · ".join(
            part for part in (t.store(hit.last_store) if hit.last_store else t("Online") if seen else "", seen) if part
        ),
    }


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("[", "&bl;").replace("]", "&br;")
