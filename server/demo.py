"""The demo: a small shop with its first people, a real server, a card that is scanned over HTTP and on the tablet."""

import base64
import hmac
import importlib.util
import os
import secrets
import select
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import httpx
import msgspec
import segno
from rich.console import Console

from server.wire.access import DeviceToken, Enrolment, SessionStarted, StaffMember
from server.wire.base import Wire
from server.wire.lookup import ScanAnswer

T = TypeVar("T")

SHOP = Path(__file__).parent.parent / "fixtures" / "shop"
CARD = "2900000200012"
STORE = "GV"
MANAGER, ASSOCIATE = "Marta", "Lucas"
"""Who works in the demo shop."""
PIN = "4826"
"""The associate's; the manager's is made anew each time."""
PATIENCE = 20.0
"""Seconds that the server, or a display, may take to start."""
LONGEST_SHOW = 90.0
"""Seconds that the tablet may take to its picture where nobody stands before it."""
SIZE, KIOSK_SIZE = "1280x800", "1080x1920"
SOURCE, CART = "web:demo", "c-9a43ebcc"
"""Lucía's cart, as the demo's online shop calls it."""


class DemoError(Exception):
    """The demo cannot run; the message says what is missing."""


def run_demo(
    shop: Path | None,
    card: str | None,
    tablet: bool,
    kiosk: bool,
    console: Console,
    show: Callable[[ScanAnswer], None],
) -> None:
    """Load a folder of records and a catalogue into a fresh database, serve it, scan a card, and show the tablet.

    With `kiosk` the customer's kiosk is shown instead of both.

    Raises:
        DemoError: the folder holds no shop, or a step failed.
    """
    folder = shop or SHOP
    records = sorted(folder.glob("*.ndjson"))
    if not records:
        raise DemoError(f"{folder} holds no records (*.ndjson): give the demo shop's folder with --shop")
    var = Path("var")
    var.mkdir(exist_ok=True)
    database = var / "demo.db"
    for ending in ("", "-wal", "-shm", ".heads"):
        Path(f"{database}{ending}").unlink(missing_ok=True)
    secret = var / "demo.secret"
    secret.unlink(missing_ok=True)
    # Its log goes into a pipe that is read at the end: a line a request would fill it.
    own = {"MOSTRADOR_DATABASE": f"sqlite:///{database}", "MOSTRADOR_SECRET_FILE": str(secret)}
    environ = {**os.environ, **own, "MOSTRADOR_LOG_LEVEL": "warning"}
    key = secrets.token_hex(32)
    environ["MOSTRADOR_CONTINUE_KEYS"] = msgspec.json.encode({SOURCE: key}).decode()
    environ.pop("MOSTRADOR_SECRET", None)
    environ.pop("MOSTRADOR_AUDIT_HEADS", None)
    # The stores come before whoever works in them: of a store that nobody told of there would be a word.
    _told(environ, msgspec.Raw, "init", "--json")
    if (folder / "catalog.tsv").exists():
        _run(environ, "catalog", "sync", str(folder / "catalog.tsv"), "--source", "web:demo")
    _run(environ, "import", *map(str, records))
    begun = _told(environ, _Begun, "init", "--manager", MANAGER, "--store", STORE, "--json")
    associate = _told(
        environ, StaffMember, "staff", "add", ASSOCIATE, "--store", STORE, "--pin-stdin", "--json", say=PIN
    )
    port = _free_port()
    server = subprocess.Popen(
        [sys.executable, "-m", "server", "serve", "--port", str(port)], env=environ, stderr=subprocess.PIPE, text=True
    )
    try:
        address = f"http://127.0.0.1:{port}"
        if kiosk:
            with httpx.Client(base_url=address) as client:
                _wait(client, server)
                made = _told(environ, Enrolment, "devices", "enrol", "kiosk", "Kiosk 1", "--store", STORE, "--json")
                token = _asked(client, DeviceToken, "/v1/devices", {"code": made.code}, {}).token
            code = continue_code(key, environ.get("MOSTRADOR_CHAIN", "mostrador"), SOURCE, CART)
            console.print(_show_kiosk(address, token, code, var / "demo", console), soft_wrap=True)
            return
        with httpx.Client(base_url=address) as client:
            _wait(client, server)
            shown = _sign_in(client, begun.enrolment.code, associate)
            console.print(
                f"A server runs for as long as this demo. Scanning card {card or CARD} there, in store {STORE}:\n",
                soft_wrap=True,
            )
            headers = {"Authorization": f"Bearer {shown.session}"}
            scanned = _asked(client, msgspec.Raw, "/v1/scan", {"code": card or CARD}, headers)
            show(msgspec.json.decode(scanned, type=ScanAnswer))
        if tablet:
            console.print(_show_tablet(address, shown, card or CARD, var / "demo", console), soft_wrap=True)
    finally:
        server.terminate()
        server.communicate()
    console.print(
        f"\nThe shop stays in {database}, its secret in {secret}. {MANAGER}, its manager, has the PIN {begun.pin}, and "
        f"{ASSOCIATE}, an associate, {PIN}. The README says how to practise on it with a tablet; `make kiosk` shows it "
        f"to a customer. Look around in it:\n"
        f"MOSTRADOR_DATABASE=sqlite:///{database} MOSTRADOR_SECRET_FILE={secret} .venv/bin/mostrador search garcia",
        style="bright_black",
        soft_wrap=True,
    )


def continue_code(key: str, chain: str, source: str, cart: str) -> str:
    """The text of a QR code that goes on with a cart in the store, as the shop's own site makes it."""

    def url64(data: bytes) -> str:
        return base64.urlsafe_b64encode(data).decode().rstrip("=")

    said = {"aud": chain, "src": source, "cart": cart, "jti": secrets.token_hex(16), "exp": int(time.time()) + 600}
    head = "MC1." + url64(msgspec.json.encode(said))
    return f"{head}.{url64(hmac.digest(bytes.fromhex(key), head.encode(), 'sha256'))}"


def _show_kiosk(server: str, token: str, code: str, folder: Path, console: Console) -> str:
    """Show the kiosk in a window or, where there is none, in two pictures; what came of it in words."""
    if importlib.util.find_spec("kivy") is None:
        return "\nThe kiosk is not installed: pip install 'mostrador[kiosk]'."
    folder.mkdir(exist_ok=True)
    log = folder / "kiosk.log"
    command = [sys.executable, "-m", "kiosk.kiosk_cli", "--server", server, "--window"]
    environ = {
        **os.environ,
        "MOSTRADOR_KIOSK_HOME": str((folder / "kiosk").absolute()),
        "MOSTRADOR_KIOSK_TOKEN": token,
    }
    if os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"):
        console.print(
            "The kiosk opens in a window; Ctrl+C here ends it. Lucía's phone shows this code, for ten minutes: hold a "
            "scanner to it that types like a keyboard.\n"
        )
        segno.make(code, error="l").terminal(compact=True)
        _run_client(command, environ, log, None)
        return ""
    if shutil.which("Xvfb") is None:
        return "\nThere is no display for the kiosk; with Xvfb (Debian's package xvfb) it is shown in a picture."
    welcome, cart = folder / "kiosk.png", folder / "kiosk-cart.png"
    with _display(KIOSK_SIZE) as display:
        for picture, more in ((welcome, []), (cart, ["--scan", code])):
            picture.unlink(missing_ok=True)
            _run_client(
                [*command, "--picture", str(picture), *more], {**environ, "DISPLAY": display}, log, LONGEST_SHOW
            )
    return f"\nThere is no display here. What the kiosk shows is in {welcome}, what a phone's code leads to in {cart}."


class _Begun(Wire, frozen=True, kw_only=True):
    """What `mostrador init` says in JSON, as far as it matters here."""

    pin: str
    enrolment: Enrolment


class _Shown(NamedTuple):
    """The tokens of a tablet on which somebody is signed in."""

    device: str
    session: str


def _sign_in(client: httpx.Client, code: str, associate: StaffMember) -> _Shown:
    """Enrol a tablet with a code and sign the associate in on it."""
    device = _asked(client, DeviceToken, "/v1/devices", {"code": code}, {})
    headers = {"Authorization": f"Bearer {device.token}"}
    claim = {"staff_id": associate.id, "pin": PIN}
    return _Shown(device.token, _asked(client, SessionStarted, "/v1/sessions", claim, headers).token)


def _asked(client: httpx.Client, type_: type[T], door: str, body: dict[str, Any], headers: dict[str, str]) -> T:
    answer = client.post(door, json=body, headers=headers)
    if not answer.is_success:
        raise DemoError(answer.json()["detail"])
    return msgspec.json.decode(answer.content, type=type_)


def _show_tablet(server: str, shown: _Shown, card: str, folder: Path, console: Console) -> str:
    """Scan the card on the tablet too, in a window or, where there is none, in a picture; what came of it in words."""
    if importlib.util.find_spec("kivy") is None:
        return "\nThe tablet is not installed: pip install 'mostrador[kiosk]'."
    folder.mkdir(exist_ok=True)
    picture, log = folder / "tablet.png", folder / "tablet.log"
    picture.unlink(missing_ok=True)
    command = [sys.executable, "-m", "kiosk", "--server", server, "--store", STORE, "--scan", card, "--size", SIZE]
    environ = {
        **os.environ,
        "MOSTRADOR_TABLET_HOME": str((folder / "tablet").absolute()),
        "MOSTRADOR_TABLET_TOKEN": shown.device,
        "MOSTRADOR_TABLET_SESSION": shown.session,
    }
    if os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"):
        console.print("\nThe tablet opens in a window. Close it to end the demo.")
        _run_client(command, environ, log, None)
        return ""
    if shutil.which("Xvfb") is None:
        return "\nThere is no display for the tablet; with Xvfb (Debian's package xvfb) it is shown in a picture."
    with _display() as display:
        _run_client([*command, "--picture", str(picture)], {**environ, "DISPLAY": display}, log, LONGEST_SHOW)
    return f"\nThere is no display here. What the tablet shows of this card is in {picture}."


def _run_client(command: list[str], environ: dict[str, str], log: Path, longest: float | None) -> None:
    with log.open("wb") as said:
        try:
            done = subprocess.run(command, env=environ, stdout=said, stderr=said, timeout=longest, check=False)
        except subprocess.TimeoutExpired:
            raise DemoError(f"it showed nothing within {longest:.0f} seconds; {log} has what it said") from None
        except KeyboardInterrupt:
            return
    if done.returncode:
        raise DemoError(f"it ended with exit status {done.returncode}; {log} has what it said")


@contextmanager
def _display(size: str = SIZE) -> Iterator[str]:
    """A display without a screen, of the name that is given."""
    read, write = os.pipe()
    process = subprocess.Popen(
        ["Xvfb", "-displayfd", str(write), "-screen", "0", f"{size}x24", "-nolisten", "tcp"],  # noqa: S607
        pass_fds=(write,),
        stderr=subprocess.DEVNULL,
    )
    os.close(write)
    try:
        number = os.read(read, 32) if select.select([read], [], [], PATIENCE)[0] else b""
        if not number:
            raise DemoError(f"Xvfb did not start within {PATIENCE:.0f} seconds")
        yield f":{int(number)}"
    finally:
        os.close(read)
        process.terminate()
        process.wait()


def _run(environ: dict[str, str], *arguments: str) -> None:
    done = subprocess.run([sys.executable, "-m", "server", *arguments], env=environ, check=False)
    if done.returncode != 0:
        raise DemoError(f"mostrador {arguments[0]} failed with exit status {done.returncode}")


def _told(environ: dict[str, str], type_: type[T], *arguments: str, say: str | None = None) -> T:
    """Run a command of ours, and read what it answers in JSON."""
    done = subprocess.run(
        [sys.executable, "-m", "server", *arguments],
        env=environ,
        input=say or "",
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise DemoError(f"mostrador {arguments[0]} failed with exit status {done.returncode}")
    return msgspec.json.decode(done.stdout, type=type_)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait(client: httpx.Client, server: subprocess.Popen[str]) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if server.poll() is not None:
            raise DemoError(f"the server ended with exit status {server.returncode}: {server.communicate()[1]}")
        try:
            if client.get("/health/ready").status_code == httpx.codes.OK:
                return
        except httpx.TransportError:
            time.sleep(0.05)
    raise DemoError(f"the server was not ready within {PATIENCE:.0f} seconds")
