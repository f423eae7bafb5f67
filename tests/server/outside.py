"""A server of somebody else's."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple

FEED = b"id\ttitle\tprice\nA-1\tCoat\t10.00 EUR\nA-2\tHat\t5.00 EUR\nA-3\tScarf\t5.00 EUR\n"


class Asked(NamedTuple):
    """A request that an outside server got."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


class Outside:
    """A server of somebody else's: it has feeds, and takes what it is told.

    Attributes:
        status: what it answers to what it is told.
        first: what it answers before that, one after the other; 0: it says nothing and hangs up.
        feed: what it gives to who asks; None: it has none.
    """

    def __init__(self) -> None:
        self.status = 204
        self.first: list[int] = []
        self.feed: bytes | None = FEED
        self.asked: list[Asked] = []
        self.taken: list[tuple[str, Any]] = []
        self.took = threading.Event()
        outside = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self._note(b"")
                if outside.feed is None:
                    self.send_error(503)
                    return
                self.send_response(200)
                self.send_header("Content-Length", str(len(outside.feed)))
                self.end_headers()
                self.wfile.write(outside.feed)

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                status = outside.first.pop(0) if outside.first else outside.status
                if 200 <= status < 300:
                    outside.taken.append((self.headers["webhook-id"], json.loads(body)))
                    outside.took.set()
                self._note(body)
                if status:
                    self.send_response(status)
                    self.end_headers()

            def _note(self, body: bytes) -> None:
                headers = {name.lower(): value for name, value in self.headers.items()}
                outside.asked.append(Asked(self.command, self.path, headers, body))

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @property
    def alarms(self) -> list[Any]:
        """What it was told."""
        return [json.loads(asked.body) for asked in self.asked if asked.method == "POST"]
