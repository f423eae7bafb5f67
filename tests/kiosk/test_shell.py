"""What the shell says of the server: whether it answers, and why it does not take this tablet."""

from collections.abc import Callable

import pytest

from kiosk.cart.state import Join
from kiosk.customer.state import CustomerState, arrived, opened
from kiosk.find.state import FindState
from kiosk.item.state import ItemState
from kiosk.items.state import ItemsState
from kiosk.link.port import Place, RefusedError, UnreachableError
from kiosk.link.watched import WatchedPort
from kiosk.shell.rows import band_words, link_words, unsent_words
from kiosk.shell.state import LinkState, heard, refused, set_up
from kiosk.words import Words
from server.wire.problems import Problem, ProblemError
from tests.fakes import FakePort, played
from tests.kiosk.given import at, but, context, found

ENGLISH, SPANISH = Words("en", "Europe/Madrid"), Words("es", "Europe/Madrid")
ASKING, CONNECTED, LOST = (LinkState(phase=phase) for phase in ("asking", "connected", "lost"))
CHANGE = Join(key="k", customer_id=1, source=2, target=1)
SHOWN = arrived(opened(CustomerState(), "", 1), 1, but(context(), as_of=at(-1)))


def problem(code: str, detail: str = "") -> Problem:
    """What a server says that refuses."""
    return ProblemError(code, detail).problem


LOOK_AT_THE_NETWORK = "The server does not answer. Check the network of the store."
WRONG_HOST = "It does not answer to the address this tablet calls it by; its operator can allow that."
REFUSED = refused(ASKING, problem("wrong_host"))


@pytest.mark.parametrize(
    ("before", "after_an_answer", "after_silence"),
    [
        (ASKING, CONNECTED, LOST),
        (CONNECTED, CONNECTED, LOST),
        (LOST, CONNECTED, LOST),
        (REFUSED, REFUSED, but(REFUSED, phase="lost")),
        (but(REFUSED, phase="lost"), REFUSED, but(REFUSED, phase="lost")),
    ],
)
def test_what_is_heard_of_the_server(before: LinkState, after_an_answer: LinkState, after_silence: LinkState) -> None:
    """Any answer means that it is there; a tablet that it does not take stays one until it is set up."""
    assert heard(before, reached=True) == after_an_answer
    assert heard(before, reached=False) == after_silence
    assert set_up(before) == CONNECTED


@pytest.mark.parametrize(
    ("link", "english", "spanish", "tone"),
    [
        (ASKING, "Waiting…", "Esperando…", "plain"),
        (CONNECTED, "Connected", "En línea", "good"),
        (LOST, "No network", "Sin red", "warn"),
        (REFUSED, "Refused", "No admitida", "warn"),
    ],
)
def test_what_stands_on_the_rail(link: LinkState, english: str, spanish: str, tone: str) -> None:
    """A word or two, in the viewer's language."""
    assert link_words(link, ENGLISH) == (english, tone)
    assert link_words(link, SPANISH) == (spanish, tone)


@pytest.mark.parametrize(
    ("link", "current", "find", "customer", "said"),
    [
        (
            LOST,
            "items",
            FindState(phase="unreachable"),
            SHOWN,
            LOOK_AT_THE_NETWORK,
        ),
        (CONNECTED, "find", FindState(), CustomerState(), ""),
        (ASKING, "find", FindState(), CustomerState(), ""),
        (
            LOST,
            "find",
            FindState(),
            CustomerState(),
            LOOK_AT_THE_NETWORK,
        ),
        (LOST, "find", FindState(phase="unreachable"), CustomerState(), ""),
        (
            LOST,
            "customer",
            FindState(phase="unreachable"),
            SHOWN,
            "No network. Showing what was so at 12:00\N{NARROW NO-BREAK SPACE}PM.",
        ),
        (
            LOST,
            "customer",
            FindState(),
            but(SHOWN, changes=(CHANGE, CHANGE)),
            "No network. Showing what was so at 12:00\N{NARROW NO-BREAK SPACE}PM. 2 changes will be sent.",
        ),
        (LOST, "customer", FindState(), CustomerState(phase="unreachable"), ""),
        (
            REFUSED,
            "customer",
            FindState(),
            SHOWN,
            f"The server does not take this tablet. {WRONG_HOST}",
        ),
        (
            refused(CONNECTED, problem("database_busy", "Another program holds the file.")),
            "find",
            FindState(),
            CustomerState(),
            "The server does not take this tablet. Its database does not answer just now; it is asked again by itself.",
        ),
        (
            refused(CONNECTED, problem("not_found")),
            "find",
            FindState(),
            CustomerState(),
            "The server does not take this tablet. There is no such door",
        ),
    ],
)
def test_what_the_band_says(link: LinkState, current: str, find: FindState, customer: CustomerState, said: str) -> None:
    """What the server said, or how old what is shown is; nothing that the screen under it says itself."""
    assert band_words(link, current, find, customer, ItemsState(), ItemState(), ENGLISH) == said


@pytest.mark.parametrize(
    ("current", "items", "item", "said"),
    [
        (
            "items",
            ItemsState(phase="found"),
            ItemState(),
            LOOK_AT_THE_NETWORK,
        ),
        ("items", ItemsState(phase="unreachable"), ItemState(phase="shown"), ""),
        ("item", ItemsState(), ItemState(phase="shown"), "No network. What is in the stores may have changed since."),
        (
            "item",
            ItemsState(),
            ItemState(phase="loading"),
            LOOK_AT_THE_NETWORK,
        ),
        ("item", ItemsState(), ItemState(phase="unreachable"), ""),
    ],
)
def test_what_the_band_says_of_articles(current: str, items: ItemsState, item: ItemState, said: str) -> None:
    """What is shown of an article may have changed; where the screen says it itself, nothing is said."""
    assert band_words(LOST, current, FindState(), CustomerState(), items, item, ENGLISH) == said


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (0, ""),
        (1, "1 change is not sent yet. Signing out gives it up."),
        (2, "2 changes are not sent yet. Signing out gives them up."),
    ],
)
def test_what_signing_out_costs(changes: int, said: str) -> None:
    """It is said before; nothing where everything was sent."""
    assert unsent_words(changes, ENGLISH) == said


def test_every_question_is_overheard() -> None:
    """An answer and a no mean that the server is there, silence that it is not; the asker gets what there is."""

    async def scene() -> None:
        port, told = FakePort(), list[bool]()
        watched = WatchedPort(port, told.append)
        search = await port.question(watched.search("lu"))
        await search.answer(found("Lucía"))
        for verb in (watched.setup(), watched.stores(), watched.scan("1")):
            with pytest.raises(UnreachableError):
                await (await port.question(verb)).lose()
        for verb in (watched.products("ho"), watched.product("S1")):
            with pytest.raises(UnreachableError):
                await (await port.question(verb)).lose()
        for verb in (watched.context(1), watched.orders(1, None), watched.picture("a")):
            with pytest.raises(RefusedError):
                await (await port.question(verb)).refuse("not_found")
        for verb in (watched.enrol("7"), watched.staff(), watched.sign_in(1, "2"), watched.unlock("2")):
            with pytest.raises(UnreachableError):
                await (await port.question(verb)).lose()
        for verb in (watched.sign_out(), watched.roll_token()):
            await (await port.question(verb)).answer(None)
        assert told == [True, *[False] * 5, *[True] * 3, *[False] * 4, *[True] * 2]
        asked = ["search", "setup", "stores", "scan", "products", "product", "context", "orders", "picture"]
        asked += ["enrol", "staff", "sign_in", "unlock", "sign_out", "roll_token"]
        assert [question[0] for question in port.asked] == asked

    played(scene())


@pytest.mark.parametrize(
    "moves_on",
    [lambda port: port.leave(), lambda port: port.use(Place(server="http://b")), None],
    ids=["leaves", "is elsewhere", "stays"],
)
def test_a_no_is_told_as_long_as_its_asker_is_there(moves_on: Callable[[WatchedPort], None] | None) -> None:
    """Why the server said no is told once, unless whoever asked has left meanwhile."""

    async def scene() -> None:
        port, codes = FakePort(), list[str]()
        watched = WatchedPort(port, lambda _reached: None, codes.append)
        question = await port.question(watched.stores())
        if moves_on is not None:
            moves_on(watched)
        with pytest.raises(RefusedError):
            await question.refuse("session_ended")
        assert codes == ([] if moves_on else ["session_ended"])

    played(scene())
