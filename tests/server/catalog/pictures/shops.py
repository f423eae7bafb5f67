"""A web server of a shop that sends whatever a test wants, byte by byte."""

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

PATIENCE = 20.0

Answer = bytes | Callable[["Talk"], None]
"""What is sent to whoever asks; the whole of an answer, or a program that sends it."""


def answer(content: bytes, *headers: str, status: str = "200 OK") -> bytes:
    """A whole answer."""
    head = "\r\n".join((f"HTTP/1.1 {status}", f"Content-Length: {len(content)}", "Connection: close", *headers))
    return head.encode() + b"\r\n\r\n" + content


def leads_to(address: str) -> bytes:
    """A redirect."""
    return answer(b"", f"Location: {address}", status="302 Found")


@dataclass
class Talk:
    """One request and the connection that it came over."""

    path: str
    headers: dict[str, str]
    connection: socket.socket
    over: threading.Event

    def send(self, content: bytes) -> bool:
        """Send something; whether anybody still listens."""
        try:
            self.connection.sendall(content)
        except OSError:
            return False
        return not self.over.is_set()

    def endless(self, content: bytes, pause: float = 0.0) -> None:
        """Send the same for as long as anybody listens."""
        while self.send(content) and not self.over.wait(pause):
            pass


@dataclass
class WebShop:
    """A server on loopback.

    Attributes:
        asked: the paths that were asked for.
        talks: the whole requests.
        called: is told of each.
    """

    port: int
    answers: dict[str, Answer] = field(default_factory=dict)
    talks: list[Talk] = field(default_factory=list)
    called: Callable[[], object] = lambda: None
    scheme: str = "http"

    @property
    def asked(self) -> list[str]:
        return [talk.path for talk in self.talks]

    def at(self, path: str, host: str = "127.0.0.1") -> str:
        """The address of something."""
        return f"{self.scheme}://{host}:{self.port}{path}"


@contextmanager
def web_shop(tls: ssl.SSLContext | None = None) -> Iterator[WebShop]:
    """A server that runs until the block ends."""
    over, threads = threading.Event(), list[threading.Thread]()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.05)
        shop = WebShop(listener.getsockname()[1], scheme="http" if tls is None else "https")

        def talk(connection: socket.socket) -> None:
            with suppress(OSError), connection:
                connection.settimeout(PATIENCE)
                with connection if tls is None else tls.wrap_socket(connection, server_side=True) as spoken:
                    head = b""
                    while b"\r\n\r\n" not in head:
                        part = spoken.recv(65536)
                        if not part:
                            return
                        head += part
                    first, *lines = head.decode("latin-1").split("\r\n")
                    headers = {
                        name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)
                    }
                    one = Talk(first.split(" ")[1], headers, spoken, over)
                    shop.talks.append(one)
                    shop.called()
                    said = shop.answers.get(one.path, answer(b"", status="404 Not Found"))
                    if isinstance(said, bytes):
                        spoken.sendall(said)
                    else:
                        said(one)

        def listen() -> None:
            while not over.is_set():
                with suppress(TimeoutError):
                    connection, _ = listener.accept()
                    thread = threading.Thread(target=talk, args=(connection,))
                    thread.start()
                    threads.append(thread)

        listening = threading.Thread(target=listen)
        listening.start()
        try:
            yield shop
        finally:
            over.set()
            listening.join()
            for thread in threads:
                thread.join()
