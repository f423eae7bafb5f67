"""As whom a client asks: the device's token, the session's of whoever is signed in, and none after them."""

import asyncio
import ssl
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec
import pytest

from kiosk.link.http import HttpPort
from kiosk.link.port import Place, RefusedError, UnreachableError, UntrustedError
from server.wire.access import DeviceToken, SessionStarted, SessionUnlocked, StaffName
from tests.fakes import played
from tests.kiosk.given import at

DEVICE = DeviceToken(device_id=12, kind="tablet", store="GV", name="Tablet 3", token="dev_12")
SESSION = SessionStarted(
    token="ses_1", staff_id=1, name="Ana", role="associate", stores=("GV",), store="GV", ends_at=at(8), idle=300
)
ANSWERS: dict[str, tuple[int, Any]] = {
    "POST /v1/devices": (201, DEVICE),
    "GET /v1/staff": (200, (StaffName(id=1, name="Ana"),)),
    "POST /v1/sessions": (201, SESSION),
    "POST /v1/sessions/current/unlock": (200, SessionUnlocked(staff_id=1, ends_at=at(8), idle=300)),
    "DELETE /v1/sessions/current": (204, None),
    "POST /v1/devices/current/token": (201, DEVICE),
    "GET /v1/stores": (200, ()),
}
Asked = list[tuple[str, str, Any]]


class Listener:
    """Answers each door once and for all, and writes down as whom it was asked what."""

    def __init__(self, answers: dict[str, tuple[int, Any]] = ANSWERS, *headers: str) -> None:
        self.asked: Asked = []
        self.port = 0
        self._answers = answers
        self._headers = headers

    @asynccontextmanager
    async def listening(self, tls: ssl.SSLContext | None = None) -> AsyncIterator[None]:
        """Listen while the block runs."""
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=tls)
        self.port = server.sockets[0].getsockname()[1]
        async with server:
            yield

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
            headers = dict(line.lower().split(": ", 1) for line in head[1:] if line)
            body = await reader.readexactly(int(headers.get("content-length", 0)))
            door = " ".join(head[0].split()[:2])
            as_whom = headers.get("authorization", "").removeprefix("bearer ")
            self.asked.append((door, as_whom, msgspec.json.decode(body) if body else None))
            status, answer = self._answers[door]
            content = b"" if answer is None else msgspec.json.encode(answer)
            more = [f"Content-Length: {len(content)}", "Connection: close", *self._headers]
            writer.write("\r\n".join([f"HTTP/1.1 {status} X", *more, "", ""]).encode() + content)
            await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError, ssl.SSLError):
            pass
        finally:
            writer.close()


def speaking(what: Callable[[HttpPort], Awaitable[None]], listener: Listener, **more: Any) -> Asked:
    """What a listener was asked while a client spoke."""

    async def scene() -> Asked:
        async with listener.listening():
            port = HttpPort(f"http://127.0.0.1:{listener.port}", "GV", **more)
            try:
                await what(port)
            finally:
                await port.close()
        return listener.asked

    return played(scene())


def test_a_shift_from_its_code_to_its_end() -> None:
    """Enrolling speaks for nobody; signing in for the device; what follows for the session, until it ends."""

    async def shift(port: HttpPort) -> None:
        enrolled = await port.enrol("7KQ2M-9XBCD")
        port.use(Place(server=f"http://127.0.0.1:{listener.port}", token=enrolled.token, store=enrolled.store))
        await port.staff()
        await port.sign_in(1, "2468")
        await port.stores()
        await port.unlock("2468")
        await port.stores()
        await port.roll_token()
        await port.sign_out()
        await port.stores()
        await port.sign_out()

    listener = Listener()
    assert speaking(shift, listener) == [
        ("POST /v1/devices", "", {"code": "7KQ2M-9XBCD", "kind": "tablet"}),
        ("GET /v1/staff", "dev_12", None),
        ("POST /v1/sessions", "dev_12", {"staff_id": 1, "badge": None, "pin": "2468"}),
        ("GET /v1/stores", "ses_1", None),
        ("POST /v1/sessions/current/unlock", "ses_1", {"pin": "2468"}),
        ("GET /v1/stores", "ses_1", None),
        ("POST /v1/devices/current/token", "dev_12", None),
        ("DELETE /v1/sessions/current", "ses_1", None),
        ("GET /v1/stores", "dev_12", None),
    ]


def test_somebody_who_takes_over_ends_the_shift_before() -> None:
    """A badge is sent as one, as the device; from then on what is asked is asked as theirs."""

    async def takes_over(port: HttpPort) -> None:
        await port.sign_in("B-0001", "1357")
        await port.stores()
        port.leave()
        await port.stores()

    assert speaking(takes_over, Listener(), token="dev_12", session="ses_0") == [
        ("POST /v1/sessions", "dev_12", {"staff_id": None, "badge": "B-0001", "pin": "1357"}),
        ("GET /v1/stores", "ses_1", None),
        ("GET /v1/stores", "dev_12", None),
    ]


def test_a_shift_that_cannot_be_ended_is_over_all_the_same() -> None:
    """Where the server says no, or nobody answers, the next question is nobody's."""

    async def goes(port: HttpPort) -> None:
        with pytest.raises(UnreachableError):
            await port.sign_out()
        await port.stores()

    answers = ANSWERS | {"DELETE /v1/sessions/current": (503, None)}
    assert speaking(goes, Listener(answers), token="dev_12", session="ses_0")[-1] == ("GET /v1/stores", "dev_12", None)


@pytest.mark.parametrize(("header", "seconds"), [("30", 30), ("", None), ("soon", None), ("-1", None), ("²", None)])
def test_how_long_to_wait_is_told(header: str, seconds: int | None) -> None:
    """The seconds of a Retry-After reach whoever asked; whatever else may stand there does not."""
    problem = {"type": "x", "title": "No", "status": 403, "detail": "No.", "code": "wrong_pin"}

    async def tries(port: HttpPort) -> None:
        with pytest.raises(RefusedError) as refused:
            await port.sign_in(1, "0000")
        assert (refused.value.problem.code, refused.value.retry_after) == ("wrong_pin", seconds)
        await port.stores()

    listener = Listener(ANSWERS | {"POST /v1/sessions": (403, problem)}, f"Retry-After: {header}")
    assert speaking(tries, listener, token="dev_12")[-1][1] == "dev_12"


class Certificate:
    """A certificate that nobody signed, made by openssl, for a name that is not the server's."""

    def __init__(self, folder: Path, name: str) -> None:
        self.file, key = folder / f"{name}.pem", folder / f"{name}.key"
        where = ["-subj", "/CN=shop.example", "-keyout", str(key), "-out", str(self.file)]
        subprocess.run(
            [
                *[
                    "openssl",
                    "req",
                    "-x509",
                    "-newkey",
                    "ec",
                    "-pkeyopt",
                    "ec_paramgen_curve:prime256v1",
                    "-nodes",
                    "-days",
                    "1",
                ],
                *where,
            ],
            check=True,
            capture_output=True,
        )
        self.fingerprint = sha256(ssl.PEM_cert_to_DER_cert(self.file.read_text())).hexdigest()
        self.server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.server.load_cert_chain(self.file, key)


def over_tls(served: Certificate, fingerprint: str | None) -> tuple[type[Exception] | None, Asked]:
    """What a client with a fingerprint comes to at a server with a certificate, and what that server was asked."""

    async def scene() -> tuple[type[Exception] | None, Asked]:
        listener = Listener()
        async with listener.listening(served.server):
            port = HttpPort("http://127.0.0.1:1", None)
            place = Place(server=f"https://127.0.0.1:{listener.port}", fingerprint=fingerprint, token="dev_12")
            try:
                port.use(place)
                await port.stores()
            except UnreachableError as error:
                return type(error), listener.asked
            finally:
                await port.close()
        return None, listener.asked

    return played(scene())


def test_exactly_the_certificate_that_was_told_is_trusted(tmp_path: Path) -> None:
    """A pinned certificate needs nobody's signature; any other, and an unsigned one without a pin, gets no word."""
    ours, other = Certificate(tmp_path, "ours"), Certificate(tmp_path, "other")
    asked = [("GET /v1/stores", "dev_12", None)]
    assert over_tls(ours, ours.fingerprint) == (None, asked)
    assert over_tls(ours, ours.fingerprint.upper()) == (None, asked)
    assert over_tls(other, ours.fingerprint) == (UntrustedError, [])
    assert over_tls(ours, None) == (UntrustedError, [])
