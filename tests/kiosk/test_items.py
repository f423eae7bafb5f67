"""Finding an article while letters are typed: the newest question wins, and nothing shown is lost for nothing."""

import asyncio
from collections.abc import Callable
from itertools import pairwise
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.items.presenter import ItemsPresenter
from kiosk.items.rows import hit_rows, over_hits
from kiosk.items.state import ItemsState, answered, failed, forgotten, slowed, typed
from kiosk.words import Words
from server.wire.catalog import ProductHit, ProductMatch
from tests.fakes import FakePort, Question, played
from tests.kiosk.given import NOW, article, articles, but, item, stock

ENGLISH = Words("en", "Europe/Madrid")
AS_OF = "as of 12:00\N{NARROW NO-BREAK SPACE}PM"
"""An hour before now."""
NOTHING = articles()
COAT = articles("Coat")
HOODIE = articles("Hoodie", "Hood", capped=True, hodie=("hoodie", "hood"))

LOADING = ItemsState(text="ho", phase="loading", asked=1)
FOUND = answered(LOADING, 1, HOODIE)
TYPED_ON = typed(FOUND, "hood")

Change = Callable[[ItemsState], ItemsState]


@pytest.mark.parametrize(
    ("before", "change", "after"),
    [
        pytest.param(ItemsState(), lambda s: typed(s, "ho"), LOADING, id="asks"),
        pytest.param(FOUND, lambda s: typed(s, "hood"), but(FOUND, text="hood", asked=2), id="keeps what was found"),
        pytest.param(
            but(FOUND, phase="refused"),
            lambda s: typed(s, "hoo"),
            but(FOUND, text="hoo", phase="loading", asked=2),
            id="looks again",
        ),
        pytest.param(FOUND, lambda s: typed(s, " h "), ItemsState(text=" h ", asked=2, shown=2), id="too short"),
        pytest.param(FOUND, lambda s: typed(s, ""), ItemsState(asked=2, shown=2), id="emptied"),
        pytest.param(
            LOADING,
            lambda s: answered(s, 1, HOODIE),
            but(LOADING, phase="found", hits=HOODIE.hits, capped=True, corrected=("hood", "hoodie"), shown=1),
            id="finds",
        ),
        pytest.param(LOADING, lambda s: answered(s, 1, NOTHING), but(LOADING, phase="nothing", shown=1), id="nothing"),
        pytest.param(TYPED_ON, lambda s: answered(s, 1, COAT), TYPED_ON, id="too late"),
        pytest.param(
            TYPED_ON,
            lambda s: answered(s, 2, NOTHING),
            but(TYPED_ON, phase="nothing", hits=(), capped=False, corrected=(), shown=2),
            id="nothing any more",
        ),
        pytest.param(
            typed(typed(ItemsState(), "ho"), "hoo"),
            lambda s: answered(s, 1, NOTHING),
            typed(typed(ItemsState(), "ho"), "hoo"),
            id="nothing of what is typed no more",
        ),
        pytest.param(LOADING, lambda s: slowed(s, 1), but(LOADING, slow=True), id="slow"),
        pytest.param(FOUND, lambda s: slowed(s, 1), FOUND, id="not slow any more"),
        pytest.param(
            TYPED_ON, lambda s: failed(s, 2, "unreachable"), but(TYPED_ON, phase="unreachable", shown=2), id="silence"
        ),
        pytest.param(TYPED_ON, lambda s: failed(s, 1, "refused"), TYPED_ON, id="an older no"),
        pytest.param(FOUND, forgotten, ItemsState(asked=2, shown=2), id="forgets"),
    ],
)
def test_what_happens_to_the_search(before: ItemsState, change: Change, after: ItemsState) -> None:
    """Each happening leads to one state."""
    assert change(before) == after


class Screen:
    """A search with a server whose answers a test releases."""

    def __init__(self) -> None:
        self.port = FakePort()
        self.shown: list[ItemsState] = []
        self.items = ItemsPresenter(self.port, self.shown.append)

    async def type(self, text: str) -> Question:
        """Type, and wait no longer than it takes to ask."""
        return await self.port.question(self.items.type(text, 0))

    @property
    def titles(self) -> list[str]:
        """What is shown."""
        return [hit.title for hit in self.items.state.hits]


def test_typing_finds_and_silence_keeps() -> None:
    """What was found stays where nobody answers, and is asked for again."""

    async def scene() -> None:
        screen = Screen()
        await (await screen.type("coat")).answer(COAT)
        assert (screen.titles, screen.items.state.phase) == (["Coat"], "found")
        assert screen.items.hit("S1") == COAT.hits[0]
        assert screen.items.hit("S9") is None
        await (await screen.type("coats")).lose()
        assert (screen.titles, screen.items.state.phase) == (["Coat"], "unreachable")
        await (await screen.port.question(screen.items.again())).answer(HOODIE)
        assert screen.titles == ["Hoodie", "Hood"]
        await (await screen.type("--")).refuse("search_too_short")
        assert screen.items.state.phase == "refused"
        assert screen.port.asked == [("products", text) for text in ("coat", "coats", "coats", "--")]

    played(scene())


def test_what_is_too_short_asks_nothing_and_a_pause_asks_once() -> None:
    """One letter is no question; of letters in one breath the last one asks."""

    async def scene() -> None:
        screen = Screen()
        assert await screen.port.begin(screen.items.type("h", 0)) is None
        typing = [asyncio.ensure_future(screen.items.type(text)) for text in ("ho", "hoo", "hood")]
        question = await screen.port.question()
        await question.answer(HOODIE)
        await asyncio.gather(*typing)
        assert screen.port.asked == [("products", "hood")]

    played(scene())


def test_a_wait_is_said_and_what_comes_after_forgetting_is_dropped() -> None:
    """A slow answer is told to be one; whoever has gone sees none."""

    async def scene() -> None:
        screen = Screen()
        waited = asyncio.Event()
        screen.items = ItemsPresenter(screen.port, lambda state: waited.set() if state.slow else None, slow=0)
        question = await screen.type("coat")
        await waited.wait()
        screen.items.forget()
        await question.answer(COAT)
        assert screen.items.state == ItemsState(asked=2, shown=2)

    played(scene())


@given(st.lists(st.sampled_from(["coat", "hood", "h", "zz"]), min_size=1, max_size=6), st.randoms())
def test_answers_in_any_order(texts: list[str], random: Random) -> None:
    """Whatever order they come in, what is shown at the end is the answer to what was typed last."""

    async def scene() -> None:
        screen = Screen()
        answers = {"coat": COAT, "hood": HOODIE, "zz": NOTHING}
        questions = [
            (text, question)
            for text in texts
            if (question := await screen.port.begin(screen.items.type(text, 0))) is not None
        ]
        random.shuffle(questions)
        for text, question in questions:
            await question.answer(answers[text])
        last = answers.get(texts[-1], NOTHING)
        assert screen.titles == [hit.title for hit in last.hits]
        assert all(one.shown <= other.shown for one, other in pairwise(screen.shown))

    played(scene())


SIZED = article("Hoodie", sku="S1")


def match(field: str, text: str, *ranges: tuple[int, int]) -> ProductMatch:
    """What was found in a field."""
    return ProductMatch(field=field, text=text, ranges=ranges)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("hit", "said"),
    [
        pytest.param(SIZED, ("Hoodie", "XS · Black", "€52.00", "", "", ""), id="one variant"),
        pytest.param(
            article(
                "Hoodie [new]",
                match("title", "Hoodie [new]", (0, 4)),
                match("option", "XS", (0, 2)),
                match("sku", "HH-1", (0, 2)),
                stock=stock(2, Serrano=4),
            ),
            (
                "[b]Hood[/b]ie &bl;new&br;",
                "[b]XS[/b] · Black · [b]HH[/b]-1",
                "€52.00",
                "",
                "2 here",
                "4 in Serrano · " + AS_OF,
            ),
            id="what was typed in bold",
        ),
        pytest.param(
            article(fitting=12, price_to=6900, item=item(brand="Luma")),
            ("Hoodie Chaz", "Luma · 12 variants", "from €52.00", "", "", ""),
            id="several, at several prices",
        ),
        pytest.param(
            article(item=item(sale_price=3900, options={}, availability="discontinued"), price_from=3900),
            ("Hoodie Chaz", "No longer in the catalogue", "€39.00", "€52.00 before", "", ""),
            id="on sale, and gone",
        ),
        pytest.param(
            article(
                "Tee",
                match("category", "Tops > Tees", (7, 10)),
                match("brand", "Luma", (0, 4)),
                fitting=2,
                item=item(brand="Luma"),
                stock=stock(0),
            ),
            (
                "Tee",
                "[b]Luma[/b] · 2 variants · Tops > [b]Tee[/b]s",
                "€52.00",
                "",
                "None here",
                "not in another store either · " + AS_OF,
            ),
            id="by brand and category",
        ),
    ],
)
def test_what_a_row_says(hit: ProductHit, said: tuple[str, ...]) -> None:
    """What it is, with what was typed in bold; what it costs; and in words where it is."""
    row, _ = hit_rows(ItemsState(hits=(hit,)), ENGLISH, NOW)
    assert tuple(row[name] for name in ("marked_title", "about", "price", "was", "here", "elsewhere")) == said
    assert (row["kind"], row["sku"]) == ("ProductRow", hit.item.sku)
    assert hit_rows(ItemsState(hits=(hit,)), ENGLISH, NOW, wide=False)[0]["kind"] == "ProductCard"


@pytest.mark.parametrize(
    ("state", "over", "under"),
    [
        (ItemsState(), "", None),
        (ItemsState(hits=COAT.hits), "", "1 article"),
        (ItemsState(hits=HOODIE.hits), "", "2 articles"),
        (ItemsState(hits=COAT.hits, slow=True), "", "Searching…"),
        (
            ItemsState(hits=COAT.hits, capped=True),
            "Showing 1 of many: add a word, a size or a colour.",
            "Showing 1 of many: add a word, a size or a colour.",
        ),
        (
            ItemsState(hits=COAT.hits, corrected=("coat", "coal")),
            "Nothing is called that. Shown instead: coat, coal",
            "1 article",
        ),
    ],
)
def test_what_is_said_over_and_under_the_hits(state: ItemsState, over: str, under: str | None) -> None:
    """Why they are not those that were asked for, and how many they are."""
    assert over_hits(state, ENGLISH) == over
    assert [row["text"] for row in hit_rows(state, ENGLISH, NOW)[-1:]] == ([] if under is None else [under])
