"""What the customer screen knows, and how each happening changes it. Pure."""

from collections.abc import Iterable
from typing import Literal

import msgspec

from server.wire.base import Wire
from server.wire.carts import Cart
from server.wire.catalog import Item
from server.wire.customers import CustomerContext
from server.wire.orders import Order, OrderPage

Tab = Literal["cart", "wishes", "orders", "story"]
Phase = Literal[
    "nobody", "loading", "shown", "unreachable", "unknown_card", "bank_card", "mistyped_card", "unknown_code", "gone"
]


class CustomerState(Wire):
    """`name` is known from the row that was touched, before the context is; `asked` numbers what is being looked up."""

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


def opened(state: CustomerState, name: str, customer_id: int | None, code: str = "") -> CustomerState:
    """Somebody else is looked up: nothing of the customer before stays."""
    return CustomerState(phase="loading", name=name, customer_id=customer_id, code=code, asked=state.asked + 1)


def arrived(state: CustomerState, number: int, context: CustomerContext) -> CustomerState:
    """The context is there; one that nobody waits for any more is dropped."""
    if number != state.asked:
        return state
    return msgspec.structs.replace(
        state,
        phase="shown",
        name=context.person.name,
        customer_id=context.person.id,
        context=context,
        orders=context.orders,
        orders_before=context.orders_before,
        tab=_first_tab(context),
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
    return msgspec.structs.replace(
        state,
        name=context.person.name,
        customer_id=context.person.id,
        context=context,
        orders=context.orders + kept,
        orders_before=state.orders_before if kept else context.orders_before,
    )


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
    return msgspec.structs.replace(before, asked=number, orders_loading=False)


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


def pieces_of(carts: Iterable[Cart]) -> int:
    """How many pieces wait in some carts."""
    return sum(line.quantity for cart in carts for line in cart.lines)


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


def _place(order: Order) -> tuple[str, int]:
    return order.placed_at, order.id


def _first_tab(context: CustomerContext) -> Tab:
    """What is most likely wanted: what waits, then what is wished for, then what was bought."""
    if current_cart(context.carts):
        return "cart"
    if any(wishlist.items for wishlist in context.wishlists):
        return "wishes"
    return "orders" if context.orders else "cart"
