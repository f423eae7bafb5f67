"""What the server tells its operator: a line for each request and for what happens, and nothing of anybody's data.

Errors are told by their kind, their code and where they were raised, never by their message: databases, parsers and
Python itself quote values in theirs.
"""

import errno
import logging
import os
import sys
import threading
import traceback
from collections.abc import Iterator, Mapping, MutableMapping
from contextlib import suppress
from contextvars import ContextVar
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Literal

import apsw
import msgspec
import structlog
from msgspec import UNSET, UnsetType

from server.wire.base import timestamp

LogFormat = Literal["auto", "json", "text"]
LogLevel = Literal["debug", "info", "warning", "error"]

REQUEST_ID: ContextVar[str | None] = ContextVar("request_id", default=None)
"""Of the request that is being answered here."""

QUOTED = ("uvicorn",)
"""Loggers whose messages hold nothing but addresses of ours; of any other, what it puts into them is left out."""
TALKATIVE = ("httpx", "httpcore")
"""Loggers with a line for each thing they do, which says nothing without what is put into it: warnings are enough."""
LONGEST_CHAIN = 10
"""Errors that led to one another and are told."""

_ROOT = Path(__file__).parent.parent


def set_up(stream: BinaryIO, form: LogFormat, level: LogLevel) -> None:
    """Have everything told on a stream: by structlog, and by the standard library's loggers through it.

    Args:
        stream: where to, standard error as a rule.
        form: JSON lines or text; `auto` is text where the stream is a terminal.
        level: the least that is told.
    """
    number = logging.getLevelNamesMapping()[level.upper()]
    text = form == "text" or (form == "auto" and stream.isatty())
    colors = stream.isatty() and "NO_COLOR" not in os.environ
    _requests.lines = None if text or number > logging.INFO else _Lines(stream)
    structlog.configure(
        processors=[_stamped, _with_error, *(_text(colors=colors) if text else [_json])],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=lambda *_: _Lines(stream),
        cache_logger_on_first_use=False,
    )
    root = logging.getLogger()
    for handler in [handler for handler in root.handlers if isinstance(handler, FromOthers)]:
        root.removeHandler(handler)
    root.addHandler(FromOthers())
    root.setLevel(number)
    for name in TALKATIVE:
        logging.getLogger(name).setLevel(max(number, logging.WARNING))


class RequestLine(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """The line that a request leaves, in the order in which it is written; who asked is left out where nobody knows."""

    at: str
    level: str
    event: str
    request_id: str
    door: str
    status: int
    ms: float
    device: int | UnsetType | None = UNSET
    staff: int | UnsetType | None = UNSET
    store: str | UnsetType | None = UNSET


class _Requests:
    """Where requests are told without a detour: JSON lines, as they have by far the most."""

    lines: "_Lines | None" = None


_requests = _Requests()


def tell_request(line: RequestLine) -> None:
    """Tell of a request that was answered. As JSON it costs a tenth of what a line through structlog does."""
    if _requests.lines is not None:
        _requests.lines.msg(_encode(line))
    else:
        said = {name: value for name, value in msgspec.structs.asdict(line).items() if value is not UNSET}
        del said["at"], said["level"], said["event"], said["request_id"]
        structlog.get_logger().info("request", **said)


def tell_what_nobody_caught() -> None:
    """Have errors that end a thread, or come where nobody can catch them, told here instead of with their messages."""
    log = structlog.get_logger()

    def in_thread(caught: threading.ExceptHookArgs) -> None:
        log.error("thread_ended", thread=caught.thread and caught.thread.name, exc_info=caught.exc_value)

    def unraisable(caught: "sys.UnraisableHookArgs") -> None:
        log.error("error_ignored", exc_info=caught.exc_value)

    threading.excepthook, sys.unraisablehook = in_thread, unraisable


def told(error: BaseException) -> str:
    """An error and what led to it, the first one first: kind and code of each, and where it was raised."""
    return "\n".join(line for one in _chain(error) for line in _lines_of(one))


class FromOthers(logging.Handler):
    """Takes what libraries tell the standard library's loggers."""

    def emit(self, record: logging.LogRecord) -> None:
        quoted = record.name.partition(".")[0] in QUOTED
        # The rest of asyncio's lines quotes the error and what the task was called with.
        said = record.getMessage() if quoted else str(record.msg).partition("\n")[0]
        error = record.exc_info[1] if record.exc_info else None
        structlog.get_logger().log(
            record.levelno, said.encode("utf-8", "replace").decode(), logger=record.name, exc_info=error
        )


class _Lines:
    """Takes lines as bytes; where nobody reads them any more the server goes on."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream

    def msg(self, line: bytes) -> None:
        with suppress(OSError, ValueError):
            self._stream.write(line + b"\n")
            self._stream.flush()

    debug = info = warning = error = critical = msg


def _stamped(_logger: Any, level: str, said: MutableMapping[str, Any]) -> Mapping[str, Any]:
    line = {"at": timestamp(datetime.now(UTC)), "level": level, "event": said.pop("event")}
    request_id = REQUEST_ID.get()
    if request_id is not None:
        line["request_id"] = request_id
    line.update(said)
    return line


def _with_error(_logger: Any, _level: str, said: MutableMapping[str, Any]) -> Mapping[str, Any]:
    error = said.pop("exc_info", None)
    if error is True:
        error = sys.exc_info()[1]
    if isinstance(error, tuple):
        error = error[1]
    if error is not None:
        said["exception"] = told(error)
    return said


def _json(_logger: Any, _level: str, said: Mapping[str, Any]) -> bytes:
    return _encode(said)


def _text(*, colors: bool) -> list[Any]:
    lines = structlog.dev.ConsoleRenderer(colors=colors, timestamp_key="at", pad_event_to=12, sort_keys=False)
    return [lines, lambda _logger, _level, line: line.encode("utf-8", "replace")]


_encode = msgspec.json.Encoder(enc_hook=lambda value: type(value).__name__).encode


def _chain(error: BaseException) -> list[BaseException]:
    chain: list[BaseException] = []
    one: BaseException | None = error
    while one is not None and one not in chain and len(chain) < LONGEST_CHAIN:
        chain.append(one)
        one = one.__cause__ or (None if one.__suppress_context__ else one.__context__)
    return chain[::-1]


def _lines_of(error: BaseException) -> Iterator[str]:
    yield from _places(error.__traceback__)
    code = _code(error)
    yield f"{type(error).__module__}.{type(error).__qualname__}{code and f' ({code})'}"
    if isinstance(error, BaseExceptionGroup):
        for one in error.exceptions:
            yield from (f"  {line}" for line in told(one).splitlines())


def _places(trace: TracebackType | None) -> Iterator[str]:
    for frame, line in traceback.walk_tb(trace):
        path = Path(frame.f_code.co_filename)
        shown = path.relative_to(_ROOT) if path.is_relative_to(_ROOT) else Path(*path.parts[-2:])
        yield f"  {shown}:{line} {frame.f_code.co_qualname}"


def _code(error: BaseException) -> str:
    """What a database or the system calls the error."""
    known = getattr(error, "sqlstate", None)
    if isinstance(error, apsw.Error):
        number: int = getattr(error, "extendedresult", 0)  # an error of apsw's own has none
        known = apsw.mapping_result_codes.get(number) or apsw.mapping_extended_result_codes.get(number)
    if isinstance(error, OSError) and error.errno is not None:
        known = errno.errorcode.get(error.errno)
    return known if isinstance(known, str) else ""
