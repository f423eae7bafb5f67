"""What can be seen of a tablet at one moment, as its eye tells it."""

from collections.abc import Iterator

import msgspec

from tests.screens.display import Point


class Thing(msgspec.Struct):
    """Something that is on the screen.

    Attributes:
        kind: its widget's class.
        text: what is written in it itself.
        words: what is written in it and in all that it holds.
        box: left, top, right and bottom of what can be seen of it, in pixels from the window's left and top.
        active: where it is one of several of which one is on, whether it is; of a photo's frame, whether it is there.
    """

    kind: str
    text: str
    words: tuple[str, ...]
    box: tuple[float, float, float, float]
    active: bool = False

    @property
    def middle(self) -> Point:
        """Where a finger touches it."""
        left, top, right, bottom = self.box
        return Point(round((left + right) / 2), round((top + bottom) / 2))

    @property
    def height(self) -> float:
        """How high it is, as far as it can be seen."""
        return self.box[3] - self.box[1]


class Wanted(msgspec.Struct, frozen=True):
    """What shall be painted: a thing of a kind that holds some words; and, `photos`, every photo on the screen."""

    kind: str
    words: str = ""
    photos: bool = False


class Seen(msgspec.Struct, kw_only=True):
    """What can be seen at one moment.

    Attributes:
        size: the window's width and height.
        moving: whether something is still being drawn, or pictures are still coming.
        things: what is on the screen.
    """

    size: tuple[int, int]
    moving: bool
    things: tuple[Thing, ...]

    def all(self, kind: str = "", words: str = "") -> Iterator[Thing]:
        """The things of a kind that hold some words, from top to bottom."""
        fitting = (
            thing
            for thing in self.things
            if kind in ("", thing.kind) and (not words or any(words in text for text in thing.words))
        )
        return iter(sorted(fitting, key=lambda thing: (thing.box[1], thing.box[0])))

    def thing(self, kind: str = "", words: str = "") -> Thing | None:
        """The topmost thing of a kind that holds some words."""
        return next(self.all(kind, words), None)

    def says(self, words: str) -> bool:
        """Whether some words can be read on the screen."""
        return any(words in thing.text for thing in self.things)

    def has(self, wanted: Wanted) -> bool:
        """Whether what shall be painted can be seen."""
        if wanted.photos and not all(frame.active for frame in self.all("Picture")):
            return False
        return self.thing(wanted.kind, wanted.words) is not None


class Sight(Seen, kw_only=True):
    """A moment.

    Attributes:
        screen: which of the screens is there.
        found: what the search came to; `hits` are the names found.
        customer: what looking a customer up came to; `name` is who is shown.
        tab: which of the customer's tabs is shown.
        field: what stands in the field to type into; `typing` is whether it has the focus.
        link: how the way to the server is: `connected` where it answers.
        gate: what stands before the screens; `open` where somebody is signed in.
        step: how far signing in is; `digits` are those typed, `wait` the seconds until more are taken,
            `busy` whether the server is asked about them.
        items: what the search for articles came to; `articles` are the titles found, `sought` what was typed.
        item: what looking an article up came to; `sku` is the size and colour that is looked at.
        enrol: how far enrolling is; `code` are the letters typed.
    """

    screen: str
    found: str = ""
    hits: tuple[str, ...] = ()
    customer: str = ""
    name: str = ""
    tab: str = ""
    field: str = ""
    typing: bool = False
    link: str = ""
    store: str = ""
    brand: str = ""
    gate: str = ""
    step: str = ""
    digits: int = 0
    wait: int = 0
    busy: bool = False
    enrol: str = ""
    code: str = ""
    items: str = ""
    sought: str = ""
    articles: tuple[str, ...] = ()
    item: str = ""
    sku: str = ""


class KioskSight(Seen, kw_only=True):
    """A moment of a kiosk.

    Attributes:
        screen: which of the screens is there; empty until one is.
        step: how far proving is; `contact` and `code` are typed, `digits` shown.
        busy: whether the server is asked about them.
        trouble: what went wrong; `wait` the seconds until the way on is open.
        left: seconds until all is wiped, while a sign of life is asked for.
        call: whether somebody was called.
        guest: somebody is in.
        ending: they are just leaving.
        brand: how the retailer calls itself, once the kiosk knows.
        language: that is spoken.
        theme: how it looks.
        enrol: how far enrolling is.
    """

    screen: str
    step: str = ""
    contact: str = ""
    code: str = ""
    digits: str = ""
    busy: bool = False
    trouble: str = ""
    wait: int = 0
    left: int = 0
    call: str = ""
    guest: bool = False
    ending: bool = False
    brand: str = ""
    language: str = ""
    theme: str = ""
    enrol: str = ""


class Timing(msgspec.Struct):
    """When things happened, by `time.monotonic`.

    Attributes:
        first_frame: the first one was painted.
        shown: a customer, another state of their carts, or results were painted for the first time, in this order.
        ticks: beginnings of frames while frames were watched.
        kept: how many things are not looked through for garbage any more.
    """

    first_frame: float
    shown: list[float]
    ticks: list[float]
    kept: int = 0
