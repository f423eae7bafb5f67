"""The door on the real tablet: a QR, a pad under a finger, digits of a keyboard, a badge; and nothing left behind."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.bench.processes import free_port
from tests.screens.conftest import Counter
from tests.screens.display import Display
from tests.screens.manager import ANA, BADGE, BEA
from tests.screens.tablet import Tablet
from tests.screens.test_scan import LUCIA, LUCIAS_NAME, shows
from tests.server.people import ENVIRONMENT, PIN, WRONG_PIN

pytestmark = pytest.mark.xdist_group("screens")


def enrols(tablet: Tablet, qr: str) -> None:
    """Scan a manager's QR, and wait for the names."""
    tablet.until(lambda s: s.gate == "enrol")
    tablet.scan(qr)
    tablet.until(lambda s: s.gate == "sign_in" and s.thing("StaffCard", ANA) and s.store)


def touches_pin(tablet: Tablet, pin: str = PIN) -> None:
    """Touch digits on the pad, one after the other."""
    for typed, digit in enumerate(pin, 1):
        tablet.touch("PadKey", digit)
        tablet.until(lambda s, typed=typed: s.digits == typed)


def types_pin(tablet: Tablet, pin: str = PIN) -> None:
    """Type digits on a keyboard, and Enter."""
    tablet.hands.type(pin)
    tablet.until(lambda s: s.digits == len(pin))
    tablet.hands.press("Return")


def mistypes_pin(tablet: Tablet) -> None:
    """Type another PIN, and wait until the server has said no."""
    types_pin(tablet, WRONG_PIN)
    tablet.until(lambda s: not s.digits and not s.busy)


def enters(tablet: Tablet) -> None:
    """Ana signs in by her name."""
    tablet.touch("StaffCard", ANA)
    tablet.until(lambda s: s.step == "pin")
    types_pin(tablet)
    tablet.until(lambda s: s.gate == "open")


@pytest.fixture
def tablet(shop_counter: Counter, display: Display, tmp_path: Path) -> Iterator[Tablet]:
    """A tablet that was enrolled a moment ago, with its names before it."""
    with Tablet(shop_counter.relay.url, display, tmp_path, door=True) as tablet:
        enrols(tablet, shop_counter.manager.invite().qr)
        yield tablet
        assert tablet.complaints == ""


def forgot_lucia(tablet: Tablet) -> None:
    """Nothing on the screen and nothing behind it says who was shown."""
    tablet.at_rest()
    assert not tablet.look().says("Luc")
    assert tablet.remembers("Luc") == []
    assert tablet.remembers(LUCIA) == []


def test_a_name_and_a_pin_under_a_finger(tablet: Tablet) -> None:
    """Touched digits are dots, one can be taken back, and the shift begins; the rail says whose."""
    tablet.touch("StaffCard", ANA)
    tablet.until(lambda s: s.step == "pin")
    touches_pin(tablet, "482")
    assert not tablet.look().says("482")
    keys = [thing for thing in tablet.look().all("PadKey") if not any(word.isdigit() for word in thing.words)]
    tablet.hands.touch(keys[-1].middle)
    tablet.until(lambda s: s.digits == 2)
    for digit, typed in (("2", 3), ("6", 4)):
        tablet.touch("PadKey", digit)
        tablet.until(lambda s, typed=typed: s.digits == typed)
    tablet.touch("PillButton", "Entrar")
    tablet.until(lambda s: s.gate == "open")
    tablet.touch("Me")
    sight = tablet.until(lambda s: s.thing("Menu") and s)
    assert sight.thing("Menu", ANA)


def test_nothing_is_seen_after_a_lock(tablet: Tablet) -> None:
    """A locked tablet shows whose it is and nobody else, and unlocked it remembers no customer."""
    enters(tablet)
    tablet.scan(LUCIA)
    shows(tablet, LUCIAS_NAME)
    assert tablet.remembers("Luc") != []
    tablet.touch("Me")
    tablet.touch("MenuRow", "Bloquear")
    sight = tablet.until(lambda s: s.step == "locked" and s)
    assert sight.says(ANA)
    forgot_lucia(tablet)
    types_pin(tablet)
    tablet.until(lambda s: (s.gate, s.screen, s.found) == ("open", "find", "recent"))
    forgot_lucia(tablet)


def test_nothing_is_seen_after_signing_out(tablet: Tablet) -> None:
    """What was typed, found and looked at is gone for whoever signs in next, also what the field could take back."""
    enters(tablet)
    tablet.scan(LUCIA)
    shows(tablet, LUCIAS_NAME)
    tablet.go_home()
    tablet.type("luc gar")
    tablet.until(lambda s: s.found == "found")
    tablet.touch("Me")
    tablet.touch("MenuRow", "Cerrar")
    tablet.until(lambda s: s.gate == "sign_in" and s.thing("StaffCard", BEA))
    forgot_lucia(tablet)
    enters(tablet)
    forgot_lucia(tablet)
    assert tablet.look().field == ""


def test_a_badge_and_a_wrong_pin(tablet: Tablet, shop_counter: Counter) -> None:
    """A scanned badge asks for the PIN; a wrong one is wiped, the fourth takes no digits until the wait is over."""
    tablet.scan(BADGE)
    tablet.until(lambda s: s.step == "pin")
    for _ in range(3):
        mistypes_pin(tablet)
        assert not tablet.look().wait
    mistypes_pin(tablet)
    assert tablet.look().wait
    tablet.hands.type("9")
    assert tablet.rest(0.3).digits == 0
    shop_counter.manager.end_waits(BEA)
    tablet.later(30)
    tablet.until(lambda s: s.step == "pin" and not s.wait)
    types_pin(tablet)
    tablet.until(lambda s: s.gate == "open")


def test_a_tablet_that_nobody_touches_locks_itself(tablet: Tablet) -> None:
    """After the seconds that the server said nothing of a customer is left on it; a scan is no way past the PIN."""
    enters(tablet)
    tablet.scan(LUCIA)
    shows(tablet, LUCIAS_NAME)
    tablet.later(int(ENVIRONMENT["MOSTRADOR_IDLE"]))
    tablet.until(lambda s: s.step == "locked")
    forgot_lucia(tablet)
    tablet.scan(LUCIA)
    tablet.until(lambda s: s.step == "pin")
    forgot_lucia(tablet)
    tablet.hands.press("Escape")
    tablet.until(lambda s: s.step == "locked")


def test_a_day_of_a_tablet(shop_counter: Counter, display: Display, tmp_path: Path) -> None:
    """Enrolled, signed in, a customer, locked, unlocked, signed out; revoked it says so and has nothing on disk."""
    kept = tmp_path / "home" / "device.json"
    invitation = shop_counter.manager.invite()
    with Tablet(shop_counter.relay.url, display, tmp_path, door=True) as tablet:
        enrols(tablet, invitation.qr)
        assert kept.stat().st_mode & 0o777 == 0o600
        enters(tablet)
        tablet.scan(LUCIA)
        shows(tablet, LUCIAS_NAME)
        tablet.until(lambda s: s.thing("CartRow"))
        tablet.touch("Me")
        tablet.touch("MenuRow", "Bloquear")
        tablet.until(lambda s: s.step == "locked")
        forgot_lucia(tablet)
        types_pin(tablet)
        tablet.until(lambda s: s.gate == "open")
        tablet.touch("Me")
        tablet.touch("MenuRow", "Cerrar")
        tablet.until(lambda s: s.gate == "sign_in" and s.thing("StaffCard", ANA))
        shop_counter.manager.revoke()
        tablet.touch("StaffCard", ANA)
        tablet.until(lambda s: s.step == "pin")
        types_pin(tablet)
        tablet.until(lambda s: s.enrol == "revoked")
        forgot_lucia(tablet)
        assert not kept.exists()
        assert not list((tmp_path / "home").rglob("pictures/*"))
        tablet.touch("PillButton")
        tablet.until(lambda s: s.enrol == "asking")
        # The code is spent; the server says so to whoever scans the QR once more.
        tablet.scan(invitation.qr)
        tablet.until(lambda s: s.enrol == "asking" and s.says("Este código no sirve"))
        assert tablet.complaints == ""


def test_revoked_while_a_customer_is_shown(tablet: Tablet, shop_counter: Counter) -> None:
    """Whoever is shown goes from the screen at once, though nobody touches it, and the tablet says why."""
    enters(tablet)
    tablet.scan(LUCIA)
    shows(tablet, LUCIAS_NAME)
    shop_counter.manager.revoke()
    tablet.until(lambda s: s.enrol == "revoked")
    forgot_lucia(tablet)


def test_a_typed_code(shop_counter: Counter, display: Display, tmp_path: Path) -> None:
    """A code goes in by keys of both kinds, an address into its field; a restart later it is the same tablet."""
    code = shop_counter.manager.invite().code
    first, _, second = code.partition("-")
    with Tablet(shop_counter.relay.url, display, tmp_path, door=True) as tablet:
        tablet.until(lambda s: s.gate == "enrol")
        tablet.touch("ServerField")
        tablet.hands.press("End")
        tablet.hands.type("/")
        tablet.until(lambda s: s.thing("ServerField", f"{shop_counter.relay.url}/") and not s.code)
        tablet.touch("TypeCard", "O escribe")
        tablet.hands.type(first.lower())
        tablet.until(lambda s: s.code == first)
        for typed, letter in enumerate(second, 6):
            tablet.touch("LetterKey", letter)
            tablet.until(lambda s, typed=typed: len(s.code) == typed)
        tablet.touch("PillButton")
        tablet.until(lambda s: s.gate == "sign_in" and s.thing("StaffCard", ANA))
    with Tablet(shop_counter.relay.url, display, tmp_path, door=True) as tablet:
        tablet.until(lambda s: s.gate == "sign_in" and s.thing("StaffCard", ANA))
        enters(tablet)


def test_a_locked_tablet_without_network(tablet: Tablet, shop_counter: Counter) -> None:
    """It can be locked, says that it cannot be unlocked, and can be when the server is back."""
    enters(tablet)
    shop_counter.relay.lead_to(free_port())
    try:
        tablet.touch("Me")
        tablet.touch("MenuRow", "Bloquear")
        tablet.until(lambda s: s.step == "locked")
        types_pin(tablet)
        tablet.until(lambda s: s.step == "locked" and s.says("Sin red") and not s.digits and not s.busy)
    finally:
        shop_counter.relay.lead_to(shop_counter.server.port)
    types_pin(tablet)
    tablet.until(lambda s: s.gate == "open")
