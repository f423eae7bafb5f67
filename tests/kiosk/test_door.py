"""The door before the screens: who passes it, and that nothing of whoever was there before stays behind it."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from kiosk.customer.presenter import CustomerPresenter
from kiosk.customer.state import CustomerState
from kiosk.door import Door
from kiosk.enrol.presenter import EnrolPresenter
from kiosk.enrol.state import EnrolState
from kiosk.find.presenter import FindPresenter
from kiosk.find.state import FindState, Recent, looked_at
from kiosk.link.keyring import Keyring
from kiosk.link.pictures import PictureShelf
from kiosk.link.port import RefusedError
from kiosk.link.watched import WatchedPort
from kiosk.shell.state import gate_of
from kiosk.sign_in.presenter import SignInPresenter
from kiosk.sign_in.state import SignInState
from kiosk.tasks import Tasks
from server.wire.access import StaffName
from server.wire.carts import LineQuantity
from tests.fakes import FakePort, Question, played, refusal
from tests.kiosk.given import NOW, but, cart, context, found, line, person
from tests.kiosk.test_cart import settled
from tests.kiosk.test_enrol import ENROLLED, PLACE, QR, SERVER
from tests.kiosk.test_sign_in import BADGE, SESSION, UNLOCKED

ANA, BEA = StaffName(id=1, name="Ana Pereira"), StaffName(id=2, name="bea")
ENROLLED_STATE = EnrolState(phase="enrolled")


@pytest.mark.parametrize(
    ("enrol", "sign_in", "gate"),
    [
        (EnrolState(), SignInState(), "enrol"),
        (EnrolState(), SignInState(step="in"), "enrol"),
        (EnrolState(phase="trading"), SignInState(step="in"), "enrol"),
        (EnrolState(phase="revoked"), SignInState(step="in"), "enrol"),
        (ENROLLED_STATE, SignInState(), "sign_in"),
        (ENROLLED_STATE, SignInState(step="pin"), "sign_in"),
        (ENROLLED_STATE, SignInState(step="locked"), "sign_in"),
        (ENROLLED_STATE, SignInState(step="in"), "open"),
    ],
)
def test_only_one_way_leads_in(enrol: EnrolState, sign_in: SignInState, gate: str) -> None:
    """Screens are seen on an enrolled tablet by whoever is signed in, and in no other case."""
    assert gate_of(enrol, sign_in) == gate


class Tablet:
    """The door with all that is behind it, at a fake server."""

    def __init__(self, folder: Path) -> None:
        self.server = FakePort()
        self.time = 0.0
        self.folder = folder
        self.entered = 0
        self.tasks = Tasks()
        self.seen_at_leaving: list[tuple[str, str]] = []
        port = WatchedPort(self.server, lambda _reached: None, self._refused)
        self.find = FindPresenter(port, lambda _state: None)
        self.customer = CustomerPresenter(port, lambda _state: None)
        self.keyring = Keyring(folder)
        self.shelf = PictureShelf(port, folder / "pictures")
        self.enrol = EnrolPresenter(port, self.keyring, self._enrol, lambda: NOW, SERVER)
        self.sign_in = SignInPresenter(port, self._sign_in, lambda: self.time)
        self.port = port
        self.shown: tuple[EnrolState, SignInState] = (self.enrol.state, self.sign_in.state)
        self.door = Door(self.enrol, self.sign_in, self._leave, self.customer.drop, self.shelf.forget, self._enter)

    def _enrol(self, state: EnrolState) -> None:
        self.door.moved(state, self.sign_in.state)
        self.shown = (state, self.shown[1])

    def _sign_in(self, state: SignInState) -> None:
        self.door.moved(self.enrol.state, state)
        self.shown = (self.shown[0], state)

    def _leave(self) -> None:
        # What people see at this moment is the state before: nobody else can be there yet.
        self.seen_at_leaving.append((self.shown[0].phase, self.shown[1].step))
        self.tasks.give_up()
        self.find.forget()
        self.customer.forget()

    def _refused(self, code: str) -> None:
        self.door.refused(code)

    def _enter(self) -> None:
        self.entered += 1
        self.tasks.start(self.customer.go_on())

    async def question(self) -> Question:
        """What is asked next."""
        return await self.server.question()

    async def enter(self) -> None:
        """An enrolled tablet, Ana in, and a customer who was looked at."""
        self.keyring.keep(PLACE)
        self.enrol.recall()
        await (await self.question()).answer((ANA,))
        self.door.pick(1)
        assert self.door.typed("2468")
        assert self.door.pressed("enter")
        await (await self.question()).answer(SESSION)
        await (await self.server.question(self.customer.open(1, "Lucía"))).answer(context(person(1, "Lucía")))
        await (await self.server.question(self.find.type("luc", 0))).answer(found("Lucía"))
        self.find.state = looked_at(self.find.state, Recent(customer_id=1, name="Lucía", tier=None, cart_quantity=1))

    @property
    def knows_lucia(self) -> bool:
        """Whether anything of a customer is left."""
        return "Luc" in repr((self.find.state, self.customer.state))


def files(folder: Path) -> list[Path]:
    """What is kept in a folder."""
    return [path for path in folder.rglob("*") if path.is_file()]


async def signs_out(tablet: Tablet) -> None:
    """Sign out."""
    tablet.door.sign_out()
    for _ in range(2):
        question = await tablet.question()
        await question.answer((ANA,) if question.asked == ("staff",) else None)


async def locks(tablet: Tablet) -> None:
    """Lock it by hand."""
    tablet.door.lock()


async def is_idle(tablet: Tablet) -> None:
    """Leave it alone."""
    tablet.time += SESSION.idle
    tablet.door.tick()


def is_told(code: str) -> object:
    """Let the server say no to something."""

    async def leave(tablet: Tablet) -> None:
        with pytest.raises(RefusedError):
            await (await tablet.server.question(tablet.port.stores())).refuse(code)

    return leave


@pytest.mark.parametrize(
    ("leave", "enrol", "step"),
    [
        pytest.param(signs_out, "enrolled", "who", id="signed out"),
        pytest.param(locks, "enrolled", "locked", id="locked"),
        pytest.param(is_idle, "enrolled", "locked", id="idle"),
        pytest.param(is_told("session_locked"), "enrolled", "locked", id="locked by the server"),
        pytest.param(is_told("session_ended"), "enrolled", "who", id="ended by the server"),
        pytest.param(is_told("not_signed_in"), "enrolled", "who", id="not signed in"),
        pytest.param(is_told("unknown_token"), "enrolled", "who", id="a session that nobody knows"),
        pytest.param(is_told("device_revoked"), "revoked", "who", id="revoked"),
    ],
)
def test_nobody_sees_the_last_associate_s_customer(tmp_path: Path, leave: object, enrol: str, step: str) -> None:
    """However the door closes, what was found and shown is gone before it is drawn, and recents with it."""

    async def scene() -> None:
        tablet = Tablet(tmp_path)
        await tablet.enter()
        assert (tablet.door.open, tablet.knows_lucia, tablet.entered) == (True, True, 1)
        assert not tablet.door.typed("luc")
        assert not tablet.door.pressed("enter")
        await leave(tablet)  # type: ignore[operator]
        assert (tablet.enrol.state.phase, tablet.sign_in.state.step) == (enrol, step)
        assert not tablet.door.open
        assert not tablet.knows_lucia
        assert tablet.seen_at_leaving == [("enrolled", "in")]
        assert tablet.shown == (tablet.enrol.state, tablet.sign_in.state)

    played(scene())


async def serve(tablet: Tablet, who: StaffName) -> None:
    """Answer whatever is asked but changes: everybody is let in."""
    answers = {
        "staff": (ANA, BEA),
        "sign_out": None,
        "unlock": UNLOCKED,
        "sign_in": but(SESSION, staff_id=who.id, name=who.name),
    }
    while True:
        question = await tablet.question()
        if question.asked[0] in answers:
            question.coming.set_result(answers[question.asked[0]])


async def waits(tablet: Tablet, _change: Question) -> None:
    """Leave it alone until it locks itself."""
    await is_idle(tablet)


def refused(code: str) -> object:
    """Let the server say no to the change itself."""

    async def leave(_tablet: Tablet, change: Question) -> None:
        change.coming.set_exception(refusal(code))

    return leave


async def leaves(tablet: Tablet, _change: Question) -> None:
    """Sign out."""
    tablet.door.sign_out()


async def makes_room(tablet: Tablet, _change: Question) -> None:
    """Lock the tablet, and let somebody else have it."""
    tablet.door.lock()
    tablet.door.somebody_else()


@pytest.mark.parametrize(
    ("leave", "who", "times"),
    [
        pytest.param(waits, ANA, 2, id="idle"),
        pytest.param(refused("session_locked"), ANA, 2, id="locked by the server"),
        pytest.param(refused("session_ended"), ANA, 2, id="ended by the server"),
        pytest.param(refused("session_ended"), BEA, 1, id="ended, and somebody else comes"),
        pytest.param(leaves, ANA, 1, id="signed out"),
        pytest.param(makes_room, ANA, 1, id="locked, and somebody else wanted it"),
        pytest.param(refused("device_revoked"), ANA, 1, id="revoked"),
    ],
)
def test_changes_wait_for_whoever_made_them(tmp_path: Path, leave: object, who: StaffName, times: int) -> None:
    """They are sent when the same person is in again, under the same key; whoever signs out gives them up."""

    async def scene() -> None:
        tablet = Tablet(tmp_path)
        await tablet.enter()
        tablet.tasks.start(tablet.customer.open(1, "Lucía"))
        (await tablet.question()).coming.set_result(context(person(1, "Lucía"), carts=(cart(line("Hoodie")),)))
        await settled()
        tablet.tasks.start(tablet.customer.set_quantity(1, 1, 2))
        change = await tablet.question()
        assert change.asked[:4] == ("set_line", 1, 1, LineQuantity(quantity=2, base_quantity=1))
        await leave(tablet, change)  # type: ignore[operator]
        serving = asyncio.ensure_future(serve(tablet, who))
        await settled()
        assert (tablet.door.open, tablet.knows_lucia) == (False, False)
        assert [asked for asked in tablet.server.asked if asked[0] == "set_line"] == [change.asked]
        if tablet.enrol.state.phase == "revoked":
            tablet.keyring.keep(PLACE)
            tablet.enrol.recall()
            await settled()
        tablet.door.pick(who.id)
        assert tablet.door.typed("2468")
        tablet.door.confirm()
        await settled()
        assert tablet.door.open
        assert [asked for asked in tablet.server.asked if asked[0] == "set_line"] == [change.asked] * times
        serving.cancel()

    played(scene())


@pytest.mark.parametrize("code", ["wrong_pin", "not_found", "unknown_customer", "wrong_caller", "database_busy"])
def test_other_refusals_close_no_door(tmp_path: Path, code: str) -> None:
    """That something was not found, or may not be seen, is said where it was asked."""

    async def scene() -> None:
        tablet = Tablet(tmp_path)
        await tablet.enter()
        await is_told(code)(tablet)  # type: ignore[operator]
        assert (tablet.door.open, tablet.knows_lucia) == (True, True)

    played(scene())


def test_an_answer_that_comes_after_the_lock_is_dropped(tmp_path: Path) -> None:
    """Somebody whose context was under way when the tablet was locked is not there when it is unlocked."""

    async def scene() -> None:
        tablet = Tablet(tmp_path)
        await tablet.enter()
        late = [
            await tablet.server.question(verb)
            for verb in (tablet.customer.open(2, "Lucas"), tablet.find.type("lucas", 0))
        ]
        tablet.door.lock()
        await late[0].answer(context(person(2, "Lucas")))
        await late[1].answer(found("Lucas"))
        assert not tablet.knows_lucia
        assert tablet.customer.state == CustomerState(asked=tablet.customer.state.asked)
        assert tablet.find.state == FindState(asked=tablet.find.state.asked, shown=tablet.find.state.shown)
        tablet.door.typed("2468")
        tablet.door.confirm()
        await (await tablet.question()).answer(UNLOCKED)
        assert (tablet.door.open, tablet.knows_lucia) == (True, False)

    played(scene())


def test_a_late_no_throws_nobody_else_out(tmp_path: Path) -> None:
    """What the server says no to after its asker has gone is not held against whoever is in now."""

    async def scene() -> None:
        tablet = Tablet(tmp_path)
        await tablet.enter()
        late = await tablet.server.question(tablet.port.stores())
        await signs_out(tablet)
        tablet.door.pick(1)
        tablet.door.digit("2468")
        tablet.door.confirm()
        await (await tablet.question()).answer(SESSION)
        with pytest.raises(RefusedError):
            await late.refuse("session_ended")
        assert tablet.door.open

    played(scene())


def test_a_revoked_tablet_has_nothing_on_disk(tmp_path: Path) -> None:
    """Token and pictures are gone, and the tablet asks to be enrolled anew."""

    async def scene() -> None:
        tablet = Tablet(tmp_path)
        await tablet.enter()
        (tmp_path / "pictures").mkdir()
        (tmp_path / "pictures" / ("a" * 64)).write_bytes(b"picture")
        await is_told("device_revoked")(tablet)  # type: ignore[operator]
        assert files(tmp_path) == []
        tablet.door.scan(QR)
        tablet.door.anew()
        tablet.door.scan(QR)
        await (await tablet.question()).answer(ENROLLED)
        assert tablet.keyring.read() == PLACE
        assert (await tablet.question()).asked == ("staff",)

    played(scene())


def test_a_token_that_nobody_knows_puts_the_tablet_out(tmp_path: Path) -> None:
    """With nobody signed in it is the device's own that is not known: it says so, and keeps nothing."""

    async def scene() -> None:
        tablet = Tablet(tmp_path)
        tablet.keyring.keep(PLACE)
        tablet.enrol.recall()
        await (await tablet.question()).refuse("unknown_token")
        assert tablet.enrol.state == EnrolState(phase="revoked", server=SERVER, unknown=True)
        assert tablet.keyring.read() is None

    played(scene())


def test_scans_and_keys_go_where_they_are_wanted(tmp_path: Path) -> None:
    """Before the door a scan is a QR or a badge, and keys are a code or a PIN."""

    async def scene() -> None:
        tablet = Tablet(tmp_path)
        assert tablet.door.typed("7kq2m9xbcx")
        assert tablet.door.pressed("erase")
        tablet.door.code("d")
        assert tablet.enrol.state.code == "7KQ2M9XBCD"
        tablet.door.erase_code()
        tablet.door.move("http://10.0.0.5:8600")
        assert tablet.door.pressed("back")
        assert tablet.enrol.state == EnrolState(server="http://10.0.0.5:8600", code="7KQ2M9XBC")
        tablet.door.code("d")
        assert tablet.door.pressed("enter")
        await (await tablet.question()).answer(ENROLLED)
        await (await tablet.question()).answer(())
        tablet.door.scan(BADGE)
        assert tablet.sign_in.state.badged
        assert tablet.door.typed("24")
        assert tablet.door.pressed("erase")
        tablet.door.erase()
        tablet.door.digit("1")
        assert tablet.sign_in.state.digits == 1
        assert tablet.door.pressed("back")
        assert tablet.sign_in.state.step == "who"
        tablet.door.back()
        tablet.door.ask_names()
        assert (await tablet.question()).asked == ("staff",)

    played(scene())


def test_life_keeps_the_tablet_open(tmp_path: Path) -> None:
    """A sign of life just before the end of patience begins it anew."""

    async def scene() -> None:
        tablet = Tablet(tmp_path)
        await tablet.enter()
        tablet.time += SESSION.idle - 1
        tablet.door.life()
        tablet.time += SESSION.idle - 1
        tablet.door.tick()
        assert tablet.door.open

    played(scene())


def test_somebody_else_ends_the_shift_of_whoever_locked(tmp_path: Path) -> None:
    """From the locked screen the way to the names signs out, without a word about it."""

    async def scene() -> None:
        tablet = Tablet(tmp_path)
        await tablet.enter()
        tablet.door.lock()
        tablet.door.somebody_else()
        assert (await tablet.question()).asked == ("sign_out",)
        assert (tablet.sign_in.state.step, tablet.sign_in.state.why) == ("who", "")
        assert tablet.sign_in.state.staff == (ANA,)

    played(scene())


def test_an_old_token_is_rolled_while_nobody_is_in(tmp_path: Path) -> None:
    """On the way to the names the device gets its next token, where its token has served its time."""

    async def scene() -> None:
        tablet = Tablet(tmp_path)
        old = NOW - timedelta(days=31)
        tablet.keyring.keep(but(PLACE, since=old.isoformat()))
        tablet.enrol.recall()
        asked = {(await tablet.question()).asked, (await tablet.question()).asked}
        assert asked == {("staff",), ("roll_token",)}

    played(scene())
