"""The cart at a kiosk: what is shown while answers come, are lost, or are a no, and of whom nothing is kept."""

import asyncio
from collections.abc import Coroutine
from itertools import count
from typing import Any

import pytest

from kiosk.link.port import UnreachableError
from kiosk.resume.presenter import ResumePresenter
from kiosk.resume.state import (
    ResumeState,
    current,
    filled_carts,
    has_lines,
    is_held,
    must_choose,
    others_of,
    picked,
    sheet_filled,
    sheet_opened,
    variant_of,
    wishes_of,
)
from server.wire.carts import Cart, CartLine, JoinCarts, LineQuantity, NewCartLine
from server.wire.catalog import Product, Stock, Variant
from server.wire.events import CartChanged, CartLineChanged, Event, HandoffReleased, RecordRemoved, StockChanged
from server.wire.kiosks import KioskCart
from server.wire.live import LiveEvent
from server.wire.lookup import CardKnown, ProductScanned, UnknownCode
from tests.fakes import Question, played, refusal
from tests.guest_fakes import FakeGuest
from tests.kiosk import given


def line(number: int, quantity: int = 1, **fields: Any) -> CartLine:
    """A line by its number; its article is called after it."""
    sku = fields.pop("sku", f"S{number}")
    usual: dict[str, Any] = {"sku": sku, "item": given.item(sku), "line": number, "shop_quantity": quantity}
    return given.line(f"Hoodie {sku}", quantity, **(usual | fields))


def cart(*lines: CartLine, version: int = 1, **fields: Any) -> Cart:
    """A cart at a version."""
    return given.but(given.cart(*lines), version=version, **fields)


def told(*carts: Cart, **fields: Any) -> KioskCart:
    """What the server tells."""
    usual: dict[str, Any] = {"first_name": "Lucía", "store": "GV", "as_of": given.at(0), "ends_at": given.at(1)}
    return KioskCart(carts=carts, **(usual | fields))


def product(*skus: str) -> Product:
    """A product in some sizes, each with its own colour; the first is the one that was asked for."""
    variants = tuple(
        Variant(item=given.item(sku, options={"size": sku, "colour": sku.lower()}), gtin=None, stock=Stock())
        for sku in skus
    )
    return given.but(given.product(), sku=skus[0], variants=variants)


class Desk:
    """A presenter, its server, and what it showed."""

    def __init__(self) -> None:
        self.port = FakeGuest()
        self.shown: list[ResumeState] = []
        self.gone: list[int] = []
        keys = (f"k{number}" for number in count(1))
        self.cart = ResumePresenter(
            self.port,
            self.shown.append,
            lambda: self.gone.append(1),
            new_key=lambda: next(keys),
            pauses=(0,),
            glows=0,
        )
        self._running: list[asyncio.Task[Any]] = []

    @property
    def state(self) -> ResumeState:
        """What is shown."""
        return self.cart.state

    @property
    def lines(self) -> list[tuple[str, int]]:
        """What is seen of the cart."""
        shown = current(self.state)
        return [(one.sku, one.quantity) for one in (shown.lines if shown else ())]

    async def open(self, *carts: Cart, **fields: Any) -> None:
        """Somebody is in, and their carts are there."""
        question = await self.port.question(self.cart.open())
        await question.answer(told(*carts, **fields))

    async def begin(self, verb: Coroutine[Any, Any, Any]) -> Question:
        """Begin a verb; its question."""
        return await self.port.question(verb)

    async def nothing(self, verb: Coroutine[Any, Any, Any]) -> None:
        """A verb that asks nothing."""
        assert await self.port.begin(verb) is None

    async def lose(self, question: Question) -> Question:
        """Nobody answers; what is asked then."""
        question.coming.set_exception(UnreachableError("/"))
        return await self.port.question()

    async def refuse(self, question: Question, code: str, retry_after: int | None = None) -> Question:
        """The server says no; what is asked then."""
        question.coming.set_exception(refusal(code, retry_after))
        return await self.port.question()


def event(what: Event) -> LiveEvent:
    """Something that happened."""
    return LiveEvent(id=1, at=given.at(0), customer_id=None, person_id=None, store="GV", event=what)


def test_a_cart_is_shown_as_it_was_left() -> None:
    """Until the answer is there it is said that one comes; then first name and lines are there."""

    async def scene() -> None:
        desk = Desk()
        question = await desk.begin(desk.cart.open())
        assert (question.asked, desk.state.phase) == (("cart",), "loading")
        await question.answer(told(cart(line(1, 2))))
        assert (desk.state.phase, desk.state.first_name, desk.lines) == ("shown", "Lucía", [("S1", 2)])

    played(scene())


@pytest.mark.parametrize(
    ("code", "wait", "phase"),
    [(None, None, "unreachable"), ("wrong_caller", None, "refused"), ("too_many_requests", 30, "unreachable")],
)
def test_no_cart_can_be_had(code: str | None, wait: int | None, phase: str) -> None:
    """It is said, and another try is all that is needed."""

    async def scene() -> None:
        desk = Desk()
        question = await desk.begin(desk.cart.open())
        await (question.refuse(code, wait) if code else question.lose())
        assert desk.state.phase == phase
        await desk.open(cart(line(1)))
        assert desk.state.phase == "shown"

    played(scene())


def test_a_quantity_is_drawn_at_once_and_sent_as_it_was_seen() -> None:
    """The customer waits for nobody; what they saw goes along."""

    async def scene() -> None:
        desk = Desk()
        await desk.open(cart(line(1, 2)))
        question = await desk.begin(desk.cart.want(1, 3))
        assert desk.lines == [("S1", 3)]
        assert question.asked == ("change_line", 1, 1, LineQuantity(quantity=3, base_quantity=2))
        await question.answer(cart(line(1, 4), version=2))
        assert (desk.lines, desk.state.edits) == ([("S1", 4)], ())

    played(scene())


def test_touches_while_one_is_on_its_way_are_one_wish() -> None:
    """They are sent together, once the answer is there, by what was seen when the first of them came."""

    async def scene() -> None:
        desk = Desk()
        await desk.open(cart(line(1, 1)))
        first = await desk.begin(desk.cart.want(1, 2))
        await desk.nothing(desk.cart.want(1, 3))
        await desk.nothing(desk.cart.want(1, 4))
        assert desk.lines == [("S1", 4)]
        first.coming.set_result(cart(line(1, 3), version=2))
        second = await desk.port.question()
        assert second.asked == ("change_line", 1, 1, LineQuantity(quantity=4, base_quantity=2))
        assert desk.lines == [("S1", 5)]
        await second.answer(cart(line(1, 5), version=3))
        assert desk.lines == [("S1", 5)]

    played(scene())


def test_what_was_not_answered_is_sent_again_as_it_was() -> None:
    """With the same key, so that it is done once; the cart is read anew after it, as the answer may be an old one."""

    async def scene() -> None:
        desk = Desk()
        await desk.open(cart(line(1, 1)))
        question = await desk.begin(desk.cart.want(1, 2))
        again = await desk.lose(question)
        assert (desk.state.reached, desk.lines) == (False, [("S1", 2)])
        assert again.asked == question.asked
        assert desk.port.keys == ["k1", "k1"]
        again.coming.set_result(cart(line(1, 2), version=2))
        reading = await desk.port.question()
        assert reading.asked == ("cart",)
        assert desk.state.reached
        reading.coming.set_result(told(cart(line(1, 7), version=5)))
        await reading.asker  # type: ignore[misc]
        assert desk.lines == [("S1", 7)]

    played(scene())


def test_a_cart_that_may_be_old_is_read_until_it_is_there() -> None:
    """A no that says when to come again is none; meanwhile it is said that there is no answer."""

    async def scene() -> None:
        desk = Desk()
        await desk.open(cart(line(1, 1)))
        reading = await desk.begin(desk.cart.renew())
        again = await desk.refuse(reading, "too_many_requests", 0)
        assert (again.asked, desk.state.reached, desk.lines) == (("cart",), False, [("S1", 1)])
        await again.answer(told(cart(line(1, 2), version=2)))
        assert (desk.state.reached, desk.lines) == (True, [("S1", 2)])

    played(scene())


def test_a_server_that_is_busy_is_asked_again() -> None:
    """A no that says when to come again is none."""

    async def scene() -> None:
        desk = Desk()
        await desk.open(cart(line(1, 1)))
        question = await desk.begin(desk.cart.want(1, 2))
        again = await desk.refuse(question, "too_many_requests", 0)
        assert (again.asked, desk.lines) == (question.asked, [("S1", 2)])

    played(scene())


@pytest.mark.parametrize(
    ("code", "note", "title"),
    [
        ("unknown_line", "gone_elsewhere", "Hoodie S1"),
        ("cart_closed", "closed", ""),
        ("handoff_taken", "at_till", ""),
        ("unknown_cart", "closed", ""),
        ("other_currency", "other_currency", ""),
        ("invalid_field", "not_possible", "Hoodie S1"),
    ],
)
def test_a_no_is_said_and_the_cart_is_as_it_is(code: str, note: str, title: str) -> None:
    """What was drawn upon it goes, and the cart is read anew."""

    async def scene() -> None:
        desk = Desk()
        await desk.open(cart(line(1, 1)))
        question = await desk.begin(desk.cart.want(1, 2))
        reading = await desk.refuse(question, code)
        assert reading.asked == ("cart",)
        assert desk.lines == [("S1", 1)]
        assert desk.state.note.kind == note
        assert title in desk.state.note.title or code == "other_currency"

    played(scene())


def test_what_was_taken_out_can_be_put_back() -> None:
    """Before it was sent nothing is sent at all; after it, the line comes back where it was."""

    async def scene() -> None:
        desk = Desk()
        await desk.open(cart(line(1, 2), line(2)))
        question = await desk.begin(desk.cart.want(1, 0))
        assert desk.lines == [("S2", 1)]
        assert [gone.line.sku for gone in desk.state.removed] == ["S1"]
        await question.answer(cart(line(2), version=2))
        back = await desk.begin(desk.cart.undo("S1"))
        assert (desk.lines, desk.state.removed) == ([("S1", 2), ("S2", 1)], ())
        assert back.asked == ("change_line", 1, 1, LineQuantity(quantity=2, base_quantity=0))
        await back.answer(cart(line(2), line(1, 2), version=3))
        assert desk.lines == [("S2", 1), ("S1", 2)]

    played(scene())


def test_a_line_that_is_known_no_more_is_put_in_anew() -> None:
    """Whoever puts it back gets it, though its number is another's by then."""

    async def scene() -> None:
        desk = Desk()
        await desk.open(cart(line(1, 2)))
        await (await desk.begin(desk.cart.want(1, 0))).answer(cart(version=2))
        back = await desk.begin(desk.cart.undo("S1"))
        anew = await desk.refuse(back, "unknown_line")
        assert anew.asked == ("add_line", 1, NewCartLine(sku="S1", quantity=2))
        assert desk.port.keys[-1] != desk.port.keys[-2]
        assert desk.lines == [("S1", 2)]

    played(scene())


def test_a_label_puts_its_article_in() -> None:
    """It is there at once, said and lit; the answer gives it its number."""

    async def scene() -> None:
        desk = Desk()
        await desk.open(cart(line(1)))
        scanning = await desk.begin(desk.cart.scan("9520010460003"))
        scanning.coming.set_result(ProductScanned(product=product("S5", "S6")))
        adding = await desk.port.question()
        assert adding.asked == ("add_line", 1, NewCartLine(sku="S5"))
        assert desk.lines == [("S1", 1), ("S5", 1)]
        assert (desk.state.note.kind, desk.state.glowing) == ("added", ("S5",))
        assert is_held(desk.state, 0)
        await adding.answer(cart(line(1), line(2, sku="S5"), version=2))
        assert desk.lines == [("S1", 1), ("S5", 1)]
        assert not is_held(desk.state, 2)

    played(scene())


@pytest.mark.parametrize(
    ("answer", "note"),
    [
        (CardKnown(), "no_product"),
        (UnknownCode(looks_like="other"), "no_product"),
        (ProductScanned(product=given.product()), "no_product"),
        (("bank_card",), "bank_card"),
        (("mistyped_card",), "no_product"),
        (("too_many_requests", 30), "unreachable"),
        (None, "unreachable"),
    ],
)
def test_anything_else_is_told_calmly(answer: Any, note: str) -> None:
    """The cart stays as it is."""

    async def scene() -> None:
        desk = Desk()
        await desk.open(cart(line(1)))
        scanning = await desk.begin(desk.cart.scan("ABC-1"))
        if answer is None:
            await scanning.lose()
        elif isinstance(answer, tuple):
            await scanning.refuse(*answer)
        else:
            await scanning.answer(answer)
        assert (desk.state.note.kind, desk.lines) == (note, [("S1", 1)])
        await desk.begin(desk.cart.want(1, 2))
        assert desk.state.note.kind == ""

    played(scene())


def test_a_bank_card_is_never_sent() -> None:
    """Its stripe tells what it is before anybody is asked."""

    async def scene() -> None:
        desk = Desk()
        await desk.open(cart(line(1)))
        await desk.nothing(desk.cart.scan("%B4111111111111111^GARCIA/LUCIA^29121010000000000000?"))
        assert desk.state.note.kind == "bank_card"

    played(scene())


def test_an_article_that_is_gone_has_a_screen_of_its_own() -> None:
    """What is not sold any more is not put in, and the cart stays as it is."""

    async def scene() -> None:
        desk = Desk()
        await desk.open(cart(line(1)))
        variant = product("S5").variants[0]
        gone = given.but(variant, item=given.but(variant.item, availability="discontinued"))
        scanning = await desk.begin(desk.cart.scan("9520010460003"))
        await scanning.answer(ProductScanned(product=given.but(product("S5"), variants=(gone,))))
        assert (desk.gone, desk.lines, desk.state.note.kind) == ([1], [("S1", 1)], "")

    played(scene())


@pytest.mark.parametrize(
    ("carts", "note"),
    [
        ((), "no_cart"),
        ((cart(line(1), currency="GBP"),), "other_currency"),
        ((cart(line(1)), cart(line(1), id=2)), "choose_first"),
    ],
)
def test_where_it_cannot_be_put_that_is_said(carts: tuple[Cart, ...], note: str) -> None:
    """Nothing is asked that would be refused."""

    async def scene() -> None:
        desk = Desk()
        await desk.open(*carts)
        scanning = await desk.begin(desk.cart.scan("9520010460003"))
        await scanning.answer(ProductScanned(product=product("S5")))
        assert desk.state.note.kind == note

    played(scene())


def test_another_size_takes_the_line_s_place() -> None:
    """The sheet shows what there is; what is taken is drawn at once, and held until its number is known."""

    async def scene() -> None:
        desk = Desk()
        await desk.open(cart(line(1, 2)))
        asking = await desk.begin(desk.cart.open_variants(1))
        assert (asking.asked, desk.state.sheet.kind) == (("product", "S1"), "variants")
        await asking.answer(product("S1", "S2"))
        assert dict(desk.state.sheet.picked) == {"size": "S1", "colour": "s1"}
        desk.cart.pick("size", "S2")
        assert dict(desk.state.sheet.picked) == {"size": "S2", "colour": "s2"}
        changing = await desk.begin(desk.cart.take_variant())
        assert changing.asked == ("change_line", 1, 1, LineQuantity(quantity=2, base_quantity=2, sku="S2"))
        assert (desk.lines, desk.state.sheet.kind, is_held(desk.state, 1)) == ([("S2", 2)], "", True)
        await desk.nothing(desk.cart.want(1, 5))
        await changing.answer(cart(line(4, 2, sku="S2"), version=3))
        assert desk.lines == [("S2", 2)]
        await (await desk.begin(desk.cart.want(4, 3))).answer(cart(line(4, 3, sku="S2"), version=4))
        assert desk.lines == [("S2", 3)]

    played(scene())


def test_sizes_that_cannot_be_had_leave_things_as_they_are() -> None:
    """It is said on the sheet, and closing it is the way back; the size that is there already is no change."""

    async def scene() -> None:
        desk = Desk()
        await desk.open(cart(line(1)))
        await (await desk.begin(desk.cart.open_variants(1))).lose()
        assert desk.state.sheet.lost
        await desk.nothing(desk.cart.take_variant())
        desk.cart.close_sheet()
        assert desk.state.sheet.kind == ""
        await (await desk.begin(desk.cart.open_variants(1))).answer(product("S1", "S2"))
        await desk.nothing(desk.cart.take_variant())
        assert (desk.state.sheet.kind, desk.lines) == ("", [("S1", 1)])
        await desk.nothing(desk.cart.open_variants(99))
        assert desk.state.sheet.kind == ""

    played(scene())


def test_an_answer_for_a_sheet_that_was_closed_is_dropped() -> None:
    """Whoever went back to the cart stays there."""
    state = ResumeState(phase="shown", carts=(cart(line(1)),))
    assert sheet_filled(state, 1, product("S1")) == state
    assert picked(state, "size", "S1") == state
    opened = sheet_filled(sheet_opened(state, "variants", 1), 1, product("S1", "S2"))
    assert picked(opened, "size", "XXXL") == opened
    assert variant_of(opened.sheet) is not None
    assert variant_of(state.sheet) is None


def test_a_wish_is_put_in() -> None:
    """From the list, with the place where it is; one that is sold no more is no wish to be put in."""

    async def scene() -> None:
        desk = Desk()
        wishes = given.wish_list(given.wish("S7"), given.wish("S8", item=None))
        await desk.open(cart(line(1)), wishlists=(wishes,))
        assert wishes_of(desk.state) == 1
        desk.cart.open_sheet("wishes")
        question = await desk.begin(desk.cart.add_wish("S7"))
        assert question.asked == ("add_line", 1, NewCartLine(sku="S7"))
        assert desk.state.sheet.kind == "wishes"
        await question.answer(cart(line(1), line(2, sku="S7"), version=2))
        await desk.nothing(desk.cart.add_wish("S8"))
        assert desk.lines == [("S1", 1), ("S7", 1)]

    played(scene())


TILL = cart(line(1, sku="T1"), id=2, source="till:demo", external_id="c2")


def test_several_carts_are_the_customer_s_to_choose_from() -> None:
    """None is taken for theirs until they said so; the others are named beside it."""

    async def scene() -> None:
        desk = Desk()
        await desk.open(cart(line(1)), TILL)
        assert (must_choose(desk.state), current(desk.state)) == (True, None)
        desk.cart.choose(2)
        assert (must_choose(desk.state), desk.lines) == (False, [("T1", 1)])
        assert [other.id for other in others_of(desk.state)] == [1]
        desk.cart.choose(None)
        assert must_choose(desk.state)

    played(scene())


def test_all_of_them_can_be_one() -> None:
    """Each is put into the first, and then there is one."""

    async def scene() -> None:
        desk = Desk()
        await desk.open(cart(line(1)), TILL)
        joining = await desk.begin(desk.cart.join_all())
        assert joining.asked == ("join", JoinCarts(source=2, target=1))
        joining.coming.set_result(cart(line(1), line(2, sku="T1"), version=2))
        reading = await desk.port.question()
        assert desk.lines == [("S1", 1), ("T1", 1)]
        assert (desk.state.note.kind, len(filled_carts(desk.state))) == ("joined", 1)
        reading.coming.set_result(told(cart(line(1), line(2, sku="T1"), version=2), given.but(TILL, lines=())))
        await reading.asker  # type: ignore[misc]
        assert desk.lines == [("S1", 1), ("T1", 1)]

    played(scene())


def test_an_empty_cart_is_one() -> None:
    """It is shown, and things can be put into it; one that is filled is the better one."""

    async def scene() -> None:
        desk = Desk()
        await desk.open(cart(), TILL)
        assert (desk.lines, has_lines(desk.state)) == ([("T1", 1)], True)
        await desk.open(cart())
        assert (desk.lines, has_lines(desk.state), must_choose(desk.state)) == ([], False, False)

    played(scene())


def test_what_somebody_else_changed_glows_once() -> None:
    """What is otherwise than it was drawn glows, and then no more; what the customer did themselves does not."""

    async def scene() -> None:
        desk = Desk()
        await desk.open(cart(line(1), line(2)))
        mine = await desk.begin(desk.cart.want(1, 2))
        await mine.answer(cart(line(1, 2), line(2), version=2))
        assert desk.state.glow == 0
        reading = await desk.begin(desk.cart.heard(event(CartChanged(cart_id=1))))
        await reading.answer(told(cart(line(1, 2), line(2, 3), version=3)))
        assert (desk.state.glowing, desk.state.glow) == (("S2",), 1)
        for _ in range(3):
            await asyncio.sleep(0)
        assert (desk.state.glowing, desk.state.glow) == ((), 1)

    played(scene())


def test_what_somebody_else_took_out_is_named() -> None:
    """It is gone, and by its name it is said."""

    async def scene() -> None:
        desk = Desk()
        await desk.open(cart(line(1), line(2)))
        changed = CartLineChanged(
            cart_id=1,
            source="web",
            version=2,
            line=2,
            line_id=None,
            sku="S2",
            base_quantity=1,
            quantity=0,
            unit_price=5200,
            currency="EUR",
        )
        reading = await desk.begin(desk.cart.heard(event(changed)))
        await reading.answer(told(cart(line(1), version=2)))
        assert (desk.lines, desk.state.note.kind, desk.state.note.title) == ([("S1", 1)], "gone_elsewhere", "Hoodie S2")

    played(scene())


def test_events_that_say_nothing_of_the_cart_ask_nothing() -> None:
    """Many are heard; those of the cart, that a till gave it back, or that it is gone, are reasons to look."""

    async def scene() -> None:
        desk = Desk()
        await desk.open(cart(line(1)))
        await desk.nothing(desk.cart.heard(event(StockChanged(sku="S1", quantity=1))))
        reading = await desk.begin(desk.cart.heard(event(HandoffReleased(handoff_id=1, cart_id=1, because="till"))))
        assert reading.asked == ("cart",)
        await reading.answer(told(cart(line(1))))
        reading = await desk.begin(desk.cart.heard(event(RecordRemoved(kind="cart", id=1))))
        await reading.answer(told())
        assert desk.lines == []

    played(scene())


def test_a_cart_that_was_closed_elsewhere_is_said_to_be() -> None:
    """It was bought at home, perhaps: another one is shown, or that there is none."""

    async def scene() -> None:
        desk = Desk()
        await desk.open(cart(line(1)), TILL)
        desk.cart.choose(1)
        await (await desk.begin(desk.cart.renew())).answer(told(TILL))
        assert (desk.lines, desk.state.note.kind) == ([("T1", 1)], "closed")
        await (await desk.begin(desk.cart.renew())).answer(told())
        assert (desk.lines, current(desk.state), desk.state.note.kind) == ([], None, "closed")

    played(scene())


@pytest.mark.parametrize(
    ("has", "wants", "sends"), [(99, 100, False), (150, 151, False), (150, 149, True), (1, 99, True)]
)
def test_as_many_as_a_hand_can_carry(has: int, wants: int, sends: bool) -> None:
    """More than that is not asked for here; a line that has more can become smaller."""

    async def scene() -> None:
        desk = Desk()
        await desk.open(cart(line(1, has)))
        assert (await desk.port.begin(desk.cart.want(1, wants)) is not None) == sends

    played(scene())


def test_an_older_cart_than_the_known_one_is_not_shown() -> None:
    """Versions grow: what was told before is told no more."""

    async def scene() -> None:
        desk = Desk()
        await desk.open(cart(line(1, 5), version=7))
        reading = await desk.begin(desk.cart.renew())
        await reading.answer(told(cart(line(1, 1), version=6)))
        assert desk.lines == [("S1", 5)]

    played(scene())


def test_a_cart_is_read_again_until_somebody_answers() -> None:
    """Whoever sees it goes on seeing it, and sees that there is no network."""

    async def scene() -> None:
        desk = Desk()
        await desk.open(cart(line(1)))
        again = await desk.lose(await desk.begin(desk.cart.renew()))
        assert (desk.state.phase, desk.state.reached) == ("shown", False)
        await again.answer(told(cart(line(1))))
        assert desk.state.reached

    played(scene())


def test_nothing_is_kept_of_who_has_left() -> None:
    """Nor does an answer that comes late bring any of it back, to whoever is next."""

    async def scene() -> None:
        desk = Desk()
        await desk.open(cart(line(1)))
        late = await desk.begin(desk.cart.want(1, 2))
        reader = await desk.begin(desk.cart.scan("9520010460003"))
        sheet = await desk.begin(desk.cart.open_variants(1))
        desk.cart.forget()
        assert desk.state == ResumeState(asked=desk.state.asked)
        await late.answer(cart(line(1, 2), version=2))
        await reader.answer(ProductScanned(product=product("S5")))
        await sheet.answer(product("S1"))
        assert desk.state == ResumeState(asked=desk.state.asked)
        await desk.open(cart(line(9)), first_name="Marta")
        assert (desk.state.first_name, desk.lines) == ("Marta", [("S9", 1)])

    played(scene())


@pytest.mark.parametrize("code", ["wrong_caller", None])
def test_a_no_that_comes_late_says_nothing(code: str | None) -> None:
    """Whoever asked has left: neither is it said, nor is it tried again."""

    async def scene() -> None:
        desk = Desk()
        await desk.open(cart(line(1)))
        late = await desk.begin(desk.cart.want(1, 2))
        desk.cart.forget()
        await (late.lose() if code is None else late.refuse(code))
        assert desk.state == ResumeState(asked=desk.state.asked)
        reading = await desk.begin(desk.cart.open())
        desk.cart.forget()
        await (reading.lose() if code is None else reading.refuse(code))
        assert desk.state == ResumeState(asked=desk.state.asked)

    played(scene())


def test_a_screen_beside_says_something_here() -> None:
    """What a handoff came to is told beside the cart."""
    desk = Desk()
    desk.cart.say("run_out")
    assert desk.state.note.kind == "run_out"
