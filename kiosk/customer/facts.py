"""What the customer screen says of a person: who they are, and why they may be here. Pure."""

import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import NamedTuple

from kiosk.customer.state import current_cart, here_of, pieces_of, several
from kiosk.words import Words
from kiosk.words.tiers import tier_words
from server.wire.customers import CustomerContext, Note, Person

REASONS_SHOWN = 3
DOTS_SHOWN = 6
_DOTS = re.compile(f"•{{{DOTS_SHOWN},}}")
SIZES = ("tops", "bottoms", "shoes", "kids")
"""Sizes in the order in which one dresses; others come after them."""

Line = tuple[str, str, str]
"""An icon's name, words and a tone."""


class Facts(NamedTuple):
    """Who this is, why they may be here, and what may be done with them now.

    `chips` are the essentials in one row: tier, points, how much of the cart is here, sizes, consents.
    """

    about: str
    why: tuple[Line, ...]
    tier: str
    points: str
    sizes: tuple[Line, ...]
    consents: tuple[Line, ...]
    chips: tuple[Line, ...]
    likes: str
    notes: str
    notes_by: tuple[Line, ...]
    contact: tuple[Line, ...]
    suggestion: str
    last_seen: str


def facts_of(context: CustomerContext, t: Words, now: datetime) -> Facts:
    """The person in words."""
    person = context.person
    tier = tier_words(person.loyalty.tier, t) if person.loyalty else ""
    points = t.plural("{n} point", "{n} points", person.loyalty.points) if person.loyalty else ""
    sizes, consents = _sizes(context, t), tuple(_consents(person, t))
    since = _since(person)
    likes = ", ".join(context.preferences.likes) or person.attributes.get("likes", "")
    here, pieces = here_of(current_cart(context.carts))
    counts = {"here": t.number(here), "all": t.number(pieces)}
    here_chip = (
        t("{here} of {all} of the first cart here", **counts)
        if several(context.carts)
        else t("{here} of {all} of the cart here", **counts)
    )
    chips = (
        ("star-four-points-outline", tier, "brand"),
        ("", points, "plain"),
        ("store-outline", here_chip if pieces else "", "good"),
        *sizes,
        *consents,
    )
    why = tuple(_reasons(context, t, now))[:REASONS_SHOWN]
    bought = _last_bought(person, t, now)
    return Facts(
        about=" · ".join(
            part
            for part in (
                t("Customer since {year}", year=since) if since else "",
                _language(person.locale, t),
                person.city or "",
            )
            if part
        ),
        why=why,
        tier=tier,
        points=points,
        sizes=sizes,
        consents=consents,
        chips=tuple(chip for chip in chips if chip[1]),
        likes=t("Likes {what}", what=likes) if likes else "",
        notes=t.plural("{n} note", "{n} notes", len(context.notes)) if context.notes else "",
        notes_by=tuple(line for note in context.notes for line in _note(note, t)),
        contact=(
            *(("phone-outline", _masked(phone.value), "soft") for phone in person.phones[:1]),
            *(("email-outline", _masked(email.value), "soft") for email in person.emails[:1]),
        ),
        suggestion=t("May be the same person as {name}", name=context.suggestions[0].name)
        if context.suggestions
        else "",
        last_seen="" if any(bought == said for _, said, _ in why) else bought,
    )


def _masked(contact: str) -> str:
    """A masked contact as it fits a line: dots stand for what is hidden, not for how much that is."""
    return _DOTS.sub("•" * DOTS_SHOWN, contact)


def _reasons(context: CustomerContext, t: Words, now: datetime) -> Iterator[Line]:
    """Why somebody may be here, the likeliest first."""
    ready = [order for order in context.orders if order.status == "ready_for_pickup"]
    if len(ready) == 1:
        yield (
            "package-variant-closed",
            " · ".join(
                part
                for part in (
                    t("Order {number} is ready for pick-up", number=ready[0].number),
                    t.store(ready[0].store or ""),
                )
                if part
            ),
            "brand",
        )
    elif ready:
        words = t.plural("{n} order is ready for pick-up", "{n} orders are ready for pick-up", len(ready))
        yield "package-variant-closed", words, "brand"
    if birthday := _birthday(context.person.birth_date, t, now):
        yield "cake-variant-outline", birthday, "warn"
    if pieces := pieces_of(context.carts):
        yield "cart-outline", waiting_words(pieces, t), "brand"
    if context.views:
        view = context.views[0]
        article = view.item.title if view.item else view.sku
        yield (
            "eye-outline",
            t("Looked at {article} {ago}", article=article, ago=t.ago(view.viewed_at, now)),
            "plain",
        )
    if not context.carts and not context.views and (bought := _last_bought(context.person, t, now)):
        yield "receipt-text-outline", bought, "plain"


def waiting_words(pieces: int, t: Words) -> str:
    """How much waits in a cart."""
    return t.plural("{n} piece waits in the cart", "{n} pieces wait in the cart", pieces)


def _note(note: Note, t: Words) -> tuple[Line, Line]:
    by = " · ".join(part for part in (note.author or "", t.day(note.written_at)) if part)
    return ("", by, "soft"), ("", note.text, "plain")


def _since(person: Person) -> str:
    """The year somebody became a customer, where the shop says so."""
    year = person.attributes.get("customer_since", "")[:4]
    return year if len(year) == 4 and year.isdecimal() else ""


def _sizes(context: CustomerContext, t: Words) -> tuple[Line, ...]:
    """What fits: as it was said here, else as the shop has it."""
    shop = {
        name.removeprefix("size_"): value
        for name, value in context.person.attributes.items()
        if name.startswith("size_")
    }
    sizes = context.preferences.sizes or shop
    order = {kind: place for place, kind in enumerate(SIZES)}
    kinds = sorted(sizes, key=lambda kind: order.get(kind, len(order)))
    return tuple(("tape-measure", f"{sizes[kind]} {_size(kind, t)}", "plain") for kind in kinds)


def _consents(person: Person, t: Words) -> Iterator[Line]:
    for consent in person.consents:
        channel = _channel(consent.channel, t)
        yield (
            _consent_icon(consent.channel, granted=consent.granted),
            t("{channel}: yes", channel=channel) if consent.granted else t("{channel}: no", channel=channel),
            "good" if consent.granted else "plain",
        )


def _last_bought(person: Person, t: Words, now: datetime) -> str:
    if not person.last_seen_at:
        return ""
    where = t.store(person.last_store or "")
    return t("Last bought {ago}", ago=" · ".join(part for part in (t.ago(person.last_seen_at, now), where) if part))


def _consent_icon(channel: str, *, granted: bool) -> str:
    return {"email": "email-outline"}.get(channel, "message-text-outline") if granted else "cancel"


def _channel(channel: str, t: Words) -> str:
    return {"email": t("E-mail"), "sms": "SMS", "phone": t("Phone"), "whatsapp": "WhatsApp", "post": t("Post")}.get(
        channel, channel
    )


def _size(kind: str, t: Words) -> str:
    return {"tops": t("tops"), "bottoms": t("bottoms"), "shoes": t("shoes"), "kids": t("children’s")}.get(kind, kind)


def _language(locale: str | None, t: Words) -> str:
    return t.language_name(locale) if locale else ""


def _birthday(birth_date: str | None, t: Words, now: datetime) -> str:
    """A birthday today or within a week is worth a word."""
    if not birth_date:
        return ""
    born, today = date.fromisoformat(birth_date), now.astimezone(t.time_zone).date()
    for ahead in range(8):
        day = today + timedelta(days=ahead)
        if day == _birthday_in(day.year, born):
            return t("Birthday today") if ahead == 0 else t.plural("Birthday in {n} day", "Birthday in {n} days", ahead)
    return ""


def _birthday_in(year: int, born: date) -> date:
    """Somebody's birthday in a year; who was born on 29 February has it a day earlier where there is none."""
    try:
        return born.replace(year=year)
    except ValueError:
        return date(year, 2, 28)
