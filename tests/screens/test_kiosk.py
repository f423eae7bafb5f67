"""The kiosk by touches and scans, with the real server: who comes, who hesitates, who has gone, and what goes wrong."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import msgspec
import pytest

from server.wire.calls import HelpCall
from server.wire.kiosks import WaitingChallenge
from tests.bench.processes import free_port
from tests.screens.conftest import Counter
from tests.screens.display import PATIENCE, Display
from tests.screens.kiosk import Kiosk
from tests.server.people import KNOWN, bearer
from tests.waiting import until


@pytest.fixture(scope="module")
def running_kiosk(shop_counter: Counter, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kiosk]:
    """The kiosk of all tests here."""
    folder = tmp_path_factory.mktemp("kiosk")
    token = shop_counter.manager.enrol("kiosk")
    with (
        Display(1080, 1920, folder / "display.log") as display,
        Kiosk(shop_counter.relay.url, display, folder, token=token) as kiosk,
    ):
        kiosk.until(lambda sight: sight.brand)
        yield kiosk


@pytest.fixture
def kiosk(running_kiosk: Kiosk) -> Iterator[Kiosk]:
    """One before which nobody stands, and in which nothing went wrong meanwhile."""
    running_kiosk.go_home()
    yield running_kiosk
    assert running_kiosk.complaints == ""


def begin(kiosk: Kiosk) -> None:
    """Touch the welcome screen's button."""
    kiosk.touch("WideButton", "Seguir con mi carrito")
    kiosk.until(lambda sight: sight.screen == "identify")


def waiting(counter: Counter) -> set[int]:
    """For whom an associate is awaited at any kiosk of the store."""
    asked = httpx.get(f"{counter.server.url}/v1/kiosk/challenges", headers=bearer(KNOWN.hq), timeout=PATIENCE)
    return {one.challenge_id for one in msgspec.json.decode(asked.content, type=list[WaitingChallenge])}


def test_a_phone_number_and_three_wrong_codes(kiosk: Kiosk) -> None:
    """Typed by touch alone; the third wrong code leads to a wait that is said calmly, and a way back."""
    begin(kiosk)
    kiosk.touch("WayButton", "Con mi número de teléfono")
    kiosk.until(lambda sight: sight.step == "phone")
    for digit in "555010419":
        kiosk.touch("SignKey", digit)
    kiosk.until(lambda sight: sight.contact == "555010419")
    kiosk.touch("WideButton", "Enviarme un código")
    kiosk.until(lambda sight: sight.step == "code")
    for _ in range(3):
        for number in range(1, 7):
            kiosk.touch("SignKey", "1")
            kiosk.until(lambda sight, number=number: len(sight.code) == number or not sight.code)
        kiosk.until(lambda sight: not sight.code and not sight.busy)
    sight = kiosk.until(lambda sight: sight if sight.trouble == "code" else None)
    assert sight.wait > 0
    kiosk.later(sight.wait + 1)
    kiosk.until(lambda sight: (sight.trouble, sight.wait) == ("code", 0))


def test_a_bank_card_goes_nowhere(kiosk: Kiosk) -> None:
    """It is told at once, on a screen of its own, and one touch leads on."""
    begin(kiosk)
    kiosk.scan("4111111111111111")
    kiosk.until(lambda sight: sight.trouble == "bank_card")
    kiosk.touch("WideButton", "Probar otra vez")
    kiosk.until(lambda sight: (sight.screen, sight.trouble) == ("identify", ""))


def test_letters_and_language_by_one_touch_until_one_leaves(kiosk: Kiosk) -> None:
    """Both hold on every screen, and the next customer finds the kiosk as it was."""
    kiosk.touch("WideButton", "Texto más grande")
    kiosk.until(lambda sight: sight.theme == "large")
    begin(kiosk)
    kiosk.touch("WideButton", "English")
    kiosk.until(lambda sight: sight.language == "en" and sight.says("By phone number"))
    assert kiosk.look().theme == "large"
    kiosk.touch("WideButton", "Back")
    kiosk.until(lambda sight: (sight.screen, sight.theme, sight.language) == ("welcome", "normal", "es"))


def test_whoever_hesitates_is_asked_and_whoever_has_gone_is_forgotten(kiosk: Kiosk) -> None:
    """After 45 seconds a sheet asks; one touch goes on as before; without one all that was typed is gone."""
    begin(kiosk)
    kiosk.touch("WayButton", "Con mi número de teléfono")
    kiosk.touch("SignKey", "6")
    kiosk.until(lambda sight: sight.contact == "6")
    kiosk.later(46)
    kiosk.until(lambda sight: sight.left and sight.says("¿Sigues ahí?"))
    kiosk.touch("WideButton", "Sigo aquí")
    kiosk.until(lambda sight: not sight.left)
    assert kiosk.look().contact == "6"
    kiosk.later(46)
    kiosk.until(lambda sight: sight.left)
    kiosk.later(20)
    kiosk.until(lambda sight: sight.screen == "welcome" and not sight.ending)
    assert kiosk.look().contact == ""


def test_somebody_is_called_and_says_that_they_come(kiosk: Kiosk, shop_counter: Counter) -> None:
    """The tablets of the store hear of it, and the kiosk says who comes."""
    begin(kiosk)
    kiosk.touch("WideButton", "Llamar a alguien")
    kiosk.until(lambda sight: sight.call == "called")
    hugo = bearer(KNOWN.hq) | {"Content-Type": "application/json"}
    asked = httpx.get(f"{shop_counter.server.url}/v1/kiosk/calls", headers=hugo, timeout=PATIENCE)
    call = msgspec.json.decode(asked.content, type=list[HelpCall])[-1]
    door = f"{shop_counter.server.url}/v1/kiosk/calls/{call.call_id}/answer"
    httpx.post(door, headers=hugo, timeout=PATIENCE).raise_for_status()
    kiosk.until(lambda sight: sight.call == "coming" and sight.says("Hugo ya viene"))


def test_the_network_is_gone_and_comes_back(kiosk: Kiosk, shop_counter: Counter) -> None:
    """It is said calmly, and another try goes on where one was."""
    begin(kiosk)
    others = waiting(shop_counter)
    shop_counter.relay.lead_to(free_port())
    try:
        kiosk.touch("WayButton", "Preguntar a un dependiente")
        kiosk.until(lambda sight: sight.trouble == "network")
    finally:
        shop_counter.relay.lead_to(shop_counter.server.port)
    kiosk.touch("WideButton", "Probar otra vez")
    sight = kiosk.until(lambda sight: sight if sight.digits else None)
    assert (sight.step, len(sight.digits)) == ("digits", 2)
    kiosk.go_home()
    until(lambda: waiting(shop_counter) <= others)


def test_tablets_hear_that_nobody_waits_any_more(kiosk: Kiosk, shop_counter: Counter) -> None:
    """Whoever asked for an associate and leaves takes that with them."""
    begin(kiosk)
    others = waiting(shop_counter)
    kiosk.touch("WayButton", "Preguntar a un dependiente")
    kiosk.until(lambda sight: sight.digits)
    assert len(waiting(shop_counter) - others) == 1
    kiosk.go_home()
    until(lambda: waiting(shop_counter) <= others)


def test_a_kiosk_is_enrolled_by_its_reader(shop_counter: Counter, tmp_path: Path) -> None:
    """A manager's code is held to it, and customers are welcome; keys lead nowhere."""
    with (
        Display(1080, 1920, tmp_path / "display.log") as display,
        Kiosk(shop_counter.relay.url, display, tmp_path, token=None) as kiosk,
    ):
        kiosk.until(lambda sight: sight.screen == "enrol")
        kiosk.scan(shop_counter.manager.invite("kiosk").code)
        kiosk.until(lambda sight: (sight.screen, bool(sight.brand)) == ("welcome", True))
        for key in ("Escape", "F1", "F11", "Tab", "Return"):
            kiosk.hands.press(key)
        assert kiosk.rest(0.5).screen == "welcome"
        assert kiosk.complaints == ""
