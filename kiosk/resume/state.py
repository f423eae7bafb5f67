"""What the cart's screen knows, and how each happening changes it. Pure."""

from collections import Counter
from collections.abc import Iterable
from typing import Literal

import msgspec

from kiosk.resume.edits import MOST, Amount, Edit, Join, More, drawn, wished
from kiosk.words.articles import is_sold
from server.wire.base import Wire
from server.wire.carts import Cart, CartLine
from server.wire.catalog import Item, Product, Stock, Variant
from server.wire.kiosks import KioskCart
from server.wire.wishlists import WishList

REMOVED_KEPT = 3
"""So many lines that were taken out can be put back by one touch."""

Phase = Literal["nobody", "loading", "shown", "unreachable", "refused"]
SheetKind = Literal["", "variants", "wishes"]
NoteKind = Literal[
    "",
    "added",
    "no_product",
    "bank_card",
    "no_cart",
    "choose_first",
    "other_currency",
    "unreachable",
    "gone_elsewhere",
    "closed",
    "at_till",
    "not_possible",
    "joined",
    "released",
    "run_out",
]


class Removed(Wire):
    """A line that the customer took out, and where it stood."""

    cart: int
    line: CartLine
    place: int


class Sheet(Wire):
    """What lies over the cart: another size or colour of a line, or what is wished for.

    Attributes:
        kind: which of them, or none.
        line: number of the line that becomes another variant.
        product: what there is of it; None until that is known.
        picked: name and value of each option that was touched last.
        lost: it could not be had.
    """

    kind: SheetKind = ""
    line: int = 0
    product: Product | None = None
    picked: tuple[tuple[str, str], ...] = ()
    lost: bool = False


class Note(Wire):
    """One quiet sentence, which stands until something else is done; `title` is the article it speaks of."""

    kind: NoteKind = ""
    title: str = ""


class ResumeState(Wire):
    """The carts as the server told them last, and what the customer wishes of them since.

    Attributes:
        carts: open ones, the current one first.
        edits: wishes without an answer so far, the oldest first.
        chosen: the cart that the customer goes on with; None: they have not said it, or have but one.
        removed: what can be put back, the latest last.
        glowing: SKUs of lines that changed just now.
        glow: counts how often something did.
        reached: whether the server answered last.
        asked: numbers the customers, so that no answer comes to the next one.
    """

    phase: Phase = "nobody"
    first_name: str | None = None
    carts: tuple[Cart, ...] = ()
    wishlists: tuple[WishList, ...] = ()
    edits: tuple[Edit, ...] = ()
    chosen: int | None = None
    removed: tuple[Removed, ...] = ()
    glowing: tuple[str, ...] = ()
    glow: int = 0
    sheet: Sheet = Sheet()
    note: Note = Note()
    reached: bool = True
    asked: int = 0


def opened(state: ResumeState) -> ResumeState:
    """Somebody proved who they are: their carts are looked up; nothing of whoever was before stays."""
    return ResumeState(phase="loading", asked=state.asked + 1)


def forgotten(state: ResumeState) -> ResumeState:
    """Nobody is there: nothing of anybody stays."""
    return ResumeState(asked=state.asked + 1)


def failed(state: ResumeState, phase: Literal["unreachable", "refused"]) -> ResumeState:
    """There was no answer; whoever sees a cart goes on seeing it."""
    if state.phase == "shown":
        return msgspec.structs.replace(state, reached=phase != "unreachable")
    return msgspec.structs.replace(state, phase=phase)


def seen(state: ResumeState, told: KioskCart) -> ResumeState:
    """The carts are there, or told anew; what somebody else changed glows."""
    known = {cart.id: cart for cart in state.carts}
    carts = tuple(
        known[cart.id] if cart.id in known and known[cart.id].version > cart.version else cart for cart in told.carts
    )
    after = msgspec.structs.replace(
        state,
        phase="shown",
        first_name=told.first_name,
        carts=carts,
        wishlists=told.wishlists,
        reached=True,
    )
    return _with_news(state, after) if state.phase == "shown" else after


def current(state: ResumeState) -> Cart | None:
    """The cart that the customer goes on with, with all they wish of it; None where they have none or are to choose."""
    carts = tuple(drawn(cart, state.edits) for cart in state.carts)
    chosen = next((cart for cart in carts if cart.id == state.chosen), None)
    if chosen is not None:
        return chosen
    filled = [cart for cart in carts if cart.lines]
    return None if len(filled) > 1 else next(iter(filled or carts), None)


def filled_carts(state: ResumeState) -> tuple[Cart, ...]:
    """The carts with something in them, the current one first."""
    return tuple(cart for cart in (drawn(cart, state.edits) for cart in state.carts) if cart.lines)


def others_of(state: ResumeState) -> tuple[Cart, ...]:
    """The carts with something in them beside the one that is shown."""
    cart = current(state)
    return () if cart is None else tuple(other for other in filled_carts(state) if other.id != cart.id)


def has_lines(state: ResumeState) -> bool:
    """Whether there is anything in the cart that is shown."""
    cart = current(state)
    return cart is not None and bool(cart.lines)


def wishes_of(state: ResumeState | None) -> int:
    """How many wishes can be put into a cart."""
    if state is None or not state.carts:
        return 0
    return sum(is_sold(wish.item) for wishes in state.wishlists for wish in wishes.items)


def must_choose(state: ResumeState) -> bool:
    """Whether there are several carts and the customer has not said which to go on with."""
    return state.phase == "shown" and current(state) is None and len(filled_carts(state)) > 1


def is_held(state: ResumeState, line: int) -> bool:
    """Whether a line cannot be changed before an answer is there: nobody knows its number by then."""
    cart = current(state)
    return line == 0 or any(
        isinstance(edit, Amount)
        and edit.variant is not None
        and cart is not None
        and (edit.cart, edit.seen.line) == (cart.id, line)
        for edit in state.edits
    )


def chose(state: ResumeState, cart: int | None) -> ResumeState:
    """The customer goes on with one of their carts, or looks at all of them again."""
    return msgspec.structs.replace(state, chosen=cart, removed=(), glowing=(), sheet=Sheet(), note=Note())


def joined(state: ResumeState, keys: Iterable[str], target: int) -> ResumeState:
    """All carts shall be one: each that fits is put into the one that the customer goes on with."""
    into = next((cart for cart in filled_carts(state) if cart.id == target), None)
    if into is None:
        return state
    sources = [cart for cart in filled_carts(state) if cart.id != target and cart.currency == into.currency]
    joins = tuple(Join(key=key, source=cart.id, target=target) for key, cart in zip(keys, sources, strict=False))
    return msgspec.structs.replace(chose(state, target), edits=(*state.edits, *joins))


def amount(state: ResumeState, key: str, line: int, quantity: int) -> ResumeState:
    """The customer wants another quantity of a line; none takes it out, and it can be put back."""
    found = _line(state, line)
    if found is None or is_held(state, line):
        return state
    cart, place, before = found
    if not 0 <= quantity <= max(MOST, before.quantity):
        return state
    wish = Amount(key=key, cart=cart.id, seen=before, place=place, base=before.quantity, quantity=quantity)
    removed = state.removed
    if quantity == 0:
        removed = (*removed, Removed(cart=cart.id, line=before, place=place))[-REMOVED_KEPT:]
    return msgspec.structs.replace(state, edits=wished(state.edits, wish), removed=removed, glowing=(), note=Note())


def put_back(state: ResumeState, key: str, sku: str) -> ResumeState:
    """A line that was taken out is wanted after all."""
    cart = current(state)
    gone = next((one for one in state.removed if one.line.sku == sku), None)
    if gone is None or cart is None or gone.cart != cart.id:
        return state
    wish = Amount(key=key, cart=cart.id, seen=gone.line, place=gone.place, base=0, quantity=gone.line.quantity)
    removed = tuple(one for one in state.removed if one is not gone)
    return msgspec.structs.replace(state, edits=wished(state.edits, wish), removed=removed)


def added(state: ResumeState, key: str, item: Item, stock: Stock) -> ResumeState:
    """An article was held to the reader, or taken from the wish list."""
    cart = current(state)
    if cart is None:
        return noted(state, "choose_first" if must_choose(state) else "no_cart")
    if cart.currency != item.currency:
        return noted(state, "other_currency", item.title)
    more = More(key=key, cart=cart.id, item=item, stock=stock)
    after = msgspec.structs.replace(
        state,
        edits=(*state.edits, more),
        removed=tuple(one for one in state.removed if one.line.sku != item.sku),
        glowing=(item.sku,),
        glow=state.glow + 1,
    )
    return noted(after, "added", item.title)


def varied(state: ResumeState, key: str, line: int, variant: Variant) -> ResumeState:
    """The customer chose another size or colour of a line."""
    found = _line(state, line)
    closed = msgspec.structs.replace(state, sheet=Sheet())
    if found is None or is_held(state, line) or found[2].sku == variant.item.sku:
        return closed
    cart, place, before = found
    wish = Amount(
        key=key,
        cart=cart.id,
        seen=before,
        place=place,
        base=before.quantity,
        quantity=before.quantity,
        variant=variant.item,
        stock=variant.stock,
    )
    return msgspec.structs.replace(closed, edits=wished(state.edits, wish), glowing=(), note=Note())


def sending(state: ResumeState) -> ResumeState:
    """The oldest wish goes on its way: from now on it may have arrived."""
    first = msgspec.structs.replace(state.edits[0], sent=True)
    return msgspec.structs.replace(state, edits=(first, *state.edits[1:]))


def answered(state: ResumeState, cart: Cart) -> ResumeState:
    """The oldest wish was granted, and the cart is told as it is now."""
    edit, *rest = state.edits
    carts = tuple(cart if cart.id == known.id and cart.version >= known.version else known for known in state.carts)
    if isinstance(edit, Join):
        # What was in it is in the other one, until the server tells both anew.
        carts = tuple(
            msgspec.structs.replace(known, lines=(), total=0) if known.id == edit.source else known for known in carts
        )
    after = msgspec.structs.replace(state, carts=carts, edits=tuple(rest), reached=True)
    if isinstance(edit, Join):
        return after if any(isinstance(one, Join) for one in rest) else noted(after, "joined")
    return _with_news(state, after)


def refused(state: ResumeState, code: str, key: str) -> ResumeState:
    """The oldest wish cannot be granted: the cart is drawn as it is, and it is said why.

    A line that is to come back, and is known no more, is put in anew, under another key.
    """
    edit, *rest = state.edits
    if code == "unknown_line" and isinstance(edit, Amount) and edit.base == 0 and edit.seen.item is not None:
        anew = More(key=key, cart=edit.cart, item=edit.seen.item, stock=edit.seen.stock, quantity=edit.quantity)
        return msgspec.structs.replace(state, edits=(anew, *rest), reached=True)
    after = msgspec.structs.replace(state, edits=tuple(rest), reached=True)
    title = {Amount: _seen_title, More: _item_title}.get(type(edit), lambda _: "")(edit)
    match code:
        case "unknown_line":
            return noted(after, "gone_elsewhere", title)
        case "cart_closed" | "unknown_cart":
            return noted(msgspec.structs.replace(after, edits=(), removed=()), "closed")
        case "handoff_taken":
            return noted(after, "at_till")
        case "other_currency":
            return noted(after, "other_currency", title)
        case _:
            return noted(after, "not_possible", title)


def _seen_title(edit: Edit) -> str:
    return edit.seen.title if isinstance(edit, Amount) else ""


def _item_title(edit: Edit) -> str:
    return edit.item.title if isinstance(edit, More) else ""


def unanswered(state: ResumeState) -> ResumeState:
    """Nobody answered: the wish stays, and is sent again."""
    return msgspec.structs.replace(state, reached=False)


def noted(state: ResumeState, kind: NoteKind, title: str = "") -> ResumeState:
    """Something is to be said."""
    return msgspec.structs.replace(state, note=Note(kind=kind, title=title))


def dimmed(state: ResumeState, glow: int) -> ResumeState:
    """What changed has glowed, unless something else did since."""
    return msgspec.structs.replace(state, glowing=()) if state.glow == glow else state


def sheet_opened(state: ResumeState, kind: SheetKind, line: int = 0) -> ResumeState:
    """A sheet is laid over the cart, or taken away."""
    if kind == "variants" and (_line(state, line) is None or is_held(state, line)):
        return state
    return msgspec.structs.replace(state, sheet=Sheet(kind=kind, line=line), note=Note())


def sheet_filled(state: ResumeState, line: int, product: Product | None) -> ResumeState:
    """What there is of a product is known, or cannot be had; nothing where the sheet is not open any more."""
    if (state.sheet.kind, state.sheet.line) != ("variants", line):
        return state
    if product is None:
        return msgspec.structs.replace(state, sheet=msgspec.structs.replace(state.sheet, lost=True))
    found = _line(state, line)
    sku = found[2].sku if found else product.sku
    variant = next((one for one in product.variants if one.item.sku == sku), None)
    picked = tuple(variant.item.options.items()) if variant else ()
    return msgspec.structs.replace(state, sheet=Sheet(kind="variants", line=line, product=product, picked=picked))


def picked(state: ResumeState, name: str, value: str) -> ResumeState:
    """An option was touched; where nothing has it together with the others, they follow it."""
    product = state.sheet.product
    if product is None:
        return state
    options = dict(state.sheet.picked) | {name: value}
    fitting = [one for one in product.variants if one.item.options.get(name) == value]
    if not fitting:
        return state
    best = max(fitting, key=lambda one: sum(one.item.options.get(key) == wanted for key, wanted in options.items()))
    sheet = msgspec.structs.replace(state.sheet, picked=tuple(best.item.options.items()))
    return msgspec.structs.replace(state, sheet=sheet)


def variant_of(sheet: Sheet) -> Variant | None:
    """The variant that is picked on a sheet."""
    if sheet.product is None:
        return None
    return next((one for one in sheet.product.variants if one.item.options == dict(sheet.picked)), None)


def _line(state: ResumeState, number: int) -> tuple[Cart, int, CartLine] | None:
    """A line of the cart that is shown, and its place."""
    cart = current(state)
    if cart is None:
        return None
    return next(((cart, at, line) for at, line in enumerate(cart.lines) if line.line == number), None)


def _is_closed(before: ResumeState, after: ResumeState) -> bool:
    """Whether the cart that was shown, and had something in it, is open no more."""
    was = current(before)
    return was is not None and bool(was.lines) and all(cart.id != was.id for cart in after.carts)


def _with_news(before: ResumeState, after: ResumeState) -> ResumeState:
    """The same state; what is drawn otherwise than before glows, and what somebody else took out is named."""
    was, now = current(before), current(after)
    if _is_closed(before, after):
        return noted(msgspec.structs.replace(after, chosen=None, removed=(), sheet=Sheet()), "closed")
    if was is None or now is None or was.id != now.id:
        return after
    known = Counter((line.sku, line.quantity) for line in was.lines)
    glowing = []
    for line in now.lines:
        if known[line.sku, line.quantity] > 0:
            known[line.sku, line.quantity] -= 1
        else:
            glowing.append(line.sku)
    there = {line.sku for line in now.lines}
    after = msgspec.structs.replace(
        after, removed=tuple(one for one in after.removed if one.cart != now.id or one.line.sku not in there)
    )
    if glowing:
        after = msgspec.structs.replace(after, glowing=tuple(glowing), glow=after.glow + 1)
    taken = [line for line in was.lines if line.sku not in there]
    if taken and not glowing:
        after = noted(after, "gone_elsewhere", taken[0].title)
    return after
