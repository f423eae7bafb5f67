"""What the customer screen knows, and how each happening changes it. Pure."""

from collections.abc import Iterable
from typing import Literal

import msgspec

from kiosk.cart.state import Change, Edit, line_of, moved, with_answer, with_changes, with_news
from server.wire.base import Wire
from server.wire.carts import Cart, CartLine
from server.wire.catalog import Item
from server.wire.customers import CustomerContext
from server.wire.orders import Order, OrderPage

Tab = Literal["cart", "wishes", "orders", "story"]
Phase = Literal[
    "nobody", "loading", "shown", "unreachable", "unknown_card", "bank_card", "mistyped_card", "unknown_code", "gone"
]


Fresh = tuple[str, int, int | str]
"""What is new: a line of a cart, a wish of a list, an order."""


class Undo(Wire):
    """A line that was taken out and can be put back, as it was and where."""

    cart_id: int
    seen: CartLine
    place: int


class PutIn(Wire):
    """An article that was put in here; `times` counts those since the customer was looked up by question `asked`."""

    cart_id: int
    sku: str
    asked: int
    times: int


class CustomerState(Wire):
    """`name` is known from the row that was touched, before the context is; `asked` numbers what is being looked up.

    Attributes:
        context: what is shown, with changes on top that the server is yet to answer.
        told: the carts as the server told them; `changes` are those changes.
        undo: what was taken out of a cart last, for some seconds.
        put: what was put in last.
        trouble: why a change was not taken, as a problem's code.
        joining: numbers of two carts, the first to go into the second, while it is asked whether they shall.
        fresh: what changed last without a hand of ours; `glow` counts the times that something did.
    """

    phase: Phase = "nobody"
    name: str = ""
    customer_id: int | None = None
    code: str = ""
    context: CustomerContext | None = None
    tab: Tab = "cart"
    orders: tuple[Order, ...] = ()
    orders_before: str | None = None
    orders_loading: bool = False
    notes_open: bool = False
    more_open: bool = False
    asked: int = 0
    told: tuple[Cart, ...] = ()
    changes: tuple[Change, ...] = ()
    undo: Undo | None = None
    put: PutIn | None = None
    trouble: str = ""
    joining: tuple[int, int] | None = None
    fresh: frozenset[Fresh] = frozenset()
    glow: int = 0


def opened(state: CustomerState, name: str, customer_id: int | None, code: str = "") -> CustomerState:
    """Somebody else is looked up: nothing of the customer before stays."""
    return CustomerState(phase="loading", name=name, customer_id=customer_id, code=code, asked=state.asked + 1)


def arrived(
    state: CustomerState, number: int, context: CustomerContext, changes: tuple[Change, ...] = (), trouble: str = ""
) -> CustomerState:
    """The context is there; one that nobody waits for any more is dropped.

    Args:
        state: before.
        number: of the question that it answers.
        context: what the server says.
        changes: of whosever carts, that are on their way to the server.
        trouble: why a change was not taken while somebody else was shown, or nobody.
    """
    if number != state.asked:
        return state
    context, told, changes = _with_changes(context, context.carts, changes)
    return msgspec.structs.replace(
        state,
        phase="shown",
        name=context.person.name,
        customer_id=context.person.id,
        context=context,
        told=told,
        changes=changes,
        orders=context.orders,
        orders_before=context.orders_before,
        tab=_first_tab(context),
        trouble=trouble,
    )


def renewed(state: CustomerState, number: int, context: CustomerContext) -> CustomerState:
    """Something of who is shown changed: the rest, and where somebody was in it, stays as it is."""
    if number != state.asked or state.phase != "shown":
        return state
    kept: tuple[Order, ...] = ()
    if state.context and len(state.orders) > len(state.context.orders) and context.orders:
        # Pages that were fetched already stay below the first, and so does what newer orders moved out of it.
        end = _place(context.orders[-1])
        kept = tuple(order for order in state.orders if _place(order) < end)
    context, told, changes = _with_changes(context, with_news(state.told, context.carts), state.changes)
    after = msgspec.structs.replace(
        state,
        name=context.person.name,
        customer_id=context.person.id,
        context=context,
        told=told,
        changes=changes,
        orders=context.orders + kept,
        orders_before=state.orders_before if kept else context.orders_before,
    )
    return _glowing(after, _news(state.context, context))


def changed(state: CustomerState, changes: tuple[Change, ...]) -> CustomerState:
    """Other changes are on their way to the server: they show at once. What was in the way before is past."""
    if state.context is None:
        return state
    context, _, changes = _with_changes(state.context, state.told, changes)
    return msgspec.structs.replace(state, context=context, changes=changes, trouble="", joining=None)


def answered(state: CustomerState, change: Change, changes: tuple[Change, ...], cart: Cart) -> CustomerState:
    """The server made a change, and says how the cart is by that; `changes` are those that are still on their way."""
    if state.context is None:
        return state
    context, told, changes = _with_changes(state.context, with_answer(state.told, change, cart), changes)
    after = msgspec.structs.replace(state, context=context, told=told, changes=changes)
    return _glowing(after, _news(state.context, context))


def refused(state: CustomerState, change: Change, changes: tuple[Change, ...], code: str) -> CustomerState:
    """The server did not make a change: it is shown no more, and said why."""
    if state.context is None or change not in state.changes:
        return state
    context, _, changes = _with_changes(state.context, state.told, changes)
    undo = None if isinstance(change, Edit) and _is_of(state.undo, change) else state.undo
    return msgspec.structs.replace(state, context=context, changes=changes, trouble=code, undo=undo)


def took_out(state: CustomerState, undo: Undo | None) -> CustomerState:
    """A line was taken out, or can be put back no more."""
    return msgspec.structs.replace(state, undo=undo)


def put_in(state: CustomerState, cart_id: int, sku: str) -> CustomerState:
    """An article is put in, one that is in the cart already too: it is what somebody wants to see now."""
    times = state.put.times + 1 if state.put else 1
    return msgspec.structs.replace(state, put=PutIn(cart_id=cart_id, sku=sku, asked=state.asked, times=times))


def understood(state: CustomerState) -> CustomerState:
    """Why a change was not taken was read."""
    return msgspec.structs.replace(state, trouble="")


def asked_to_join(state: CustomerState, carts: tuple[int, int] | None) -> CustomerState:
    """Shall one cart go into another? None: it shall not."""
    return msgspec.structs.replace(state, joining=carts)


def faded(state: CustomerState, glow: int) -> CustomerState:
    """What changed was seen."""
    return msgspec.structs.replace(state, fresh=frozenset()) if state.glow == glow else state


def failed(state: CustomerState, number: int, phase: Phase) -> CustomerState:
    """There will be no context. A bank card's number is forgotten at once."""
    if number != state.asked:
        return state
    return msgspec.structs.replace(state, phase=phase, code="" if phase == "bank_card" else state.code)


def gone(state: CustomerState, number: int) -> CustomerState:
    """The shop knows them no more: nothing of them stays, not even what they were called."""
    return CustomerState(phase="gone", asked=number) if number == state.asked else state


def put_back(state: CustomerState, number: int, before: CustomerState) -> CustomerState:
    """What was scanned was no customer: whoever was shown before is shown again."""
    if number != state.asked:
        return state
    if before.phase != "shown":
        return CustomerState(asked=number)
    return msgspec.structs.replace(before, asked=number, orders_loading=False, undo=None, joining=None)


def forgotten(state: CustomerState) -> CustomerState:
    """Whoever looked has gone: nobody is shown, and what was asked is waited for no more."""
    return CustomerState(asked=state.asked + 1)


def chose(state: CustomerState, tab: Tab) -> CustomerState:
    """A tab was touched."""
    return msgspec.structs.replace(state, tab=tab)


def folded(state: CustomerState) -> CustomerState:
    """The notes were opened or closed."""
    return msgspec.structs.replace(state, notes_open=not state.notes_open)


def unfolded(state: CustomerState) -> CustomerState:
    """What is known beyond the essentials was opened or closed; the notes are closed with it."""
    return msgspec.structs.replace(state, more_open=not state.more_open, notes_open=False)


def asked_for_orders(state: CustomerState) -> CustomerState:
    """The list of orders was scrolled to its end."""
    return msgspec.structs.replace(state, orders_loading=True)


def more_orders(state: CustomerState, number: int, page: OrderPage | None) -> CustomerState:
    """Older orders are there, or could not be had: then the end of the list can be touched again."""
    if number != state.asked:
        return state
    if page is None:
        return msgspec.structs.replace(state, orders_loading=False)
    known = {order.id for order in state.orders}
    older = tuple(order for order in page.orders if order.id not in known)
    return msgspec.structs.replace(state, orders=state.orders + older, orders_before=page.before, orders_loading=False)


def current_cart(carts: tuple[Cart, ...]) -> Cart | None:
    """The cart that the sum speaks of: the first with something in it."""
    return next((cart for cart in carts if cart.lines), None)


def cart_for(state: CustomerState, item: Item | None) -> Cart | None:
    """The cart that an article can be put into; None where nobody is shown, or has no open cart in its currency."""
    if state.phase != "shown" or state.context is None or item is None:
        return None
    carts = [cart for cart in state.context.carts if cart.currency == item.currency and cart.version]
    return current_cart(tuple(carts)) or next(iter(carts), None)


def cart_takes(state: CustomerState, item: Item | None) -> bool:
    """Whether an article can be put into a cart of whoever is shown."""
    return cart_for(state, item) is not None


def line_in(state: CustomerState, cart_id: int, number: int) -> tuple[CartLine, int] | None:
    """A line as it is shown, and its place in its cart."""
    return None if state.context is None else line_of(state.context.carts, cart_id, number)


def pieces_of(carts: Iterable[Cart]) -> int:
    """How many pieces wait in some carts."""
    return sum(line.quantity for cart in carts for line in cart.lines)


def several(carts: Iterable[Cart]) -> bool:
    """Whether there is more than one cart with something in it: then words say which they speak of."""
    return sum(bool(cart.lines) for cart in carts) > 1


def item_of(state: CustomerState, sku: str) -> Item | None:
    """An article of a cart or a wish list, as far as the catalogue has it."""
    if state.context is None:
        return None
    held = [line.item for cart in state.context.carts for line in cart.lines]
    wished = [wish.item for wishlist in state.context.wishlists for wish in wishlist.items]
    return next((item for item in (*held, *wished) if item is not None and item.sku == sku), None)


def here_of(cart: Cart | None) -> tuple[int, int]:
    """How many of a cart's pieces are in this store, and how many it has."""
    if cart is None:
        return 0, 0
    wanted: dict[str, int] = {}
    stocked: dict[str, int] = {}
    for line in cart.lines:
        # An article may be in several lines, one for each gift wrapping: it is in the store once all the same.
        wanted[line.sku] = wanted.get(line.sku, 0) + line.quantity
        if line.stock.here:
            stocked[line.sku] = max(0, line.stock.here.quantity)
    return sum(min(wanted[sku], quantity) for sku, quantity in stocked.items()), pieces_of((cart,))


def _with_changes(
    context: CustomerContext, told: tuple[Cart, ...], changes: Iterable[Change]
) -> tuple[CustomerContext, tuple[Cart, ...], tuple[Change, ...]]:
    """A context with changes of its carts on top, the carts without them, and which changes those are."""
    ids = {cart.id for cart in told}
    ours = tuple(change for change in changes if (change.cart_id if isinstance(change, Edit) else change.target) in ids)
    return msgspec.structs.replace(context, carts=with_changes(told, ours)), told, ours


def _glowing(state: CustomerState, fresh: frozenset[Fresh]) -> CustomerState:
    return msgspec.structs.replace(state, fresh=fresh, glow=state.glow + 1) if fresh else state


def _news(before: CustomerContext | None, after: CustomerContext) -> frozenset[Fresh]:
    """What is new or says something else in a later context."""
    if before is None:
        return frozenset()
    lines: set[Fresh] = {("line", *numbers) for numbers in moved(before.carts, after.carts)}
    wishes: set[Fresh] = {("wish", each.id, wish.sku) for each in after.wishlists for wish in each.items}
    wished: set[Fresh] = {("wish", each.id, wish.sku) for each in before.wishlists for wish in each.items}
    known = {order.id: order.status for order in before.orders}
    latest = max((_place(order) for order in before.orders), default=("", 0))
    orders: set[Fresh] = {
        ("order", order.id, "")
        for order in after.orders
        if (known[order.id] != order.status if order.id in known else _place(order) > latest)
    }
    return frozenset(lines | (wishes - wished) | orders)


def _is_of(undo: Undo | None, edit: Edit) -> bool:
    return undo is not None and (undo.cart_id, undo.seen.line) == (edit.cart_id, edit.seen.line)


def _place(order: Order) -> tuple[str, int]:
    return order.placed_at, order.id


def _first_tab(context: CustomerContext) -> Tab:
    """What is most likely wanted: what waits, then what is wished for, then what was bought."""
    if current_cart(context.carts):
        return "cart"
    if any(wishlist.items for wishlist in context.wishlists):
        return "wishes"
    return "orders" if context.orders else "cart"
