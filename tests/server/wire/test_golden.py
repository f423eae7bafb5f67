"""One golden message a type that travels: who wrote or read it once is still understood."""

import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

import msgspec
import pytest
from litestar.handlers import HTTPRouteHandler

from server.app import create_app
from server.db.engine import Database
from server.settings import Settings
from server.shop import Ending
from server.wire.audit import AuditReport, HeadLine, LookShown
from server.wire.base import Wire
from server.wire.catalog import Gathered, NightAlarm
from server.wire.events import Event
from server.wire.kiosks import NewChallenge, Proof
from server.wire.live import LiveEnded, LiveEvent, LiveOpened, LiveRun
from server.wire.lookup import ScanAnswer
from server.wire.outbox import ShopMessage, ShopState
from server.wire.privacy import RetentionReport
from server.wire.problems import Problem
from server.wire.records import Record
from tests.server.given import KEYS, NOW, ledger

FOLDER = Path(__file__).parents[3] / "fixtures" / "wire"

UNIONS: tuple[Any, ...] = (Record, Event, ScanAnswer, NewChallenge, Proof, ShopMessage)
"""What is told apart by its tag: each member is read as the union, as its readers do."""

UNSIGNED: tuple[Any, ...] = (
    Record,
    Event,
    LiveOpened,
    LiveEvent,
    LiveEnded,
    LiveRun,
    Problem,
    RetentionReport,
    Gathered,
    HeadLine,
    AuditReport,
    LookShown,
    NightAlarm,
    ShopMessage,
    ShopState,
)
"""What travels and stands in no handler's signature: lines of a stream, rows of events, errors, the terminal's JSON,
the audit's second place, an operator's address."""


def file_of(type_: Any) -> Path:
    """Where the golden message of a type is; an answer that is a list has the plural of its entries' name."""
    many = get_origin(type_) is tuple
    name = re.sub(r"(?<!^)(?=[A-Z])", "_", (get_args(type_)[0] if many else type_).__name__).lower()
    return FOLDER / f"{name}{'s' if many else ''}.json"


def read_as(type_: Any) -> Any:
    """The type that readers of a message decode it to: its union, where it has one."""
    return next((union for union in UNIONS if type_ in get_args(union)), type_)


def signatures(handlers: Iterable[HTTPRouteHandler]) -> Iterator[Any]:
    """What handlers take as bodies and answer with."""
    for handler in handlers:
        hints = get_type_hints(handler.fn)
        yield from (hints[name] for name in ("data", "return") if name in hints)


def members(type_: Any) -> Iterator[Any]:
    """The types that a message of a type may be: each member of a union, a list as a whole."""
    if get_origin(type_) in {Union, UnionType}:
        for member in get_args(type_):
            yield from members(member)
    elif structs_in(type_):
        yield type_


def structs_in(type_: Any) -> set[type[msgspec.Struct]]:
    """Every Struct in a type, however deep."""
    found: set[type[msgspec.Struct]] = set()
    todo = [type_]
    while todo:
        one = todo.pop()
        if isinstance(one, type) and issubclass(one, msgspec.Struct):
            if one not in found:
                found.add(one)
                todo.extend(get_type_hints(one, include_extras=False).values())
        elif get_origin(one) is Annotated:
            todo.append(get_args(one)[0])
        else:
            todo.extend(get_args(one))
    return found


def fields_shown(value: Any) -> Iterator[tuple[type[msgspec.Struct], str]]:
    """The fields of a message in which something stands, and of every message in it."""
    if isinstance(value, msgspec.Struct):
        for field in msgspec.structs.fields(value):
            inner = getattr(value, field.name)
            if inner not in (None, (), {}, msgspec.UNSET):
                yield type(value), field.name
            yield from fields_shown(inner)
    elif isinstance(value, tuple):
        for inner in value:
            yield from fields_shown(inner)
    elif isinstance(value, dict):
        for inner in value.values():
            yield from fields_shown(inner)


def with_later_fields(value: Any) -> Any:
    """A message as a later version might write it: with a field more in every object."""
    if isinstance(value, msgspec.Struct):
        tag = {"type": value.__struct_config__.tag} if value.__struct_config__.tag else {}
        fields = {field.encode_name: getattr(value, field.name) for field in msgspec.structs.fields(value)}
        known = {name: with_later_fields(inner) for name, inner in fields.items() if inner is not msgspec.UNSET}
        return {"added_later": {"much": [1, None]}, **tag, **known}
    if isinstance(value, tuple):
        return [with_later_fields(inner) for inner in value]
    return value


def travelling(database: Database) -> list[Any]:
    """Every type that travels: of the app's handlers as they are, and what no signature names."""
    app = create_app(Settings(), database, lambda: NOW, Ending(), KEYS, ledger(database))
    handlers = [
        handler
        for route in app.routes
        for handler in getattr(route, "route_handlers", ())
        if isinstance(handler, HTTPRouteHandler) and handler.fn.__module__.startswith("server.")
    ]
    types = [member for type_ in (*signatures(handlers), *UNSIGNED) for member in members(type_)]
    return list(dict.fromkeys(types))


def golden() -> dict[str, Any]:
    """Types by the name of their golden message, as far as unions and slices of the wire tell."""
    found: dict[str, Any] = {}
    todo = list(Wire.__subclasses__())
    for struct in todo:
        todo.extend(struct.__subclasses__())
        if not struct.__module__.startswith("server."):
            continue  # a client names its own states as it likes
        for type_ in (struct, tuple[struct, ...]):  # type: ignore[valid-type]
            if file_of(type_).exists():
                found[file_of(type_).stem] = type_
    return found


GOLDEN = golden()


@pytest.mark.parametrize("name", sorted(path.stem for path in FOLDER.glob("*.json")))
def test_a_golden_message_is_understood_and_written_the_same(name: str) -> None:
    """It decodes to its type and is encoded to the same JSON; its file has sorted keys."""
    text = (FOLDER / f"{name}.json").read_text("utf-8")
    message = msgspec.json.decode(text, type=read_as(GOLDEN[name]))
    if isinstance(message, msgspec.Struct):
        assert type(message) is GOLDEN[name]
    written = json.loads(msgspec.json.encode(message))
    assert json.dumps(written, indent=2, sort_keys=True, ensure_ascii=False) + "\n" == text


@pytest.mark.parametrize("name", sorted(path.stem for path in FOLDER.glob("*.json")))
def test_fields_that_come_later_are_skipped(name: str) -> None:
    """A message of a later version, with a field more in every object, is the same message to us."""
    type_ = read_as(GOLDEN[name])
    message = msgspec.json.decode((FOLDER / f"{name}.json").read_bytes(), type=type_)
    assert msgspec.json.decode(msgspec.json.encode(with_later_fields(message)), type=type_) == message


def test_every_type_that_travels_has_a_golden_message(database: Database) -> None:
    """No handler and no union says anything that no golden message shows."""
    missing = [file_of(type_).name for type_ in travelling(database) if not file_of(type_).exists()]
    assert missing == []


def test_no_golden_message_is_left_of_a_type_that_travels_no_more(database: Database) -> None:
    """A golden message whose type nobody says any more goes with it, on purpose."""
    assert {file_of(type_) for type_ in travelling(database)} == set(FOLDER.glob("*.json"))


def test_golden_messages_show_every_field(database: Database) -> None:
    """Each field of each message, however deep, has something in it in one golden message or another."""
    fields = {
        (struct, field)
        for type_ in travelling(database)
        for struct in structs_in(type_)
        for field in struct.__struct_fields__
    }
    shown = {
        field
        for name, type_ in GOLDEN.items()
        for field in fields_shown(msgspec.json.decode((FOLDER / f"{name}.json").read_bytes(), type=read_as(type_)))
    }
    assert {f"{struct.__name__}.{field}" for struct, field in fields - shown} == set()


@pytest.mark.parametrize("union", UNIONS, ids=["record", "event", "scan answer", "challenge", "proof", "shop message"])
def test_an_unknown_tag_is_told_apart_from_a_broken_message(union: Any) -> None:
    """What a later version says under a new tag is refused by the tag's path, never taken for something else."""
    with pytest.raises(msgspec.ValidationError, match=r"\$\.type"):
        msgspec.json.decode(b'{"type": "of_tomorrow"}', type=union)
