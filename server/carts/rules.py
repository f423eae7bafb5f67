"""What a cart holds, of what its shop shows and what was changed here. Pure.

What the shop says and what was done here are kept apart. Of each snapshot only its difference to the one before counts;
a change made here stays pending until the shop has it. A shop that says with each snapshot which of our changes are in
it (`seen_version`) is followed exactly: those are its own by then, the others are made anew on what it shows. Of a shop
that does not say, a change counts as taken as far as its snapshots move the same way.
"""

from collections import defaultdict, deque
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from server.wire.records import CartLineRecord

LARGEST = 10**9
"""Pieces of a line, as in records."""
GONE_KEPT = 20
"""As many lines that are gone are known by their numbers, for whoever puts one back, or changed it before they knew."""


class Edit(NamedTuple):
    """A change made here that the shop is not known to have: in which version of the cart, from what to what."""

    version: int
    base: int
    quantity: int


class Line(NamedTuple):
    """A line of a cart.

    Attributes:
        number: ours, of this cart alone; it stays, whatever the shop calls the line.
        line_id: the shop's, if it has one.
        unit_price: when it was put in.
        shop_quantity: what the shop showed last; 0: it does not have the line.
        quantity: what is shown here.
        edits: changes that the shop is yet to say it has seen, oldest first; none where it never says.
    """

    number: int
    line_id: str | None
    sku: str
    title: str
    unit_price: int
    shop_quantity: int
    quantity: int
    edits: tuple[Edit, ...] = ()

    @property
    def is_pending(self) -> bool:
        """Whether something was changed here that the shop does not show yet."""
        return self.quantity != self.shop_quantity or bool(self.edits)

    @property
    def is_gone(self) -> bool:
        """Whether neither side has it any more."""
        return not (self.quantity or self.shop_quantity or self.edits)


class Article(NamedTuple):
    """What is put into a cart, at its price of now."""

    sku: str
    title: str
    unit_price: int


class Change(NamedTuple):
    """A line as it is after a change, and the version of the cart with it: each change of a cart has its own.

    So a shop that heard of some of them says of which.
    """

    line: Line
    version: int


class Sold(NamedTuple):
    """What was sold of a line, as the shop called that when a till got it."""

    line_id: str | None
    sku: str
    quantity: int


class Lines(NamedTuple):
    """The lines of a cart in their order, the number of the next new one, and how far the shop says it has seen ours.

    `seen_version` is None where the shop never says.
    """

    lines: tuple[Line, ...] = ()
    next_number: int = 1
    seen_version: int | None = None


def merged(base: int, current: int, wanted: int) -> int:
    """What two hands make of a quantity that both saw as `base`: the other made it `current`, this one `wanted`.

    The same change counts once; different ones are added up. Nobody loses a line that neither of them took out.
    """
    if current in (base, wanted):
        return wanted
    if wanted == base:
        return current
    least = 0 if 0 in (current, wanted) else 1
    return min(max(current + wanted - base, least), LARGEST)


def begun(stated: Iterable[CartLineRecord], seen_version: int | None) -> Lines:
    """The lines of a cart that is shown for the first time."""
    return taken(Lines(), stated, seen_version, is_open=True)


def taken(held: Lines, stated: Iterable[CartLineRecord], seen_version: int | None, *, is_open: bool) -> Lines:
    """The lines after a snapshot of the shop's, in its order; what it does not have follows.

    A line is known again by the shop's id and SKU, else by its SKU. Once a cart is closed, nothing is pending.
    """
    shown = [line for line in stated if line.quantity]
    known = _known(held.lines, shown)
    number = held.next_number
    lines: list[Line] = []
    for record, at in zip(shown, known, strict=True):
        if at is None:
            before = Line(number, None, record.sku, record.title, record.unit_price, 0, 0)
            number += 1
        else:
            before = held.lines[at]
        said = before._replace(line_id=record.line_id, title=record.title, unit_price=record.unit_price)
        lines.append(_moved(said, record.quantity, seen_version, is_open=is_open))
    used = set(known)
    for at, before in enumerate(held.lines):
        if at not in used:
            lines.append(_moved(before, 0, seen_version, is_open=is_open))
    return Lines(_kept(lines), number, seen_version)


def with_quantity(held: Lines, number: int, base: int, wanted: int, version: int) -> tuple[Lines, Line] | None:
    """The lines after somebody who saw `base` of one wants `wanted`, and that line; None: it is not known any more.

    Args:
        held: before.
        number: of the line.
        base: what they saw.
        wanted: what it shall be; 0 takes it out.
        version: of the cart with this change.
    """
    for at, line in enumerate(held.lines):
        if line.number == number:
            return _changed(held, at, merged(base, line.quantity, wanted), version)
    return None


def with_more(held: Lines, article: Article, quantity: int, version: int) -> tuple[Lines, Line]:
    """The lines after somebody put in so many of an article, and the line where they are now.

    That is the line of its SKU, also one that was taken out; it costs what it cost when it was put in.
    """
    of_sku = [(at, line) for at, line in enumerate(held.lines) if line.sku == article.sku]
    if of_sku:
        at, line = min(of_sku, key=lambda found: (not found[1].quantity, not found[1].shop_quantity))
        if not (line.quantity or line.shop_quantity):
            held = _with(held, at, line._replace(title=article.title, unit_price=article.unit_price))
        return _changed(held, at, min(line.quantity + quantity, LARGEST), version)
    line = Line(held.next_number, None, article.sku, article.title, article.unit_price, 0, 0)
    grown = held._replace(lines=(*held.lines, line), next_number=held.next_number + 1)
    return _changed(grown, len(held.lines), quantity, version)


def with_other(
    held: Lines, number: int, base: int, wanted: int, article: Article, version: int
) -> tuple[Lines, tuple[Change, ...]] | None:
    """The lines after another article took a line's place, and what was changed; None: the line is not known.

    How many of it there are is found as in `with_quantity`; where somebody took the line out meanwhile, that counts.

    Args:
        held: before.
        number: of the line that makes room.
        base: what whoever wants that saw of it.
        wanted: how many there shall be of the article.
        article: what takes its place, or joins its own line.
        version: of the cart with the first change.
    """
    before = next((line for line in held.lines if line.number == number), None)
    if before is None:
        return None
    quantity = merged(base, before.quantity, wanted)
    grown, changes = held, list[Change]()
    if quantity:
        is_shown = any(line.quantity for line in held.lines if line.sku == article.sku)
        grown, more = with_more(held, article, quantity, version)
        grown = grown if is_shown else _beside(grown, more, number)
        changes.append(Change(more, version))
    last = version + len(changes)
    left, gone = _changed(grown, _place(grown.lines, number), 0, last)
    return left, (*changes, Change(gone, last))


def without(held: Lines, sold: Sequence[Sold], version: int) -> tuple[Lines, tuple[Change, ...]]:
    """The lines after what was sold is taken out, and what was changed: each line once.

    It is taken from the line that the shop calls as it was called, and where that has not as many, or is no more, from
    any of the article: whatever the shop showed meanwhile, no more and no less is gone, as far as it is there.

    Args:
        held: before.
        sold: what was.
        version: of the cart with the first change.
    """
    left = {line.number: line.quantity for line in held.lines}
    due = [one.quantity for one in sold]
    for is_theirs in (_is_called, _is_of_article):
        for at, one in enumerate(sold):
            for line in held.lines:
                if is_theirs(line, one):
                    out = min(left[line.number], due[at])
                    left[line.number] -= out
                    due[at] -= out
    after, changes = held, list[Change]()
    for line in held.lines:
        if left[line.number] != line.quantity:
            of_now = version + len(changes)
            after, changed = _changed(after, _place(after.lines, line.number), left[line.number], of_now)
            changes.append(Change(changed, of_now))
    return after, tuple(changes)


def _is_called(line: Line, sold: Sold) -> bool:
    return (line.line_id, line.sku) == (sold.line_id, sold.sku)


def _is_of_article(line: Line, sold: Sold) -> bool:
    return line.sku == sold.sku


def _beside(held: Lines, line: Line, number: int) -> Lines:
    """The lines with one of them moved in front of another."""
    others = [other for other in held.lines if other != line]
    at = _place(others, number)
    return held._replace(lines=(*others[:at], line, *others[at:]))


def _place(lines: Sequence[Line], number: int) -> int:
    return next(at for at, line in enumerate(lines) if line.number == number)


def _changed(held: Lines, at: int, quantity: int, version: int) -> tuple[Lines, Line]:
    line = held.lines[at]
    if quantity == line.quantity:
        return held, line
    edits: tuple[Edit, ...] = ()
    if held.seen_version is not None:
        edits = (*line.edits, Edit(version, line.quantity, quantity))
        if not line.edits and line.quantity != line.shop_quantity:
            # Pending since before the shop began to say what it saw: one change more that it is yet to see.
            edits = (Edit(version, line.shop_quantity, line.quantity), *edits)
    changed = line._replace(quantity=quantity, edits=edits)
    after = _with(held, at, changed)
    return after._replace(lines=_kept(after.lines)), changed


def _with(held: Lines, at: int, line: Line) -> Lines:
    return held._replace(lines=(*held.lines[:at], line, *held.lines[at + 1 :]))


def _moved(line: Line, shop_quantity: int, seen_version: int | None, *, is_open: bool) -> Line:
    """A line after the shop shows so many of it."""
    edits: tuple[Edit, ...] = ()
    if not is_open:
        quantity = shop_quantity
    elif seen_version is not None and line.edits:
        edits = tuple(edit for edit in line.edits if edit.version > seen_version)
        quantity = shop_quantity
        for edit in edits:
            quantity = merged(edit.base, quantity, edit.quantity)
    else:
        quantity = _followed(line.shop_quantity, line.quantity, shop_quantity)
    return line._replace(shop_quantity=shop_quantity, quantity=quantity, edits=edits)


def _followed(shown: int, quantity: int, shows: int) -> int:
    """A quantity after a shop that does not say what it saw goes from what it showed to what it shows."""
    pending, move = quantity - shown, shows - shown
    seen = min(max(move, 0), pending) if pending > 0 else max(min(move, 0), pending)
    least = 0 if 0 in (quantity, shows) else 1
    return min(max(shows + pending - seen, least), LARGEST)


def _known(lines: Sequence[Line], stated: Sequence[CartLineRecord]) -> list[int | None]:
    """Which line each of a snapshot's lines is, by its place among those we have."""
    by_id: dict[tuple[str, str], deque[int]] = defaultdict(deque)
    by_sku: dict[str, deque[int]] = defaultdict(deque)
    for at in sorted(range(len(lines)), key=lambda n: lines[n].is_gone):
        line = lines[at]
        by_sku[line.sku].append(at)
        if line.line_id is not None:
            by_id[line.line_id, line.sku].append(at)
    found: list[int | None] = [None] * len(stated)
    used: set[int] = set()
    for n, record in enumerate(stated):
        if record.line_id is not None and (same := by_id[record.line_id, record.sku]):
            found[n] = same.popleft()
    used.update(at for at in found if at is not None)
    for n, record in enumerate(stated):
        if found[n] is None:
            free = by_sku[record.sku]
            while free and free[0] in used:
                free.popleft()
            if free:
                found[n] = free.popleft()
    return found


def _kept(lines: Sequence[Line]) -> tuple[Line, ...]:
    """Lines that somebody has, and then some of those that are gone."""
    gone = [line for line in lines if line.is_gone]
    return (*(line for line in lines if not line.is_gone), *gone[:GONE_KEPT])
