"""Who wishes for an article: whom an associate may tell that it is here.

A store's customers are those who were seen last there, as in a search. Who sees a wish list sees who is behind a wish.
How many they are is asked without their names, so that nobody is looked at before somebody wants to know who.
"""

from collections.abc import Sequence

from server.access.callers import Caller
from server.catalog import queries as catalog
from server.customers.context import place_of, read_place
from server.customers.queries import others_of_persons
from server.customers.search import hits_by_customer
from server.db.engine import Connection
from server.wire.customers import Wisher, WisherCount, WisherPage
from server.wire.problems import ProblemError
from server.wishlists import queries as wishlists
from server.wishlists.queries import WishFor

LOOKED_THROUGH = 200
"""Wishes that are looked through for one page: among more than these, most are of other stores."""
COUNTED = 20
"""How far is counted: as many as a first page names."""
PAGES_COUNTED = 10
"""Pages that are gone through for that."""
FIRST_PAGE = ("~", 0)


def wishers_of(
    conn: Connection, caller: Caller, sku: str, store: str | None, before: str | None, limit: int
) -> WisherPage:
    """Customers of a store who wish for any variant of an article's product, the latest wish first.

    Each person stands where their latest wish does, and nowhere else: so nobody is on two pages.

    Args:
        conn: one snapshot of the data.
        caller: who asks; they ask from where they stand if they do not say from where.
        sku: the article.
        store: where; a caller who stands nowhere is told of all customers.
        before: `before` of the page before.
        limit: at most so many.

    Raises:
        ProblemError: nothing has this SKU, or `before` is no place that a page named.
    """
    product = catalog.product_by_sku(conn, sku, None)
    if product is None:
        raise ProblemError("unknown_product", "No article has this SKU. Scan its code, or look for it by name.")
    place = FIRST_PAGE if before is None else read_place(before)
    skus = [variant.item.sku for variant in product.variants]
    wishes = wishlists.wishes_for(conn, skus, place, LOOKED_THROUGH + 1)
    more = len(wishes) > LOOKED_THROUGH
    return _page(conn, skus, wishes[:LOOKED_THROUGH], store or caller.store, limit, more=more)


def count_wishers(conn: Connection, caller: Caller, sku: str, store: str | None) -> WisherCount:
    """How many they are, as far as a first page goes; arguments and errors are those of `wishers_of`.

    In a chain most wishes may be of other stores: some more pages are gone through, but not all of a million.
    """
    count, before = 0, None
    for _ in range(PAGES_COUNTED):
        page = wishers_of(conn, caller, sku, store, before, COUNTED - count)
        count, before = count + len(page.wishers), page.before
        if before is None or count == COUNTED:
            break
    return WisherCount(count=count, more=before is not None)


def _page(
    conn: Connection, skus: Sequence[str], wishes: Sequence[WishFor], store: str | None, limit: int, *, more: bool
) -> WisherPage:
    hits = hits_by_customer(conn, {wish.customer_id for wish in wishes}, store)
    later = _wished_later(conn, skus, [wish for wish in wishes if wish.customer_id in hits])
    wishers: dict[int, Wisher] = {}
    last: WishFor | None = None
    for wish in wishes:
        hit = hits.get(wish.customer_id)
        # Of whom nothing is known any more, nobody can be told anything.
        if hit is not None and hit.name and hit.customer_id not in wishers and wish not in later:
            if len(wishers) == limit:
                more = True
                break
            wishers[hit.customer_id] = Wisher(hit=hit, sku=wish.sku, added_at=wish.added_at)
        last = wish
    before = place_of(last.added_at, last.customer_id) if more and last is not None else None
    return WisherPage(wishers=tuple(wishers.values()), before=before)


def _wished_later(conn: Connection, skus: Sequence[str], wishes: Sequence[WishFor]) -> set[WishFor]:
    """Those of some wishes that are not their person's latest."""
    ids = {wish.customer_id for wish in wishes}
    others = others_of_persons(conn, ids)
    latest = wishlists.latest_wishes(conn, skus, ids.union(*others.values()))
    return {
        wish
        for wish in wishes
        if any(
            (at, id_) > (wish.added_at, wish.customer_id)
            for id_ in (wish.customer_id, *others.get(wish.customer_id, ()))
            if (at := latest.get(id_)) is not None
        )
    }
