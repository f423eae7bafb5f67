"""Applying records: each decides by its own time what it changes, so order and repetition do not matter."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from server.carts import actions as carts
from server.carts import queries as cart_queries
from server.catalog import actions as catalog
from server.customers import actions as customers
from server.customers import queries as customer_queries
from server.customers.queries import Has
from server.customers.rules import ContactRules, RefusedFieldError, meant_by
from server.customers.tombstones import Erased, named_in
from server.db.engine import Connection
from server.events import actions as events
from server.ingest import queries, rules
from server.ingest.ndjson import Line
from server.ingest.reader import ReadLine, read_lines
from server.ingest.snapshots import (
    AnySnapshot,
    CartSnapshot,
    OrderSnapshot,
    Snapshot,
    WishListSnapshot,
    snapshot_of,
)
from server.orders import actions as orders
from server.statements.queries import Snapshots
from server.statements.rules import Key, Known, Verdict, content_hash, latest, verdict
from server.stores import actions as stores
from server.views import actions as views
from server.wire.base import timestamp
from server.wire.codes import black_out_bank_cards
from server.wire.events import RecordRemoved
from server.wire.records import (
    CartRecord,
    CustomerRecord,
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


class Outcome(NamedTuple):
    """What became of a record: a verdict, or where and why it was refused."""

    verdict: Verdict | None
    path: str = ""
    reason: str = ""


def apply_batch(
    conn: Connection, records: Iterable[Record | OrderSnapshot], rules_: ContactRules, now: datetime
) -> list[Outcome]:
    """Take records, each with all its effects; one that is refused leaves the others alone."""
    given = _given(records, rules_, now)
    batch = _Batch(conn, [snapshot for snapshot in given if isinstance(snapshot, Snapshot)], rules_, now)
    outcomes: list[Outcome] = []
    for record in given:
        if isinstance(record, Outcome):
            outcomes.append(record)
            continue
        try:
            outcomes.append(Outcome(batch.apply(record)))
        except RefusedFieldError as error:
            outcomes.append(Outcome(None, error.path, error.reason))
    batch.finish()
    return outcomes


def _given(
    records: Iterable[Record | OrderSnapshot], rules_: ContactRules, now: datetime
) -> list[AnySnapshot | Record | Outcome]:
    """Records with what follows from them alone, or the refusal of those that cannot be taken."""
    given: list[AnySnapshot | Record | Outcome] = []
    until = timestamp(latest(now))
    for record in records:
        refused = rules.too_late(record, until) if isinstance(record, OrderSnapshot) else rules.refusal(record, now)
        if refused is not None:
            given.append(Outcome(None, *refused))
        elif isinstance(record, _SNAPSHOTS):
            given.append(snapshot_of(record, rules_))
        else:
            given.append(record)
    return given


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
    return take_read(conn, read_lines(list(lines), rules_), origin, rules_, now)


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

    def __init__(self, conn: Connection, expected: Sequence[AnySnapshot], rules_: ContactRules, now: datetime) -> None:
        self.conn = conn
        self.rules = rules_
        self.now = now
        self.snapshots = Snapshots(conn)
        self.customers = customers.Named(conn, rules_)
        if len(expected) > 1:
            self.snapshots.expect([snapshot.key for snapshot in expected])
            whom = [snapshot.whom for snapshot in expected if snapshot.whom is not None]
            self.customers.expect_erased(whom)
            self.customers.expect(
                snapshot.whom
                for snapshot in expected
                if snapshot.whom is not None and self.snapshots.find(snapshot.key) is None
            )
        self.order_ids = orders.Ids(conn, max(len(expected), 1))
        self.left: dict[int, None] = {}

    def apply(self, record: Record | AnySnapshot) -> Verdict:
        match record:
            case OrderSnapshot() | CartSnapshot() | WishListSnapshot():
                return self._take_snapshot(record)
            case OrderRecord() | CartRecord() | WishListRecord():
                return self._take_snapshot(snapshot_of(record, self.rules))
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

    def _take_snapshot(self, snapshot: AnySnapshot) -> Verdict:
        erased = self.customers.is_erased(snapshot.whom, snapshot.updated_at)
        if erased:
            snapshot = snapshot.of_nobody()
        key, updated_at, hash_ = snapshot.key, snapshot.updated_at, snapshot.content_hash
        known = self.snapshots.find(key)
        result = verdict(known, updated_at, hash_)
        if result in ("older", "unchanged"):
            return result
        if erased and not isinstance(snapshot, OrderSnapshot):
            return self._take_away(snapshot, key, known)
        if (
            known is not None
            and known.row_id is not None
            and result == "confirmed"
            and self._touch(snapshot, key, known)
        ):
            self._whom(snapshot, key, known)
            self.snapshots.hold(key, known._replace(updated_at=updated_at))
            return result
        return self._put(snapshot, key, known or _UNKNOWN) or result

    def _take_away(self, snapshot: AnySnapshot, key: Key, known: Known | None) -> Verdict:
        """Show nothing of a cart or wish list that turns out to be of somebody who was erased."""
        if known is not None and known.row_id is not None:
            customers.release_reference(self.conn, None, key)
            if known.customer_id is not None:
                self.left[known.customer_id] = None
            self._withhold(snapshot, key, known)
        return "older"

    def _whom(self, snapshot: AnySnapshot, key: Key, known: Known) -> tuple[int | None, bool]:
        """Whose a snapshot is, and whether they asked to be forgotten since."""
        if snapshot.whom is not None:
            return self.customers.resolve(snapshot.whom, key, snapshot.updated_at, first=known is _UNKNOWN)
        if known.customer_id is not None:
            customers.release_reference(self.conn, None, key)
        return None, False

    def _put(self, snapshot: AnySnapshot, key: Key, known: Known) -> Verdict | None:
        """Write a snapshot's rows in place of those before; "older" where its customer asked to be forgotten since."""
        before, placed_at = known.customer_id, None
        customer_id, forgotten = self._whom(snapshot, key, known)
        if before is not None and before != customer_id:
            self.left[before] = None
        if isinstance(snapshot, OrderSnapshot):
            _, placed_at, row_id = orders.put_order(
                self.conn, snapshot.order, _order(known), customer_id, self.order_ids, self.now
            )
        elif forgotten:
            self._withhold(snapshot, key, known)
            return "older"
        elif isinstance(snapshot, CartSnapshot):
            _, row_id = carts.put_cart(self.conn, snapshot.record, _cart(known), customer_id, self.now)
            if customer_id is not None:
                customers.mark(self.conn, customer_id, Has.CARTS)
        else:
            assert customer_id is not None  # ingest.rules refuses a wish list of nobody
            _, row_id = wishlists.put_wishlist(self.conn, snapshot.record, _wishlist(known), customer_id, self.now)
            customers.mark(self.conn, customer_id, Has.WISHLISTS)
        self.snapshots.hold(
            key,
            Known(row_id, customer_id, placed_at, snapshot.updated_at, snapshot.content_hash, known.deleted_at),
        )
        return None

    def _view(self, record: ViewRecord) -> Verdict:
        viewed_at, whom = timestamp(record.viewed_at), meant_by(record.source, record.customer, self.rules)
        if self.customers.is_erased(whom, viewed_at):
            return "older"
        # A view is never shown anew as a snapshot is: whom it was ever said to be of is kept, each for itself.
        key = ("view", record.source, f"{viewed_at} {record.sku} {content_hash(record.customer).hex()}")
        customer_id, forgotten = self.customers.resolve(whom, key, viewed_at, first=False)
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
        at, key = timestamp(record.deleted_at), (record.kind, record.source, record.external_id)
        known = self.snapshots.find(key)
        if known is None:
            self.snapshots.hold(key, _UNKNOWN._replace(deleted_at=at))
            return "new"
        if known.deleted_at is not None and at <= known.deleted_at:
            return "unchanged" if at == known.deleted_at else "older"
        if known.row_id is None or known.updated_at > at:
            counts = known if known.updated_at > at else _UNKNOWN
            self.snapshots.hold(key, counts._replace(deleted_at=at))
            return "confirmed"
        self._drop(key, known, at)
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
                for source, id_ in keys:
                    known = self.snapshots.find((kind, source, id_))
                    if known is not None and known.row_id is not None:
                        self._remove(kind, known)
                        self.snapshots.hold((kind, source, id_), known._replace(row_id=None, customer_id=None))
        return result

    def _withhold(self, snapshot: AnySnapshot, key: Key, known: Known) -> None:
        """Know a snapshot as the newest, and show nothing of it: its customer asked to be forgotten since."""
        if known.row_id is not None:
            kind = key[0]
            self._remove(kind, known)
            events.record(self.conn, RecordRemoved(kind=kind, id=known.row_id), self.now, customer_id=known.customer_id)
        self.snapshots.hold(key, Known(None, None, None, snapshot.updated_at, snapshot.content_hash, known.deleted_at))

    def _drop(self, key: Key, known: Known, at: str) -> None:
        """Take a snapshot's rows away and keep until when it does not count."""
        self._remove(key[0], known)
        customers.release_reference(self.conn, None, key)
        if known.customer_id is not None:
            self.left[known.customer_id] = None
        self.snapshots.hold(key, _UNKNOWN._replace(deleted_at=at))

    def _remove(self, kind: str, known: Known) -> None:
        """Take a snapshot's rows away, where it has any."""
        if kind == "order" and (order := _order(known)) is not None:
            orders.remove_order(self.conn, order)
        elif kind == "cart" and (cart := _cart(known)) is not None:
            carts.remove_cart(self.conn, cart)
        elif kind == "wishlist" and (wishlist := _wishlist(known)) is not None:
            wishlists.remove_wishlist(self.conn, wishlist)

    def _touch(self, snapshot: AnySnapshot, key: Key, known: Known) -> bool:
        """The same again, later: that shows where it is shown when something was changed last.

        False where it is more than that: a cart that was sold here is open again.
        """
        if isinstance(snapshot, CartSnapshot) and (cart := _cart(known)) is not None:
            is_open = snapshot.record.status == "open"
            return carts.touch_cart(self.conn, cart, snapshot.updated_at, is_open=is_open)
        if key[0] == "wishlist" and (wishlist := _wishlist(known)) is not None:
            wishlists.touch_wishlist(self.conn, wishlist, snapshot.updated_at)
        return True


_SNAPSHOTS = (OrderRecord, CartRecord, WishListRecord)
_UNKNOWN = Known(None, None, None, "", b"", None)


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
