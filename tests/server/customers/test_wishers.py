"""Who wishes for an article: customers of the store that asks, each once, the latest wish first."""

import pytest

from server.customers.wishers import COUNTED, LOOKED_THROUGH, count_wishers, wishers_of
from server.db.engine import Connection
from server.wire.customers import WisherCount, WisherPage
from server.wire.problems import ProblemError
from server.wire.records import WishListItemRecord, WishListRecord
from tests.server.given import customer, deletion, hour, order, product, store, take, variant, who
from tests.server.people import TERMINAL

SHELF = (
    store("m1"),
    store("m2"),
    product("coat", variants=(variant("C-S"), variant("C-M"))),
    product("hat", variants=(variant("HAT"),)),
)


def wishes(name: str, *wished: tuple[str, int], at: int = 100) -> WishListRecord:
    """Somebody's wish list: what, and since which hour."""
    items = tuple(WishListItemRecord(sku=sku, added_at=hour(since)) for sku, since in wished)
    return WishListRecord(
        source="shop", external_id=name, updated_at=hour(at), customer=who(name), name="Wishes", items=items
    )


def pages(conn: Connection, sku: str, where: str | None, limit: int = 20) -> list[list[tuple[str, str]]]:
    """Every page: names and the variants they wish for."""
    found: list[list[tuple[str, str]]] = []
    before: str | None = None
    while not found or before is not None:
        page: WisherPage = wishers_of(conn, TERMINAL, sku, where, before, limit)
        found.append([(wisher.hit.name, wisher.sku) for wisher in page.wishers])
        before = page.before
    return found


@pytest.fixture
def wished(conn: Connection) -> Connection:
    """A shop whose customers wish for coats and a hat."""
    verdicts = take(
        conn,
        *SHELF,
        customer("1", given_name="Ada", cards=("C1",)),
        customer("2", given_name="Berta"),
        customer("3", given_name="Cleo"),
        customer("4", given_name="Dora"),
        # The till knows Ada by the same card: one person.
        customer("1", source="till", given_name="Ada", cards=("C1",)),
        *(order(f"o{n}", 1, who(n), placed=1, store="m1") for n in ("1", "2")),
        order("o3", 1, who("3"), placed=1, store="m2"),
        order("o4", 1, who("4"), placed=1),
        wishes("1", ("C-S", 10), ("HAT", 90)),
        wishes("2", ("C-M", 20), ("C-S", 5)),
        wishes("3", ("C-M", 30)),
        wishes("4", ("C-S", 40)),
        WishListRecord(
            source="till",
            external_id="of the till",
            updated_at=hour(100),
            customer=who("1"),
            name="Noted",
            items=(WishListItemRecord(sku="C-M", added_at=hour(15)),),
        ),
    )
    assert [verdict for verdict in verdicts if verdict.startswith("$")] == []
    return conn


def test_a_store_is_told_of_its_own_customers(wished: Connection) -> None:
    """Those who were seen last there wish for any variant: each person once, the latest wish first."""
    assert pages(wished, "C-S", "m1") == [[("Berta", "C-M"), ("Ada", "C-M")]]
    assert pages(wished, "C-M", "m2") == [[("Cleo", "C-M")]]
    assert pages(wished, "HAT", "m1") == [[("Ada", "HAT")]]
    assert pages(wished, "HAT", "m2") == [[]]
    assert [name for name, _ in pages(wished, "C-S", None)[0]] == ["Dora", "Cleo", "Berta", "Ada"]


@pytest.mark.parametrize("limit", [1, 2, 3, 4])
def test_they_come_page_by_page(wished: Connection, limit: int) -> None:
    """No page is longer than it may be; all of them name everybody once, in order, however many lists they have."""
    found = pages(wished, "C-S", None, limit)
    assert all(len(page) <= limit for page in found)
    named = [name for page in found for name, _ in page]
    assert named == ["Dora", "Cleo", "Berta", "Ada"]


def test_they_are_counted_as_far_as_a_first_page_goes(wished: Connection) -> None:
    """Without names: each person once, those of the store that asks; beyond a page it is said that there are more."""
    assert count_wishers(wished, TERMINAL, "C-S", "m1") == WisherCount(count=2)
    assert count_wishers(wished, TERMINAL, "HAT", "m2") == WisherCount(count=0)
    assert count_wishers(wished, TERMINAL, "C-S", None) == WisherCount(count=4)
    many = [f"n{n}" for n in range(COUNTED)]
    take(wished, *(customer(name, given_name="Nora") for name in many), *(wishes(name, ("C-S", 8)) for name in many))
    assert count_wishers(wished, TERMINAL, "C-M", None) == WisherCount(count=COUNTED, more=True)
    with pytest.raises(ProblemError, match="No article has this SKU"):
        count_wishers(wished, TERMINAL, "nothing", "m1")


def test_customers_of_a_store_are_counted_beyond_those_of_others(wished: Connection) -> None:
    """Later wishes in other stores, more than are looked through at a time, hide nobody, and are not counted."""
    many = [f"n{n}" for n in range(LOOKED_THROUGH + 1)]
    take(wished, *(customer(name, given_name="Nora") for name in many), *(wishes(name, ("C-S", 50)) for name in many))
    assert count_wishers(wished, TERMINAL, "C-S", "m1") == WisherCount(count=2)


def test_a_wish_that_is_gone_is_nobodys(wished: Connection) -> None:
    """Whoever took it off their list, or is gone, is not named; nothing wishes for what nobody sells."""
    take(wished, deletion("customer", "2", 200), wishes("1", ("HAT", 90), at=200))
    assert pages(wished, "C-S", "m1") == [[("Ada", "C-M")]]
    with pytest.raises(ProblemError, match="No article has this SKU"):
        wishers_of(wished, TERMINAL, "nothing", "m1", None, 20)
