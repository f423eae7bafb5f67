"""What the log has and what it never has: each request and what went wrong, and nothing of anybody's data."""

import asyncio
import gc
import io
import logging
import os
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import msgspec
import psycopg
import pytest
import structlog

from server import logs
from server.db.engine import EngineName
from server.db.sqlite import connect
from server.wire.lookup import ScanRequest
from tests.server.given import rows
from tests.server.http.conftest import Running
from tests.server.http.log import Log
from tests.server.http.test_doors import DOORS, Ask
from tests.server.small_shop import (
    BANK_CARD,
    DALTON_CARD,
    EMAIL,
    GUEST_CARD,
    LUCIA_CARD,
    MISTYPED_CARD,
    PHONE,
    SHARED_CARD,
    UNUSED_CARD,
)

TOKENS = ("dev_12_" + "A1b2_" * 8 + "xyz", "ses_7_" + "Z9y8-" * 8 + "abc")
NEVER = (
    *(EMAIL, PHONE, PHONE.removeprefix("+34"), *TOKENS),
    *(BANK_CARD, DALTON_CARD, GUEST_CARD, LUCIA_CARD, MISTYPED_CARD, SHARED_CARD, UNUSED_CARD),
    *("Lucía", "Lucia", "García", "Garcia", "Peña", "Dalton", "Pérez", "Perez", "Berta", "Roca"),
)
"""Names, e-mails, phones, cards and tokens."""


def found_in(text: str, more: tuple[str, ...] = ()) -> list[str]:
    """What must not be in a log and is."""
    return [secret for secret in (*NEVER, *more) if secret.lower() in text.lower()]


@contextmanager
def set_up(stream: Any, form: logs.LogFormat, level: logs.LogLevel, whole_log: Log) -> Iterator[None]:
    """Have the log on another stream for a while."""
    logs.set_up(stream, form, level)
    try:
        yield
    finally:
        logs.set_up(whole_log, "json", "debug")  # type: ignore[arg-type]


def typed_in(ask: Ask) -> list[str]:
    """The texts that a row of the doors' table sends, long enough to be told from others."""
    sent = [ask.at, ask.query, *(ask.headers.values())]
    if isinstance(ask.json, dict):
        sent += [value for value in ask.json.values() if isinstance(value, str)]
    return [text for text in sent if len(text) > 5 and "/" not in text and text != "application/json"]


def test_no_door_leaves_a_word_of_anybody(house: Running, log: Log) -> None:
    """The whole table of doors, with tokens, searches and wrong requests, leaves lines and none of what was sent."""
    structlog.get_logger().warning("planted", customer=f"{EMAIL} {TOKENS[0]} {LUCIA_CARD} GARCÍA")
    assert set(found_in(log.text)) >= {EMAIL, TOKENS[0], LUCIA_CARD, "García"}
    before = len(log.text)
    asked, typed = 0, set()
    for door, asks in DOORS.items():
        method, template = door.split(" ")
        for ask in asks:
            at = str(house.customer(ask.at)) if ask.at in ("lucia", "dalton") else ask.at
            address = re.sub(r"\{\w+\}", lambda _, at=at: at, template) + ask.query
            content = ask.body if ask.body is not None else None if ask.json is None else msgspec.json.encode(ask.json)
            headers = {"Authorization": f"Bearer {TOKENS[asked % 2]}", "X-Request-Id": LUCIA_CARD, **ask.headers}
            house.client.request(method, address, content=content, headers=headers)
            asked += 1
            typed |= set(typed_in(ask))
    house.client.get(f"/v1/nothing/{EMAIL}?card={LUCIA_CARD}")
    house.raw(f"GET /{LUCIA_CARD} HTTP/1.1\r\n{EMAIL}\r\n\r\n".encode())
    last = house.client.get("/health/live", headers={"X-Request-Id": "f" * 32})
    assert log.line("request", request_id=last.headers["x-request-id"])
    told = log.text[before:]
    assert told.count('"event":"request"') >= asked
    # Numbers and dates in the log's own fields look like texts that were typed, so those are not looked for there.
    hidden = {"at", "ms", "request_id"}
    said = [msgspec.json.decode(line) for line in told.splitlines()]
    values = " ".join(str(line[name]) for line in said for name in line if name not in hidden).lower()
    assert found_in(told) == []
    assert len(typed) > 30
    assert [text for text in typed if text.lower() in values] == []


def test_a_request_has_a_line(house: Running, log: Log) -> None:
    """Its door as documented, without numbers and queries, its status, time and who asked; so has one to no door."""
    house.client.get(f"/v1/customers/{house.customer('lucia')}/context?store=GV")
    line = log.line("request", door="GET /v1/customers/{customer_id}/context")
    assert (line["status"], line["level"], list(line)) == (
        200,
        "info",
        ["at", "level", "event", "request_id", "door", "status", "ms", "device", "staff", "store"],
    )
    who = "SELECT device_id, staff_id, store FROM sessions JOIN staff ON staff.id = staff_id WHERE role = 'hq'"
    assert (line["device"], line["staff"], line["store"]) in house.database.read_now(rows, who)
    assert 0 < line["ms"] < 20_000
    house.client.get("/v1/customers/lucia@example.com")
    assert log.line("request", status=404)["door"] == "GET -"
    house.client.get("/v1/stores", headers={"Host": "evil.example"})
    assert log.line("request", status=400)["door"] == "GET -"


SECRET = "lucia.garcia@example.com"


def _sqlite() -> None:
    raw = connect(Path(":memory:"))
    try:
        raw.execute("CREATE TABLE a (b TEXT CHECK (b = ''))")
        raw.execute(f'SELECT "{SECRET}".x')
    finally:
        raw.close()


def _wire() -> None:
    msgspec.json.decode(b'{"code": "' + SECRET.encode() + b'", "store": 1}', type=ScanRequest)


def _file() -> None:
    Path(f"/nowhere/{SECRET}").read_bytes()


def _python() -> None:
    {}[SECRET]


def _group() -> None:
    raise ExceptionGroup(SECRET, [ValueError(SECRET), KeyError(SECRET)])


def _chain() -> None:
    try:
        int(SECRET)
    except ValueError as error:
        error.add_note(SECRET)
        raise RuntimeError(SECRET) from error


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (_sqlite, ["apsw.SQLError (SQLITE_ERROR)", "_sqlite"]),
        (_wire, ["msgspec.ValidationError", "_wire"]),
        (_file, ["builtins.FileNotFoundError (ENOENT)", "pathlib.py"]),
        (_python, ["builtins.KeyError"]),
        (_group, ["builtins.ExceptionGroup", "  builtins.ValueError", "  builtins.KeyError"]),
        (_chain, ["builtins.ValueError", "builtins.RuntimeError", "tests/server/http/test_logs.py:"]),
    ],
)
def test_an_error_is_told_without_its_message(log: Log, wrong: Callable[[], None], words: list[str]) -> None:
    """Its kind, its code and where it was raised are there, and what led to it; what it quotes is not."""
    try:
        wrong()
    except Exception:
        structlog.get_logger().error("wrong", exc_info=True)
        logging.getLogger("some.library").exception("It was %s", SECRET)
    told = log.line("wrong")["exception"]
    assert [word for word in words if word not in told] == []
    assert log.line("It was %s")["exception"] == told
    assert SECRET not in log.text


def test_a_row_that_postgresql_refuses_is_told_by_its_code(engines: Any, engine: EngineName, log: Log) -> None:
    """The database quotes the row in its message; the log has the code of the error alone."""
    if engine == "sqlite":
        pytest.skip("it quotes no rows")
    with engines.connection(engine) as conn:
        with pytest.raises(psycopg.Error, match=SECRET) as refused:
            conn.raw.execute("SELECT %s::int", [SECRET])
        structlog.get_logger().error("wrong", exc_info=refused.value)
    assert "psycopg.errors.InvalidTextRepresentation (22P02)" in log.line("wrong")["exception"]
    assert SECRET not in log.text


def test_what_libraries_tell_comes_the_same_way(log: Log) -> None:
    """A line each with the library's name; what they put into sentences stays out, but for uvicorn's addresses."""
    logging.getLogger("some.pool").warning("error connecting in %r: %s", "pool", SECRET)
    logging.getLogger("uvicorn.error").info("Uvicorn running on %s", "http://127.0.0.1:8600")
    line = log.line("error connecting in %r: %s")
    assert (line["logger"], line["level"]) == ("some.pool", "warning")
    assert log.line("Uvicorn running on http://127.0.0.1:8600")["logger"] == "uvicorn.error"
    assert SECRET not in log.text


def test_a_task_that_nobody_waited_for(log: Log) -> None:
    """Asyncio quotes the task's error and where it was; only its first line and our own words on the error are kept."""

    async def forget() -> None:
        async def fail() -> None:
            raise ValueError(SECRET)

        task = asyncio.create_task(fail(), name=SECRET)
        await asyncio.wait([task])
        del task
        gc.collect()

    asyncio.run(forget())
    assert "builtins.ValueError" in log.line("Task exception was never retrieved")["exception"]
    assert SECRET not in log.text


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_thread_that_ended(log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    """Python would write the message of an error that ends a thread to standard error."""
    for hook in ((threading, "excepthook"), (os.sys, "unraisablehook")):  # type: ignore[attr-defined]
        monkeypatch.setattr(*hook, getattr(*hook))
    logs.tell_what_nobody_caught()

    def fail() -> None:
        raise ValueError(SECRET)

    thread = threading.Thread(target=fail, name="doomed")
    thread.start()
    thread.join()
    assert log.line("thread_ended")["thread"] == "doomed"
    assert SECRET not in log.text


def test_a_terminal_gets_lines_to_read(whole_log: Log) -> None:
    """On a terminal `auto` is coloured text, elsewhere JSON; `text` elsewhere has no colours."""
    ours, theirs = os.openpty()
    with os.fdopen(theirs, "wb", buffering=0) as terminal, set_up(terminal, "auto", "info", whole_log):
        structlog.get_logger().info("request", door="GET /v1/stores", status=200)
    shown = os.read(ours, 4096)
    os.close(ours)
    assert b"\x1b[" in shown
    assert b"GET /v1/stores" in shown
    plain = io.BytesIO()
    with set_up(plain, "text", "info", whole_log):
        structlog.get_logger().info("request", door="GET /v1/stores", status=200)
    assert b"\x1b[" not in plain.getvalue()
    assert b"status=200" in plain.getvalue()


def test_what_we_ask_elsewhere_leaves_no_line_each(whole_log: Log) -> None:
    """The client's line says nothing once its address is left out of it; its warnings are told."""
    told = io.BytesIO()
    with set_up(told, "json", "info", whole_log):
        with httpx.Client(transport=httpx.MockTransport(lambda _: httpx.Response(200))) as client:
            client.get("https://shop.example/hook")
        logging.getLogger("httpx").warning("wrong")
    assert [msgspec.json.decode(line)["event"] for line in told.getvalue().splitlines()] == ["wrong"]


def test_less_is_told_where_less_is_asked_for(whole_log: Log) -> None:
    """The level counts for the server's own lines and for libraries'; errors are always told."""
    told = io.BytesIO()
    with set_up(told, "json", "error", whole_log):
        structlog.get_logger().info("request")
        logging.getLogger("some.library").warning("warning")
        structlog.get_logger().error("wrong")
    assert [msgspec.json.decode(line)["event"] for line in told.getvalue().splitlines()] == ["wrong"]


def test_a_log_that_nobody_reads_stops_nothing(whole_log: Log) -> None:
    """A pipe whose other end is closed takes the log with it, not the server."""
    read, write = os.pipe()
    os.close(read)
    with os.fdopen(write, "wb", buffering=0) as pipe, set_up(pipe, "json", "info", whole_log):
        structlog.get_logger().error("wrong")
