"""After a customer has left a kiosk nothing of them is in the memory of any of its programs, nor on disk."""

import os
import re
import signal
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.screens.conftest import Counter
from tests.screens.display import Display, Point
from tests.screens.programs import Programs, kiosk, text
from tests.server.http.floor import SHOP_KEY, shop_code
from tests.waiting import until

CART = "c-9a43ebcc"
"""Lucía's, in the demo shop."""
LUCIAS = ("Hola, Lucía", "Sudadera con capucha Tajo", "Chaqueta cortavientos Alisio")
"""What the kiosk says to her, and what is in the cart; her bare name is an island's, and Babel knows islands."""
LEAVE = Point(160, 1846)
"""Where the way out is, upright."""
STILL = ("--reduce-motion",)
TOKEN = re.compile(rb"kio_[0-9]+_[A-Za-z0-9_-]{20}")
"""The token of a customer's session."""


@pytest.fixture
def kiosk_token(shop_counter: Counter) -> str:
    """Of a kiosk that is enrolled in the store."""
    return shop_counter.manager.enrol("kiosk")


def held(programs: Programs, secrets: Sequence[re.Pattern[bytes]]) -> list[list[int]]:
    """Which programs hold each of some things, once each is held."""
    # One search, not another one after the wait: meanwhile nobody touches, and the kiosk asks whether anybody is there.
    return until(lambda: all(found := programs.holding_each(secrets)) and found)


def assert_wiped(programs: Programs, secrets: Sequence[re.Pattern[bytes]]) -> None:
    """Nothing of them is anywhere, once there are two programs again."""
    until(lambda: len(programs.running()) == 2)
    assert programs.holding_each(secrets) == [[]] * len(secrets)
    assert [programs.on_disk(secret) for secret in secrets] == [[]] * len(secrets)


def test_nothing_is_left_of_whoever_has_left(shop_counter: Counter, kiosk_token: str, tmp_path: Path) -> None:
    """Their token and their code are in the program that is in front, and nowhere once the next one is."""
    with (
        Display(1080, 1920, tmp_path / "display.log") as display,
        kiosk(shop_counter.relay.url, kiosk_token, display, tmp_path, more=STILL) as programs,
    ):
        front, behind = programs.running()
        code = shop_code(CART, datetime.now(UTC), key=SHOP_KEY, chain="mostrador", source="web:demo")
        display.hands.scan(code)
        secrets = (TOKEN, text(code), *map(text, LUCIAS))
        assert held(programs, secrets) == [[front]] * len(secrets)
        display.hands.touch(LEAVE)
        until(lambda: front not in programs.running())
        assert behind in programs.running()
        assert_wiped(programs, secrets)


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGSEGV], ids=lambda how: how.name)
def test_a_crash_leaves_nothing_either(
    shop_counter: Counter, kiosk_token: str, tmp_path: Path, how: signal.Signals
) -> None:
    """A program that dies while somebody is in is replaced by the one that stood by; no core, and nothing of them."""
    with (
        Display(1080, 1920, tmp_path / "display.log") as display,
        kiosk(shop_counter.relay.url, kiosk_token, display, tmp_path, more=STILL) as programs,
    ):
        front, behind = programs.running()
        limits = Path(f"/proc/{front}/limits").read_text("ascii")
        assert "Max core file size        0                    0" in limits
        code = shop_code(CART, datetime.now(UTC), key=SHOP_KEY, chain="mostrador", source="web:demo")
        display.hands.scan(code)
        secrets = (TOKEN, text(code), *map(text, LUCIAS))
        assert held(programs, secrets) == [[front]] * len(secrets)
        os.kill(front, how)
        until(lambda: front not in programs.running())
        assert behind in programs.running()
        assert_wiped(programs, secrets)
