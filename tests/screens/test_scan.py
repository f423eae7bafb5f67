"""Scans on the real tablet: heard on every screen, told from typing, and looked up."""

import pytest

from tests.screens.conftest import Counter
from tests.screens.tablet import Tablet

pytestmark = pytest.mark.xdist_group("screens")

LUCIA, LUCIAS_NAME = "2900000200012", "Lucía García Muñoz"
MARTA, MARTAS_NAME = "2900000200050", "Marta Torres Vidal"
NOBODYS = "2900000200999"
"""Reads as a card, and is nobody's."""
BANK_STRIPE = "%B4111111111111111^GARCIA/LUCIA^29121010000000000000?;4111111111111111=29121010000000000000?"
PLAYED, LATE = 10, 0.01
"""How often a scan is played at most until it was as quick as asked, and the seconds by which it may be late in all."""
TABS = ("cart", "wishes", "orders", "story")


def shows(tablet: Tablet, name: str) -> None:
    """Wait until a customer is shown, by name and in full."""
    tablet.until(lambda s: (s.screen, s.customer, s.name) == ("customer", "shown", name) and s.says(name))


def opens_tab(tablet: Tablet, tab: str) -> None:
    """Touch a tab and wait until it is shown."""
    tabs = sorted(tablet.until(lambda s: list(s.all("Tab"))), key=lambda thing: thing.box[0])
    tablet.hands.touch(tabs[TABS.index(tab)].middle)
    tablet.until(lambda s: s.tab == tab)


def test_a_card_on_the_find_screen(tablet: Tablet) -> None:
    """A card opens its customer, with what waits in the cart; nothing of it stands in the field."""
    tablet.scan(LUCIA)
    shows(tablet, LUCIAS_NAME)
    sight = tablet.look()
    assert (sight.field, sight.tab) == ("", "cart")
    assert sight.says("Sudadera con capucha Tajo")
    assert sight.says("206,00 €")


@pytest.mark.parametrize("tab", TABS)
def test_a_card_while_a_customer_is_shown(tablet: Tablet, tab: str) -> None:
    """On every tab of a customer the next card opens the next customer, of whom the one before leaves nothing."""
    tablet.scan(LUCIA)
    shows(tablet, LUCIAS_NAME)
    opens_tab(tablet, tab)
    tablet.scan(MARTA)
    shows(tablet, MARTAS_NAME)
    sight = tablet.look()
    assert not sight.says(LUCIAS_NAME)
    assert sight.field == ""


def test_a_card_while_somebody_types(tablet: Tablet) -> None:
    """With the field in focus and letters in it, a scan leaves them as they are."""
    tablet.type("gar")
    tablet.until(lambda s: s.found == "found")
    tablet.scan(LUCIA)
    shows(tablet, LUCIAS_NAME)
    assert tablet.look().field == "gar"


def test_a_card_after_a_touch_beside_the_field(tablet: Tablet) -> None:
    """When the field has lost the focus, scans are heard all the same."""
    tablet.type("gar")
    tablet.until(lambda s: s.found == "found")
    tablet.touch("HitRow", "Lucía García Muñoz")
    shows(tablet, LUCIAS_NAME)
    assert not tablet.look().typing
    tablet.scan(MARTA)
    shows(tablet, MARTAS_NAME)


@pytest.mark.parametrize("gap", [1, 12, 25], ids=["wired", "Bluetooth", "slow Bluetooth"])
def test_scanners_of_all_speeds(tablet: Tablet, gap: int) -> None:
    """A scanner may type a key a millisecond, or one in twenty-five."""
    for _ in range(PLAYED):
        tablet.scan(LUCIA, gap)
        if tablet.hands.scanned_in < (len(LUCIA) + 1) * gap / 1000 + LATE:
            break
        # The machine held keys up: that was no scanner of this speed.
        tablet.go_home()
    shows(tablet, LUCIAS_NAME)
    assert tablet.look().field == ""


def test_a_scanner_that_ends_with_tab(tablet: Tablet) -> None:
    """Tab ends a code as Enter does, and moves no focus."""
    tablet.scan(LUCIA, end="\t")
    shows(tablet, LUCIAS_NAME)


def test_a_double_trigger(tablet: Tablet, shop_counter: Counter) -> None:
    """The same card twice at once is looked up once, also while its screen is drawn, and the next is heard."""
    before = shop_counter.relay.count("/v1/scan")
    tablet.scan(LUCIA)
    tablet.scan(LUCIA, at_once=True)
    shows(tablet, LUCIAS_NAME)
    tablet.scan(MARTA)
    shows(tablet, MARTAS_NAME)
    assert shop_counter.relay.count("/v1/scan") == before + 2
    assert tablet.look().field == ""


def test_an_empty_code(tablet: Tablet, shop_counter: Counter) -> None:
    """A scanner that read nothing and types its Enter changes nothing and asks nothing."""
    before = shop_counter.relay.count("/v1/scan")
    tablet.scan("", at_once=True)
    sight = tablet.at_rest()
    assert (sight.screen, sight.found, sight.field) == ("find", "recent", "")
    assert shop_counter.relay.count("/v1/scan") == before


def test_a_card_that_is_nobodys(tablet: Tablet) -> None:
    """A card that nobody has is said to be one, and there is a way on."""
    tablet.scan(NOBODYS)
    tablet.until(lambda s: s.customer in ("unknown_card", "mistyped_card"))
    tablet.touch("PillButton")
    tablet.until(lambda s: s.screen == "find" and s.typing)


def test_a_bank_card(tablet: Tablet, shop_counter: Counter) -> None:
    """A bank card is refused on the tablet: its number is not sent, not shown and not in the field."""
    before = len(shop_counter.relay.passed)
    tablet.scan(BANK_STRIPE)
    sight = tablet.until(lambda s: s.customer == "bank_card" and s.things and s)
    assert sight.field == ""
    assert not sight.says("4111")
    asked = [passed.path for passed in shop_counter.relay.passed[before:]]
    assert "/v1/scan" not in asked
    assert "4111" not in tablet.log.read_text("utf-8", "replace")


def test_a_fast_typist_is_no_scanner(tablet: Tablet, shop_counter: Counter) -> None:
    """Ten keys a second and more are typing: they stand in the field, and Enter after them scans nothing."""
    before = shop_counter.relay.count("/v1/scan")
    tablet.type("garcia", gap=70)
    tablet.hands.press("Return", gap=70)
    sight = tablet.until(lambda s: s.found == "found" and s.field == "garcia" and s)
    assert sight.screen == "find"
    assert LUCIAS_NAME in sight.hits
    assert shop_counter.relay.count("/v1/scan") == before


def test_a_card_with_one_letter_typed_before(tablet: Tablet) -> None:
    """A letter that a person typed and the scan that follows are told apart."""
    tablet.type("g")
    tablet.until(lambda s: s.field == "g")
    tablet.scan(LUCIA)
    shows(tablet, LUCIAS_NAME)
    assert tablet.look().field == "g"
