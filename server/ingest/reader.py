"""Lines to records; once there are many, on another processor, while this one writes.

`python -m server.ingest.reader` is the process beside: it is given what is a card here, then batches of lines, and
answers each with the orders among them; whatever else a line says is read again by whoever asked. It lives as long as
its input: whoever started it may be killed at any time. Where it cannot be started, or dies, lines are read here.
"""

import gc
import select
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from types import TracebackType
from typing import IO, Self

import msgspec

from server.customers.rules import ContactRules
from server.ingest.ndjson import Line, is_blank, read_record
from server.ingest.snapshots import OrderSnapshot, prepared
from server.wire.records import Record, Refusal

ReadLine = tuple[Line, Record | OrderSnapshot | Refusal]
"""A line, and what it says or why it says nothing."""

BATCHES_HERE = 4
"""Batches that are read here: a file of so few is done before another process is there."""
_READY = b"\n"
_SIZE = 8
"""Bytes before each message: how many follow."""
_PIPE = 1_048_576
"""Bytes that wait for whoever is to read them, where the system lets us: an answer, so that nobody waits for it."""

_encode = msgspec.msgpack.Encoder().encode
_rules_decoder = msgspec.msgpack.Decoder(ContactRules)
_lines_decoder = msgspec.msgpack.Decoder(list[Line])
_orders_decoder = msgspec.msgpack.Decoder(list[OrderSnapshot | None])


def read_lines(lines: list[Line], rules: ContactRules) -> list[ReadLine]:
    """Lines that are not blank, and what each says."""
    return [(line, read_line(line, rules)) for line in lines if not is_blank(line)]


def read_line(line: Line, rules: ContactRules) -> Record | OrderSnapshot | Refusal:
    """What a line says."""
    record = read_record(line)
    return record if isinstance(record, Refusal) else prepared(record, rules)


class Reader:
    """Reads the batches of one stream, each asked for before the one before was written.

    Args:
        rules: what is a card and a phone here.
        here: so many batches are read in this process.
    """

    def __init__(self, rules: ContactRules, here: int = BATCHES_HERE) -> None:
        self._rules = rules
        self._left = here
        self._process: subprocess.Popen[bytes] | None = None
        self._ready = self._lost = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._process is not None:
            with self._process as process:
                process.kill()
                with suppress(OSError):
                    _pipe(process.stdin).close()

    def ask(self, batch: list[Line]) -> Callable[[], list[ReadLine]]:
        """Begin to read a batch; what is returned waits for what the lines say, and may run on another thread."""
        process = self._beside()
        if process is not None:
            with suppress(OSError):
                _send(_pipe(process.stdin), _encode(batch))
                return partial(self._answer, _pipe(process.stdout), batch)
            self._lost = True
        read = read_lines(batch, self._rules)
        return lambda: read

    def _answer(self, answers: IO[bytes], batch: list[Line]) -> list[ReadLine]:
        message = None if self._lost else _receive(answers)
        if message is None:
            self._lost = True
            return read_lines(batch, self._rules)
        orders = _orders_decoder.decode(message)
        return [(line, order or read_line(line, self._rules)) for line, order in zip(batch, orders, strict=True)]

    def _beside(self) -> subprocess.Popen[bytes] | None:
        """The process beside, where it is ready."""
        if self._left or self._lost:
            self._left = max(self._left - 1, 0)
            return None
        if self._process is None:
            self._lost = not self._start()
        elif not self._ready and select.select([said := _pipe(self._process.stdout)], [], [], 0)[0]:
            self._ready = said.read(len(_READY)) == _READY
            self._lost = not self._ready
        return self._process if self._ready else None

    def _start(self) -> bool:
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", "server.ingest.reader"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                pipesize=_PIPE,
            )
            # The key to who was erased stays here.
            _send(_pipe(self._process.stdin), _encode(self._rules._replace(tombstones=b"")))
        except OSError:
            return False
        return True


def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
    assert pipe is not None  # it was asked for
    return pipe


def _send(pipe: IO[bytes], message: bytes) -> None:
    pipe.write(len(message).to_bytes(_SIZE, "big"))
    pipe.write(message)
    pipe.flush()


def _receive(pipe: IO[bytes]) -> bytes | None:
    """The next message, or None where there is none, or not all of one."""
    size = int.from_bytes(pipe.read(_SIZE), "big")
    message = pipe.read(size)
    return message if size and len(message) == size else None


def _order(line: Line, rules: ContactRules) -> OrderSnapshot | None:
    read = read_line(line, rules)
    return read if isinstance(read, OrderSnapshot) else None


def main() -> None:
    """Be the process beside."""
    # Ctrl-C is for whoever started us, who has a batch to end.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    gc.freeze()
    asked, answers = sys.stdin.buffer, sys.stdout.buffer
    with suppress(BrokenPipeError):
        rules = _receive(asked)
        if rules is None:
            return
        known = _rules_decoder.decode(rules)
        answers.write(_READY)
        answers.flush()
        while (message := _receive(asked)) is not None:
            _send(answers, _encode([_order(line, known) for line in _lines_decoder.decode(message)]))


if __name__ == "__main__":
    main()
