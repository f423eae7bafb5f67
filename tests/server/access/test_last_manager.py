"""Who may let others in: there is always somebody."""

from concurrent.futures import ThreadPoolExecutor
from itertools import repeat
from threading import Barrier

import pytest

from server.access.actions import add_staff, remove_staff
from server.access.callers import TERMINAL
from server.access.queries import SQL, has_manager
from server.db.engine import Connection, Database
from server.wire.access import NewStaff, Role, StaffMember
from server.wire.problems import ProblemError
from tests.server.given import NOW
from tests.server.people import KEYS, PIN_HASH, hired


def _two(conn: Connection, before: int | None) -> tuple[StaffMember, StaffMember]:
    """Two managers, and nobody else any more."""
    two = hired(conn, "manager"), hired(conn, "hq")
    if before is not None:
        remove_staff(conn, TERMINAL, before, NOW)
    return two


def _gone(at: Database, who: StaffMember, ready: Barrier) -> str:
    ready.wait()
    try:
        at.write_now(remove_staff, TERMINAL, who.id, NOW)
    except ProblemError as error:
        return error.code
    return "gone"


def test_of_two_managers_who_go_at_once_one_stays(database: Database, second: Database) -> None:
    """Two programs each let one of the last two go: one is refused, whichever comes second."""
    stayed: int | None = None
    with ThreadPoolExecutor(2) as pool:
        for _ in range(20):
            two = database.write_now(_two, stayed)
            gone = list(pool.map(_gone, (database, second), two, repeat(Barrier(2, timeout=60))))
            assert sorted(gone) == ["gone", "last_manager"]
            assert database.read_now(has_manager)
            stayed = two[gone.index("last_manager")].id


@pytest.mark.parametrize(
    ("role", "stores", "has_pin"), [("manager", ("GV",), False), ("hq", (), False), ("manager", (), True)]
)
def test_who_cannot_sign_in_counts_for_nothing(
    conn: Connection, role: Role, stores: tuple[str, ...], *, has_pin: bool
) -> None:
    """Beside a manager without a PIN or without a store the last who can sign in stays; with both they may go."""
    last = hired(conn, "manager")
    pin = PIN_HASH if has_pin else None
    other = add_staff(
        conn,
        TERMINAL,
        NewStaff(name="Eva", role=role, stores=() if role == "hq" else stores or ("GV",)),
        pin,
        KEYS,
        NOW,
    )
    if not stores and role != "hq":
        conn.run(SQL.forget_staff_stores, staff_id=other.id)
    with pytest.raises(ProblemError, match="no other manager has a PIN and a store"):
        remove_staff(conn, TERMINAL, last.id, NOW)
    remove_staff(conn, TERMINAL, other.id, NOW)
    hired(conn, "hq")
    remove_staff(conn, TERMINAL, last.id, NOW)
