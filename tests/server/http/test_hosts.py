"""Under which names the server answers, and to which web pages: to its own, at every address, known or not."""

import pytest

from tests.server.http.conftest import Running
from tests.server.http.test_doors import require_problem

ADDRESSES = ("/v1/stores", "/health/live", "/schema/openapi.json", "/nothing", "/v1/scan")


@pytest.mark.parametrize(
    ("host", "ours"),
    [
        ("localhost", True),
        ("localhost:8600", True),
        ("LocalHost:1", True),
        ("127.0.0.1", True),
        ("127.0.0.1:{port}", True),
        ("[::1]", True),
        ("[::1]:8600", True),
        ("till.example", True),
        ("TABLET.example:80", True),
        ("localhost:", True),
        ("evil.example", False),
        ("evil.example:8600", False),
        ("localhost.evil.example", False),
        ("127.0.0.1.evil.example", False),
        ("localhost.", False),
        ("user@localhost", False),
        ("localhost@evil.example", False),
        ("localhost:evil.example", False),
        ("localhost:8600:1", False),
        ("[::1].evil.example", False),
        ("[::1", False),
        ("::1", False),
        ("[::2]", False),
        ("127.0.0.2", False),
        ("0.0.0.0", False),
        ("127.1", False),
        ("2130706433", False),
        ("", False),
    ],
)
def test_only_own_names_are_answered(house: Running, host: str, ours: bool) -> None:
    """A name that is not ours is refused at every address, so that no page can reach us under a name of its own."""
    for address in ADDRESSES:
        answer = house.client.get(address, headers={"host": host.format(port=house.port)})
        if ours:
            assert '"code":"wrong_host"' not in answer.text
        else:
            require_problem(answer, 400, "wrong_host")


@pytest.mark.parametrize(
    ("origin", "ours"),
    [
        (None, True),
        ("http://localhost:8600", True),
        ("http://127.0.0.1:{port}", True),
        ("https://till.example", True),
        ("HTTP://LOCALHOST", True),
        ("null", False),
        ("", False),
        ("http://evil.example", False),
        ("https://evil.example:8600", False),
        ("http://localhost.evil.example", False),
        ("http://localhost:80@evil.example", False),
        ("file://", False),
        ("chrome-extension://abcdef", False),
        ("http://localhost/path", False),
    ],
)
def test_only_own_pages_are_answered(house: Running, origin: str | None, ours: bool) -> None:
    """A write that a web page of another address makes a browser send is refused, and nothing of it happens."""
    headers = {} if origin is None else {"origin": origin.format(port=house.port)}
    before = house.last_event
    # What a page may send without being asked: no JSON by its name, and no key.
    note = house.client.post(
        f"/v1/customers/{house.customer('dalton')}/notes",
        content=b'{"text": "From a page"}',
        headers={"content-type": "text/plain", **headers},
    )
    if ours:
        assert note.status_code == 201
    else:
        require_problem(note, 403, "wrong_origin")
        require_problem(house.sync.post("/v1/records", content=b"{}", headers=headers), 403, "wrong_origin")
        require_problem(house.client.options("/v1/scan", headers=headers), 403, "wrong_origin")
    assert len(house.events_after(before)) == int(ours)


@pytest.mark.parametrize(
    "hosts",
    [
        b"",
        b"Host:  \r\n",
        b"Host: localhost\r\nHost: evil.example\r\n",
        b"Host: evil.example\r\nHost: localhost\r\n",
        b"Host: localhost\r\nHost: localhost\r\n",
        b"Host: localhost\r\nhOsT: localhost\r\n",
        b"Host: local\xffhost\r\n",
    ],
)
@pytest.mark.parametrize("address", [b"/v1/stores", b"/nothing"])
def test_one_name_is_given(house: Running, hosts: bytes, address: bytes) -> None:
    """A request without a name, or with two of them, is refused whatever the names are."""
    answer = house.raw(b"GET " + address + b" HTTP/1.1\r\n" + hosts + b"Connection: close\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert b'"code":"wrong_host"' in answer


def test_a_name_in_the_request_line_does_not_count(house: Running) -> None:
    """An absolute address in the request's first line is no way around the Host header."""
    answer = house.raw(b"GET http://localhost/v1/stores HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 400 ")


def test_a_refusal_to_head_has_no_body(house: Running) -> None:
    """HEAD is answered with headers alone, also where the name is wrong."""
    answer = house.raw(b"HEAD /v1/stores HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert answer.endswith(b"\r\n\r\n")
