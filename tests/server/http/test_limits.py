"""What the edge refuses, over a raw connection: too large, too slow, too many, too often; and what answers carry."""

import ipaddress
import re
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace

import httpx
import msgspec
import pytest

from server.db.engine import Database
from server.edge.connections import Limits
from server.edge.sizes import LARGEST_HEAD, LONGEST_PATH, LONGEST_QUERY, MOST_HEADERS
from server.wire.problems import PROBLEMS
from tests.server.http.conftest import PATIENCE, UNHURRIED, Running, running
from tests.server.http.log import Log
from tests.server.http.test_doors import require_problem
from tests.server.small_shop import LUCIA_CARD, PICTURE_HASH

HURRIED = Limits(head=0.3, body=0.3, taken=0.3)
START = b"GET /health/live HTTP/1.1\r\nHost: localhost\r\n"
SAFE = {
    "x-content-type-options": "nosniff",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",
    "x-frame-options": "DENY",
}


def require_raw_problem(answer: bytes, code: str) -> None:
    """A whole answer that is a problem, safe as every other."""
    head, _, body = answer.partition(b"\r\n\r\n")
    status, *lines = head.decode().split("\r\n")
    headers = dict(line.split(": ", 1) for line in lines)
    assert status.startswith(f"HTTP/1.1 {PROBLEMS[code][0]} "), answer
    assert headers.items() >= {**SAFE, "cache-control": "no-store", "content-type": "application/problem+json"}.items()
    assert msgspec.json.decode(body)["code"] == code
    assert len(body) == int(headers["content-length"])


@pytest.fixture
def hurried(database: Database) -> Iterator[Running]:
    """A server that waits for nobody, in front of an empty database."""
    with running(database, UNHURRIED, HURRIED) as house:
        yield house


@pytest.mark.parametrize(
    ("address", "headers", "code"),
    [
        ("/v1/stores", {"x-padding": "x" * LARGEST_HEAD}, "head_too_large"),
        ("/v1/stores", {f"x-{n}": "" for n in range(MOST_HEADERS)}, "head_too_large"),
        ("/v1/stores?" + "x" * (LONGEST_QUERY + 1), {}, "address_too_long"),
        ("/v1/products/" + "x" * LONGEST_PATH, {}, "address_too_long"),
        ("/nothing/" + "%20" * (LONGEST_PATH // 3), {}, None),
        ("/v1/stores?" + "x" * LONGEST_QUERY, {}, None),
        ("/v1/stores", {f"x-{n}": "x" * 100 for n in range(MOST_HEADERS - 6)}, None),
    ],
)
def test_a_head_has_a_size(house: Running, address: str, headers: dict[str, str], code: str | None) -> None:
    """Long addresses, many headers and long ones are refused as problems; what is as long as may be is not."""
    answer = house.client.get(address, headers=headers)
    if code is None:
        assert answer.status_code in (200, 404)
    else:
        require_problem(answer, PROBLEMS[code][0], code)


@pytest.mark.parametrize("endless", [START + b"X: ", b"GET /", START, b"GET / HTTP/1.1\r\nX"])
def test_a_head_that_does_not_end(house: Running, endless: bytes) -> None:
    """A head that goes on and on is answered and the connection closed long before it fills the memory."""
    line = b"X: y\r\n" * 100 if endless == START else b"x" * 600
    with socket.create_connection(("127.0.0.1", house.port), PATIENCE) as connection:
        connection.sendall(endless)
        answer = b""
        try:
            for _ in range(100_000):
                connection.sendall(line)
        except ConnectionError:
            pass
        else:
            pytest.fail("60 MB of headers were taken")
        try:
            answer = connection.recv(65536)
        except ConnectionError:
            return  # what was under way when the connection was closed took the answer with it
        require_raw_problem(answer, "head_too_large")


@pytest.mark.parametrize(
    "junk", [b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", b"SSH-2.0-x\r\n\r\n", b"GET\r\n\r\n"]
)
def test_what_is_no_http_is_told(house: Running, junk: bytes) -> None:
    """TLS where there is none, another protocol, half a line: one problem, and the connection is closed."""
    require_raw_problem(house.raw(junk), "invalid_request")


def test_a_slow_head(hurried: Running) -> None:
    """A request whose headers do not come is given up, also the second one of a connection."""
    require_raw_problem(hurried.raw(START), "too_slow")
    both = hurried.raw(START + b"\r\n" + START)
    assert both.count(b"HTTP/1.1 ") == 2
    assert both.startswith(b"HTTP/1.1 200 ")
    assert b'"code":"too_slow"' in both


def test_a_connection_without_a_request(hurried: Running) -> None:
    """Whoever says nothing is hung up on without a word."""
    assert hurried.raw(b"") == b""


@pytest.mark.parametrize("door", ["/v1/scan", "/v1/records", "/v1/customers/search"])
@pytest.mark.parametrize("body", [b"", b"{", b'{"code": "x"'])
def test_a_slow_body(hurried: Running, log: Log, door: str, body: bytes) -> None:
    """A body that stops, or drips, is given up with a problem, and the log has the status that was sent."""
    token = hurried.tokens.sync if door == "/v1/records" else hurried.tokens.associate
    head = f"POST {door} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\nContent-Length: 1000\r\n\r\n"
    require_raw_problem(hurried.raw(head.encode() + body), "too_slow")
    assert log.line("request", door=f"POST {door}")["status"] == 408


def test_a_body_that_drips(database: Database) -> None:
    """A byte now and then does not keep a connection open."""
    limits = replace(HURRIED, body=0.5)
    with (
        running(database, UNHURRIED, limits) as house,
        socket.create_connection(("127.0.0.1", house.port), PATIENCE) as connection,
    ):
        token = house.tokens.sync.encode()
        head = b"POST /v1/records HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer " + token
        connection.sendall(head + b"\r\nContent-Length: 1000000\r\n\r\n")
        connection.settimeout(0.05)
        answer = b""
        while not answer:
            connection.sendall(b" ")
            try:
                answer = connection.recv(65536)
            except TimeoutError:
                continue
        require_raw_problem(answer, "too_slow")


def test_a_slow_but_steady_stream_is_taken(database: Database) -> None:
    """A stream of records that takes longer than any wait, but comes, is taken whole."""
    wait = threading.Event()

    def lines() -> Iterator[bytes]:
        for _ in range(8):
            wait.wait(0.2)
            yield b" " * 1024 + b"\n"

    with running(database, UNHURRIED, replace(HURRIED, body=1.0)) as house:
        answer = house.sync.post("/v1/records", content=lines())
    assert answer.json()["stopped"].startswith("there is nothing in it")


def test_an_answer_that_nobody_takes(database: Database, log: Log) -> None:
    """Whoever asks for much and reads nothing is hung up on, and what was kept for them is let go."""
    with (
        running(database, UNHURRIED, HURRIED) as house,
        socket.create_connection(("127.0.0.1", house.port), PATIENCE) as connection,
    ):
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        ask = b"GET /schema/openapi.json HTTP/1.1\r\nHost: localhost\r\n\r\n"
        hung_up = False
        try:
            for _ in range(100_000):
                connection.sendall(ask * 100)
        except ConnectionError:
            hung_up = True
        assert hung_up
        assert house.client.get("/health/live").is_success
        assert log.line("request", door="GET /schema/openapi.json")["status"] == 200


def test_there_are_so_many_connections(database: Database) -> None:
    """One more than there may be is told to come again; as soon as another is closed there is room."""
    with running(database, UNHURRIED, Limits(connections=3)) as house:
        with ExitStack() as others:
            for _ in range(3):
                other = others.enter_context(socket.create_connection(("127.0.0.1", house.port), PATIENCE))
                other.sendall(START + b"\r\n")
                assert other.recv(12) == b"HTTP/1.1 200"
            answer = house.raw(b"")
            require_raw_problem(answer, "too_many_connections")
            assert b"\r\nretry-after: 10\r\n" in answer
        while b"too_many_connections" in (answer := house.raw(START + b"Connection: close\r\n\r\n")):
            pass
        assert answer.startswith(b"HTTP/1.1 200 ")


@pytest.mark.parametrize(("network", "let_in"), [("192.0.2.0/24", False), ("::1", False), ("127.0.0.0/8", True)])
def test_plain_http_is_taken_from_the_proxy(database: Database, network: str, let_in: bool) -> None:
    """Where a proxy speaks TLS for the server, whoever goes around it is refused before a byte is read."""
    with running(database, UNHURRIED, Limits(only_from=(ipaddress.ip_network(network),))) as house:
        answer = house.raw(START + b"Connection: close\r\n\r\n" if let_in else b"")
        if let_in:
            assert answer.startswith(b"HTTP/1.1 200 ")
        else:
            require_raw_problem(answer, "plain_http")


def test_who_asks_too_often_waits(database: Database) -> None:
    """After so many requests at once comes 429 with the seconds to wait, on every door and for unknown ones."""
    settings = msgspec.structs.replace(UNHURRIED, rate_limit=0.01, rate_burst=5)
    with running(database, settings) as house:
        # The first counts for the address: only its answer tells whose the token is.
        for _ in range(6):
            assert house.client.get("/v1/stores").is_success
        for address in ("/v1/stores", "/nothing"):
            answer = house.client.get(address)
            require_problem(answer, 429, "too_many_requests")
            assert 90 <= int(answer.headers["retry-after"]) <= 100


@pytest.mark.parametrize(
    ("method", "address", "status", "kept"),
    [
        ("GET", "/v1/stores", 200, "no-store"),
        ("GET", f"/v1/pictures/{PICTURE_HASH}", 200, "private, max-age=31536000, immutable"),
        ("GET", "/v1/pictures/" + "0" * 64, 404, "no-store"),
        ("GET", "/schema/openapi.json", 200, "no-store"),
        ("GET", "/nothing", 404, "no-store"),
        ("OPTIONS", "/v1/scan", 204, "no-store"),
        ("DELETE", "/v1/scan", 405, "no-store"),
        ("POST", "/v1/scan", 422, "no-store"),
        ("HEAD", "/v1/stores", 405, "no-store"),
    ],
)
def test_answers_are_safe_in_a_browser(house: Running, method: str, address: str, status: int, kept: str) -> None:
    """Every answer says that it is no page, for nobody else, and not to be kept; pictures may be kept."""
    answer = house.client.request(method, address)
    assert answer.status_code == status
    assert answer.headers.items() >= SAFE.items()
    assert answer.headers.get_list("cache-control") == [kept]
    assert "server" not in answer.headers
    assert "strict-transport-security" not in answer.headers


UUID = "0f8fad5b-d9cb-469f-a165-70867728950e"


@pytest.mark.parametrize(
    ("sent", "taken"),
    [
        (UUID, UUID),
        (UUID.upper(), UUID),
        (UUID.replace("-", ""), UUID.replace("-", "")),
        (LUCIA_CARD, None),
        ("", None),
        ("lucia.garcia@example.com", None),
        (UUID + "0", None),
        ("x" * 32, None),
        ("0" * 31, None),
    ],
)
def test_a_request_has_a_name(house: Running, log: Log, sent: str, taken: str | None) -> None:
    """A UUID that comes along is kept, anything else is replaced; header, problem and log say the same."""
    answer = house.client.get("/nothing", headers={"X-Request-Id": sent})
    name = answer.headers["x-request-id"]
    assert name == taken if taken else re.fullmatch("[0-9a-f]{32}", name)
    assert answer.json()["request_id"] == name
    assert log.line("request")["request_id"] == name


def test_each_request_has_another_name(house: Running) -> None:
    """Nobody's request is taken for another's."""
    names = {house.client.get("/health/live").headers["x-request-id"] for _ in range(50)}
    assert len(names) == 50


def test_a_refusal_of_the_edge_has_its_name(house: Running) -> None:
    """What is refused before any door has an id in its problem too."""
    answer = house.client.get("/v1/stores", headers={"Host": "evil.example"})
    assert isinstance(answer, httpx.Response)
    assert answer.json()["request_id"] == answer.headers["x-request-id"]
