"""What a customer's fields must be, who may be whom, and what of a contact may be shown."""

import re
import unicodedata
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Any, Literal, NamedTuple

import msgspec
import phonenumbers
from msgspec import UNSET, structs

from server.keys import Keys
from server.settings import Settings
from server.statements.rules import Value, json_text
from server.wire.base import timestamp
from server.wire.codes import CardPattern, black_out_bank_cards, matching_card
from server.wire.customers import CustomerContext, MaskedContact
from server.wire.records import Consent, Contact, CustomerRecord, CustomerReference

Kind = Literal["card", "email", "phone"]
KINDS: tuple[Kind, ...] = ("card", "email", "phone")
"""In the order in which they decide whom a reference means."""

GUEST = "@"
"""First sign of the source of customers that only a contact is known of: `@email`. No source's name starts so."""

FIELDS = (
    "given_name",
    "family_name",
    "emails",
    "phones",
    "cards",
    "locale",
    "city",
    "birth_date",
    "loyalty",
    "consents",
    "attributes",
)
CONTACT_FIELDS: dict[str, Kind] = {"cards": "card", "emails": "email", "phones": "phone"}

_contacts = msgspec.json.Decoder(tuple[Contact, ...])
_consents = msgspec.json.Decoder(tuple[Consent, ...])
_EMAIL = re.compile(r"[^\s@]+@[^\s@.]+(?:\.[^\s@.]+)+")


class ContactRules(NamedTuple):
    """What a chain takes for a card, and which country's numbers phones without a code are (ISO 3166 alpha-2).

    `tombstones` is the key by which a contact of somebody who was erased is recognised.
    """

    card_patterns: tuple[CardPattern, ...]
    country: str
    tombstones: bytes


def contact_rules(settings: Settings, keys: Keys) -> ContactRules:
    """What the settings take for a card and a phone, and how who was erased is recognised."""
    return ContactRules(settings.card_patterns, settings.country, keys.tombstones)


class Meant(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """Whom another record means.

    Attributes:
        source: that they are known in: the record's, or `GUEST` and the kind of the contact that decides.
        external_id: by which they are known there; empty where nobody is named that can be read.
        contacts: that are named, as they are kept, first the one that decides.
        by_id: the record's source names them by an id of its own.
    """

    source: str
    external_id: str
    contacts: tuple[tuple[Kind, str], ...]
    by_id: bool

    @property
    def key(self) -> tuple[str, str] | None:
        return (self.source, self.external_id) if self.external_id else None


class RefusedFieldError(Exception):
    """A field of a record cannot be taken."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"{path}: {reason}")
        self.path = path
        self.reason = reason


def normal_email(text: str) -> str | None:
    """An e-mail in lower case and NFC, or None where it is none. Providers tell letters' cases apart nowhere."""
    email = unicodedata.normalize("NFC", text.strip()).lower()
    return email if _EMAIL.fullmatch(email) and email.isprintable() else None


def normal_phone(text: str, country: str) -> str | None:
    """A phone in E.164, or None where it is none; a number without country code belongs to `country`."""
    text = text.strip()
    if text.startswith("+") and text[1:].isascii() and text[1:].isdigit() and 8 <= len(text) <= 16 and text[1] != "0":
        return text
    try:
        number = phonenumbers.parse(text, country)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def normal_card(text: str, patterns: tuple[CardPattern, ...]) -> str | None:
    """A card that one of the chain's patterns takes, or None; without patterns any code but a bank card is taken."""
    card = text.strip()
    if not patterns:
        return card if card and black_out_bank_cards(card) == card else None
    return matching_card(card, patterns)


def normal_name(text: str) -> str | None:
    """A name in NFC with single spaces, or None where nothing is left of it."""
    return " ".join(unicodedata.normalize("NFC", text).split()) or None


def stated_fields(record: CustomerRecord, rules: ContactRules) -> dict[str, Value]:
    """The fields that a record states, as they are kept.

    Raises:
        RefusedFieldError: a contact is not what its field is for.
    """
    normal: dict[str, Callable[[str], str | None]] = {
        "emails": normal_email,
        "phones": lambda text: normal_phone(text, rules.country),
        "cards": lambda text: normal_card(text, rules.card_patterns),
    }
    fields: dict[str, Value] = {}
    for name in FIELDS:
        stated: Any = getattr(record, name)
        if stated is UNSET:
            continue
        if stated is None:
            fields[name] = None
        elif name in CONTACT_FIELDS:
            fields[name] = json_text(_normal_contacts(name, stated, normal[name]))
        elif name == "consents":
            fields[name] = json_text(tuple(_normal_consents(stated, rules)))
        elif name == "birth_date":
            fields[name] = stated.isoformat()
        elif isinstance(stated, str):
            fields[name] = normal_name(stated)
        else:
            fields[name] = json_text(stated)
    return fields


def _normal_contacts(
    field: str, stated: Iterable[str | Contact], normal: Callable[[str], str | None]
) -> tuple[Contact, ...]:
    contacts: dict[str, bool] = {}
    for index, entry in enumerate(stated):
        # A bare card counts as verified: nobody types thirteen digits of somebody else's by mistake.
        given, verified = (entry, field == "cards") if isinstance(entry, str) else (entry.value, entry.verified)
        value = normal(given)
        if value is None:
            raise RefusedFieldError(f"$.{field}[{index}]", _WHY_NOT[field])
        contacts[value] = contacts.get(value, False) or verified
    return tuple(Contact(value=value, verified=verified) for value, verified in contacts.items())


_WHY_NOT = {
    "emails": "this is no e-mail address: name@host.example",
    "phones": "this is no phone number: write it with its country code, +34600123123",
    "cards": "no card pattern of the settings takes this number; look at its digits or at MOSTRADOR_CARD_PATTERNS",
}


def _normal_consents(stated: Iterable[Consent], rules: ContactRules) -> Iterator[Consent]:
    for index, consent in enumerate(stated):
        if consent.contact is UNSET and consent.how is UNSET:
            yield consent
            continue
        found = consent_contact(consent.contact or "", rules)
        if found is None:
            raise RefusedFieldError(f"$.consents[{index}].contact", NO_CONTACT)
        yield structs.replace(consent, contact=found[1] if found else UNSET, how=consent.how or UNSET)


NO_CONTACT = "this is neither an e-mail address nor a phone number with its country code"


def consent_contact(text: str, rules: ContactRules) -> tuple[Kind, str] | tuple[()] | None:
    """The contact that a consent is for, as contacts are kept; nothing where none is named, None where it is none."""
    if not text:
        return ()
    if email := normal_email(text):
        return "email", email
    phone = normal_phone(text, rules.country)
    return ("phone", phone) if phone else None


def consents_that_count(statements: Iterable[Consent]) -> tuple[Consent, ...]:
    """For each channel and contact what was said last; where both were said at one time, that it was withdrawn."""
    latest: dict[tuple[str, str], Consent] = {}
    for consent in statements:
        key = (consent.channel, consent.contact or "")
        if key not in latest or _said(latest[key]) < _said(consent):
            latest[key] = consent
    return tuple(latest.values())


def _said(consent: Consent) -> tuple[str, bool, str]:
    return timestamp(consent.at), not consent.granted, json_text(consent) or ""


def contacts_in(packed: object) -> tuple[Contact, ...]:
    """Contacts as they are kept."""
    return _contacts.decode(packed) if isinstance(packed, str) else ()


def consents_in(packed: object) -> tuple[Consent, ...]:
    """Consents as they are kept."""
    return _consents.decode(packed) if isinstance(packed, str) else ()


def identities_in(fields: Mapping[str, Value]) -> dict[tuple[Kind, str], bool]:
    """Whom a customer's fields make them: (kind, value) -> verified."""
    return {
        (kind, contact.value): contact.verified
        for field, kind in CONTACT_FIELDS.items()
        for contact in contacts_in(fields[field])
    }


def contacts_named(reference: CustomerReference, rules: ContactRules) -> dict[Kind, str]:
    """The contacts a reference names, as they are kept, in the order of `KINDS`; what is none is passed over."""
    named: dict[Kind, str] = {}
    if reference.card and (card := normal_card(reference.card, rules.card_patterns)):
        named["card"] = card
    if reference.email and (email := normal_email(reference.email)):
        named["email"] = email
    if reference.phone and (phone := normal_phone(reference.phone, rules.country)):
        named["phone"] = phone
    return named


def meant_by(source: str, reference: CustomerReference, rules: ContactRules) -> Meant:
    """Whom a reference means that comes from a source."""
    contacts = tuple(contacts_named(reference, rules).items())
    if reference.external_id is not None:
        return Meant(source, reference.external_id, contacts, by_id=True)
    if not contacts:
        return Meant("", "", (), by_id=False)
    kind, value = contacts[0]
    return Meant(GUEST + kind, value, contacts, by_id=False)


def person_meant(
    named: Collection[tuple[Kind, str]], persons_with: Callable[[Kind, str], Collection[int]]
) -> int | None:
    """Whom contacts mean: cards decide before e-mails before phones; what several people share decides nothing."""
    for kind in KINDS:
        persons = {person for k, value in named if k == kind for person in persons_with(k, value)}
        if len(persons) == 1:
            return persons.pop()
    return None


def masked(kind: Kind, value: str) -> str:
    """A contact with dots in place of most characters, as long as the contact itself."""
    if kind == "email":
        local, _, host = value.rpartition("@")
        hidden = len(local)
        if hidden < 2:
            return f"{'•' * hidden}@{host}"
        return f"{local[0]}{'•' * (hidden - 1)}@{host}"
    length = len(value)
    start, shown = (3, 2) if kind == "phone" else (2, 4)
    if length < 2 * (start + shown):
        start, shown = 0, 2 if length > 4 else 0
    return value[:start] + "•" * (length - start - shown) + value[length - shown :]


def masked_contacts(kind: Kind, contacts: Iterable[Contact]) -> tuple[MaskedContact, ...]:
    """Contacts as they may be shown."""
    return tuple([MaskedContact(value=masked(kind, c.value), verified=c.verified) for c in contacts])


def name_of(given_name: str | None, family_name: str | None) -> str:
    """A person's name as a line; empty where none is known."""
    return " ".join(part for part in (given_name, family_name) if part)


def people_in_context(context: CustomerContext) -> tuple[int, ...]:
    """The numbers of those whom a context shows: the person, and who else it names as perhaps the same."""
    return (context.person.id, *(suggestion.customer_id for suggestion in context.suggestions))
