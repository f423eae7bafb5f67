"""Finding a customer by hand on the real tablet: typing, touching a row, going back, scrolling."""

import pytest

from tests.screens.tablet import Tablet
from tests.screens.test_scan import LUCIA, LUCIAS_NAME, TABS, opens_tab, shows

pytestmark = pytest.mark.xdist_group("screens")


def test_letters_find_people_and_a_touch_opens_one(tablet: Tablet) -> None:
    """What is typed finds people; touching a row opens the one who stands in it."""
    tablet.type("luc gar")
    sight = tablet.until(
        lambda s: s.found == "found" and s.field == "luc gar" and "Lucas García Ibáñez" in s.hits and s
    )
    assert {LUCIAS_NAME, "Lucía Garcés Roca", "Lucas García Ibáñez"} <= set(sight.hits)
    # Fewer letters found the same people: those of the last one may be on their way.
    tablet.at_rest()
    tablet.touch("HitRow", "Lucas García Ibáñez")
    shows(tablet, "Lucas García Ibáñez")


def test_capitals_and_backspace(tablet: Tablet) -> None:
    """Capitals come with shift, and what was typed wrong is taken back."""
    tablet.type("Garx")
    tablet.hands.press("BackSpace")
    tablet.hands.type("cia")
    tablet.until(lambda s: s.field == "Garcia" and LUCIAS_NAME in s.hits)


def test_nobody_is_called_that(tablet: Tablet) -> None:
    """That nobody was found is said, and going on typing is all that is needed."""
    tablet.type("qqqq")
    tablet.until(lambda s: s.found == "nobody")
    tablet.clear()
    tablet.type("otxoa")
    tablet.until(lambda s: s.hits == ("Jon Otxoa Lasarte",))


def test_back_to_the_search(tablet: Tablet) -> None:
    """From a customer the rail leads back to what was found, as it was."""
    tablet.type("luc gar")
    tablet.until(lambda s: s.found == "found")
    tablet.touch("HitRow", LUCIAS_NAME)
    shows(tablet, LUCIAS_NAME)
    tablet.touch("RailItem")
    sight = tablet.until(lambda s: s.screen == "find" and s)
    assert (sight.found, sight.field) == ("found", "luc gar")
    assert sight.typing


def test_who_was_shown_is_at_hand(tablet: Tablet) -> None:
    """Whoever was looked at stands first among the recent ones, and a touch opens them again."""
    tablet.scan(LUCIA)
    shows(tablet, LUCIAS_NAME)
    tablet.touch("RailItem")
    tablet.until(lambda s: s.screen == "find" and s.found == "recent")
    tablet.touch("RecentCard", LUCIAS_NAME)
    shows(tablet, LUCIAS_NAME)


def test_every_tab(tablet: Tablet) -> None:
    """Touching a tab shows it: wishes, orders by number, the story, the cart again."""
    tablet.scan(LUCIA)
    shows(tablet, LUCIAS_NAME)
    for tab in (*TABS[1:], TABS[0]):
        opens_tab(tablet, tab)
        kind = {"cart": "CartRow", "wishes": "ArticleRow", "orders": "OrderHeading", "story": "StoryRow"}[tab]
        sight = tablet.until(lambda s, kind=kind: s.thing(kind) and s)
        (active,) = [thing for thing in sight.all("Tab") if thing.active]
        assert active.box[0] == sorted(thing.box[0] for thing in sight.all("Tab"))[TABS.index(tab)]


def test_a_drag_scrolls_and_opens_nobody(tablet: Tablet) -> None:
    """Dragging moves the list and touches no row; a tap after it opens the row that is under the finger then."""
    tablet.type("ma")
    tablet.until(lambda s: s.found == "found" and len(s.hits) > 8)
    before = tablet.at_rest()
    first = before.thing("HitRow")
    assert first is not None
    tablet.drag("RecycleView", -300)
    after = tablet.at_rest()
    assert (after.screen, after.found) == ("find", "found")
    moved = after.thing("HitRow")
    assert moved is not None
    assert moved.words != first.words
    row = list(after.all("HitRow"))[2]
    name = next(word for word in row.words if word in after.hits)
    tablet.hands.touch(row.middle)
    shows(tablet, name)


def test_a_long_tab_scrolls(tablet: Tablet) -> None:
    """A customer's orders scroll under the finger, down to what is older."""
    tablet.scan(LUCIA)
    shows(tablet, LUCIAS_NAME)
    opens_tab(tablet, "orders")
    tablet.until(lambda s: s.thing("OrderHeading"))
    first = tablet.at_rest().thing("OrderHeading")
    assert first is not None
    tablet.drag("TabRows", -300)
    moved = tablet.at_rest().thing("OrderHeading")
    assert moved is not None
    assert moved.words != first.words
    assert tablet.look().tab == "orders"


def test_older_orders(tablet: Tablet) -> None:
    """At the end of the orders a touch fetches the older ones."""
    tablet.scan(LUCIA)
    shows(tablet, LUCIAS_NAME)
    opens_tab(tablet, "orders")
    tablet.until(lambda s: s.thing("OrderHeading"))
    button = None
    for _ in range(10):
        tablet.drag("TabRows", -400)
        button = tablet.at_rest().thing("PillButton")
        if button and button.height > 50:
            break
    assert button is not None
    tablet.hands.touch(button.middle)
    tablet.until(lambda s: not s.thing("PillButton"))
