"""Where codes arrive: a real SMTP server, and a gateway for short messages, each on a port of its own."""

import json
import queue
import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any, NamedTuple

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

PATIENCE = 20


class Mails:
    """Mails that were handed in."""

    def __init__(self, *, from_known: bool) -> None:
        self._from_known = from_known
        self.came: queue.Queue[EmailMessage] = queue.Queue()

    async def handle_DATA(self, _server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - its name
        """Take one, where it must be so only from somebody who signed in."""
        if self._from_known and not session.authenticated:
            return "530 sign in first"
        assert isinstance(envelope.content, bytes)
        mail = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(mail, EmailMessage)
        assert envelope.rcpt_tos == [mail["To"]]
        self.came.put(mail)
        return "250 taken"

    def next(self) -> EmailMessage:
        """The next that comes; it is waited for, as it is sent after the answer."""
        return self.came.get(timeout=PATIENCE)


def free_port() -> int:
    """A port on which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


@contextmanager
def smtp(user: str | None = None, password: str = "") -> Iterator[tuple[str, Mails]]:
    """An SMTP server until the block ends: its address as a setting, and what it got."""
    mails = Mails(from_known=user is not None)

    def known(_server: Any, _session: Any, _envelope: Any, _mechanism: str, shown: Any) -> AuthResult:
        assert isinstance(shown, LoginPassword)
        return AuthResult(success=(shown.login, shown.password) == ((user or "").encode(), password.encode()))

    controller = Controller(
        mails,
        hostname="127.0.0.1",
        port=free_port(),
        authenticator=known if user else None,
        auth_require_tls=False,
    )
    controller.start()
    who = f"{user}:{password}@" if user else ""
    try:
        yield f"smtp://{who}127.0.0.1:{controller.port}", mails
    finally:
        controller.stop()


class Posted(NamedTuple):
    """What a gateway was sent."""

    body: Any
    key: str | None


@contextmanager
def gateway() -> Iterator[tuple[str, "queue.Queue[Posted]"]]:
    """A gateway for short messages until the block ends: its address, and what it got."""
    came: queue.Queue[Posted] = queue.Queue()

    class Gate(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            came.put(Posted(body, self.headers["Authorization"]))
            self.send_response(202)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Nobody is told."""

    server = HTTPServer(("127.0.0.1", 0), Gate)
    thread = Thread(target=server.serve_forever, name="gateway")
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/messages", came
    finally:
        server.shutdown()
        thread.join(PATIENCE)
        server.server_close()


def code_in(text: str) -> str:
    """The code that a message brings."""
    (code,) = re.findall(r"\b\d{6}\b", text)
    return str(code)
