"""A write that is sent twice happens once and is answered twice."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from server.access.callers import Caller
from server.customers import actions
from server.db.engine import Connection
from server.idempotency.actions import once
from server.idempotency.requests import Repeatable
from server.keys import keys_of
from server.wire.customers import NewNote, Note
from server.wire.problems import ProblemError
from tests.server.given import KEYS, NOW, Shop, customer, rows

TABLET, KIOSK = (Caller(number, "tablet", "GV", None, None, frozenset()) for number in (1, 2))
REQUEST = Repeatable(key="k1", door="POST /customers/1/notes", body=b'{"text":"likes green"}')


def _write(
    shop: Shop,
    request: Repeatable,
    text: str = "likes green",
    action: Callable[..., Note] = actions.add_note,
    at: int = 0,
    caller: Caller = TABLET,
) -> Note:
    now = NOW + timedelta(hours=at)
    return shop.database.write_now(once, caller, request, Note, now, action, shop.number_of("1"), NewNote(text=text))


@pytest.fixture
def ada(shop: Shop) -> Shop:
    """A shop that knows one customer."""
    shop.take(customer("1", given_name="Ada"))
    return shop


@pytest.mark.parametrize(
    ("other", "caller", "notes"),
    [
        pytest.param(REQUEST, TABLET, 1, id="the same request"),
        pytest.param(REQUEST, KIOSK, 2, id="the same key of another caller"),
        pytest.param(replace(REQUEST, key="k2"), TABLET, 2, id="another key"),
        pytest.param(replace(REQUEST, key=None), TABLET, 2, id="no key"),
    ],
)
def test_a_key_marks_one_request_of_one_caller(ada: Shop, other: Repeatable, caller: Caller, notes: int) -> None:
    """The same caller with the same key gets the first answer and has one effect; everybody else has their own."""
    first, second = _write(ada, REQUEST), _write(ada, other, at=1, caller=caller)
    assert (first == second) is (notes == 1)
    assert len(ada.context("1").notes) == ada.count("notes") == notes
    assert len([e for e in ada.events() if type(e.event).__name__ == "NoteAdded"]) == notes


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(replace(REQUEST, body=b'{"text":"likes red"}'), id="another body"),
        pytest.param(replace(REQUEST, door="POST /customers/2/notes"), id="another door"),
    ],
)
def test_a_key_of_another_request_is_refused(ada: Shop, other: Repeatable) -> None:
    """A key that came with something else is no repeat: it is told, and nothing happens."""
    _write(ada, REQUEST)
    with pytest.raises(ProblemError, match="Use a new key") as caught:
        _write(ada, other, "likes red")
    assert caught.value.code == "idempotency_key_reused"
    assert ada.count("notes") == ada.count("idempotency_keys") == 1


def test_door_and_body_are_told_apart(ada: Shop) -> None:
    """What stands at the end of one and at the begin of the other makes two requests, not one."""
    _write(ada, replace(REQUEST, door="POST /a", body=b"bc"))
    with pytest.raises(ProblemError):
        _write(ada, replace(REQUEST, door="POST /ab", body=b"c"))


@pytest.mark.parametrize(
    "problem", [ProblemError("invalid_field", "no"), RuntimeError("the power went")], ids=["refused", "broken"]
)
def test_what_failed_may_be_tried_again(ada: Shop, problem: Exception) -> None:
    """An action that raises leaves nothing behind, its key neither: the next try is the first."""

    def fail(conn: Connection, caller: Caller, number: int, note: NewNote, now: datetime) -> Note:
        actions.add_note(conn, caller, number, note, now)
        raise problem

    with pytest.raises(type(problem)):
        _write(ada, REQUEST, action=fail)
    assert ada.count("notes") == ada.count("idempotency_keys") == 0
    assert _write(ada, REQUEST).text == "likes green"
    assert ada.count("notes") == 1


def test_the_first_answer_is_given_whatever_happened_since(ada: Shop) -> None:
    """A repeat is answered from what was kept: the action is not asked again."""

    def never(*_: Any) -> Note:
        raise AssertionError("asked twice")

    first = _write(ada, REQUEST)
    assert _write(ada, REQUEST, action=never, at=48) == first


def test_two_at_once_have_one_effect(ada: Shop) -> None:
    """Of repeats that wait side by side one is done and the others are answered with it."""
    number = ada.number_of("1")
    futures = [
        ada.database.write_now(once, TABLET, REQUEST, Note, NOW, actions.add_note, number, NewNote(text="likes green"))
        for _ in range(5)
    ]
    assert len({note.id for note in futures}) == ada.count("notes") == 1


def test_a_problem_that_is_answered_uses_no_key_up(ada: Shop) -> None:
    """What an action wrote of a try that went wrong stays, its answer does not: the next try is the first."""

    def refuse(conn: Connection, caller: Caller, number: int, note: NewNote, now: datetime) -> Note | ProblemError:
        actions.add_note(conn, caller, number, note, now)
        return ProblemError("wrong_code", "no")

    answer: Note | ProblemError = _write(ada, REQUEST, action=refuse)  # type: ignore[arg-type]
    assert isinstance(answer, ProblemError)
    assert (ada.count("notes"), ada.count("idempotency_keys")) == (1, 0)
    assert _write(ada, REQUEST).text == "likes green"


SEALED = replace(REQUEST, seal=KEYS.answers, told_for=timedelta(hours=1))


def test_a_sealed_answer_is_nobodys_to_read(ada: Shop) -> None:
    """A repeat gets it within its time; in the database it is two different texts for two equal ones, and no word."""
    first = _write(ada, SEALED)
    assert _write(ada, SEALED, at=1) == first
    _write(ada, replace(SEALED, key="k2"))
    answers = [answer for (answer,) in ada.database.read_now(rows, "SELECT answer FROM idempotency_keys")]
    assert len(set(answers)) == 2
    assert [answer for answer in answers if "green" in answer or b"green" in bytes.fromhex(answer)] == []


def test_a_sealed_answer_is_told_for_a_while(ada: Shop) -> None:
    """Afterwards whoever asks again learns that it was done; nothing is done again."""
    _write(ada, SEALED)
    with pytest.raises(ProblemError, match="told no more") as caught:
        _write(ada, SEALED, at=2)
    assert (caught.value.code, ada.count("notes")) == ("answer_expired", 1)


def test_another_installations_key_opens_nothing(ada: Shop) -> None:
    """With another secret the same request is another one: nobody finds out by trying what was asked."""
    _write(ada, SEALED)
    other = replace(SEALED, seal=keys_of(bytes(32)).answers)
    with pytest.raises(ProblemError, match="another request"):
        _write(ada, other)
