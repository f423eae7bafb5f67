"""One hand-written fake for each port; what it answers, and when, a test decides."""

import asyncio
from collections.abc import AsyncGenerator, Coroutine
from typing import Any, TypeVar

from kiosk.link.port import Place, RefusedError, Said, UnreachableError
from server.wire.access import DeviceToken, SessionStarted, SessionUnlocked, StaffName
from server.wire.calls import HelpCall
from server.wire.carts import Cart, JoinCarts, LineQuantity, NewCartLine
from server.wire.catalog import PictureSize, Product, ProductsFound
from server.wire.customers import CustomerContext, SearchAnswer, WisherCount, WisherPage
from server.wire.handoffs import Handoff, NewHandoff
from server.wire.kiosks import Confirmation, WaitingChallenge
from server.wire.lookup import ScanAnswer
from server.wire.orders import OrderPage
from server.wire.problems import PROBLEMS, Problem
from server.wire.stores import Setup, Store

T = TypeVar("T")

PATIENCE = 20
"""Seconds until a test gives up waiting; nothing waits that long where all is well."""


def refusal(code: str, retry_after: int | None = None) -> RefusedError:
    """A server's no, with the seconds after which another try is worth it."""
    status, title = PROBLEMS[code]
    problem = Problem(type=f"urn:mostrador:problem:{code}", title=title, status=status, detail="No.", code=code)
    return RefusedError(problem, retry_after)


class Question:
    """A question that waits for its answer: which verb, about what, and who asked."""

    def __init__(self, verb: str, *about: Any) -> None:
        self.asked = (verb, *about)
        self.asker = asyncio.current_task()
        self.coming: asyncio.Future[Any] = asyncio.get_running_loop().create_future()

    async def answer(self, answer: Any) -> None:
        """Let the answer arrive, and whoever asked do what they do with it."""
        self.coming.set_result(answer)
        await self._heard()

    async def lose(self, why: type[UnreachableError] = UnreachableError) -> None:
        """Let nobody answer."""
        self.coming.set_exception(why("/"))
        await self._heard()

    async def refuse(self, code: str, retry_after: int | None = None) -> None:
        """Let the server say no, and perhaps for how many seconds."""
        self.coming.set_exception(refusal(code, retry_after))
        await self._heard()

    async def _heard(self) -> None:
        assert self.asker is not None
        await self.asker


class Answers:
    """Questions, whose answers are released by hand, in any order."""

    def __init__(self) -> None:
        self.asked: list[tuple[Any, ...]] = []
        self._questions: asyncio.Queue[Question] = asyncio.Queue()
        self._running: set[asyncio.Task[Any]] = set()

    async def question(self, verb: Coroutine[Any, Any, Any] | None = None) -> Question:
        """The next question, in the order they were asked: the one that a verb asks, where one is given to begin."""
        if verb is None:
            return await self._questions.get()
        question = await self.begin(verb)
        assert question is not None, "nothing was asked"
        return question

    async def begin(self, verb: Coroutine[Any, Any, Any]) -> Question | None:
        """Begin a verb; its question, or None where it came to its end without one."""
        running, asking = asyncio.create_task(verb), asyncio.create_task(self._questions.get())
        self._running.add(running)
        await asyncio.wait({running, asking}, return_when=asyncio.FIRST_COMPLETED)
        if asking.done():
            return asking.result()
        asking.cancel()
        await running
        return None

    async def _ask(self, verb: str, *about: Any) -> Any:
        question = Question(verb, *about)
        self.asked.append(question.asked)
        self._questions.put_nowait(question)
        return await question.coming


class FakePort(Answers):
    """A server whose answers are released by hand."""

    async def setup(self) -> Setup:
        return await self._ask("setup")

    async def scan(self, code: str) -> ScanAnswer:
        return await self._ask("scan", code)

    async def search(self, text: str) -> SearchAnswer:
        return await self._ask("search", text)

    async def products(self, text: str) -> ProductsFound:
        return await self._ask("products", text)

    async def product(self, sku: str) -> Product:
        return await self._ask("product", sku)

    async def wisher_count(self, sku: str) -> WisherCount:
        return await self._ask("wisher_count", sku)

    async def wishers(self, sku: str) -> WisherPage:
        return await self._ask("wishers", sku)

    async def context(self, customer_id: int) -> CustomerContext:
        return await self._ask("context", customer_id)

    async def orders(self, customer_id: int, before: str | None) -> OrderPage:
        return await self._ask("orders", customer_id, before)

    async def add_line(self, cart_id: int, wanted: NewCartLine, key: str) -> Cart:
        return await self._ask("add_line", cart_id, wanted, key)

    async def set_line(self, cart_id: int, line: int, wanted: LineQuantity, key: str) -> Cart:
        return await self._ask("set_line", cart_id, line, wanted, key)

    async def join_carts(self, customer_id: int, wanted: JoinCarts, key: str) -> Cart:
        return await self._ask("join_carts", customer_id, wanted, key)

    async def hand_over(self, wanted: NewHandoff, key: str) -> Handoff:
        return await self._ask("hand_over", wanted, key)

    async def handoff(self, handoff_id: int) -> Handoff:
        return await self._ask("handoff", handoff_id)

    async def waiting_kiosks(self) -> tuple[WaitingChallenge, ...]:
        return await self._ask("waiting_kiosks")

    async def vouch(self, challenge_id: int, confirmation: Confirmation, key: str) -> None:
        await self._ask("vouch", challenge_id, confirmation, key)

    async def help_calls(self) -> tuple[HelpCall, ...]:
        return await self._ask("help_calls")

    async def answer_call(self, call_id: int, key: str) -> HelpCall:
        return await self._ask("answer_call", call_id, key)

    async def stores(self) -> tuple[Store, ...]:
        return await self._ask("stores")

    async def picture(self, name: str, size: PictureSize = "large") -> bytes:
        return await self._ask("picture", name, *(() if size == "large" else (size,)))

    async def follow(self, customer_id: int | None, after: int | None) -> AsyncGenerator[Said, None]:
        """A stream: each answer of its question is what it says next."""
        while True:
            yield await self._ask("follow", customer_id, after)

    def use(self, place: Place) -> None:
        self.asked.append(("use", place))

    def leave(self) -> None:
        self.asked.append(("leave",))

    async def enrol(self, code: str) -> DeviceToken:
        return await self._ask("enrol", code)

    async def staff(self) -> tuple[StaffName, ...]:
        return await self._ask("staff")

    async def sign_in(self, who: int | str, pin: str) -> SessionStarted:
        return await self._ask("sign_in", who, pin)

    async def unlock(self, pin: str) -> SessionUnlocked:
        return await self._ask("unlock", pin)

    async def sign_out(self) -> None:
        await self._ask("sign_out")

    async def roll_token(self) -> DeviceToken:
        return await self._ask("roll_token")


def played(scene: Coroutine[Any, Any, T]) -> T:
    """What a scene comes to, in an event loop of its own; one that hangs is given up."""
    return asyncio.run(asyncio.wait_for(scene, PATIENCE))
