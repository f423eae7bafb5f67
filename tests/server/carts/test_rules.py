"""What two hands make of a cart: the shop's, that the customer changes at home, and the counter's."""

from collections.abc import Callable, Iterable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import UNSET

from server.carts.rules import (
    GONE_KEPT,
    LARGEST,
    Article,
    Change,
    Lines,
    Sold,
    begun,
    merged,
    taken,
    with_more,
    with_other,
    with_quantity,
    without,
)
from server.wire.records import CartLineRecord
from tests.server.carts.shop import (
    OnlineShop,
    Snapshot,
    Told,
    added_up,
    last_word,
    pieces,
    sold_out,
    three_way,
)

SKUS = ("A", "B", "C")
QUANTITY = st.integers(0, 4)


class Counter:
    """The counter's side: a cart as the rules keep it, what it tells the shop, and what people saw of it before."""

    def __init__(self, first: Snapshot) -> None:
        self.lines = begun(first.lines, seen(first))
        self.version = 1
        self.at = first.at
        self.told: list[Told] = []
        self.names: dict[int, str] = {}
        self.seen_here: list[dict[int, int]] = []
        self._look()

    def take(self, snapshot: Snapshot) -> None:
        """A snapshot arrives; one that is older than another that came is let go, as for all records."""
        if snapshot.at > self.at:
            self.at = snapshot.at
            self.lines = taken(self.lines, snapshot.lines, seen(snapshot), is_open=True)
            self.version += 1
            self._look()

    def set(self, sku: str, quantity: int, looks_ago: int) -> tuple[int, int] | None:
        """Somebody sets a line of an article who last looked some changes ago; what they saw and what it is now."""
        looked = self.seen_here[max(0, len(self.seen_here) - 1 - looks_ago)]
        number = next((n for n in looked if self.names[n] == sku), None)
        if number is None:
            return None
        found = with_quantity(self.lines, number, looked[number], quantity, self.version + 1)
        assert found is not None
        self._changed(found[0], [Change(found[1], self.version + 1)])
        return looked[number], found[1].quantity

    def add(self, sku: str, quantity: int) -> None:
        """Somebody puts in an article."""
        lines, line = with_more(self.lines, Article(sku, sku, 100), quantity, self.version + 1)
        self._changed(lines, [Change(line, self.version + 1)])

    def swap(self, sku: str, other: str, quantity: int, looks_ago: int) -> bool:
        """Somebody puts another article in the place of a line, as they saw it some changes ago; whether they did."""
        looked = self.seen_here[max(0, len(self.seen_here) - 1 - looks_ago)]
        number = next((n for n in looked if self.names[n] == sku), None)
        if number is None or sku == other:
            return False
        found = with_other(self.lines, number, looked[number], quantity, Article(other, other, 100), self.version + 1)
        assert found is not None
        self._changed(*found)
        return True

    @property
    def pieces(self) -> Any:
        return pieces((line.sku, line.quantity) for line in self.lines.lines)

    def _changed(self, lines: Lines, changes: Iterable[Change]) -> None:
        before = {held.number: held.quantity for held in self.lines.lines}
        for line, version in changes:
            was = before.get(line.number, 0)
            if line.quantity != was:
                self.version = version
                self.told.append(Told(version, line.sku, was, line.quantity))
                self.lines = lines
                self._look()

    def _look(self) -> None:
        for line in self.lines.lines:
            assert self.names.setdefault(line.number, line.sku) == line.sku, "a number came to mean another line"
        numbers = [line.number for line in self.lines.lines]
        assert len(set(numbers)) == len(numbers)
        self.seen_here.append({line.number: line.quantity for line in self.lines.lines if line.quantity})


def seen(snapshot: Snapshot) -> int | None:
    """What the rules are told that the shop says it saw."""
    return None if snapshot.seen_version is UNSET else snapshot.seen_version


STEP = st.one_of(
    st.tuples(st.just("home"), st.sampled_from(SKUS), QUANTITY),
    st.tuples(st.just("set"), st.sampled_from(SKUS), QUANTITY, st.integers(0, 3)),
    st.tuples(st.just("add"), st.sampled_from(SKUS), st.integers(1, 3)),
    st.tuples(st.just("swap"), st.sampled_from(SKUS), st.sampled_from(SKUS), st.integers(1, 4), st.integers(0, 3)),
    st.tuples(st.just("hear"), st.integers(1, 3)),
    st.tuples(st.just("show")),
    st.tuples(st.just("arrive"), st.integers(0, 5)),
    st.tuples(st.just("lose"), st.integers(0, 5)),
)
"""What happens: at home, at the counter; the shop hears of so many changes or shows its cart; a snapshot arrives, of
those that are under way, which may arrive again, late and out of turn, or is lost."""
STEPS = st.lists(STEP, max_size=40)


class World:
    """A shop and a counter with what is under way between them, and what anybody ever added or took out."""

    def __init__(self, shop: OnlineShop, begins: dict[str, int], counter: Callable[[Snapshot], Any] = Counter) -> None:
        self.shop = shop
        shop.quantities.update({sku: n for sku, n in begins.items() if n})
        self.counter = counter(shop.show())
        self.heard = 0
        self.under_way: list[Snapshot] = []
        self.added = {sku for sku, n in begins.items() if n}
        self.taken_out: set[str] = set()

    def step(self, what: str, *args: Any) -> None:
        getattr(self, f"_{what}")(*args)

    def _home(self, sku: str, quantity: int) -> None:
        self._note(sku, quantity)
        self.shop.at_home(sku, quantity)

    def _set(self, sku: str, quantity: int, looks_ago: int) -> None:
        if self.counter.set(sku, quantity, looks_ago) is not None:
            self._note(sku, quantity)

    def _swap(self, sku: str, other: str, quantity: int, looks_ago: int) -> None:
        if self.counter.swap(sku, other, quantity, looks_ago):
            self._note(sku, 0)
            if other in self.counter.pieces:
                # Nothing takes the place of a line that somebody took out meanwhile.
                self._note(other, quantity)

    def _add(self, sku: str, quantity: int) -> None:
        self._note(sku, quantity)
        self.counter.add(sku, quantity)

    def _hear(self, count: int) -> None:
        for told in self.counter.told[max(0, self.heard - 1) : self.heard + count]:
            self.shop.hear(told)
        self.heard = min(self.heard + count, len(self.counter.told))

    def _show(self) -> None:
        self.under_way.append(self.shop.show())

    def _arrive(self, n: int) -> None:
        if self.under_way:
            self.counter.take(self.under_way[n % len(self.under_way)])

    def _lose(self, n: int) -> None:
        if self.under_way:
            del self.under_way[n % len(self.under_way)]

    def _note(self, sku: str, quantity: int) -> None:
        (self.added if quantity else self.taken_out).add(sku)

    def catch_up(self) -> None:
        """The shop hears all, and its cart arrives."""
        self._hear(len(self.counter.told))
        self.counter.take(self.shop.show())


@pytest.mark.parametrize("renames", [False, True], ids=["lasting ids", "new ids each time"])
@pytest.mark.parametrize("merging", [three_way, added_up, last_word, sold_out], ids=lambda m: m.__name__)
@given(steps=STEPS, begins=st.dictionaries(st.sampled_from(SKUS), QUANTITY))
def test_both_ends_are_equal_once_the_shop_has_caught_up(
    merging: Callable[[int, int, int], int], renames: bool, steps: list[tuple[Any, ...]], begins: dict[str, int]
) -> None:
    """Of a shop that says what it saw: in any order, messages lost, late and repeated, whatever it makes of them."""
    world = World(OnlineShop(merging, renames=renames), begins)
    for step in steps:
        world.step(*step)
    world.catch_up()
    assert world.counter.pieces == pieces(world.shop.quantities.items())
    assert not any(line.is_pending for line in world.counter.lines.lines)


@pytest.mark.parametrize("says", [True, False], ids=["says what it saw", "does not say"])
@given(steps=STEPS, begins=st.dictionaries(st.sampled_from(SKUS), QUANTITY))
def test_no_line_is_lost_or_made_up(says: bool, steps: list[tuple[Any, ...]], begins: dict[str, int]) -> None:
    """At every moment, on both ends: what nobody took out is there, as far as it arrived; nothing that nobody added."""
    world = World(OnlineShop(says=says), begins)
    for step in steps:
        here, there = set(world.counter.pieces), set(world.shop.quantities)
        world.step(*step)
        after, after_there = set(world.counter.pieces), set(world.shop.quantities)
        assert after | after_there <= world.added
        assert (here - after) | (there - after_there) <= world.taken_out
    world.catch_up()
    assert set(world.counter.pieces) >= world.added - world.taken_out


ONE_BY_ONE = st.lists(
    st.one_of(
        st.tuples(st.just("home"), st.sampled_from(SKUS), QUANTITY),
        st.tuples(st.just("set"), st.sampled_from(SKUS), QUANTITY, st.integers(0, 3)),
        st.tuples(st.just("add"), st.sampled_from(SKUS), st.integers(1, 3)),
        st.tuples(st.just("hear"), st.just(1)),
        st.tuples(st.just("again")),
    ),
    max_size=40,
)


@pytest.mark.parametrize("merging", [three_way, added_up], ids=lambda m: m.__name__)
@given(steps=ONE_BY_ONE, begins=st.dictionaries(st.sampled_from(SKUS), QUANTITY))
def test_a_shop_that_does_not_say_what_it_saw_is_followed_by_what_it_shows(
    merging: Callable[[int, int, int], int], steps: list[tuple[Any, ...]], begins: dict[str, int]
) -> None:
    """Where each of its changes arrives, once or again, both ends are equal when it has heard of all."""
    world = World(OnlineShop(merging, says=False), begins)
    last = world.shop.show()

    def arrive() -> None:
        nonlocal last
        last = world.shop.show()
        world.counter.take(last)

    for what, *args in [*steps, *[("hear", 1)] * len(steps)]:
        if what == "again":
            world.counter.take(last)
            continue
        before = dict(world.shop.quantities)
        world.step(what, *args)
        if world.shop.quantities != before:
            arrive()
    assert world.counter.pieces == pieces(world.shop.quantities.items())
    assert not any(line.is_pending for line in world.counter.lines.lines)


@pytest.mark.parametrize(
    ("base", "current", "wanted", "result"),
    [
        pytest.param(1, 1, 3, 3, id="nobody else was at it"),
        pytest.param(1, 4, 1, 4, id="only the other hand was"),
        pytest.param(1, 2, 2, 2, id="both did the same"),
        pytest.param(1, 4, 2, 5, id="both added"),
        pytest.param(3, 2, 1, 1, id="both took some, neither all"),
        pytest.param(2, 0, 0, 0, id="both took it out"),
        pytest.param(1, 3, 0, 2, id="one took out what it saw, the other added two"),
        pytest.param(2, 0, 3, 1, id="the same, the other way round"),
        pytest.param(3, 0, 1, 0, id="one took it out, the other took some"),
        pytest.param(0, 1, 1, 1, id="both put it in"),
        pytest.param(1, LARGEST, LARGEST - 1, LARGEST, id="more than a line may hold"),
    ],
)
def test_quantities_merge_three_way(base: int, current: int, wanted: int, result: int) -> None:
    """What each hand changed counts; the order of the hands does not."""
    assert merged(base, current, wanted) == merged(base, wanted, current) == result


def stated(*lines: tuple[str, int] | tuple[str, int, str | None]) -> list[CartLineRecord]:
    """Lines as a shop states them: SKU, quantity and its id, if it has one."""
    return [
        CartLineRecord(sku=sku, title=sku, quantity=quantity, unit_price=100, line_id=rest[0] if rest else None)
        for sku, quantity, *rest in lines
    ]


def numbers(lines: Lines) -> list[tuple[int, str, int]]:
    """Number, SKU and quantity of the lines that are shown."""
    return [(line.number, line.sku, line.quantity) for line in lines.lines if line.quantity]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        pytest.param([("A", 1, "a"), ("B", 1, "b")], [("B", 1, "b"), ("A", 2, "a")],
                     [(2, "B", 1), (1, "A", 2)], id="in another order"),
        pytest.param([("A", 1, "1"), ("B", 1, "2")], [("B", 1, "1")], [(2, "B", 1)], id="ids that are places"),
        pytest.param([("A", 1, "a")], [("A", 1, "z")], [(1, "A", 1)], id="another id"),
        pytest.param([("A", 1, "a")], [("A", 1, None)], [(1, "A", 1)], id="no id any more"),
        pytest.param([("A", 1, "a"), ("A", 2, "b")], [("A", 2, "b")], [(2, "A", 2)], id="one of two of an article"),
        pytest.param([("A", 1), ("A", 2)], [("A", 5)], [(1, "A", 5)], id="the same without ids"),
        pytest.param([("A", 1, "a")], [("B", 1, "a")], [(2, "B", 1)], id="an id that means another article"),
        pytest.param([("A", 1), ("B", 0)], [("B", 2), ("A", 0)], [(2, "B", 2)], id="lines of nothing are none"),
    ],
)  # fmt: skip
def test_a_line_is_known_again(before: Any, after: Any, expected: list[tuple[int, str, int]]) -> None:
    """By the shop's id and its SKU, else by its SKU: it keeps our number; another line never gets it."""
    held = begun(stated(*before), None)
    assert numbers(taken(held, stated(*after), None, is_open=True)) == expected


@pytest.mark.parametrize(
    ("before", "sold", "left"),
    [
        pytest.param([("A", 3, "a"), ("B", 1, "b")], [("a", "A", 2), ("b", "B", 1)], [(1, "A", 1)], id="as they were"),
        pytest.param([("A", 2, "a"), ("A", 2, "b")], [("b", "A", 2)], [(1, "A", 2)], id="one of two of an article"),
        pytest.param([("A", 1, "y"), ("A", 2, "z")], [("x", "A", 2)], [(2, "A", 1)], id="ids that are new"),
        pytest.param([("A", 2, "a"), ("A", 1, "b")], [("b", "A", 2), ("a", "A", 1)], [], id="more than of one line"),
        pytest.param([("A", 1, "a"), ("B", 1, "b")], [("b", "A", 1)], [(2, "B", 1)], id="an id that means another"),
        pytest.param([("A", 1, None)], [(None, "A", 3)], [], id="more than there is"),
        pytest.param([("B", 1, None)], [(None, "A", 1)], [(1, "B", 1)], id="what is there no more"),
        pytest.param([("A", 2, None)], [], [(1, "A", 2)], id="nothing"),
    ],
)  # fmt: skip
def test_what_was_sold_is_taken_out(before: Any, sold: Any, left: list[tuple[int, str, int]]) -> None:
    """Of the line that the shop calls so, else of any of the article; each line changes once, in its own version."""
    held = begun(stated(*before), 0)
    after, changes = without(held, [Sold(*one) for one in sold], 5)
    assert numbers(after) == left
    was = {number: quantity for number, _, quantity in numbers(held)}
    now = dict.fromkeys(was, 0) | {number: quantity for number, _, quantity in left}
    assert {change.line.number: change.line.quantity for change in changes} == {
        number: quantity for number, quantity in now.items() if quantity != was[number]
    }
    assert [change.version for change in changes] == list(range(5, 5 + len(changes)))


ROWS = st.lists(st.tuples(st.sampled_from(SKUS), QUANTITY, st.sampled_from(["x", "y", None])), max_size=6)


@given(before=ROWS, sold=ROWS)
def test_a_sale_takes_no_more_than_was_sold(before: Any, sold: Any) -> None:
    """Nor less, as far as it is there, whatever lines are called by then; and the shop comes to the same."""
    held = begun(stated(*before), 0)
    after, changes = without(held, [Sold(line_id, sku, n) for sku, n, line_id in sold], 2)
    was, gone = pieces((sku, n) for _, sku, n in numbers(held)), pieces((sku, n) for sku, n, _ in sold)
    left = pieces((sku, n) for _, sku, n in numbers(after))
    assert left == was - gone
    told = [(line.sku, line.quantity, line.line_id) for line in after.lines]
    settled = taken(after, stated(*told), 1 + len(changes), is_open=True)
    assert pieces((sku, n) for _, sku, n in numbers(settled)) == left
    assert not any(line.is_pending for line in settled.lines)


def test_a_line_that_is_put_back_is_the_same_line() -> None:
    """By its number or by its SKU, also when the shop has let it go; while it has not, in its place."""
    held = begun(stated(("A", 2, "a"), ("B", 1, "b")), None)
    out, line = with_quantity(held, 1, 2, 0, 2) or (held, None)
    assert line is not None
    assert (numbers(out), line.is_pending) == ([(2, "B", 1)], True)
    back = with_quantity(out, 1, 0, 2, 3)
    assert back is not None
    assert back[0] == held
    gone = taken(out, stated(("B", 1, "b")), None, is_open=True)
    by_number, by_sku = with_quantity(gone, 1, 0, 2, 4), with_more(gone, Article("A", "A now", 90), 2, 4)
    assert by_number is not None
    assert sorted(numbers(by_number[0])) == sorted(numbers(by_sku[0])) == [(1, "A", 2), (2, "B", 1)]
    assert (by_sku[1].title, by_sku[1].unit_price) == ("A now", 90)


@pytest.mark.parametrize(
    ("number", "base", "wanted", "article", "expected", "changed"),
    [
        pytest.param(1, 2, 2, "C", [(3, "C", 2), (2, "B", 1)], [(3, 2), (1, 0)], id="in its place"),
        pytest.param(1, 2, 1, "C", [(3, "C", 1), (2, "B", 1)], [(3, 1), (1, 0)], id="in its place, fewer of it"),
        pytest.param(1, 2, 2, "B", [(2, "B", 3)], [(2, 3), (1, 0)], id="to what is there of it"),
        pytest.param(1, 1, 1, "C", [(3, "C", 2), (2, "B", 1)], [(3, 2), (1, 0)], id="one more came meanwhile"),
        pytest.param(1, 3, 3, "C", [(3, "C", 2), (2, "B", 1)], [(3, 2), (1, 0)], id="one went meanwhile"),
        pytest.param(1, 2, 0, "C", [(2, "B", 1)], [(1, 0)], id="none of it"),
    ],
)
def test_another_article_takes_a_lines_place(
    number: int, base: int, wanted: int, article: str, expected: Any, changed: Any
) -> None:
    """All of it, whatever somebody else changed meanwhile; each change has a version of the cart of its own."""
    held = begun(stated(("A", 2, "a"), ("B", 1, "b")), 0)
    after = with_other(held, number, base, wanted, Article(article, article, 1), 7)
    assert after is not None
    assert numbers(after[0]) == expected
    assert [(line.number, line.quantity) for line, _ in after[1]] == changed
    assert [version for _, version in after[1]] == list(range(7, 7 + len(changed)))
    assert all(line.edits[-1].version == version for line, version in after[1])


def test_nothing_takes_the_place_of_what_somebody_took_out() -> None:
    """Who wants another size of a line that is out by now, or not known, gets none; put back, it is the same line."""
    held = begun(stated(("A", 1, "a"), ("B", 1, "b")), None)
    out, _ = with_quantity(held, 1, 1, 0, 2) or (held, None)
    article = Article("C", "C", 1)
    late = with_other(out, 1, 1, 1, article, 3)
    assert late is not None
    assert numbers(late[0]) == [(2, "B", 1)]
    assert with_other(out, 9, 1, 1, article, 3) is None
    there, _ = with_other(held, 1, 1, 1, article, 3) or (held, ())
    back, _ = with_other(there, 3, 1, 1, Article("A", "A", 100), 5) or (held, ())
    assert numbers(back) == [(1, "A", 1), (2, "B", 1)]


def test_a_change_of_a_line_that_nobody_knows_is_told() -> None:
    """Of lines that are gone only the latest are known; their numbers are never given anew."""
    held = begun(stated(*((f"S{n}", 1) for n in range(GONE_KEPT + 5))), None)
    empty = taken(held, [], None, is_open=True)
    assert (len(empty.lines), empty.next_number) == (GONE_KEPT, GONE_KEPT + 6)
    assert with_quantity(empty, GONE_KEPT + 5, 1, 2, 3) is None
    assert with_more(empty, Article("new", "new", 1), 1, 3)[1].number == GONE_KEPT + 6


def test_nothing_is_pending_in_a_cart_that_was_closed() -> None:
    """What the shop sold is what is shown, whatever was changed here meanwhile."""
    for seen_version in (None, 0):
        held, _ = with_more(begun(stated(("A", 1)), seen_version), Article("B", "B", 1), 1, 2)
        held, _ = with_quantity(held, 1, 1, 0, 3) or (held, None)
        closed = taken(held, stated(("A", 1)), seen_version, is_open=False)
        assert numbers(closed) == [(1, "A", 1)]
        assert not any(line.is_pending for line in closed.lines)


def test_what_was_pending_is_not_lost_when_a_shop_begins_to_say_what_it_saw() -> None:
    """Nor when it ceases to."""
    held, _ = with_more(begun(stated(("A", 1)), None), Article("A", "A", 1), 2, 2)
    says = taken(held, stated(("A", 1)), 0, is_open=True)
    assert numbers(says) == [(1, "A", 3)]
    more, line = with_more(says, Article("A", "A", 1), 1, 5)
    assert [(edit.base, edit.quantity) for edit in line.edits] == [(1, 3), (3, 4)]
    assert numbers(taken(more, stated(("A", 1)), 1, is_open=True)) == [(1, "A", 4)]
    assert numbers(taken(more, stated(("A", 4)), 5, is_open=True)) == [(1, "A", 4)]
    silent = taken(more, stated(("A", 1)), None, is_open=True)
    assert (numbers(silent), silent.lines[0].edits) == ([(1, "A", 4)], ())
