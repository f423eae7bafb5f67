"""What decides works without a window: no Kivy in state, presenters and rows, and no HTTP either."""

import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest

import kiosk

pytestmark = pytest.mark.programs

CLIENT = Path(kiosk.__file__).parent

DECIDING = sorted(
    f"kiosk.{path.parent.name}.{path.stem}"
    for name in ("state", "presenter", "rows", "facts")
    for path in CLIENT.glob(f"*/{name}.py")
)
LINK = sorted(f"kiosk.link.{path.stem}" for path in (CLIENT / "link").glob("[!_]*.py"))
OTHERS = [
    "kiosk.words",
    "kiosk.words.articles",
    "kiosk.words.files",
    "kiosk.words.harmless",
    "kiosk.words.tiers",
    "kiosk.ui.wrap",
    "kiosk.display",
    "kiosk.door",
    "kiosk.enrol.invitation",
    "kiosk.enrol.verbs",
    "kiosk.identify.verbs",
    "kiosk.made",
    "kiosk.idle.chime",
    "kiosk.standby.succession",
    "kiosk.standby.supervisor",
    "kiosk.refusals",
    "kiosk.tasks",
    "kiosk.verbs",
    "kiosk.welcome.motion",
    "kiosk.sign_in.idle",
    "kiosk.scan.wedge",
    "kiosk.theme",
    "kiosk.link",
]

WITHOUT_HTTP = ["kiosk.link.port", "kiosk.link.pictures", "kiosk.link.keyring", "kiosk.door", "kiosk.verbs"]

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
        pytest.param(
            [*DECIDING, *WITHOUT_HTTP],
            "kivy,httpx",
            id="no HTTP",
        ),
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
