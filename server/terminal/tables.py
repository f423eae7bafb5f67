"""Answers as tables."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from babel import Locale
from rich.box import SIMPLE_HEAD
from rich.columns import Columns
from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.padding import Padding
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from server.db.move import Moved
from server.terminal.words import ago, day, harmless, money, where
from server.wire.access import Device, StaffMember
from server.wire.audit import AuditReport, LookShown
from server.wire.carts import Cart
from server.wire.catalog import Gathered, Item, Product, RefusedRow, StockReport, SyncRun
from server.wire.customers import ORDERS_COUNTED, CustomerContext, CustomerHit, SearchAnswer
from server.wire.lookup import (
    CardKnown,
    CustomerScanned,
    CustomersScanned,
    HandoffScanned,
    OrderScanned,
    ProductScanned,
    ScanAnswer,
    UnknownCode,
)
from server.wire.orders import Order
from server.wire.outbox import ShopState
from server.wire.privacy import RetentionReport
from server.wire.records import RecordsSummary, RefusedRecord

ACCENT = "bold cyan"
SOFT = "bright_black"
REFUSALS_SHOWN = 20

_UNKNOWN = {
    "card": "No customer has this card. Search by name, or register the card in the shop's own system.",
    "gtin": "The catalogue has no article with this number. See mostrador catalog runs: which were taken.",
    "other": "This is no card, article or order that is known here. Scan it again, or look for somebody by name: "
    "mostrador search TEXT",
    "empty": "Nothing was read. Scan again.",
}


class Tables:
    """Writes answers to a console, in its locale."""

    def __init__(self, console: Console, locale: Locale, now: datetime) -> None:
        self._console = console
        self._locale = locale
        self._now = now

    def scan(self, answer: ScanAnswer) -> None:
        """What a code means."""
        match harmless(answer):
            case CustomerScanned(context=context):
                self._console.print(self._context(context))
            case CustomersScanned(hits=hits):
                self._console.print("Several people carry this card. Ask who it is:")
                self._console.print(self._hits(hits))
            case ProductScanned(product=product):
                self._console.print(self._product(product))
            case OrderScanned(order=order):
                self._console.print(self._orders((order,), 1))
            case CardKnown():
                self._console.print("This card is known.")
            case HandoffScanned(code=code):
                self._console.print(f"A cart goes to a till by the code {code}.")
            case UnknownCode(looks_like=looks_like):
                self._console.print(_UNKNOWN[looks_like])

    def search(self, answer: SearchAnswer) -> None:
        """Who was found."""
        if not answer.hits:
            self._console.print("Nobody was found. Try fewer letters, another spelling, a phone or a card.")
            return
        answer = harmless(answer)
        for typed, known in answer.corrected.items():
            self._console.print(Text(f"Nobody is called {typed}. Shown instead: {', '.join(known)}", style=SOFT))
        self._console.print(self._hits(answer.hits))
        if answer.capped:
            self._console.print(Text(f"Showing {len(answer.hits)} of many: add a letter or the town.", style=SOFT))

    def records(self, summaries: Sequence[tuple[str, RecordsSummary]]) -> None:
        """What became of records."""
        table = _table("File", ">New", ">Changed", ">Unchanged", ">Overtaken", ">Refused", title="Records")
        for name, s in summaries:
            refused = Text(f"{s.refused:,}", style="red" if s.refused else "")
            table.add_row(name, f"{s.new:,}", f"{s.changed:,}", f"{s.unchanged:,}", f"{s.older:,}", refused)
        self._console.print(table)
        for name, s in summaries:
            if s.stopped is not None:
                self._console.print(Text(f"{name}: {s.stopped}", style="red"))

    def refused(self, records: Sequence[RefusedRecord]) -> None:
        """Lines that were refused."""
        if not records:
            self._console.print("No line has been refused.")
            return
        table = _table("From", ">Line", "Path", "Why", "The line")
        for record in map(harmless, records):
            table.add_row(
                record.origin, f"{record.line}", record.path, record.reason, Text(record.text[:80], style=SOFT)
            )
        self._console.print(table)

    def retention(self, report: RetentionReport) -> None:
        """What was removed because its time was over."""
        table = _table("What", ">Kept for days", ">Over it" if report.dry_run else ">Removed", title="Retention")
        for name, days in report.kept_days.items():
            table.add_row(name.replace("_", " "), f"{days:,}" if days else "for ever", f"{report.removed[name]:,}")
        self._console.print(table)

    def sync_run(self, run: SyncRun) -> None:
        """What a feed brought."""
        run = harmless(run)
        numbers = (">Rows", ">New", ">Changed", ">Unchanged", ">Gone", ">Refused")
        table = _table("!Source", *numbers, title="Catalogue")
        counts = (run.rows, run.new, run.changed, run.unchanged, run.gone, run.refused)
        table.add_row(run.source, *(f"{n:,}" for n in counts))
        self._console.print(table)
        self._pictures(run.pictures, run.pictures_left)
        if run.refusals:
            self.sync_rejects(run.refusals)
            if run.refused > REFUSALS_SHOWN:
                self._console.print(
                    Text(f"{run.refused:,} rows were refused: mostrador catalog rejects {run.id} --csv", style=SOFT)
                )
        if run.preview:
            rows = _table("!SKU", "What", ">Price before", ">After", title="Some of what would change")
            for change in run.preview[:REFUSALS_SHOWN]:
                before, after = (
                    "" if price is None else money(price, change.currency, self._locale)
                    for price in (change.before, change.after)
                )
                rows.add_row(change.sku, change.what, before, after)
            self._console.print(rows)
        if run.state == "held":
            self._console.print(
                Text(f"Held: {run.detail}. If that is right, send it again with --accept.", style="yellow"),
                soft_wrap=True,
            )
        elif run.detail is not None:
            self._console.print(Text(f"{run.detail[:1].upper()}{run.detail[1:]}."), soft_wrap=True)

    def gathered(self, gathered: Gathered) -> None:
        """What came of links to pictures."""
        if not gathered.kept and not gathered.left:
            self._console.print("No picture was to come.")
        self._pictures(gathered.kept, gathered.left)
        if gathered.refused:
            self.sync_rejects(gathered.refused)

    def _pictures(self, kept: int, left: int) -> None:
        if kept:
            self._console.print(f"{kept:,} {'picture' if kept == 1 else 'pictures'} came.")
        if left:
            waits = "picture waits" if left == 1 else "pictures wait"
            self._console.print(f"{left:,} {waits} for the next time: mostrador catalog pictures")

    def sync_runs(self, runs: Sequence[SyncRun]) -> None:
        """Every time that a catalogue was taken."""
        if not runs:
            self._console.print("No catalogue was ever taken.")
            return
        numbers = (">Rows", ">New", ">Changed", ">Gone", ">Refused")
        table = _table(">Run", "!Source", "!When", "!State", *numbers)
        for run in map(harmless, runs):
            counts = (run.rows, run.new, run.changed, run.gone, run.refused)
            when = ago(run.began_at, self._now, self._locale, short=True)
            table.add_row(f"{run.id}", run.source, when, run.doing or run.state, *(f"{n:,}" for n in counts))
        self._console.print(table)
        for run in map(harmless, runs):
            if run.detail:
                self._console.print(Text(f"Run {run.id}, {run.state}: {run.detail}", style=SOFT), soft_wrap=True)

    def shops(self, states: Sequence[ShopState]) -> None:
        """What shops were told."""
        if not states:
            self._console.print("No shop is told what happens to its carts: see MOSTRADOR_SHOP_WEBHOOKS.")
            return
        table = _table("!Source", "Told at", ">Waiting", ">Tries", "Since", "Trouble")
        for state in map(harmless, states):
            since = ago(state.since, self._now, self._locale, short=True)
            place = state.place or "not in these settings"
            tries = f"{state.tries:,}" if state.tries else ""
            table.add_row(state.source, place, f"{state.waiting:,}", tries, since, state.trouble or "")
        self._console.print(table)

    def stock_report(self, report: StockReport) -> None:
        """What a snapshot of stock brought."""
        report = harmless(report)
        numbers = (">Changed", ">Unchanged", ">Newer here", ">Not named")
        table = _table("!Store", "State", *numbers, title=f"Stock as of {report.as_of}")
        for store in report.stores:
            counts = (store.changed, store.unchanged, store.newer, store.gone)
            state = "counted" if store.state == "counted" else "a newer count is known"
            table.add_row(store.store, state, *(f"{n:,}" for n in counts))
        self._console.print(table)
        if report.refused:
            more = f"… of {report.refused:,} rows that were refused; --json shows more"
            self.sync_rejects(report.refusals, more)

    def sync_rejects(self, rejects: Sequence[RefusedRow], more: str = "… and more; --csv has all") -> None:
        """Rows that were refused."""
        if not rejects:
            self._console.print("No row was refused.")
            return
        rows = _table(">Line", "Field", "Value", "Rule")
        for row in map(harmless, rejects[:REFUSALS_SHOWN]):
            rows.add_row(f"{row.line}", row.field, Text(row.value[:60]), row.rule)
        self._console.print(rows)
        if len(rejects) > REFUSALS_SHOWN:
            self._console.print(Text(more, style=SOFT))

    def audit(self, report: AuditReport) -> None:
        """What a check of the audit found."""
        report = harmless(report)
        if report.findings:
            table = _table("!What", "!Chain", ">Row", "How", title="Not as it was written")
            for finding in report.findings:
                row = "" if finding.position is None else f"{finding.position:,}"
                table.add_row(Text(finding.what.replace("_", " "), style="red"), finding.chain, row, finding.detail)
            self._console.print(table)
        if report.unfinished:
            title = "Unfinished: still running, or killed"
            table = _table("!Chain", "!Last row", ">Rows after the last head", title=title)
            for chain in report.unfinished:
                table.add_row(chain.chain, ago(chain.last_at, self._now, self._locale), f"{chain.rows:,}")
            self._console.print(table)
        if report.chains and sum(f.what == "changed" and f.position == 0 for f in report.findings) >= report.chains:
            self._console.print("No chain holds: is MOSTRADOR_SECRET_FILE the secret that they were written with?")
        whole = f"{len(report.findings):,} findings" if report.findings else "all as it was written"
        self._console.print(f"{report.rows:,} looks in {report.chains:,} chains, {report.heads:,} heads: {whole}.")
        if report.since is not None:
            self._console.print(f"Looks before {report.since} were let go, as MOSTRADOR_RETENTION says.")

    def looks(self, looks: Sequence[LookShown]) -> None:
        """Who saw whom."""
        if not looks:
            self._console.print("Nobody looked.")
            return
        table = _table("!When", "!Where", ">Device", ">Associate", "!Why", "Customers")
        table.columns[-1].overflow = "fold"
        for look in map(harmless, looks):
            device, staff = ("" if number is None else f"{number}" for number in (look.device_id, look.staff_id))
            table.add_row(f"{look.at[:19]}Z", look.kind, device, staff, look.why, ", ".join(map(str, look.people)))
        self._console.print(table)

    def moved(self, moved: Moved) -> None:
        """What a move came to."""
        table = _table("Table", ">Rows", "Checksum, the same in both", title="Moved")
        for name, rows, checksum in moved.tables:
            table.add_row(name, f"{rows:,}", checksum)
        self._console.print(table)
        self._console.print(
            f"{moved.rows_copied:,} rows copied in {moved.seconds_copying:.1f} s, "
            f"read back from both in {moved.seconds_verifying:.1f} s."
        )

    def staff(self, everybody: Sequence[StaffMember]) -> None:
        """Who works here."""
        if not everybody:
            self._console.print("Nobody works here yet: mostrador staff add NAME")
            return
        table = _table(">ID", "Name", "Role", "Stores")
        for member in map(harmless, everybody):
            table.add_row(f"{member.id}", member.name, member.role, ", ".join(member.stores) or "all")
        self._console.print(table)

    def devices(self, every: Sequence[Device]) -> None:
        """Every device."""
        if not every:
            self._console.print("No device was enrolled yet: mostrador devices enrol KIND NAME")
            return
        table = _table(">ID", "Name", "Kind", "Store", "Seen", "Out of use")
        for device in map(harmless, every):
            revoked = "" if device.revoked_at is None else ago(device.revoked_at, self._now, self._locale)
            seen = ago(device.seen_at, self._now, self._locale)
            table.add_row(f"{device.id}", device.name, device.kind, device.store or "", seen, revoked)
        self._console.print(table)

    def _hits(self, hits: Sequence[CustomerHit]) -> Table:
        table = _table(">No.", "Name", "Town", "Tier", "!Phone", "Last seen", ">In cart", "Found by")
        # Commands are given this number: it is whole where everything else is cut.
        table.columns[0].min_width = max(len(f"{hit.customer_id}") for hit in hits)
        for hit in hits:
            name = Text(hit.name)
            other: list[Text] = []
            for match in hit.matches:
                text = name if match.field == "name" else Text(f"{match.field} {match.text}", style=SOFT)
                shift = 0 if match.field == "name" else len(match.field) + 1
                for start, end in match.ranges:
                    text.stylize(ACCENT, start + shift, end + shift)
                if match.field != "name":
                    other.append(text)
            seen = " ".join(filter(None, (ago(hit.last_seen_at, self._now, self._locale), hit.last_store)))
            found = Text(hit.how if hit.how == "corrected" else "", style="yellow")
            for text in other:
                found = found + (" " if found else "") + text
            cart = f"{hit.cart_quantity}" if hit.cart_quantity else ""
            table.add_row(f"{hit.customer_id}", name, hit.city, hit.tier, hit.phone, seen, cart, found)
        return table

    def _context(self, context: CustomerContext) -> RenderableType:
        parts: list[RenderableType] = [self._person(context)]
        parts.extend(self._cart(cart) for cart in context.carts)
        for wishlist in context.wishlists:
            table = _table(
                "Article", "", ">Price", "Stock", "Wished", title=f"{wishlist.name} · {len(wishlist.items)} wished"
            )
            for wish in wishlist.items:
                table.add_row(
                    _title(wish.item, wish.sku),
                    _options(wish.item),
                    self._price(wish.item),
                    where(wish.stock, self._now, self._locale),
                    day(wish.added_at, self._locale),
                )
            parts.append(table)
        if context.orders:
            parts.append(self._orders(context.orders, context.order_count))
        if context.views:
            looked = ", ".join(_title(v.item, v.sku) for v in context.views)
            parts.append(
                Text.assemble(
                    ("Lately viewed  ", "bold"),
                    looked,
                    (f"  {ago(context.views[0].viewed_at, self._now, self._locale)}", SOFT),
                )
            )
        parts.extend(
            Text(
                f"{s.name or 'Customer'} ({s.customer_id}) may be the same person: the {s.because} fits.",
                style="yellow",
            )
            for s in context.suggestions
        )
        return Group(*parts)

    def _person(self, context: CustomerContext) -> Panel:
        person = context.person
        facts = Table.grid(padding=(0, 2))
        facts.add_column(style=SOFT)
        facts.add_column()
        if person.loyalty:
            facts.add_row("Loyalty", f"{person.loyalty.tier} · {person.loyalty.points:,} points")
        for label, contacts in (("E-mail", person.emails), ("Phone", person.phones), ("Card", person.cards)):
            if contacts:
                facts.add_row(label, ", ".join(contact.value for contact in contacts))
        if person.consents:
            facts.add_row(
                "May we write", ", ".join(f"{c.channel} {'yes' if c.granted else 'no'}" for c in person.consents)
            )
        sizes = context.preferences.sizes | {
            k: v for k, v in person.attributes.items() if k not in context.preferences.sizes
        }
        if sizes:
            facts.add_row("Knows of them", ", ".join(f"{name} {value}" for name, value in sizes.items()))
        if context.preferences.likes:
            facts.add_row("Likes", ", ".join(context.preferences.likes))
        for note in context.notes:
            facts.add_row(
                "Note", f"{note.text}  ({', '.join(filter(None, (note.author, day(note.written_at, self._locale))))})"
            )
        if person.last_seen_at:
            facts.add_row(
                "Last bought",
                " ".join(filter(None, (ago(person.last_seen_at, self._now, self._locale), person.last_store))),
            )
        about = " · ".join(filter(None, (person.city, person.locale, f"No. {person.id}")))
        return Panel(
            Group(Text(about, style=SOFT), facts),
            title=Text(person.name or "No name", style=ACCENT),
            title_align="left",
            expand=False,
        )

    def _cart(self, cart: Cart) -> Table:
        title = (
            f"Cart · {money(cart.total, cart.currency, self._locale)} · {ago(cart.updated_at, self._now, self._locale)}"
        )
        table = _table(">", "Article", "", ">When added", ">Now", "Stock", title=title)
        for line in cart.lines:
            table.add_row(
                f"{line.quantity}",
                line.title,
                _options(line.item),
                money(line.unit_price, cart.currency, self._locale),
                self._price(line.item),
                where(line.stock, self._now, self._locale),
            )
        return table

    def _orders(self, orders: Sequence[Order], count: int) -> Table:
        counted = f"{count:,}" + ("+" if count >= ORDERS_COUNTED else "")
        shown = f"latest {len(orders)} of {counted}" if count > len(orders) else counted
        table = _table("!Number", "!Placed", "Where", "Status", "Lines", ">Total", title=f"Orders · {shown}")
        for order in orders:
            lines = Text("\n").join(
                Text(
                    f"{line.quantity} × {line.title}"
                    + (f" ({line.returned_quantity} returned)" if line.returned_quantity else "")
                )
                for line in order.lines
            )
            table.add_row(
                order.number,
                day(order.placed_at, self._locale),
                order.store or order.channel,
                order.status.replace("_", " "),
                lines,
                money(order.total, order.currency, self._locale),
            )
        return table

    def _product(self, product: Product) -> RenderableType:
        table = _table("SKU", "Options", ">Price", "Stock")
        for variant in product.variants:
            style = ACCENT if variant.item.sku == product.sku else ""
            table.add_row(
                variant.item.sku,
                _options(variant.item),
                self._price(variant.item),
                where(variant.stock, self._now, self._locale),
                style=style,
            )
        about = " · ".join(filter(None, (product.brand, product.category)))
        return Group(Columns([Text(product.title, style=ACCENT), Text(about, style=SOFT)]), Padding(table, (0, 0)))

    def _price(self, item: Item | None) -> Text:
        if item is None:
            return Text("")
        if item.sale_price is None:
            return Text(money(item.price, item.currency, self._locale))
        return Text.assemble(
            (money(item.price, item.currency, self._locale), "strike bright_black"),
            " ",
            money(item.sale_price, item.currency, self._locale),
        )


def origin_of(path: str) -> str:
    """A file as messages name it."""
    return "standard input" if path == "-" else Path(path).name


def _table(*columns: str, title: str | None = None) -> "_Table":
    """A table whose columns starting with > hold numbers, and those starting with ! stay on one line."""
    table = _Table(
        box=SIMPLE_HEAD, title=title, title_justify="left", title_style="bold", header_style=SOFT, pad_edge=False
    )
    for column in columns:
        table.add_column(
            column.lstrip(">!"),
            justify="right" if column.startswith(">") else "left",
            no_wrap=column.startswith((">", "!")),
        )
    return table


class _Table(Table):
    """A table that leaves out columns in which nothing stands."""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        columns = self.columns
        self.columns = [column for column in columns if any(map(str, column.cells))] or columns
        yield from super().__rich_console__(console, options)
        self.columns = columns


def _title(item: Item | None, sku: str) -> str:
    return item.title if item else sku


def _options(item: Item | None) -> Text:
    return Text(" · ".join(item.options.values()) if item else "", style=SOFT)
