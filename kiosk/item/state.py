"""What the item screen knows, and how each happening changes it. Pure."""

from typing import Literal

import msgspec

from server.wire.base import Wire
from server.wire.catalog import Item, Product, Variant
from server.wire.customers import Wisher, WisherCount, WisherPage

Phase = Literal["nothing", "loading", "shown", "unreachable", "unknown"]
Names = Literal["unasked", "asked", "known", "unreachable"]


class ItemState(Wire):
    """`sku` is the variant that is looked at; `asked` numbers what is being looked up.

    `title` and `item` are known from the row that was touched, before the product is. `wish_count` says how many wish
    for it, or with `more_wishers` how many at least; `names` is whether `wishers`, the latest of them, are known, which
    nobody asks before they are `unfolded`; `gone` are those who were dropped while it was asked.
    """

    phase: Phase = "nothing"
    sku: str = ""
    title: str = ""
    item: Item | None = None
    product: Product | None = None
    asked: int = 0
    wish_count: int = 0
    more_wishers: bool = False
    names: Names = "unasked"
    wishers: tuple[Wisher, ...] = ()
    gone: tuple[int, ...] = ()
    unfolded: bool = False


def opened(state: ItemState, sku: str, title: str = "", item: Item | None = None) -> ItemState:
    """Another article is looked up: nothing of the one before stays."""
    return ItemState(phase="loading", sku=sku, title=title, item=item, asked=state.asked + 1)


def arrived(state: ItemState, number: int, product: Product) -> ItemState:
    """The product is there; one that nobody waits for any more is dropped."""
    if number != state.asked:
        return state
    return msgspec.structs.replace(scanned(state, product), asked=number)


def scanned(state: ItemState, product: Product) -> ItemState:
    """An article's code was scanned: all of it is there at once."""
    state = ItemState(phase="shown", sku=product.sku, title=product.title, product=product, asked=state.asked + 1)
    variant = variant_of(state)
    return msgspec.structs.replace(state, item=variant.item) if variant else state


def failed(state: ItemState, number: int, phase: Literal["unreachable", "unknown"]) -> ItemState:
    """There will be no product; what the row said of it stays."""
    return msgspec.structs.replace(state, phase=phase) if number == state.asked else state


def again(state: ItemState) -> ItemState:
    """The same is looked up once more."""
    return msgspec.structs.replace(state, phase="loading", asked=state.asked + 1)


def chose(state: ItemState, sku: str) -> ItemState:
    """Another size or colour is looked at."""
    chosen = msgspec.structs.replace(state, sku=sku)
    variant = variant_of(chosen)
    return state if variant is None else msgspec.structs.replace(chosen, item=variant.item)


def wished(state: ItemState, number: int, count: WisherCount) -> ItemState:
    """How many wish for it is known; of another article it does not matter, nor where they are known by name."""
    if number != state.asked or state.names == "known":
        return state
    return msgspec.structs.replace(state, wish_count=count.count, more_wishers=count.more)


def folded(state: ItemState) -> ItemState:
    """Those who wish for it are to be named, or no more; who they are is asked once, and anew where nobody answered."""
    asks = not state.unfolded and state.names in ("unasked", "unreachable")
    if not asks or not state.wish_count:
        return msgspec.structs.replace(state, unfolded=not state.unfolded)
    return msgspec.structs.replace(state, unfolded=True, names="asked", gone=())


def named(state: ItemState, number: int, page: WisherPage) -> ItemState:
    """Who they are is known, and so how many; of another article it does not matter."""
    if number != state.asked:
        return state
    wishers = tuple(wisher for wisher in page.wishers if wisher.hit.customer_id not in state.gone)
    more = page.before is not None
    # A first page may name fewer than were counted, where most wishes are of other stores.
    count = max(len(wishers), state.wish_count if more else 0)
    return msgspec.structs.replace(state, names="known", wishers=wishers, wish_count=count, more_wishers=more)


def unnamed(state: ItemState, number: int) -> ItemState:
    """Nobody said who they are: the next touch asks anew."""
    if number != state.asked:
        return state
    return msgspec.structs.replace(state, names="unreachable", unfolded=False)


def dropped(state: ItemState, customer_id: int) -> ItemState:
    """Somebody is not known any more."""
    left = tuple(wisher for wisher in state.wishers if wisher.hit.customer_id != customer_id)
    count = state.wish_count - (len(state.wishers) - len(left))
    gone = (*state.gone, customer_id) if state.names == "asked" else ()
    return msgspec.structs.replace(state, wishers=left, wish_count=count, gone=gone)


def forgotten(state: ItemState) -> ItemState:
    """Whoever looked has gone: nothing is shown, and what was asked is waited for no more."""
    return ItemState(asked=state.asked + 1)


def is_one(state: ItemState) -> bool:
    """Whether there is nothing to choose from."""
    return state.product is not None and len(state.product.variants) == 1


def variant_of(state: ItemState) -> Variant | None:
    """The variant that is looked at."""
    if state.product is None:
        return None
    return next((variant for variant in state.product.variants if variant.item.sku == state.sku), None)
