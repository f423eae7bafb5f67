"""What decides works without a window: no Kivy in state, presenters and rows, and no HTTP either."""

import inspect
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest

import kiosk
from kiosk.link.http import HttpPort
from kiosk.link.port import Port
from kiosk.theme import THEMES, Colour, Theme
from tests.fakes import FakePort

CLIENT = Path(kiosk.__file__).parent

DECIDING = sorted(
    f"kiosk.{path.parent.name}.{path.stem}"
    for name in ("state", "presenter", "rows")
    for path in CLIENT.glob(f"*/{name}.py")
)
LINK = sorted(f"kiosk.link.{path.stem}" for path in (CLIENT / "link").glob("[!_]*.py"))
OTHERS = ["kiosk.words", "kiosk.scan.wedge", "kiosk.theme", "kiosk.link"]

IMPORTS = """
import importlib, sys

class Refuse:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in refused:
            raise ImportError(f"{name} is refused")

refused, modules = [names.split(",") for names in sys.argv[1:]]
sys.meta_path.insert(0, Refuse())
for name in modules:
    importlib.import_module(name)
print(",".join(name for name in modules if name in sys.modules))
"""


def imported(modules: Iterable[str], *, without: str) -> subprocess.CompletedProcess[str]:
    """Import modules in a new interpreter that refuses packages."""
    return subprocess.run(
        [sys.executable, "-c", IMPORTS, without, ",".join(modules)],
        cwd=CLIENT.parent,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@pytest.mark.parametrize(
    ("modules", "without"),
    [
        pytest.param([*DECIDING, *LINK, *OTHERS], "kivy", id="no Kivy"),
        pytest.param([*DECIDING, "kiosk.link.port", "kiosk.link.pictures"], "kivy,httpx", id="no HTTP"),
    ],
)
def test_what_decides_needs_no_window(modules: list[str], without: str) -> None:
    """They are imported where an import of Kivy, or of HTTP, is refused."""
    assert {"kiosk.find.presenter", "kiosk.customer.rows", "kiosk.customer.state"} <= set(modules)
    done = imported(modules, without=without)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.strip().split(",") == modules


@pytest.mark.parametrize(("module", "without"), [("kiosk.app", "kivy"), ("kiosk.link.http", "httpx")])
def test_a_refused_import_is_noticed(module: str, without: str) -> None:
    """What does need them fails: the tests above can."""
    assert "is refused" in imported([module], without=without).stderr


@pytest.mark.parametrize("port", [FakePort, HttpPort])
def test_every_port_has_the_same_verbs(port: type) -> None:
    """Whatever stands for the server has each verb of the port, with the same parameters and answer."""
    for name, verb in inspect.getmembers(Port, inspect.iscoroutinefunction):
        assert inspect.iscoroutinefunction(getattr(port, name)), name
        assert inspect.signature(getattr(port, name)) == inspect.signature(verb), name


def luminance(colour: Colour) -> float:
    """Relative luminance as WCAG 2.2 defines it."""
    red, green, blue = ((c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4) for c in colour[:3])
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("theme", THEMES.values(), ids=list(THEMES))
@pytest.mark.parametrize(
    ("ink", "grounds", "least"),
    [
        ("ink", ("paper", "surface", "sunken", "brand_soft"), 7),
        ("ink_soft", ("paper", "surface", "sunken"), 4.5),
        ("on_brand", ("brand",), 4.5),
        ("brand", ("paper", "surface", "brand_soft"), 4.5),
        ("good", ("paper", "surface", "good_soft"), 4.5),
        ("warn", ("paper", "surface", "warn_soft"), 4.5),
        ("bad", ("paper", "surface", "bad_soft"), 4.5),
    ],
)
def test_everybody_can_read_it(theme: Theme, ink: str, grounds: tuple[str, ...], least: float) -> None:
    """Text keeps the contrast of WCAG 2.2 on every ground that it stands on, in each theme."""
    for ground in grounds:
        light, dark = sorted((luminance(getattr(theme, ink)), luminance(getattr(theme, ground))), reverse=True)
        assert (light + 0.05) / (dark + 0.05) >= least, ground
