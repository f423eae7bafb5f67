"""Finding a customer while letters are typed: the newest question wins, and nothing shown is lost for nothing."""

import asyncio
from collections.abc import Callable
from itertools import pairwise
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.find.presenter import FindPresenter
from kiosk.find.state import (
    RECENT_KEPT,
    FindState,
    Recent,
    answered,
    failed,
    looked_at,
    scanned,
    slowed,
    typed,
    without,
)
from tests.fakes import FakePort, Question, played
from tests.kiosk.given import but, found, order

NOBODY = found()
ANA = found("Ana Roca")
LUCIA = found("Lucía García", capped=True, lusia=("lucia", "lucio"), garzia=("garcia", "lucia"))

LOADING = FindState(text="lu", phase="loading", asked=1)
FOUND = answered(LOADING, 1, LUCIA)
TYPED_ON = typed(FOUND, "luci")

Change = Callable[[FindState], FindState]


def names(state: FindState) -> list[str]:
    """Who is shown."""
    return [hit.name for hit in state.hits]


@pytest.mark.parametrize(
    ("before", "change", "after"),
    [
        pytest.param(FindState(), lambda s: typed(s, "lu"), LOADING, id="asks"),
        pytest.param(FOUND, lambda s: typed(s, "luci"), but(FOUND, text="luci", asked=2), id="keeps what was found"),
        pytest.param(
            but(LOADING, phase="nobody"), lambda s: typed(s, "l u"), but(LOADING, text="l u", asked=2), id="looks again"
        ),
        pytest.param(
            but(FOUND, phase="refused", code="search_too_short"),
            lambda s: typed(s, "luc"),
            but(FOUND, text="luc", phase="loading", asked=2),
            id="forgets why it was refused",
        ),
        pytest.param(
            looked_at(FOUND, Recent(customer_id=LUCIA.hits[0].customer_id, name="Lucía", tier=None, cart_quantity=0)),
            lambda s: without(s, LUCIA.hits[0].customer_id),
            but(FOUND, hits=()),
            id="known no more",
        ),
        pytest.param(FOUND, lambda s: without(s, 999_999), FOUND, id="somebody else is known no more"),
        pytest.param(FOUND, lambda s: typed(s, "l"), FindState(text="l", asked=2, shown=2), id="too short"),
        pytest.param(
            FOUND, lambda s: typed(s, " l "), FindState(text=" l ", asked=2, shown=2), id="blanks do not count"
        ),
        pytest.param(FOUND, lambda s: typed(s, ""), FindState(asked=2, shown=2), id="emptied"),
        pytest.param(
            LOADING,
            lambda s: answered(s, 1, LUCIA),
            but(
                LOADING,
                phase="found",
                hits=LUCIA.hits,
                capped=True,
                corrected=("garcia", "lucia", "lucio"),
                shown=1,
            ),
            id="found",
        ),
        pytest.param(LOADING, lambda s: answered(s, 1, NOBODY), but(LOADING, phase="nobody", shown=1), id="nobody"),
        pytest.param(
            TYPED_ON,
            lambda s: answered(s, 2, NOBODY),
            but(TYPED_ON, phase="nobody", hits=(), capped=False, corrected=(), shown=2),
            id="nobody any more",
        ),
        pytest.param(
            but(LOADING, asked=2),
            lambda s: answered(s, 1, ANA),
            but(LOADING, phase="found", hits=ANA.hits, asked=2, shown=1),
            id="older, better than nothing",
        ),
        pytest.param(
            but(LOADING, asked=2), lambda s: answered(s, 1, NOBODY), but(LOADING, asked=2), id="nobody by an older text"
        ),
        pytest.param(
            but(FOUND, asked=3, shown=2),
            lambda s: answered(s, 1, ANA),
            but(FOUND, asked=3, shown=2),
            id="older than what is shown",
        ),
        pytest.param(FOUND, lambda s: answered(s, 1, ANA), FOUND, id="the same again"),
        pytest.param(
            typed(LOADING, ""), lambda s: answered(s, 1, LUCIA), FindState(asked=2, shown=2), id="nobody waits for it"
        ),
        pytest.param(
            typed(typed(LOADING, ""), "an"),
            lambda s: answered(s, 1, LUCIA),
            FindState(text="an", phase="loading", asked=3, shown=2),
            id="asked before the field was emptied",
        ),
        pytest.param(
            LOADING, lambda s: failed(s, 1, "unreachable"), but(LOADING, phase="unreachable", shown=1), id="lost"
        ),
        pytest.param(
            TYPED_ON,
            lambda s: failed(s, 2, "unreachable"),
            but(TYPED_ON, phase="unreachable", shown=2),
            id="lost, and what was found stays",
        ),
        pytest.param(TYPED_ON, lambda s: failed(s, 1, "unreachable"), TYPED_ON, id="an older one is lost"),
        pytest.param(
            but(TYPED_ON, phase="unreachable", shown=2),
            lambda s: answered(s, 1, ANA),
            but(TYPED_ON, phase="unreachable", shown=2),
            id="older than what was lost",
        ),
        pytest.param(LOADING, lambda s: slowed(s, 1), but(LOADING, slow=True), id="slow"),
        pytest.param(TYPED_ON, lambda s: slowed(s, 2), but(TYPED_ON, slow=True), id="slow, and what was found stays"),
        pytest.param(TYPED_ON, lambda s: slowed(s, 1), TYPED_ON, id="an older one is slow"),
        pytest.param(FOUND, lambda s: slowed(s, 1), FOUND, id="answered in time"),
        pytest.param(
            but(TYPED_ON, slow=True),
            lambda s: typed(s, "lucia"),
            but(TYPED_ON, text="lucia", asked=3, slow=True),
            id="slow still",
        ),
        pytest.param(
            but(TYPED_ON, slow=True),
            lambda s: failed(s, 2, "unreachable"),
            but(TYPED_ON, phase="unreachable", shown=2),
            id="slow, then lost",
        ),
        pytest.param(
            but(LOADING, slow=True),
            lambda s: typed(s, ""),
            FindState(asked=2, shown=2),
            id="slow, and not wanted any more",
        ),
        pytest.param(
            but(TYPED_ON, phase="unreachable", shown=2),
            lambda s: typed(s, "lucia"),
            but(TYPED_ON, text="lucia", phase="unreachable", asked=3, shown=2),
            id="out of reach until somebody answers",
        ),
        pytest.param(
            LOADING,
            lambda s: failed(s, 1, "refused", "search_too_short"),
            but(LOADING, phase="refused", shown=1, code="search_too_short"),
            id="refused",
        ),
    ],
)
def test_what_happens_to_a_search(before: FindState, change: Change, after: FindState) -> None:
    """Each happening changes what is known, and nothing else."""
    assert change(before) == after


@given(st.lists(st.integers(1, RECENT_KEPT + 4), max_size=40))
def test_the_last_looked_at_comes_first(ids: list[int]) -> None:
    """Each customer who was looked at stands once among the recent ones, the last first, and there are not too many."""
    state = FindState()
    for id_ in ids:
        state = looked_at(state, Recent(customer_id=id_, name=f"C{id_}", tier=None, cart_quantity=0))
    assert [recent.customer_id for recent in state.recent] == list(dict.fromkeys(reversed(ids)))[:RECENT_KEPT]


def test_a_customer_looked_at_again_is_shown_as_they_are_now() -> None:
    """The newest of what is known of somebody replaces what was."""
    first, second = (Recent(customer_id=1, name="Ana", tier=tier, cart_quantity=0) for tier in (None, "gold"))
    assert looked_at(looked_at(FindState(), first), second).recent == (second,)


class Screen:
    """A find screen over a server that answers by hand; `shown` is what it was told, one after the other."""

    def __init__(self) -> None:
        self.port = FakePort()
        self.shown: list[FindState] = []
        self.find = FindPresenter(self.port, self.shown.append)

    async def type(self, text: str) -> Question:
        """Type a text; its question, once it is on its way."""
        return await self.port.question(self.find.type(text, pause=0))

    @property
    def state(self) -> FindState:
        """What is known; the screen was told the same last."""
        assert self.shown[-1:] in ([], [self.find.state])
        return self.find.state


def test_quick_typing_asks_once() -> None:
    """What was typed over before the pause was out is never asked for."""

    async def scene() -> None:
        screen = Screen()
        typing = [asyncio.create_task(screen.find.type(text, pause=0)) for text in ("lu", "luc", "luci")]
        await (await screen.port.question()).answer(LUCIA)
        await asyncio.gather(*typing)
        assert screen.port.asked == [("search", "luci")]
        assert names(screen.state) == ["Lucía García"]

    played(scene())


@pytest.mark.parametrize("text", ["", "l", " ", " l ", "\tl\n"])
def test_less_than_two_letters_go_back_to_the_recent_ones(text: str) -> None:
    """Nothing is asked, what was found is gone, and what still comes is not shown."""

    async def scene() -> None:
        screen = Screen()
        question = await screen.type("lu")
        await screen.find.type(text, pause=0)
        await question.answer(LUCIA)
        assert screen.port.asked == [("search", "lu")]
        assert (screen.state.phase, screen.state.text, screen.state.hits) == ("recent", text, ())

    played(scene())


def test_a_lost_answer_keeps_what_was_found() -> None:
    """When the network goes, the people found before stay, and asking again asks for what is typed now."""

    async def scene() -> None:
        screen = Screen()
        await (await screen.type("lu")).answer(LUCIA)
        await (await screen.type("luci")).lose()
        assert (screen.state.phase, names(screen.state)) == ("unreachable", ["Lucía García"])
        again = await screen.port.question(screen.find.again())
        assert again.asked == ("search", "luci")
        await again.answer(LUCIA)
        assert (screen.state.phase, names(screen.state)) == ("found", ["Lucía García"])

    played(scene())


def test_a_refused_search_says_why() -> None:
    """What the server does not search for is another matter than a server that does not answer."""

    async def scene() -> None:
        screen = Screen()
        await (await screen.type("--")).refuse("search_too_short")
        assert (screen.state.phase, screen.state.code) == ("refused", "search_too_short")

    played(scene())


def test_a_slow_answer_is_waited_for_in_words() -> None:
    """Past some time it is said that something is looked for; the answer takes that back."""

    async def scene() -> None:
        screen = Screen()
        await (await screen.type("ma")).answer(NOBODY)
        assert all(not state.slow for state in screen.shown)
        waited = asyncio.Event()
        screen.find = FindPresenter(screen.port, lambda state: waited.set() if state.slow else None, slow=0)
        screen.shown.clear()
        question = await screen.type("lu")
        await waited.wait()
        assert (screen.state.phase, screen.state.slow) == ("loading", True)
        await question.answer(LUCIA)
        assert (screen.state.phase, screen.state.slow) == ("found", False)

    played(scene())


def test_what_was_scanned_is_shown_until_somebody_types() -> None:
    """An order of nobody takes the place of what was found, keeps who was looked at, and goes again."""
    recent = (Recent(customer_id=1, name="Ana", tier=None, cart_quantity=0),)
    screen = Screen()
    screen.find.state = but(FOUND, recent=recent)
    screen.find.show_order(order())
    assert screen.state == FindState(phase="order", order=order(), recent=recent, asked=2, shown=2)
    assert typed(screen.state, "") == FindState(recent=recent, asked=3, shown=3)
    assert typed(screen.state, "lu") == FindState(text="lu", phase="loading", recent=recent, asked=3, shown=2)


def test_nothing_is_shown_twice() -> None:
    """A screen is told only of what changed: each telling costs a frame."""

    async def scene() -> None:
        screen = Screen()
        first, second = await screen.type("lu"), await screen.type("luc")
        await second.answer(LUCIA)
        told = len(screen.shown)
        await first.answer(ANA)
        assert len(screen.shown) == told
        assert all(before != after for before, after in pairwise(screen.shown))

    played(scene())


ENDS = st.sampled_from(["found", "nobody", "lost", "refused"])


@given(
    st.lists(st.tuples(st.sampled_from(["l", "lu"]), ENDS), min_size=1, max_size=8), st.randoms(use_true_random=False)
)
def test_answers_may_come_in_any_order(typing: list[tuple[str, str]], chance: Random) -> None:
    """Whatever is late, lost or refused: nobody gives way to somebody older, and the newest question's end stands.

    Each search finds somebody called by its number.
    """

    async def scene() -> None:
        screen, newest = Screen(), 0
        waiting: dict[int, Question] = {}

        async def one_ends() -> None:
            nonlocal newest
            number = chance.choice(sorted(waiting))
            question, end = waiting.pop(number), typing[number - 1][1]
            if end == "lost":
                await question.lose()
            elif end == "refused":
                await question.refuse("search_too_short")
            else:
                await question.answer(found(str(number)) if end == "found" else NOBODY)
            now = int("".join(names(screen.state)) or 0)
            assert now >= newest or not now
            newest = max(newest, now)

        for number, (text, _) in enumerate(typing, 1):
            if len(text) < 2:
                await screen.find.type(text, pause=0)
            else:
                waiting[number] = await screen.type(text)
            while waiting and chance.random() < 0.4:
                await one_ends()
        while waiting:
            await one_ends()

        text, end = typing[-1]
        phases = {"found": "found", "nobody": "nobody", "lost": "unreachable", "refused": "refused"}
        assert screen.state.phase == ("recent" if len(text) < 2 else phases[end])
        if len(text) < 2 or end == "nobody":
            assert names(screen.state) == []
        elif end == "found":
            assert names(screen.state) == [str(len(typing))]

    played(scene())


def test_people_of_a_shared_card_are_shown_and_no_older_search_replaces_them() -> None:
    """After a card that several carry they are the hits, whatever answer comes to what was typed before."""
    earlier = typed(FindState(), "maria")
    shown = scanned(earlier, found("Ana", "Javier").hits)
    assert (names(shown), shown.shared) == (["Ana", "Javier"], True)
    assert not answered(typed(shown, "ana"), shown.asked + 1, ANA).shared
    assert answered(shown, earlier.asked, found("María")) == shown
