"""Applying records: each decides by its own time what it changes, so order and repetition do not matter."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from msgspec import structs

from server.carts import actions as carts
from server.carts import queries as cart_queries
from server.catalog import actions as catalog
from server.customers import actions as customers
from server.customers import queries as customer_queries
from server.customers.queries import Has
from server.customers.rules import ContactRules, RefusedFieldError
from server.customers.tombstones import Erased, named_in
from server.db.engine import Connection
from server.events import actions as events
from server.ingest import queries, rules
from server.ingest.ndjson import Line, ReadLine, read_lines
from server.orders import actions as orders
from server.statements.queries import Snapshots
from server.statements.rules import Known, Verdict, content_hash, verdict
from server.stores import actions as stores
from server.views import actions as views
from server.wire.base import timestamp
from server.wire.codes import black_out_bank_cards
from server.wire.events import RecordRemoved
from server.wire.records import (
    CartRecord,
    CustomerRecord,
    CustomerReference,
    DeletionRecord,
    OrderRecord,
    ProductRecord,
    Record,
    RecordsSummary,
    RedactionRecord,
    Refusal,
    StockRecord,
    StoreRecord,
    ViewRecord,
    WishListRecord,
)
from server.wishlists import actions as wishlists
from server.wishlists import queries as wishlist_queries

NOBODY_SAYS_WHEN = "~"
"""The time of a line that could not be read: later than all."""

Snapshot = OrderRecord | CartRecord | WishListRecord


class Outcome(NamedTuple):
    """What became of a record: a verdict, or where and why it was refused."""

    verdict: Verdict | None
    path: str = ""
    reason: str = ""


def apply_batch(conn: Connection, records: Iterable[Record], rules_: ContactRules, now: datetime) -> list[Outcome]:
    """Take records, each with all its effects; one that is refused leaves the others alone."""
    records = list(records)
    batch = _Batch(conn, records, rules_, now)
    outcomes: list[Outcome] = []
    for record in records:
        refused = rules.refusal(record, now)
        if refused is not None:
            outcomes.append(Outcome(None, *refused))
            continue
        try:
            outcomes.append(Outcome(batch.apply(record)))
        except RefusedFieldError as error:
            outcomes.append(Outcome(None, error.path, error.reason))
    batch.finish()
    return outcomes


def take_lines(
    conn: Connection, lines: Iterable[Line], origin: str, rules_: ContactRules, now: datetime
) -> RecordsSummary:
    """Take the records of lines and keep the lines that are refused, bank card numbers blacked out.

    Args:
        conn: of the transaction that all of it happens in.
        lines: of one source, in their order.
        origin: where they come from, as a person would call it: a file's name.
        rules_: what is a card and a phone here.
        now: when.
    """
    return take_read(conn, read_lines(lines), origin, rules_, now)


def take_read(
    conn: Connection, read: Sequence[ReadLine], origin: str, rules_: ContactRules, now: datetime
) -> RecordsSummary:
    """The same for lines that were read before the transaction began."""
    outcomes = iter(apply_batch(conn, [r for _, r in read if not isinstance(r, Refusal)], rules_, now))
    counts: Counter[str] = Counter()
    refusals: list[Refusal] = []
    erased = Erased(conn, rules_)
    for line, record in read:
        if isinstance(record, Refusal):
            path, reason = record.path, record.reason
        else:
            outcome = next(outcomes)
            if outcome.verdict is not None:
                counts[outcome.verdict] += 1
                continue
            path, reason = outcome.path, outcome.reason
        refusal = Refusal(line=line.number, path=path, reason=black_out_bank_cards(reason))
        refusals.append(refusal)
        # What is reported is not kept of whoever was erased.
        if not (erased.any and erased.among(named_in(line.text, rules_), NOBODY_SAYS_WHEN)):
            _keep_refused(conn, line, refusal, origin, now)
    return RecordsSummary(
        new=counts["new"],
        changed=counts["changed"],
        unchanged=counts["unchanged"] + counts["confirmed"],
        older=counts["older"],
        refused=len(refusals),
        refusals=tuple(refusals),
    )


def _keep_refused(conn: Connection, line: Line, refusal: Refusal, origin: str, now: datetime) -> None:
    conn.run(
        queries.SQL.keep_refused,
        origin=origin,
        line=line.number,
        path=refusal.path,
        reason=refusal.reason,
        text=rules.text_kept(line.text),
        text_hash=hashlib.blake2b(line.text, digest_size=16).digest(),
        refused_at=timestamp(now),
    )


class _Batch:
    """Records that share a transaction; placeholders that nothing speaks of any more go at its end."""

    def __init__(self, conn: Connection, records: Sequence[Record], rules_: ContactRules, now: datetime) -> None:
        self.conn = conn
        self.rules = rules_
        self.now = now
        self.snapshots = Snapshots(conn)
        self.customers = customers.Named(conn, rules_)
        snapshots = [r for r in records if isinstance(r, Snapshot)]
        keys = [(_KIND_OF[type(r)], r.source, r.external_id) for r in snapshots]
        if len(keys) > 1:
            self.snapshots.expect(keys)
            self.customers.expect_erased((r.source, r.customer) for r in snapshots if r.customer is not None)
        self.order_ids = orders.Ids(conn, max(len(keys), 1))
        if len(keys) > 1:
            self.customers.expect(
                (r.source, r.customer)
                for r, key in zip(snapshots, keys, strict=True)
                if r.customer is not None and self.snapshots.find(*key) is None
            )
        self.left: dict[int, None] = {}

    def apply(self, record: Record) -> Verdict:
        match record:
            case OrderRecord() | CartRecord() | WishListRecord():
                return self._take_snapshot(record)
            case CustomerRecord():
                return self._state_customer(record)
            case StoreRecord():
                return stores.state_store(self.conn, record, self.now)
            case ProductRecord():
                return catalog.state_product(self.conn, record, self.now)
            case StockRecord():
                return catalog.state_stock(self.conn, record, self.now)
            case ViewRecord():
                return self._view(record)
            case DeletionRecord():
                return self._delete(record)
            case RedactionRecord():
                return self._redact(record)

    def finish(self) -> None:
        self.conn.flush()
        for customer_id in self.left:
            customers.prune(self.conn, customer_id)
        self.conn.flush()

    def _state_customer(self, record: CustomerRecord) -> Verdict:
        erased = self.customers.erased
        before = erased.count
        result = customers.state_customer(self.conn, record, self.rules, erased, self.now)
        if erased.count != before:
            self.snapshots = Snapshots(self.conn)
        return result

    def _take_snapshot(self, record: Snapshot) -> Verdict:
        kind = _KIND_OF[type(record)]
        erased = self.customers.is_erased(record.source, record.customer, record.updated_at)
        if erased:
            # As if it named nobody, also for whoever would compare hashes.
            record = structs.replace(record, customer=None if isinstance(record, OrderRecord | CartRecord) else _NOBODY)
        updated_at, hash_ = timestamp(record.updated_at), content_hash(record)
        known = self.snapshots.find(kind, record.source, record.external_id)
        result = verdict(known, updated_at, hash_)
        if result in ("older", "unchanged"):
            return result
        if erased and not isinstance(record, OrderRecord):
            return self._take_away(record, kind, known, updated_at, hash_)
        if known is not None and known.row_id is not None and result == "confirmed":
            self._touch(kind, known, updated_at)
            self._whom(record, kind, known, updated_at)
            self._hold(record, kind, known._replace(updated_at=updated_at))
            return result
        return self._put(record, kind, known or _UNKNOWN, updated_at, hash_) or result

    def _take_away(self, record: Snapshot, kind: str, known: Known | None, updated_at: str, hash_: bytes) -> Verdict:
        """Show nothing of a cart or wish list that turns out to be of somebody who was erased."""
        if known is not None and known.row_id is not None:
            customers.release_reference(self.conn, None, (kind, record.source, record.external_id))
            if known.customer_id is not None:
                self.left[known.customer_id] = None
            self._withhold(record, kind, known, Known(None, None, None, updated_at, hash_, known.deleted_at))
        return "older"

    def _whom(self, record: Snapshot, kind: str, known: Known, updated_at: str) -> tuple[int | None, bool]:
        """Whose a snapshot is, and whether they asked to be forgotten since."""
        key = (kind, record.source, record.external_id)
        if record.customer is not None and record.customer != _NOBODY:
            return self.customers.resolve(record.source, record.customer, key, updated_at, first=known is _UNKNOWN)
        if known.customer_id is not None:
            customers.release_reference(self.conn, None, key)
        return None, False

    def _put(self, record: Snapshot, kind: str, known: Known, updated_at: str, hash_: bytes) -> Verdict | None:
        """Write a snapshot's rows in place of those before; "older" where its customer asked to be forgotten since."""
        before, placed_at = known.customer_id, None
        customer_id, forgotten = self._whom(record, kind, known, updated_at)
        if before is not None and before != customer_id:
            self.left[before] = None
        if isinstance(record, OrderRecord):
            _, placed_at, row_id = orders.put_order(
                self.conn, record, _order(known), customer_id, self.order_ids, self.now
            )
        elif forgotten:
            self._withhold(record, kind, known, Known(None, None, None, updated_at, hash_, known.deleted_at))
            return "older"
        elif isinstance(record, CartRecord):
            _, row_id = carts.put_cart(self.conn, record, _cart(known), customer_id, self.now)
            if customer_id is not None:
                customers.mark(self.conn, customer_id, Has.CARTS)
        else:
            assert customer_id is not None  # ingest.rules refuses a wish list of nobody
            _, row_id = wishlists.put_wishlist(self.conn, record, _wishlist(known), customer_id, self.now)
            customers.mark(self.conn, customer_id, Has.WISHLISTS)
        self._hold(record, kind, Known(row_id, customer_id, placed_at, updated_at, hash_, known.deleted_at))
        return None

    def _view(self, record: ViewRecord) -> Verdict:
        if self.customers.is_erased(record.source, record.customer, record.viewed_at):
            return "older"
        viewed_at = timestamp(record.viewed_at)
        # A view is never shown anew as a snapshot is: whom it was ever said to be of is kept, each for itself.
        key = ("view", record.source, f"{viewed_at} {record.sku} {content_hash(record.customer).hex()}")
        customer_id, forgotten = self.customers.resolve(record.source, record.customer, key, viewed_at, first=False)
        if forgotten:
            return "older"
        customers.mark(self.conn, customer_id, Has.VIEWS)
        return views.add_view(self.conn, record, customer_id, self.now)

    def _delete(self, record: DeletionRecord) -> Verdict:
        if record.kind == "customer":
            if self.customers.erased.among([("id", record.source, record.external_id)], ""):
                return "older"
            return customers.forget_customer(
                self.conn, record.source, record.external_id, record.deleted_at, self.now, redacted=False
            )
        if record.kind == "product":
            return catalog.delete_product(self.conn, record, self.now)
        at = timestamp(record.deleted_at)
        known = self.snapshots.find(record.kind, record.source, record.external_id)
        if known is None:
            self._hold(record, record.kind, _UNKNOWN._replace(deleted_at=at))
            return "new"
        if known.deleted_at is not None and at <= known.deleted_at:
            return "unchanged" if at == known.deleted_at else "older"
        if known.row_id is None or known.updated_at > at:
            counts = known if known.updated_at > at else _UNKNOWN
            self._hold(record, record.kind, counts._replace(deleted_at=at))
            return "confirmed"
        self._drop(record.kind, record.source, record.external_id, known, at)
        events.record(
            self.conn, RecordRemoved(kind=record.kind, id=known.row_id), self.now, customer_id=known.customer_id
        )
        return "changed"

    def _redact(self, record: RedactionRecord) -> Verdict:
        external_id = record.customer.external_id
        assert external_id is not None  # ingest.rules refuses a redaction without
        if self.customers.erased.among([("id", record.source, external_id)], ""):
            return "older"
        until = timestamp(record.requested_at)
        result = customers.forget_customer(
            self.conn, record.source, external_id, record.requested_at, self.now, redacted=True
        )
        customer_id = customer_queries.customer_id_of(self.conn, record.source, external_id)
        if customer_id is not None and result not in ("older", "unchanged"):
            views.forget_views(self.conn, customer_id, until)
            for kind, keys in (
                ("cart", cart_queries.keys_until(self.conn, customer_id, until)),
                ("wishlist", wishlist_queries.keys_until(self.conn, customer_id, until)),
            ):
                for source, key in keys:
                    known = self.snapshots.find(kind, source, key)
                    if known is not None and known.row_id is not None:
                        self._remove(kind, known)
                        self.snapshots.hold(kind, source, key, known._replace(row_id=None, customer_id=None))
        return result

    def _withhold(self, record: Snapshot, kind: str, known: Known, withheld: Known) -> None:
        """Know a snapshot as the newest, and show nothing of it: its customer asked to be forgotten since."""
        if known.row_id is not None:
            self._remove(kind, known)
            events.record(self.conn, RecordRemoved(kind=kind, id=known.row_id), self.now, customer_id=known.customer_id)
        self._hold(record, kind, withheld)

    def _drop(self, kind: str, source: str, external_id: str, known: Known, at: str) -> None:
        """Take a snapshot's rows away and keep until when it does not count."""
        key = (kind, source, external_id)
        self._remove(kind, known)
        customers.release_reference(self.conn, None, key)
        if known.customer_id is not None:
            self.left[known.customer_id] = None
        self.snapshots.hold(*key, _UNKNOWN._replace(deleted_at=at))

    def _remove(self, kind: str, known: Known) -> None:
        """Take a snapshot's rows away, where it has any."""
        if kind == "order" and (order := _order(known)) is not None:
            orders.remove_order(self.conn, order)
        elif kind == "cart" and (cart := _cart(known)) is not None:
            carts.remove_cart(self.conn, cart)
        elif kind == "wishlist" and (wishlist := _wishlist(known)) is not None:
            wishlists.remove_wishlist(self.conn, wishlist)

    def _touch(self, kind: str, known: Known, updated_at: str) -> None:
        """The same again, later: that shows where it is shown when something was changed last."""
        if kind == "cart" and (cart := _cart(known)) is not None:
            carts.touch_cart(self.conn, cart, updated_at)
        elif kind == "wishlist" and (wishlist := _wishlist(known)) is not None:
            wishlists.touch_wishlist(self.conn, wishlist, updated_at)

    def _hold(self, record: Snapshot | DeletionRecord, kind: str, known: Known) -> None:
        self.snapshots.hold(kind, record.source, record.external_id, known)


_NOBODY = CustomerReference()
_UNKNOWN = Known(None, None, None, "", b"", None)
_KIND_OF: dict[type, str] = {OrderRecord: "order", CartRecord: "cart", WishListRecord: "wishlist"}


def _order(known: Known) -> orders.Place | None:
    """Where an order lies that we hold."""
    if known.row_id is None or known.placed_at is None:
        return None
    return orders.Place(known.customer_id, known.placed_at, known.row_id)


def _cart(known: Known) -> carts.Place | None:
    return None if known.row_id is None else carts.Place(known.customer_id, known.row_id)


def _wishlist(known: Known) -> wishlists.Place | None:
    if known.row_id is None or known.customer_id is None:
        return None
    return wishlists.Place(known.customer_id, known.row_id)
