"""An answer's head waits for its body, and for nothing else."""

import asyncio
from collections.abc import Callable

import pytest

from server.edge.writes import Together

HEAD, BODY = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n", b"{}"
PATIENCE = 20
"""Seconds; nothing waits that long where all is well."""


class Answering(asyncio.Protocol):
    """Says something to whoever connects."""

    def __init__(self, say: Callable[[Together], None]) -> None:
        self._say = say

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._say(Together(transport, asyncio.get_running_loop()))


def head_alone(transport: Together) -> None:
    """As a stream begins."""
    transport.write(HEAD)


def head_and_body(transport: Together) -> None:
    """As most answers are written."""
    transport.write(HEAD)
    transport.write(BODY)


def head_and_nothing(transport: Together) -> None:
    """As an answer without content is written."""
    transport.write(HEAD)
    transport.write(b"")


def head_and_end(transport: Together) -> None:
    """As the last answer of a connection is written."""
    transport.write(HEAD)
    transport.close()


def two_answers(transport: Together) -> None:
    """As a connection that is kept is written to."""
    head_and_body(transport)
    head_and_body(transport)


@pytest.mark.parametrize(
    ("say", "heard"),
    [
        pytest.param(head_alone, HEAD, id="a stream that says nothing yet"),
        pytest.param(head_and_body, HEAD + BODY, id="an answer"),
        pytest.param(head_and_nothing, HEAD, id="an answer without a body"),
        pytest.param(head_and_end, HEAD, id="the last answer"),
        pytest.param(two_answers, HEAD + BODY + HEAD + BODY, id="two answers"),
    ],
)
def test_all_that_is_written_arrives_in_its_order(say: Callable[[Together], None], heard: bytes) -> None:
    """Over a real connection, whether a body follows the head or not."""

    async def ask() -> bytes:
        server = await asyncio.get_running_loop().create_server(lambda: Answering(say), "127.0.0.1", 0)
        async with server:
            reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
            try:
                return await asyncio.wait_for(reader.readexactly(len(heard)), PATIENCE)
            finally:
                writer.close()
                await writer.wait_closed()

    assert asyncio.run(ask()) == heard
