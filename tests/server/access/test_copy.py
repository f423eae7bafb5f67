"""A copy of the database in hostile hands: nothing in it lets anybody in, or can be tried out without the secret."""

import hashlib
import hmac
from typing import Any

import pytest

from server.access import actions
from server.access.admission import Credentials, caller_at
from server.access.callers import TERMINAL
from server.access.pins import hash_pin, is_pin
from server.access.rules import hash_of
from server.db.engine import Connection
from server.keys import keys_of
from server.wire.access import EnrolmentCode, NewEnrolment
from server.wire.problems import ProblemError
from tests.server.given import KEYS, NOW, rows
from tests.server.people import BADGE, PIN, bearer, tokens

OTHERS = keys_of(b"another installation's secret, 32 bytes or more")
TABLES = ("devices", "enrolments", "staff", "sessions")


@pytest.fixture
def code(conn: Connection) -> str:
    """A code that still enrols, in a shop with a token of each kind."""
    tokens(conn)
    wanted = NewEnrolment(kind="tablet", name="New", store="GV")
    return actions.make_enrolment(conn, TERMINAL, wanted, KEYS, "http://localhost", NOW).code


def everything(conn: Connection) -> list[Any]:
    """Every value of every row of the tables of access."""
    return [value for table in TABLES for row in rows(conn, f"SELECT * FROM {table}") for value in row]


def caller(conn: Connection, token: str, key: bytes) -> object:
    """Who a token is, with a key."""
    header = bearer(token)["Authorization"].encode()
    return caller_at(conn, Credentials(header, key, 300), "GET /v1/stores", NOW)


def test_no_token_code_badge_or_pin_stands_in_it(conn: Connection, code: str) -> None:
    """Neither as it is, nor as a plain hash of it that could be found by trying; with the key each is found."""
    shown = tokens_shown(conn)
    secrets = [*shown, *(token.split("_", 2)[2] for token in shown), code, code.replace("-", ""), BADGE]
    kept = everything(conn)
    texts = "\n".join(value if isinstance(value, str) else bytes(value).hex() for value in kept if is_text(value))
    for secret in secrets:
        plain = [secret, *(hashlib.new(name, secret.encode()).hexdigest() for name in ("sha256", "sha1", "md5"))]
        assert [found for found in plain if found in texts] == []
    # Four digits stand somewhere in every long hash: they are looked for as a value of their own.
    assert PIN not in kept
    assert hashlib.sha256(PIN.encode()).hexdigest() not in texts
    for key, secret in ((KEYS.tokens, shown[0]), (KEYS.codes, code.replace("-", "")), (KEYS.codes, f"badge {BADGE}")):
        assert hmac.digest(key, secret.encode(), "sha256").hex() in texts


def tokens_shown(conn: Connection) -> list[str]:
    """Tokens that were given out in this shop."""
    wanted = NewEnrolment(kind="till", name="Till", store="GV")
    made = actions.make_enrolment(conn, TERMINAL, wanted, KEYS, "http://localhost", NOW)
    device = actions.enrol(conn, TERMINAL, EnrolmentCode(code=made.code), "127.0.0.1", KEYS, NOW)
    assert not isinstance(device, ProblemError)
    return [device.token]


def is_text(value: Any) -> bool:
    """What may hold a secret."""
    return isinstance(value, str | bytes | memoryview)


def test_a_token_counts_only_with_the_key(conn: Connection, code: str) -> None:
    """Whoever serves the copy with another secret lets nobody in, and what is kept is no token itself."""
    (token,) = tokens_shown(conn)
    assert caller(conn, token, KEYS.tokens)
    with pytest.raises(ProblemError, match="Nobody has this token"):
        caller(conn, token, OTHERS.tokens)
    kind, number, _ = token.split("_", 2)
    (kept,) = rows(conn, "SELECT token_hash FROM devices WHERE id = :id", id=int(number))
    with pytest.raises(ProblemError):
        caller(conn, f"{kind}_{number}_{bytes(kept[0]).hex()[:43]}", KEYS.tokens)


def test_a_code_enrols_only_with_the_key(conn: Connection, code: str) -> None:
    """A code that was overheard is of no use at a copy either."""
    assert isinstance(actions.enrol(conn, TERMINAL, EnrolmentCode(code=code), "192.0.2.7", OTHERS, NOW), ProblemError)
    assert not isinstance(actions.enrol(conn, TERMINAL, EnrolmentCode(code=code), "127.0.0.1", KEYS, NOW), ProblemError)


def test_a_pin_is_found_only_with_the_key() -> None:
    """Of what is kept all 10,000 PINs could be tried in minutes, were it not for the key: the right one is refused."""
    kept = hash_pin(KEYS.pins, PIN)
    assert kept.startswith("$argon2id$")
    assert is_pin(KEYS.pins, kept, PIN)
    assert not is_pin(OTHERS.pins, kept, PIN)
    assert not is_pin(b"", kept, PIN)


def test_the_same_pin_is_kept_differently() -> None:
    """Nobody sees in a copy that two people have one PIN."""
    assert hash_pin(KEYS.pins, PIN) != hash_pin(KEYS.pins, PIN)


def test_hashes_of_one_secret_differ_by_purpose() -> None:
    """A code's hash says nothing of a token's."""
    assert hash_of(KEYS.codes, "x") != hash_of(KEYS.tokens, "x")
